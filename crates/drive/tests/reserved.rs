//! Two open tracks: a reserved one and the one after it.

mod common;

use common::{append, blank, blank_as, blocks, folder, open, read_one, recorder, traced};
use drive::{Disposition, Drive, DriveError, Packets, ReadOnly, SessionState, Status};
use emulator::{Behaviour, LIES, Medium, RESERVATIONS, Recorder};
use mmc::{Lba, Sense};
use tempfile::TempDir;

const MEDIA: [Medium; 6] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdRDl,
    Medium::DvdPlusR,
    Medium::DvdPlusRDl,
    Medium::BdR,
];

fn switched(name: &str, value: &str) -> Behaviour {
    let mut behaviour = Behaviour::default();
    assert!(behaviour.set(name, value), "{name} {value}");
    behaviour
}

/// Writes blocks to a reserved track, synchronizes, and returns the first block.
fn fill(drive: &mut Drive, number: u16, count: u32) -> Lba {
    let at = drive.append_point_in(number).unwrap().address;
    drive.write(at, &blocks(at.0, count)).unwrap();
    drive.synchronize().unwrap();
    at
}

fn reopened(drive: Drive, folder: &TempDir, medium: Medium) -> Drive {
    drop(drive);
    open(Recorder::open(&folder.path().join(format!("{medium}.img"))).unwrap()).unwrap()
}

#[test]
fn reserving_lets_the_next_track_begin_within_512_blocks() {
    let folder = folder();
    for medium in MEDIA {
        let mut drive = blank(&folder, medium);
        let asked = drive.medium().reserved_track_blocks().unwrap();
        let reserved = drive.reserve(asked).unwrap();
        assert_eq!((reserved.track.number, reserved.next.number), (1, 2));
        assert_eq!(
            (reserved.track.start, reserved.track.size),
            (Lba(0), asked),
            "{medium}"
        );
        assert!((257..=512).contains(&reserved.blocks_to_next()), "{medium}");
        let point = drive.append_point().unwrap();
        assert_eq!((point.address, point.track), (reserved.next.start, 2), "{medium}");
        let point = drive.append_point_in(1).unwrap();
        assert_eq!((point.address, point.free_blocks), (Lba(0), asked), "{medium}");
        assert_eq!(
            drive.usage().blocks(),
            u64::from(reserved.next.start.0),
            "{medium}"
        );
        assert_eq!(
            drive.medium().recordable_session().unwrap().state,
            SessionState::Empty
        );
    }
}

#[test]
fn each_track_keeps_its_own_append_point_after_reopening() {
    let folder = folder();
    for medium in MEDIA {
        let mut drive = blank(&folder, medium);
        let next = drive.reserve(480).unwrap().next.start;
        for round in 0..3 {
            let second = append(&mut drive, 64);
            let first = fill(&mut drive, 1, 64);
            assert!(first < next && second >= next, "{medium}, {round}");
            assert_eq!(read_one(&mut drive, first).unwrap(), first.0);
            assert_eq!(read_one(&mut drive, second).unwrap(), second.0);
            drive = reopened(drive, &folder, medium);
        }
        assert!(!drive.is_settled(Lba(0)..Lba(1)), "{medium}");
        assert!(drive.is_settled(next..Lba(next.0 + 64)), "{medium}");
    }
}

#[test]
fn what_a_reserved_track_has_not_recorded_is_no_part_with_data() {
    let folder = folder();
    for medium in MEDIA {
        let mut drive = blank(&folder, medium);
        let next = drive.reserve(480).unwrap().next.start.0;
        append(&mut drive, 64);
        drive.refresh().unwrap();
        let after = next..next + 64;
        let parts = drive.medium().parts_with_data(0..after.end);
        assert_eq!(parts, std::slice::from_ref(&after), "{medium}");
        fill(&mut drive, 1, 64);
        drive.refresh().unwrap();
        let append_point = drive.append_point_in(1).unwrap().address.0;
        let parts = drive.medium().parts_with_data(0..after.end);
        assert_eq!(parts, [0..append_point, after], "{medium}");
    }
}

#[test]
fn a_full_reserved_track_takes_no_more_and_the_last_one_continues() {
    let folder = folder();
    for medium in MEDIA {
        let mut drive = blank(&folder, medium);
        drive.reserve(480).unwrap();
        append(&mut drive, 32);
        let used = drive.usage().blocks();
        fill(&mut drive, 1, 480);
        assert_eq!(
            drive.usage().blocks(),
            used,
            "{medium}: they were used up by reserving"
        );
        assert!(
            matches!(
                drive.append_point_in(1),
                Err(DriveError::ReadOnly(ReadOnly::NoNextWritableAddress))
            ),
            "{medium}"
        );
        append(&mut drive, 32);
    }
}

#[test]
fn a_disc_whose_last_track_is_full_does_not_append_to_the_reserved_one() {
    let folder = folder();
    let image = folder.path().join("small.img");
    let small = Recorder::create(&image, Medium::DvdPlusR, Some(512), Behaviour::default()).unwrap();
    let mut drive = open(small).unwrap();
    drive.reserve(480).unwrap();
    append(&mut drive, 32);
    drive.refresh().unwrap();
    assert_eq!(drive.medium().next_writable_address, None);
    assert!(matches!(
        drive.append_point(),
        Err(DriveError::ReadOnly(ReadOnly::NoNextWritableAddress))
    ));
}

#[test]
fn a_closed_reserved_track_is_padded_and_its_session_closed() {
    let folder = folder();
    for medium in MEDIA {
        for written in [0, 64, 480] {
            let mut drive = blank(&folder, medium);
            drive.reserve(480).unwrap();
            let second = append(&mut drive, 320);
            if written > 0 {
                fill(&mut drive, 1, written);
            }
            drive.close_track(1).unwrap();
            assert!(drive.medium().reserved_tracks().next().is_none(), "{medium}");
            let last = read_one(&mut drive, Lba(479)).unwrap();
            assert_eq!(last, if written == 480 { 479 } else { 0 }, "{medium}, {written}");
            drive.close_session(Disposition::Finalized).unwrap();
            assert_eq!(drive.medium().status, Status::Finalized, "{medium}");
            assert_eq!(drive.medium().sessions[0].start, Lba(0), "{medium}");
            assert_eq!(read_one(&mut drive, second).unwrap(), second.0);
            std::fs::remove_file(folder.path().join(format!("{medium}.img"))).unwrap();
            std::fs::remove_file(folder.path().join(format!("{medium}.img.oncefs"))).unwrap();
        }
    }
}

#[test]
fn each_session_may_begin_with_a_reserved_track() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let mut drive = blank(&folder, medium);
        for number in 1..=3 {
            let reserved = drive.reserve(480).unwrap();
            let at = append(&mut drive, 320);
            assert_eq!(at, reserved.next.start, "{medium}");
            fill(&mut drive, reserved.track.number, 480);
            drive.close_session(Disposition::Appendable).unwrap();
            let session = drive.medium().sessions[number - 1];
            assert_eq!(
                (session.start, session.state),
                (reserved.track.start, SessionState::Closed),
                "{medium}"
            );
            drive = reopened(drive, &folder, medium);
        }
    }
}

#[test]
fn an_unknown_reserve_command_leaves_the_drive_unchanged() {
    let folder = folder();
    for medium in MEDIA {
        let mut recorder = recorder(&folder, medium, switched("reserve_track", "no"));
        let sent = traced(&mut recorder);
        let mut drive = open(recorder).unwrap();
        let image = folder.path().join(format!("{medium}.img"));
        let before = std::fs::read(Recorder::side_file(&image)).unwrap();
        let refused = drive.reserve(480);
        assert!(
            matches!(refused, Err(DriveError::NotReserved { sense })
                if sense.is(Sense::INVALID_COMMAND_OPERATION_CODE)),
            "{medium}: {refused:?}"
        );
        assert_eq!(std::fs::read(Recorder::side_file(&image)).unwrap(), before);
        assert!(
            !sent
                .lock()
                .unwrap()
                .iter()
                .any(|name| name == "SEND OPC INFORMATION")
        );
        assert_eq!(append(&mut drive, 32), Lba(0), "{medium}");
    }
}

#[test]
fn a_track_with_data_is_not_reserved_and_the_drive_not_asked() {
    let folder = folder();
    for medium in MEDIA {
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let sent = traced(&mut recorder);
        let mut drive = open(recorder).unwrap();
        let at = append(&mut drive, 32);
        assert!(
            matches!(drive.reserve(480), Err(DriveError::Unsupported(_))),
            "{medium}"
        );
        assert!(!sent.lock().unwrap().iter().any(|name| name == "RESERVE TRACK"));
        assert!(append(&mut drive, 32) > at);
    }
}

#[test]
fn a_drive_that_takes_no_more_reservations_is_an_error() {
    let folder = folder();
    for (medium, most) in [(Medium::DvdR, 2), (Medium::DvdPlusR, 15), (Medium::BdR, 15)] {
        let mut drive = blank(&folder, medium);
        for number in 1..=most {
            assert_eq!(drive.reserve(480).unwrap().track.number, number, "{medium}");
        }
        assert!(
            matches!(drive.reserve(480), Err(DriveError::NotReserved { sense })
                if sense.is(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED)),
            "{medium}"
        );
        append(&mut drive, 32);
        assert_eq!(
            fill(&mut drive, most, 32),
            drive.medium().tracks[usize::from(most) - 1].start
        );
    }
}

#[test]
fn drives_that_differ_in_reserved_tracks_obey_or_are_reported() {
    for (name, value) in RESERVATIONS {
        let folder = folder();
        for medium in MEDIA {
            let mut drive = blank_as(&folder, medium, switched(name, value));
            let what = format!("{medium}, {name} {value}");
            let reserved = match drive.reserve(480) {
                Ok(reserved) => reserved,
                Err(DriveError::NotReserved { .. }) if name == "reserve_track" => continue,
                Err(error) => panic!("{what}: {error}"),
            };
            assert!(reserved.track.size >= 480, "{what}");
            let second = append(&mut drive, 320);
            assert_eq!(second, reserved.next.start, "{what}");
            fill(&mut drive, 1, 64);
            drive = reopened(drive, &folder, medium);
            fill(&mut drive, 1, 64);
            drive.close_session(Disposition::Finalized).unwrap();
            assert_eq!(drive.medium().status, Status::Finalized, "{what}");
            assert_eq!(drive.medium().sessions[0].start, Lba(0), "{what}");
            assert_eq!(read_one(&mut drive, Lba(63)).unwrap(), 63, "{what}");
            assert_eq!(read_one(&mut drive, second).unwrap(), second.0, "{what}");
        }
    }
}

#[test]
fn a_drive_that_contradicts_itself_still_reserves_and_appends() {
    for (name, value) in emulator::CONTRADICTIONS {
        if (name, value) == ("packets", "no") {
            continue;
        }
        let folder = folder();
        for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
            let mut drive = blank_as(&folder, medium, switched(name, value));
            let what = format!("{medium}, {name} {value}");
            let reserved = drive
                .reserve(480)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(
                (reserved.track.start, reserved.track.size),
                (Lba(0), 480),
                "{what}"
            );
            let second = append(&mut drive, 320);
            assert_eq!(second, reserved.next.start, "{what}");
            assert_eq!(fill(&mut drive, 1, 64), Lba(0), "{what}");
            drive = reopened(drive, &folder, medium);
            fill(&mut drive, 1, 64);
            append(&mut drive, 64);
            drive
                .close_session(Disposition::Appendable)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(drive.medium().sessions[0].start, Lba(0), "{what}");
            assert_eq!(read_one(&mut drive, second).unwrap(), second.0, "{what}");
        }
    }
}

#[test]
fn a_drive_that_lies_ends_with_an_error_or_with_all_blocks() {
    for (name, value) in LIES {
        let folder = folder();
        for medium in MEDIA {
            let mut drive = blank_as(&folder, medium, switched(name, value));
            let what = format!("{medium}, {name} {value}");
            let Ok(reserved) = drive.reserve(480) else {
                continue;
            };
            let at = drive.append_point().unwrap().address;
            drive.write(at, &blocks(at.0, 320)).unwrap();
            drive.synchronize().unwrap();
            drive.write(Lba(0), &blocks(0, 480)).unwrap();
            drive.synchronize().unwrap();
            let _ = drive.close_session(Disposition::Appendable);
            assert_eq!(read_one(&mut drive, reserved.next.start).unwrap(), at.0, "{what}");
            assert_eq!(read_one(&mut drive, Lba(479)).unwrap(), 479, "{what}");
        }
    }
}

#[test]
fn how_packets_end_is_known_before_anything_is_recorded() {
    for (name, value, packets) in [
        ("packets", "yes", Packets::EndAtSynchronize),
        ("packets", "no", Packets::None),
        ("buffer_underrun_protection", "no", Packets::MayEnd),
    ] {
        let folder = folder();
        let mut drive = blank_as(&folder, Medium::CdR80, switched(name, value));
        assert_eq!(drive.packets().unwrap(), packets, "{name} {value}");
        drive.refresh().unwrap();
        assert_eq!(drive.medium().status, Status::Blank);
    }
    let folder = folder();
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        assert_eq!(
            blank(&folder, medium).packets().unwrap(),
            Packets::EndAtSynchronize
        );
    }
}
