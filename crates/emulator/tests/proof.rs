//! An image and a side file that do not match: nothing is truncated, and nothing is recorded without an
//! explicit request.

mod bench;

use bench::{BLOCK, Bench};
use emulator::{Behaviour, Error, Event, FaultScript, Medium, Misfit, Recorder};
use mmc::Transport as _;
use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

const CAPACITY: u32 = 2_000;

fn misfit(opened: Result<Recorder, Error>) -> Misfit {
    match opened {
        Err(Error::Unproven { misfit, .. }) => misfit,
        other => panic!("{other:?}"),
    }
}

fn state(image: &Path) -> (Vec<u8>, Vec<u8>) {
    (
        fs::read(image).unwrap(),
        fs::read(Recorder::side_file(image)).unwrap(),
    )
}

/// A disc with two commits, and the side file of the first commit.
fn older_side(medium: Medium) -> (Bench, String) {
    let mut bench = Bench::new(medium, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let old = bench.side_file();
    bench.reopen().unwrap();
    if matches!(medium, Medium::CdR80 | Medium::DvdR) {
        bench.incremental(mmc::MultiSession::Allowed);
    }
    let next = bench.next();
    bench.write(next, 64, 2).unwrap();
    bench.recorder = None;
    fs::write(Recorder::side_file(&bench.image), &old).unwrap();
    (bench, old)
}

#[test]
fn a_side_file_older_than_its_image_truncates_nothing() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let (mut bench, _) = older_side(medium);
        let before = state(&bench.image);
        let misfit = misfit(Recorder::open(&bench.image));
        assert!(
            matches!(misfit, Misfit::Longer { recorded_end: 32, .. }),
            "{misfit}"
        );
        bench.recorder = Some(Recorder::open_read_only(&bench.image).unwrap());
        assert_eq!(bench.recorder().misfit(), Some(misfit));
        let last = u32::try_from(bench.image_blocks()).unwrap() - 1;
        assert_eq!(bench.read(last, 1).unwrap(), [2]);
        bench.recorder = None;
        assert_eq!(state(&bench.image), before, "{medium}");
    }
}

#[test]
fn an_explicit_recording_follows_all_data_of_the_image() {
    let (mut bench, _) = older_side(Medium::BdR);
    bench.recorder = Some(Recorder::open_accepting(&bench.image).unwrap());
    assert_eq!(bench.next(), 96);
    bench.write(96, 32, 3).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
    assert_eq!(bench.read(95, 2).unwrap(), [2, 3]);
}

#[test]
fn swapped_side_files_of_two_discs_are_detected() {
    let mut one = Bench::new(Medium::BdR, CAPACITY);
    one.write(0, 64, 1).unwrap();
    one.recorder = None;
    let mut other = Bench::new(Medium::BdR, CAPACITY);
    other.write(0, 64, 2).unwrap();
    other.recorder = None;
    fs::copy(Recorder::side_file(&one.image), Recorder::side_file(&other.image)).unwrap();
    let before = state(&other.image);
    assert!(matches!(
        misfit(Recorder::open(&other.image)),
        Misfit::OtherDisc { block: 0, .. }
    ));
    assert!(matches!(
        misfit(Recorder::open_read_only(&other.image)),
        Misfit::OtherDisc { .. }
    ));
    assert_eq!(state(&other.image), before);
    other.recorder = Some(Recorder::open_accepting(&other.image).unwrap());
    assert_eq!(other.next(), 64);
    other.write(64, 32, 3).unwrap();
    other.reopen().unwrap();
    assert_eq!(other.read(63, 2).unwrap(), [2, 3]);
}

#[test]
fn copies_of_a_disc_that_continued_differently_are_two_discs() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 64, 1).unwrap();
    bench.recorder = None;
    let (image, side) = state(&bench.image);
    bench.reopen().unwrap();
    bench.write(64, 32, 2).unwrap();
    bench.recorder = None;
    let (_, two) = state(&bench.image);
    fs::write(&bench.image, image).unwrap();
    fs::write(Recorder::side_file(&bench.image), side).unwrap();
    bench.reopen().unwrap();
    bench.write(64, 32, 3).unwrap();
    bench.recorder = None;
    fs::write(Recorder::side_file(&bench.image), two).unwrap();
    assert!(matches!(
        misfit(Recorder::open(&bench.image)),
        Misfit::Changed { block: 64, .. }
    ));
}

#[test]
fn a_torn_last_unit_is_filled_with_zeros_on_the_next_recording() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    bench.recorder().kill();
    let image = fs::OpenOptions::new().write(true).open(&bench.image).unwrap();
    image
        .write_all_at(&[7; 5 * BLOCK + 100], 32 * BLOCK as u64)
        .unwrap();
    let before = state(&bench.image);
    bench.reopen().unwrap();
    let torn = [[7; 6].as_slice(), &[0; 26]].concat();
    assert_eq!(bench.read(32, 32).unwrap(), torn);
    assert_eq!(bench.read(40, 3).unwrap(), [0; 3]);
    assert_eq!(bench.next(), 64);
    bench.synchronize();
    bench.reopen().unwrap();
    assert_eq!(state(&bench.image), before, "reading changes nothing");
    bench.write(64, 32, 2).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.read(32, 32).unwrap(), torn);
    assert_eq!(bench.read(64, 1).unwrap(), [2]);
}

#[test]
fn nothing_changes_before_the_first_block() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench.write(0, 16, 1).unwrap();
    bench.recorder = None;
    let before = state(&bench.image);
    bench.reopen().unwrap();
    bench.ready().unwrap();
    bench.synchronize();
    bench.write(5, 1, 1).unwrap_err();
    bench.read(0, 1).unwrap();
    bench.close(mmc::CloseFunction::Track, 9).unwrap_err();
    bench.reopen().unwrap();
    bench.recorder = None;
    assert_eq!(state(&bench.image), before);
}

#[test]
fn every_state_has_the_mark_until_the_program_ends() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    for round in 0..3 {
        assert!(bench.side_file().contains("\nrecording\n"), "{round}");
        bench.write(round * 32, 32, 1).unwrap();
        bench.synchronize();
    }
    bench.recorder = None;
    assert!(!bench.side_file().contains("recording\n"));
    bench.reopen().unwrap();
    assert!(!bench.side_file().contains("recording\n"));
    bench.write(96, 1, 1).unwrap();
    assert!(bench.side_file().contains("\nrecording\n"));
}

#[test]
fn a_side_file_of_version_1_fits_only_an_image_of_its_length() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 64, 1).unwrap();
    bench.recorder = None;
    let side = bench.side_file();
    let side = side.lines().filter(|line| {
        !["state", "recording", "digest"]
            .iter()
            .any(|word| line.starts_with(word))
    });
    let side = side
        .collect::<Vec<_>>()
        .join("\n")
        .replace("recorder 2", "recorder 1");
    fs::write(Recorder::side_file(&bench.image), &side).unwrap();
    let (image, _) = state(&bench.image);
    fs::write(&bench.image, [image.as_slice(), &[2; BLOCK]].concat()).unwrap();
    assert!(matches!(
        misfit(Recorder::open(&bench.image)),
        Misfit::Longer {
            state: 0,
            blocks: 65,
            ..
        }
    ));
    fs::write(&bench.image, image).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.side_file(), side);
    bench.write(64, 32, 2).unwrap();
    bench.recorder = None;
    let now = bench.side_file();
    assert!(
        now.starts_with("oncefs recorder 2\n") && now.contains("digest 0:"),
        "{now}"
    );
}

#[test]
fn an_image_under_another_name_has_the_same_side_file() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let link = bench.directory.path().join("link");
    symlink("disc.img", &link).unwrap();
    bench.recorder = Some(Recorder::open(&link).unwrap());
    bench.write(32, 32, 2).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
    assert_eq!(Recorder::side_file(&link), Recorder::side_file(&bench.image));
    assert!(!bench.directory.path().join("link.oncefs").exists());
}

#[test]
fn an_image_under_a_hard_link_cannot_be_truncated_either() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let link = bench.directory.path().join("link");
    fs::hard_link(&bench.image, &link).unwrap();
    let adopted = Recorder::adopt(&link, Medium::BdR, Some(CAPACITY)).unwrap();
    bench.recorder = Some(adopted);
    assert!(!Recorder::side_file(&link).exists(), "nothing is recorded yet");
    bench.write(32, 32, 2).unwrap();
    bench.recorder = None;
    assert!(matches!(
        misfit(Recorder::open(&bench.image)),
        Misfit::Longer { .. }
    ));
    bench.recorder = Some(Recorder::open(&link).unwrap());
    assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
}

#[test]
fn an_image_that_continues_outside_every_track_reads_as_a_bare_one() {
    for marked in [false, true] {
        let mut bench = Bench::new(Medium::BdR, CAPACITY);
        bench.write(0, 32, 1).unwrap();
        bench.close(mmc::CloseFunction::Finalize, 0).unwrap();
        if marked {
            bench.recorder().kill();
        }
        bench.recorder = None;
        let (side, old) = (Recorder::side_file(&bench.image), bench.side_file());
        assert_eq!(old.contains("\nrecording\n"), marked);
        fs::remove_file(&side).unwrap();
        bench.recorder = Some(Recorder::adopt(&bench.image, Medium::BdR, Some(CAPACITY)).unwrap());
        bench.write(32, 32, 2).unwrap();
        bench.recorder = None;
        fs::write(&side, old).unwrap();
        for opened in [
            Recorder::open(&bench.image),
            Recorder::open_read_only(&bench.image),
        ] {
            assert!(matches!(misfit(opened), Misfit::OtherDisc { .. }));
        }
        bench.recorder = Some(Recorder::open_accepting(&bench.image).unwrap());
        assert_eq!(bench.next(), 64);
        assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
    }
}

#[test]
fn a_file_that_is_not_regular_is_refused_without_waiting() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let side = Recorder::side_file(&bench.image);
    let kept = bench.directory.path().join("kept");
    fs::rename(&side, &kept).unwrap();
    let put: [&dyn Fn(); 3] = [
        &|| symlink(&kept, &side).unwrap(),
        &|| fs::create_dir(&side).unwrap(),
        &|| {
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            rustix::fs::mkfifoat(rustix::fs::CWD, &side, mode).unwrap();
        },
    ];
    for put in put {
        put();
        for opened in [
            Recorder::open(&bench.image),
            Recorder::open_read_only(&bench.image),
        ] {
            assert!(
                matches!(&opened, Err(Error::NotASideFile(path)) if *path == side),
                "{opened:?}"
            );
        }
        let _ = fs::remove_file(&side).or_else(|_| fs::remove_dir(&side));
    }
}

#[test]
fn files_that_others_plant_beside_the_image_are_not_written() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    let victim = bench.directory.path().join("victim");
    fs::write(&victim, "secret").unwrap();
    let side = Recorder::side_file(&bench.image);
    let planted = side.with_extension("oncefs.new");
    symlink(&victim, &planted).unwrap();
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    assert_eq!(fs::read_to_string(&victim).unwrap(), "secret");
    assert!(planted.is_symlink());
    let names = fs::read_dir(bench.directory.path()).unwrap().count();
    assert_eq!(names, 4, "replacing the side file leaves nothing");
}

#[test]
fn owner_and_mode_of_the_side_file_are_preserved() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let side = Recorder::side_file(&bench.image);
    fs::set_permissions(&side, fs::Permissions::from_mode(0o640)).unwrap();
    let root = rustix::process::geteuid().is_root();
    if root {
        std::os::unix::fs::chown(&side, Some(1234), Some(1235)).unwrap();
    }
    bench.reopen().unwrap();
    bench.write(32, 32, 2).unwrap();
    bench.recorder = None;
    let now = fs::metadata(&side).unwrap();
    assert_eq!(now.permissions().mode() & 0o777, 0o640);
    if root {
        assert_eq!((now.uid(), now.gid()), (1234, 1235));
    }
}

#[test]
fn an_image_replaced_or_truncated_meanwhile_fails_the_next_synchronize() {
    let meanwhile: [&dyn Fn(&Path); 3] = [
        &|image| {
            let other = image.with_extension("other");
            fs::write(&other, "another image").unwrap();
            fs::write(other.with_extension("other.oncefs"), "its side file").unwrap();
            fs::rename(&other, image).unwrap();
            fs::rename(
                other.with_extension("other.oncefs"),
                image.with_extension("img.oncefs"),
            )
            .unwrap();
        },
        &|image| fs::remove_file(image).unwrap(),
        &|image| {
            let image = fs::OpenOptions::new().write(true).open(image).unwrap();
            image.set_len(1000).unwrap();
        },
    ];
    for (number, change) in meanwhile.iter().enumerate() {
        let mut bench = Bench::new(Medium::BdR, CAPACITY);
        bench.write(0, 32, 1).unwrap();
        bench.synchronize();
        bench.write(32, 32, 1).unwrap();
        change(&bench.image);
        let side = bench.side_file();
        let synchronized = bench.try_synchronize();
        assert!(synchronized.is_err(), "{number}");
        bench.recorder = None;
        assert_eq!(bench.side_file(), side, "{number}");
    }
}

#[test]
fn nothing_is_recorded_after_blocks_truncated_meanwhile() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    bench.write(32, 5, 1).unwrap();
    let image = fs::OpenOptions::new().write(true).open(&bench.image).unwrap();
    image.set_len(1000).unwrap();
    let write = mmc::Command::from(mmc::command::Write10::new(mmc::Lba(37), 1));
    let data = [2; BLOCK];
    let wrote = bench.recorder().execute(write.as_bytes(), mmc::Data::Out(&data));
    assert!(wrote.is_err(), "this would acknowledge the hole before it");
    assert!(bench.try_synchronize().is_err());
    bench.recorder = None;
    assert_eq!(image.metadata().unwrap().len(), 1000, "no unit is padded either");
}

#[test]
fn nothing_is_recorded_over_blocks_that_another_program_added() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    let image = fs::OpenOptions::new().append(true).open(&bench.image).unwrap();
    std::io::Write::write_all(&mut &image, &[7; 40 * BLOCK]).unwrap();
    let before = state(&bench.image);
    let write = mmc::Command::from(mmc::command::Write10::new(mmc::Lba(32), 1));
    let data = [2; BLOCK];
    let wrote = bench.recorder().execute(write.as_bytes(), mmc::Data::Out(&data));
    assert!(wrote.is_err(), "they would be lost");
    bench.recorder = None;
    assert!(state(&bench.image) == before);
}

#[test]
fn recording_continues_on_a_state_of_the_highest_number() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let side = bench.side_file();
    let number = side.lines().find(|line| line.starts_with("state ")).unwrap();
    let highest = side.replace(number, &format!("state {}", u64::MAX));
    fs::write(Recorder::side_file(&bench.image), highest).unwrap();
    bench.reopen().unwrap();
    bench.write(32, 32, 2).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
}

#[test]
fn a_side_file_written_meanwhile_by_another_program_is_not_replaced() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    fs::write(Recorder::side_file(&bench.image), "of another program").unwrap();
    bench.write(32, 32, 1).unwrap();
    assert!(bench.try_synchronize().is_err());
    bench.recorder = None;
    assert_eq!(bench.side_file(), "of another program");
}

#[test]
fn a_power_cut_at_any_step_of_replacing_the_side_file_loses_nothing() {
    let mut step = 1;
    loop {
        let mut bench = Bench::new(Medium::BdR, CAPACITY);
        bench.write(0, 32, 1).unwrap();
        bench.reopen().unwrap();
        bench
            .recorder()
            .set_faults(FaultScript::new().cut_at_side_file(step));
        let data = vec![2; 32 * BLOCK];
        let write = mmc::Command::from(mmc::command::Write10::new(mmc::Lba(32), 32));
        let wrote = bench.recorder().execute(write.as_bytes(), mmc::Data::Out(&data));
        let wrote = wrote.is_ok();
        let synchronized = wrote && bench.try_synchronize().is_ok();
        let steps = bench.recorder().side_file_steps();
        bench.recorder = None;
        let sides = fs::read_dir(bench.directory.path()).unwrap().count();
        bench.reopen().unwrap();
        assert_eq!(bench.read(0, 32).unwrap(), [1; 32], "step {step}");
        // Any recorded block is present, either in the state or explained by the mark.
        assert_eq!(bench.next(), if wrote { 64 } else { 32 }, "step {step}");
        if synchronized {
            assert_eq!(steps, step - 1, "every step was cut");
            assert_eq!(sides, 2);
            break;
        }
        step += 1;
    }
    assert_eq!(step, 11, "five for the mark, five for the state");
}

#[test]
fn a_killed_drive_leaves_the_mark() {
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, Behaviour::default());
    bench.write(0, 16, 1).unwrap();
    bench
        .recorder()
        .set_faults(FaultScript::new().kill_before(Event::command(1)));
    assert!(bench.try_synchronize().is_err());
    bench.recorder = None;
    assert!(bench.side_file().contains("recording"));
    bench.reopen().unwrap();
    assert_eq!(bench.recorder().taken_over(), Some(0..16));
}
