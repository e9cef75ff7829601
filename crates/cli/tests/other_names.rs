//! An image has one side file under all its names; a block device has none, whatever is next to its name.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, Run, is_root, noise};

/// A disc `discs/d.udf` with one file, and two more files to add.
fn place() -> Place {
    let place = Place::new();
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        place.file(name, noise(300_000, seed));
    }
    fs::create_dir(place.path("discs")).expect("a directory");
    place.ok("format discs/d.udf --capacity 4000b");
    place.ok("add discs/d.udf a");
    place
}

/// Runs a shell script in a mount namespace of its own; `$ONCEFS` is the program.
fn among_mounts(place: &Place, script: &str) -> Run {
    let command = Command::new("unshare")
        .args(["--mount", "sh", "-ec", script])
        .env("ONCEFS", env!("CARGO_BIN_EXE_oncefs"))
        .current_dir(place.path(""))
        .output();
    Run::of(command.expect("unshare runs"))
}

/// Whether this system allows bind mounts.
fn may_bind(place: &Place) -> bool {
    let bound = is_root(place) && among_mounts(place, "mount --bind discs discs").code == 0;
    if !bound {
        eprintln!("not tried: this system does not let us bind directories");
    }
    bound
}

#[test]
fn a_symbolic_link_leads_to_the_side_file_of_its_image() {
    let place = place();
    symlink("discs/d.udf", place.path("l.udf")).expect("a link");
    place.ok("add l.udf b");
    place.ok("add discs/d.udf c");
    assert!(!place.path("l.udf.oncefs").exists());
    assert_eq!(place.names("l.udf"), ["/a", "/b", "/c"]);
    let run = place.run("add l.udf c --medium bd-r --capacity 4000b");
    assert_eq!(run.code, 2, "{}", run.err);
}

#[test]
fn relative_and_linked_paths_lead_to_the_side_file_of_their_image() {
    let place = place();
    symlink("discs", place.path("linked")).expect("a link");
    place.ok("add discs/../linked/./d.udf b");
    place.ok("add discs/d.udf c");
    assert_eq!(place.names("discs/d.udf"), ["/a", "/b", "/c"]);
    assert_eq!(fs::read_dir(place.path("discs")).expect("a directory").count(), 2);
}

#[test]
fn a_bound_directory_leads_to_the_side_file_of_its_image() {
    let place = place();
    if !may_bind(&place) {
        return;
    }
    let run = among_mounts(
        &place,
        "mkdir bound; mount --bind discs bound; $ONCEFS add bound/d.udf b",
    );
    assert_eq!(run.code, 0, "{}", run.err);
    place.ok("add discs/d.udf c");
    assert_eq!(place.names("discs/d.udf"), ["/a", "/b", "/c"]);
    assert_eq!(fs::read_dir(place.path("discs")).expect("a directory").count(), 2);
}

/// Gives an image a second name without a side file next to it, and tries to record under that name.
fn a_second_name_cuts_nothing(place: &Place, second: impl Fn(&str) -> Run) {
    let run = second("$ONCEFS ls second/e.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "a\n"), "{}", run.err);
    let run = second("$ONCEFS add second/e.udf b");
    assert_eq!(run.code, 4, "the medium is unknown by this name: {}", run.err);
    let run = second("$ONCEFS add second/e.udf b --medium dvd+r --capacity 4000b");
    assert_eq!(run.code, 0, "{}", run.err);
    // The second name has recorded more than the side file of the first describes.
    let grown = place.bytes("discs/d.udf");
    let failure = place.failure("add discs/d.udf c");
    assert_eq!(failure["kind"], "unproven", "{failure}");
    assert!(place.bytes("discs/d.udf") == grown);
    let run = place.run("ls discs/d.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "a\nb\n"));
    place.ok("add discs/d.udf c --accept-image");
    assert!(place.bytes("discs/d.udf").starts_with(&grown));
    assert_eq!(place.names("discs/d.udf"), ["/a", "/b", "/c"]);
    let failure = place.failure("add discs/d.udf c --into /again --medium dvd+r");
    assert_eq!(failure["exit_code"], 2, "{failure}");
}

#[test]
fn an_image_cannot_be_cut_through_a_hard_link() {
    let place = place();
    fs::create_dir(place.path("second")).expect("a directory");
    fs::hard_link(place.path("discs/d.udf"), place.path("second/e.udf")).expect("a link");
    let program = env!("CARGO_BIN_EXE_oncefs");
    a_second_name_cuts_nothing(&place, |line| {
        let command = Command::new("sh")
            .args(["-c", line])
            .env("ONCEFS", program)
            .current_dir(place.path(""))
            .output();
        Run::of(command.expect("a shell runs"))
    });
}

#[test]
fn an_image_cannot_be_cut_through_a_bound_file() {
    let place = place();
    if !may_bind(&place) {
        return;
    }
    place.file("second/e.udf", "");
    a_second_name_cuts_nothing(&place, |line| {
        among_mounts(&place, &format!("mount --bind discs/d.udf second/e.udf; {line}"))
    });
}

/// A loop device over a file, until it is dropped.
struct Loop(PathBuf);

impl Loop {
    fn over(file: &Path) -> Option<Self> {
        let output = Command::new("losetup")
            .args(["--find", "--show"])
            .arg(file)
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        let name = String::from_utf8(output.stdout).ok()?;
        Some(Self(name.trim().into()))
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").arg("--detach").arg(&self.0).status();
    }
}

#[test]
fn a_block_device_with_a_side_file_next_to_it_is_still_a_device() {
    let place = place();
    let disk = place.file("disk", noise(8 << 20, 4));
    let Some(device) = Loop::over(&disk) else {
        eprintln!("not tried: this system does not give us a loop device");
        return;
    };
    symlink(&device.0, place.path("device")).expect("a link");
    fs::copy(place.path("discs/d.udf.oncefs"), place.path("device.oncefs")).expect("a copy");
    let side = place.bytes("device.oncefs");
    let contents = place.bytes("disk");
    for (line, code) in [
        ("burn a --to device", 1),
        ("format device", 1),
        ("add device b", 4),
        ("add device b --accept-image", 4),
        ("recover device --write", 4),
        ("close device", 4),
        ("burn a --to device --medium bd-r", 1),
    ] {
        let failure = place.failure(line);
        assert_eq!(failure["exit_code"], code, "{line}: {failure}");
        assert!(place.bytes("disk") == contents, "{line}");
        assert!(place.bytes("device.oncefs") == side, "{line}");
    }
}

#[test]
fn a_disc_in_a_read_only_device_is_read() {
    let place = place();
    place.ok("close discs/d.udf --finalize --yes");
    let Some(device) = Loop::over(&place.path("discs/d.udf")) else {
        eprintln!("not tried: this system does not give us a loop device");
        return;
    };
    symlink(&device.0, place.path("device")).expect("a link");
    assert_eq!(place.names("device"), ["/a"]);
    assert_eq!(place.json("check device --data")["errors"], 0);
}
