//! Closing sessions and finalizing, by profile.

mod common;

use common::{append, blank, blank_as, folder, open, read_one, recorder, traced};
use drive::{Disposition, DriveError, ReadOnly, SessionState, Status};
use emulator::{Behaviour, Medium};
use mmc::command::ReserveTrack;
use mmc::{Data, Lba, Transport as _};
use zerocopy::IntoBytes as _;

const MULTI: [Medium; 5] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdPlusR,
    Medium::DvdPlusRDl,
    Medium::BdR,
];

#[test]
fn three_sessions_follow_each_other() {
    let folder = folder();
    for medium in MULTI {
        let mut drive = blank(&folder, medium);
        let mut starts = Vec::new();
        for number in 1..=3 {
            let at = append(&mut drive, 320);
            starts.push(at);
            let end = if number == 3 {
                Disposition::Finalized
            } else {
                Disposition::Appendable
            };
            drive.close_session(end).unwrap();
        }
        let sessions = &drive.medium().sessions;
        assert_eq!(
            sessions.iter().map(|session| session.start).collect::<Vec<_>>(),
            starts,
            "{medium}"
        );
        assert!(
            sessions
                .iter()
                .all(|session| session.state == SessionState::Closed)
        );
        assert_eq!(drive.medium().status, Status::Finalized);
        for start in starts {
            assert_eq!(read_one(&mut drive, start).unwrap(), start.0);
        }
    }
}

#[test]
fn gaps_between_sessions_are_no_part_with_data() {
    let folder = folder();
    for medium in MULTI {
        let mut drive = blank(&folder, medium);
        append(&mut drive, 320);
        drive.close_session(Disposition::Appendable).unwrap();
        let further = append(&mut drive, 320);
        drive.refresh().unwrap();
        let medium = drive.medium();
        let end = medium.tracks[0].end().0;
        let all = further.0 + 320;
        let parts = medium.parts_with_data(300..all);
        assert_eq!(parts, [300..end, further.0..all], "{medium:?}");
        let in_gap = medium.parts_with_data(end..further.0);
        assert!(in_gap.is_empty(), "{in_gap:?}");
    }
}

#[test]
fn a_session_closes_with_a_reserved_track_that_was_never_filled() {
    let folder = folder();
    for medium in MULTI {
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let reserve = ReserveTrack {
            reservation_size: 1000.into(),
            ..ReserveTrack::default()
        };
        recorder.execute(reserve.as_bytes(), Data::None).unwrap();
        let mut drive = open(recorder).unwrap();
        let at = append(&mut drive, 320);
        assert!(at.0 >= 1000, "{medium}");
        drive.close_session(Disposition::Appendable).unwrap();
        assert_eq!(drive.medium().sessions[0].state, SessionState::Closed, "{medium}");
        assert_eq!(drive.medium().sessions[0].start, Lba(0), "{medium}");
        assert_eq!(read_one(&mut drive, at).unwrap(), at.0);
    }
}

#[test]
fn closed_sessions_are_finalized_by_function_if_the_medium_has_one() {
    let folder = folder();
    for medium in MULTI {
        let mut drive = blank(&folder, medium);
        append(&mut drive, 320);
        assert!(
            matches!(drive.finalize(), Err(DriveError::SessionOpen)),
            "{medium}"
        );
        drive.close_session(Disposition::Appendable).unwrap();
        let finalized = drive.finalize();
        if matches!(medium, Medium::CdR80 | Medium::DvdR) {
            assert!(matches!(finalized, Err(DriveError::NeedsSession)), "{medium}");
            assert_eq!(drive.medium().status, Status::Appendable);
            append(&mut drive, 320);
            drive.close_session(Disposition::Finalized).unwrap();
        } else {
            finalized.unwrap();
        }
        assert_eq!(drive.medium().status, Status::Finalized, "{medium}");
        assert!(matches!(
            drive.finalize(),
            Err(DriveError::ReadOnly(ReadOnly::Finalized))
        ));
        assert!(matches!(
            drive.close_session(Disposition::Appendable),
            Err(DriveError::ReadOnly(ReadOnly::Finalized))
        ));
    }
}

#[test]
fn a_single_session_medium_ends_with_its_session() {
    let folder = folder();
    let mut drive = blank(&folder, Medium::DvdRDl);
    assert!(drive.medium().single_session);
    append(&mut drive, 32);
    drive.close_session(Disposition::Appendable).unwrap();
    assert_eq!(drive.medium().status, Status::Finalized);
}

#[test]
fn each_profile_gets_its_close_functions() {
    let folder = folder();
    for (medium, closes, selects) in [
        (Medium::CdR80, 2, 2),
        (Medium::DvdR, 2, 2),
        (Medium::DvdPlusR, 2, 0),
        (Medium::BdR, 2, 0),
        (Medium::DvdRDl, 2, 2),
    ] {
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let names = traced(&mut recorder);
        let mut drive = open(recorder).unwrap();
        append(&mut drive, 320);
        drive.close_session(Disposition::Finalized).unwrap();
        let names = names.lock().unwrap();
        let count = |name: &str| names.iter().filter(|sent| *sent == name).count();
        assert_eq!(count("CLOSE TRACK/SESSION"), closes, "{medium}");
        assert_eq!(count("MODE SELECT(10)"), selects, "{medium}");
        let synchronized = names
            .iter()
            .rposition(|sent| sent == "SYNCHRONIZE CACHE")
            .unwrap();
        let closed = names
            .iter()
            .position(|sent| sent == "CLOSE TRACK/SESSION")
            .unwrap();
        assert!(synchronized < closed);
    }
}

#[test]
fn a_drive_that_has_ended_the_track_still_closes_the_session() {
    for behaviour in [
        Behaviour {
            synchronize_closes_track: true,
            ..Behaviour::default()
        },
        Behaviour {
            close_track_refused_after_synchronize: true,
            ..Behaviour::default()
        },
    ] {
        let folder = folder();
        let mut drive = blank_as(&folder, Medium::CdR80, behaviour.clone());
        append(&mut drive, 320);
        drive.close_session(Disposition::Appendable).unwrap();
        assert_eq!(
            drive.medium().sessions[0].state,
            SessionState::Closed,
            "{behaviour:?}"
        );
        append(&mut drive, 320);
        drive.close_session(Disposition::Finalized).unwrap();
        assert_eq!(drive.medium().status, Status::Finalized, "{behaviour:?}");
    }
}
