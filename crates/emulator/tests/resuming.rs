//! What remains after the drive was switched off, killed or lost power.

mod bench;

use bench::{Bench, refused};
use emulator::{AdoptedSessions, Behaviour, Error, Event, FaultScript, Keep, Medium, Misfit, Recorder};
use mmc::command::{SynchronizeCache, TestUnitReady, Write10};
use mmc::reply::DiscStatus;
use mmc::{CloseFunction, CommandBlock as _, Data, Failure, Lba, Sense, Transport as _};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

const CAPACITY: u32 = 2_000;

/// Ends the recorder like a killed process, without any further write.
fn kill(bench: &mut Bench) {
    bench.recorder().kill();
    bench.recorder = None;
}

fn no_device(bench: &mut Bench) {
    let result = bench.recorder().execute(&[0; 6], Data::None);
    assert!(matches!(result, Err(Failure::Transport(_))), "{result:?}");
}

#[test]
fn a_drive_that_is_switched_off_synchronizes() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench.write(0, 17, 1).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.next(), 32);
    assert_eq!(bench.read(16, 2).unwrap(), [1, 0]);
}

#[test]
fn unsynchronized_blocks_are_still_recorded_after_a_kill() {
    let mut bench = Bench::new(Medium::BdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    bench.write(32, 64, 2).unwrap();
    kill(&mut bench);
    assert_eq!(bench.image_blocks(), 96);
    bench.reopen().unwrap();
    assert_eq!(bench.recorder().taken_over(), Some(32..96));
    assert_eq!((bench.image_blocks(), bench.next()), (96, 96));
    bench.write(96, 32, 3).unwrap();
    assert_eq!(bench.read(31, 2).unwrap(), [1, 2]);
    assert_eq!(bench.read(95, 2).unwrap(), [2, 3]);
}

#[test]
fn every_state_of_a_cd_is_the_same_after_opening_it_again() {
    let mut bench = Bench::new(Medium::CdR80, 30_000);
    let mut at = 0;
    for packet in 0..20 {
        bench.write(at, 20, packet).unwrap();
        bench.synchronize();
        at = bench.next();
    }
    let disc = bench.disc();
    bench.reopen().unwrap();
    assert_eq!((bench.disc(), bench.next()), (disc, at));
    assert_eq!(bench.read(27, 1).unwrap(), [1]);
    refused(bench.read(20, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
    bench.close(CloseFunction::Track, 1).unwrap();
    bench.reopen().unwrap();
    bench.incremental(mmc::MultiSession::Allowed);
    bench.close(CloseFunction::Session, 1).unwrap();
    let disc = bench.disc();
    bench.reopen().unwrap();
    assert_eq!(bench.disc(), disc);
}

#[test]
fn unsynchronized_blocks_of_a_reserved_track_are_still_recorded() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench.reserve(160).unwrap();
    bench.write(160, 16, 2).unwrap();
    bench.synchronize();
    bench.write(0, 32, 9).unwrap();
    kill(&mut bench);
    bench.reopen().unwrap();
    bench.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(bench.read(16, 32).unwrap(), [[9; 16], [0; 16]].concat());
    assert_eq!(bench.read(160, 1).unwrap(), [2]);
}

#[test]
fn the_behaviour_stays_with_the_disc() {
    let odd = Behaviour {
        session_gap: Some(64),
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd.clone());
    bench.reopen().unwrap();
    assert_eq!(*bench.recorder().behaviour(), odd);
}

#[test]
fn an_existing_image_or_side_file_is_not_replaced() {
    let bench = Bench::new(Medium::DvdR, CAPACITY);
    let again = Recorder::create(&bench.image, Medium::BdR, None, Behaviour::default());
    assert!(matches!(again, Err(Error::Exists(_))));
    fs::remove_file(&bench.image).unwrap();
    let again = Recorder::create(&bench.image, Medium::BdR, None, Behaviour::default());
    assert!(matches!(again, Err(Error::Exists(path)) if path == Recorder::side_file(&bench.image)));
}

#[test]
fn an_empty_file_becomes_an_image_unless_another_program_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("empty");
    let held = fs::File::create(&image).unwrap();
    held.lock().unwrap();
    let create = || Recorder::create(&image, Medium::BdR, None, Behaviour::default());
    assert!(matches!(create(), Err(Error::InUse(_))));
    assert!(image.exists() && !Recorder::side_file(&image).exists());
    held.unlock().unwrap();
    assert!(create().is_ok());
    assert!(matches!(create(), Err(Error::Exists(_))));
    let link = folder.path().join("link");
    let target = folder.path().join("target");
    fs::File::create(&target).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let linked = Recorder::create(&link, Medium::BdR, None, Behaviour::default());
    assert!(matches!(linked, Err(Error::Exists(_))));
}

#[test]
fn a_disc_is_in_one_drive_at_a_time() {
    let mut bench = Bench::new(Medium::DvdR, CAPACITY);
    assert!(matches!(Recorder::open(&bench.image), Err(Error::InUse(_))));
    assert!(matches!(
        Recorder::open_read_only(&bench.image),
        Err(Error::InUse(_))
    ));
    bench.recorder = None;
    let first = Recorder::open_read_only(&bench.image).unwrap();
    Recorder::open_read_only(&bench.image).unwrap();
    assert!(matches!(Recorder::open(&bench.image), Err(Error::InUse(_))));
    drop(first);
}

#[test]
fn a_write_protected_disc_answers_writes_with_data_protect() {
    let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
    bench.write(0, 16, 1).unwrap();
    bench.recorder = None;
    let side = bench.side_file();
    assert!(!side.contains("recording"), "the mark is gone: {side}");
    bench.recorder = Some(Recorder::open_read_only(&bench.image).unwrap());
    assert_eq!(bench.read(0, 1).unwrap(), [1]);
    refused(bench.write(16, 1, 1), Sense::WRITE_PROTECTED);
    refused(bench.close(CloseFunction::Session, 1), Sense::WRITE_PROTECTED);
    refused(bench.reserve(16), Sense::WRITE_PROTECTED);
    bench.synchronize();
    bench.recorder = None;
    assert_eq!(bench.side_file(), side);
}

#[test]
fn an_image_without_a_side_file_can_be_adopted() {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("foreign");
    fs::write(&image, vec![7; 40 * 2048]).unwrap();
    assert!(matches!(Recorder::open(&image), Err(Error::NoSideFile(_))));
    assert!(matches!(
        Recorder::adopt(&image, Medium::DvdR, Some(32)),
        Err(Error::TooBig { .. })
    ));
    let recorder = Recorder::adopt(&image, Medium::DvdPlusR, Some(CAPACITY)).unwrap();
    let mut bench = Bench {
        directory,
        image,
        recorder: Some(recorder),
    };
    assert_eq!(bench.image_blocks(), 40, "the image does not change");
    assert!(
        !Recorder::side_file(&bench.image).exists(),
        "nothing is recorded yet"
    );
    assert_eq!(bench.disc().disc_status(), DiscStatus::Incomplete);
    assert_eq!((bench.last_address(), bench.next()), (39, 48));
    bench.write(48, 16, 8).unwrap();
    assert_eq!(bench.read(39, 1).unwrap(), [7]);
    refused(bench.read(40, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
    assert!(matches!(
        Recorder::adopt(&bench.image, Medium::DvdPlusR, None),
        Err(Error::Exists(_))
    ));
}

#[test]
fn no_other_image_is_adopted_than_the_one_that_was_opened() {
    let directory = tempfile::tempdir().unwrap();
    let (image, moved) = (directory.path().join("foreign"), directory.path().join("moved"));
    fs::write(&image, vec![7; 40 * 2048]).unwrap();
    let judged = fs::File::options().read(true).write(true).open(&image).unwrap();
    fs::rename(&image, &moved).unwrap();
    fs::write(&image, vec![8; 2048]).unwrap();
    let recorder = Recorder::adopt_open(
        judged,
        &image,
        Medium::DvdPlusR,
        Some(CAPACITY),
        &AdoptedSessions::default(),
    )
    .unwrap();
    let mut bench = Bench {
        directory,
        image: moved,
        recorder: Some(recorder),
    };
    assert_eq!(bench.read(39, 1).unwrap(), [7]);
    bench.write(48, 16, 8).unwrap();
    assert!(Recorder::side_file(&bench.image).exists());
}

#[test]
fn an_image_that_ends_inside_a_block_is_not_adopted() {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("foreign");
    fs::write(&image, [0; 3000]).unwrap();
    assert!(matches!(
        Recorder::adopt(&image, Medium::CdR80, None),
        Err(Error::NotWholeBlocks(3000))
    ));
}

#[test]
fn a_side_file_of_another_version_is_an_error_with_its_line() {
    let mut bench = Bench::new(Medium::DvdR, CAPACITY);
    bench.recorder = None;
    let text = bench.side_file().replace("recorder 2", "recorder 9");
    fs::write(Recorder::side_file(&bench.image), text).unwrap();
    assert!(matches!(
        Recorder::open(&bench.image),
        Err(Error::SideFile { line: 1, .. })
    ));
}

#[test]
fn a_truncated_image_has_read_errors_and_refuses_recording() {
    let mut bench = Bench::new(Medium::DvdR, CAPACITY);
    bench.write(0, 32, 1).unwrap();
    bench.recorder = None;
    let cut = fs::OpenOptions::new().write(true).open(&bench.image).unwrap();
    cut.set_len(10 * 2048 + 5).unwrap();
    assert!(matches!(
        bench.reopen(),
        Err(Error::Unproven {
            misfit: Misfit::Shorter { blocks: 10, .. },
            ..
        })
    ));
    bench.recorder = Some(Recorder::open_read_only(&bench.image).unwrap());
    assert_eq!(bench.read(0, 10).unwrap(), [1; 10]);
    bench::refused_at(bench.read(0, 16), Sense::L_EC_UNCORRECTABLE_ERROR, 10);
    bench.recorder = None;
    bench.recorder = Some(Recorder::open_accepting(&bench.image).unwrap());
    bench.incremental(mmc::MultiSession::Allowed);
    assert_eq!(bench.read(10, 1).unwrap(), [1], "the existing part, and zeros");
    assert_eq!(bench.next(), 16, "in the next unit");
    bench.write(16, 16, 2).unwrap();
    bench.reopen().unwrap();
    assert_eq!(bench.read(0, 11).unwrap(), [1; 11]);
    assert_eq!(bench.read(16, 1).unwrap(), [2]);
}

#[test]
fn a_power_cut_leaves_synchronized_blocks_and_the_units_to_keep() {
    for (keep, next) in [
        (Keep::None, 32),
        (Keep::Units(1), 64),
        (Keep::Units(9), 96),
        (Keep::All, 96),
    ] {
        let mut bench = Bench::new(Medium::BdR, CAPACITY);
        bench.write(0, 32, 1).unwrap();
        bench.synchronize();
        bench
            .recorder()
            .set_faults(FaultScript::new().cut_after_blocks(70, keep));
        bench.write(32, 40, 2).unwrap();
        let data = vec![3; 40 * 2048];
        let cut = bench.recorder().execute(
            mmc::Command::from(Write10::new(Lba(72), 40)).as_bytes(),
            Data::Out(&data),
        );
        assert!(matches!(cut, Err(Failure::Transport(_))));
        no_device(&mut bench);
        bench.reopen().unwrap();
        assert_eq!(bench.next(), next, "{keep:?}");
        assert_eq!(bench.image_blocks(), u64::from(next));
        if next == 96 {
            assert_eq!(bench.read(71, 2).unwrap(), [2, 3]);
        }
    }
}

#[test]
fn a_cd_that_loses_power_ends_its_packet_where_it_was() {
    let mut bench = Bench::new(Medium::CdR80, CAPACITY);
    bench.write(0, 10, 1).unwrap();
    bench.synchronize();
    bench.write(17, 10, 2).unwrap();
    bench.recorder().cut_power(Keep::Units(4));
    bench.reopen().unwrap();
    assert_eq!(bench.next(), 21 + 7);
    assert_eq!(bench.read(17, 4).unwrap(), [2; 4]);
    refused(bench.read(16, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
}

#[test]
fn the_power_can_be_cut_before_any_command() {
    for number in 1..=4 {
        let mut bench = Bench::new(Medium::DvdPlusR, CAPACITY);
        bench
            .recorder()
            .set_faults(FaultScript::new().cut_before(Event::command(number), Keep::None));
        let data = [5; 16 * 2048];
        let recorder = bench.recorder();
        let _ = recorder.execute(
            mmc::Command::from(TestUnitReady::default()).as_bytes(),
            Data::None,
        );
        let _ = recorder.execute(
            mmc::Command::from(Write10::new(Lba(0), 16)).as_bytes(),
            Data::Out(&data),
        );
        let _ = recorder.execute(
            mmc::Command::from(SynchronizeCache::all(false)).as_bytes(),
            Data::None,
        );
        let _ = recorder.execute(
            mmc::Command::from(Write10::new(Lba(16), 16)).as_bytes(),
            Data::Out(&data),
        );
        bench.reopen().unwrap();
        assert_eq!(bench.next(), if number == 4 { 16 } else { 0 });
    }
}

#[test]
fn thousands_of_small_discs_cost_little() {
    let directory = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    for number in 0..100 {
        let image = directory.path().join(number.to_string());
        let mut recorder =
            Recorder::create(&image, Medium::DvdPlusR, Some(2000), Behaviour::default()).unwrap();
        let data = [1; 16 * 2048];
        let write = Write10::new(Lba(0), 16);
        assert_eq!(Write10::OPERATION_CODE, 0x2A);
        recorder
            .execute(mmc::Command::from(write).as_bytes(), Data::Out(&data))
            .unwrap();
    }
    // Even a slow host drive that really synchronizes stays far below this.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn starting_processes_do_not_hold_the_lock_of_an_image() {
    let folder = tempfile::tempdir().expect("a directory");
    let ends = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Between fork and exec each child has all handles of this process.
            while !ends.load(Ordering::Relaxed) {
                let _ = std::process::Command::new("true").status();
            }
        });
        for number in 0..200 {
            let image = folder.path().join(number.to_string());
            drop(Recorder::create(
                &image,
                Medium::BdR,
                Some(3200),
                Behaviour::default(),
            ));
            let again = Recorder::open(&image).err();
            if again.is_some() {
                ends.store(true, Ordering::Relaxed);
            }
            assert!(again.is_none(), "image {number}: {again:?}");
        }
        ends.store(true, Ordering::Relaxed);
    });
}
