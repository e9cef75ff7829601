//! The sense policy with a drive that is slow, changed, empty or damaged.

mod common;

use common::{Counted, append, blocks, folder, open, read_one, recorder, traced, with_faults};
use drive::{Disposition, Drive, DriveError};
use emulator::{Behaviour, Medium};
use mmc::{Lba, Sense};

#[test]
fn a_drive_that_becomes_ready_is_waited_for() {
    let folder = folder();
    let behaviour = Behaviour {
        becoming_ready_polls: 20,
        unit_attention_after_load: true,
        ..Behaviour::default()
    };
    let waited = Counted::default();
    let recorder = recorder(&folder, Medium::BdR, behaviour);
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(waited.clone())).unwrap();
    assert!(drive.medium().writable);
    assert!(!waited.0.lock().unwrap().is_zero());
}

#[test]
fn a_drive_that_never_becomes_ready_is_given_up() {
    let folder = folder();
    let behaviour = Behaviour {
        becoming_ready_polls: u32::MAX,
        ..Behaviour::default()
    };
    let error = open(recorder(&folder, Medium::BdR, behaviour)).unwrap_err();
    assert!(matches!(error, DriveError::NotReady { sense } if sense.is(Sense::BECOMING_READY)));
}

#[test]
fn a_drive_given_up_is_not_waited_for_until_it_has_answered() {
    let folder = folder();
    let waited = Counted::default();
    let disc = with_faults(
        recorder(&folder, Medium::BdR, Behaviour::default()),
        "fail 2/04/08 from READ(10) 1\nfail 2/04/08 from TEST UNIT READY 2",
    );
    let mut drive = Drive::open_waiting(Box::new(disc), Box::new(waited.clone())).unwrap();
    let total = || waited.0.lock().unwrap().as_secs();
    for _ in 0..10 {
        assert!(matches!(
            read_one(&mut drive, Lba(0)),
            Err(DriveError::NotReady { .. })
        ));
    }
    let once = total();
    assert!((100..=1800).contains(&once), "{once} seconds");
    // It answers a command that requires a ready drive, so it has time again.
    drive.refresh().unwrap();
    read_one(&mut drive, Lba(0)).unwrap_err();
    assert!(total() > once);
}

#[test]
fn failing_to_report_tracks_does_not_mean_that_there_are_none() {
    let folder = folder();
    for sense in ["3/11/05", "4/44/00", "B/00/00"] {
        for number in 1..3 {
            let faults = format!("fail {sense} at READ TRACK INFORMATION {number}");
            let disc = with_faults(recorder(&folder, Medium::CdR80, Behaviour::default()), &faults);
            let failed = open(disc).map(|drive| drive.medium().clone());
            // A snapshot asks for the tracks of a blank disc by at least one number.
            match failed {
                Err(DriveError::Sense { command, .. }) => assert_eq!(command, "READ TRACK INFORMATION"),
                Ok(medium) => assert!(number > 1 && medium.writable, "{faults}"),
                Err(other) => panic!("{faults}: {other}"),
            }
            std::fs::remove_file(folder.path().join("cd-r.img")).unwrap();
            std::fs::remove_file(folder.path().join("cd-r.img.oncefs")).unwrap();
        }
    }
}

#[test]
fn a_failure_to_close_a_track_is_reported() {
    let folder = folder();
    let disc = with_faults(
        recorder(&folder, Medium::CdR80, Behaviour::default()),
        "fail 3/0C/00 at CLOSE TRACK/SESSION 1",
    );
    let mut drive = open(disc).unwrap();
    append(&mut drive, 320);
    let error = drive.close_session(Disposition::Appendable).unwrap_err();
    assert!(
        matches!(error, DriveError::Sense { sense, .. } if sense.is(Sense::WRITE_ERROR)),
        "{error}"
    );
}

#[test]
fn a_long_write_in_progress_is_waited_for_at_every_command() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let faults = "busy 5 at WRITE(10) 1\nbusy 7 at SYNCHRONIZE CACHE 1\nbusy 3 at CLOSE TRACK/SESSION 2\nbusy 2 at READ(10) 1";
        let mut drive = open(with_faults(
            recorder(&folder, medium, Behaviour::default()),
            faults,
        ))
        .unwrap();
        let at = append(&mut drive, 320);
        assert_eq!(read_one(&mut drive, at).unwrap(), at.0);
        drive.close_session(Disposition::Appendable).unwrap();
        assert_eq!(drive.medium().sessions.len(), 2);
    }
}

#[test]
fn a_failed_write_is_not_repeated() {
    let folder = folder();
    let mut recorder = with_faults(
        recorder(&folder, Medium::BdR, Behaviour::default()),
        "fail 3/0C/00 at WRITE(10) 1",
    );
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    let error = drive.write(Lba(0), &blocks(0, 32)).unwrap_err();
    assert!(
        matches!(error, DriveError::Sense { sense, at: Some(Lba(0)), .. } if sense.is(Sense::WRITE_ERROR))
    );
    assert_eq!(
        names
            .lock()
            .unwrap()
            .iter()
            .filter(|name| *name == "WRITE(10)")
            .count(),
        1
    );
    append(&mut drive, 32);
}

#[test]
fn a_read_ignores_a_reset_and_a_write_reports_it() {
    let folder = folder();
    let faults = "fail 6/29/00 at READ(10) 1\nfail 6/29/00 at WRITE(10) 2";
    let mut recorder = with_faults(recorder(&folder, Medium::CdR80, Behaviour::default()), faults);
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    let at = append(&mut drive, 16);
    assert_eq!(read_one(&mut drive, at).unwrap(), at.0);
    let next = drive.append_point().unwrap().address;
    assert!(matches!(
        drive.write(next, &blocks(0, 1)),
        Err(DriveError::Sense { .. })
    ));
    append(&mut drive, 16);
    // The reset may have undone the write parameters, so they are set again.
    assert!(
        names
            .lock()
            .unwrap()
            .iter()
            .filter(|name| *name == "MODE SELECT(10)")
            .count()
            >= 2
    );
}

#[test]
fn nothing_is_sent_to_another_medium_after_a_change() {
    let folder = folder();
    let faults = "fail 6/28/00 at READ(10) 1";
    let mut recorder = with_faults(recorder(&folder, Medium::BdR, Behaviour::default()), faults);
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    append(&mut drive, 32);
    assert!(matches!(
        read_one(&mut drive, Lba(0)),
        Err(DriveError::MediumChanged)
    ));
    let sent = names.lock().unwrap().len();
    assert!(matches!(
        drive.write(Lba(32), &blocks(0, 32)),
        Err(DriveError::MediumChanged)
    ));
    assert!(matches!(drive.refresh(), Err(DriveError::MediumChanged)));
    assert_eq!(names.lock().unwrap().len(), sent);
}

#[test]
fn a_removed_medium_is_gone() {
    let folder = folder();
    let faults = "remove before READ(10) 1";
    let mut drive = open(with_faults(
        recorder(&folder, Medium::BdR, Behaviour::default()),
        faults,
    ))
    .unwrap();
    append(&mut drive, 32);
    for _ in 0..2 {
        assert!(matches!(
            read_one(&mut drive, Lba(0)),
            Err(DriveError::MediumRemoved)
        ));
    }
    assert!(matches!(drive.append_point(), Err(DriveError::MediumRemoved)));
}

#[test]
fn an_empty_drive_does_not_open() {
    let folder = folder();
    let faults = "remove before command 1";
    let recorder = with_faults(recorder(&folder, Medium::BdR, Behaviour::default()), faults);
    assert!(matches!(open(recorder), Err(DriveError::NoMedium)));
}

#[test]
fn a_damaged_block_is_named() {
    let folder = folder();
    let faults = "unreadable 100..102";
    let mut drive = open(with_faults(
        recorder(&folder, Medium::DvdPlusR, Behaviour::default()),
        faults,
    ))
    .unwrap();
    append(&mut drive, 320);
    let error = drive.read(Lba(0), &mut vec![0; 320 * 2048]).unwrap_err();
    assert!(
        matches!(error, DriveError::Unreadable { at: Lba(100), .. }),
        "{error}"
    );
    drive.read(Lba(102), &mut vec![0; 218 * 2048]).unwrap();
}
