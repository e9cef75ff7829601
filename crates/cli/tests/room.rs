//! A target without room for the copied files.

mod common;

use std::fs::File;
use std::process::Command;

use common::{Place, noise};

/// A file system of two megabytes; `None` if this user may not mount.
struct Small<'a>(&'a Place);

impl<'a> Small<'a> {
    fn new(place: &'a Place) -> Option<Self> {
        let target = place.path("small");
        std::fs::create_dir(&target).expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(&target)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(place))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path("small")).status();
    }
}

fn disc() -> Place {
    let place = Place::new();
    for number in 0..6 {
        place.file(&format!("t/{number}"), noise(500_000, number));
    }
    place.ok("burn t --to d.udf --medium dvd+r --capacity 100M");
    place
}

/// What extracting to the small file system prints when it has no room.
fn refused_for_room(place: &Place) -> String {
    let failure = place.failure("extract d.udf --to small");
    assert_eq!(
        (&failure["kind"], &failure["exit_code"]),
        (&"no-room".into(), &1.into())
    );
    failure["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_target_without_room_is_reported_before_the_first_file() {
    let place = disc();
    let Some(_small) = Small::new(&place) else { return };
    let message = refused_for_room(&place);
    assert!(
        message.contains("the files are 2.86 MiB together, and there is room for 2.00 MiB"),
        "{message}"
    );
    assert!(
        std::fs::read_dir(place.path("small"))
            .expect("a directory")
            .next()
            .is_none()
    );
}

#[test]
fn files_that_share_blocks_are_reported_when_they_outgrow_the_disc() {
    let place = Place::new();
    let image = File::create(place.path("d.udf")).expect("a file");
    hostile::craft::extents(20_000)
        .write_to(&image)
        .expect("an image");
    assert!(
        image.metadata().expect("a file").len() < 2 << 20,
        "the disc itself would fit"
    );
    let Some(_small) = Small::new(&place) else { return };
    let message = refused_for_room(&place);
    assert!(message.contains("they share blocks on the disc"), "{message}");
    assert!(!place.path("small/file").exists());
}

#[test]
fn a_full_target_stops_with_one_message_and_no_partial_file() {
    let place = disc();
    let Some(_small) = Small::new(&place) else { return };
    let run = place.run("extract d.udf --to small --yes");
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        run.err
            .lines()
            .filter(|line| line.starts_with("oncefs: "))
            .count(),
        1,
        "{}",
        run.err
    );
    assert!(
        run.err.contains("No space left on device") && run.err.contains("files are whole"),
        "{}",
        run.err
    );
    let mut names: Vec<_> = std::fs::read_dir(place.path("small/t"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert!(!names.is_empty() && names.len() < 6, "{names:?}");
    for name in names {
        let number = name.parse().expect("one of the files");
        assert!(place.bytes(&format!("small/t/{name}")) == noise(500_000, number));
    }
}

#[test]
fn a_replaced_file_stays_until_the_new_one_is_complete() {
    let place = disc();
    place.file("out/t/0", "mine");
    let image = place.bytes("d.udf");
    let wanted = &noise(500_000, 0)[..2048];
    let block = image
        .chunks(2048)
        .position(|block| block == wanted)
        .expect("it is on the disc");
    place.file("faults", format!("unreadable {}..{}\n", block + 2, block + 3));
    assert_eq!(place.run("extract d.udf --to out --yes --faults faults").code, 5);
    assert_eq!(place.bytes("out/t/0"), b"mine");
    place.ok("extract d.udf --to out --yes");
    assert!(place.bytes("out/t/0") == noise(500_000, 0));
    let names = std::fs::read_dir(place.path("out/t"))
        .expect("a directory")
        .count();
    assert_eq!(names, 6);
}
