//! The snapshot of the medium: blank, appended, closed, finalized, in drives that differ.

mod common;

use common::{CAPACITY, append, blank, blank_as, folder, read_one};
use drive::{Disposition, SessionState, Status};
use emulator::{Behaviour, LastAddress, Medium, NextWritableAddress};
use mmc::Lba;

#[test]
fn a_blank_medium_has_one_empty_session() {
    let folder = folder();
    for medium in Medium::ALL {
        let drive = blank(&folder, medium);
        let snapshot = drive.medium();
        assert_eq!(snapshot.profile, medium.profile());
        assert_eq!(snapshot.status, Status::Blank);
        assert_eq!(snapshot.write_unit, medium.write_unit());
        assert_eq!(snapshot.capacity_blocks, CAPACITY);
        assert_eq!(snapshot.next_writable_address, Some(Lba(0)));
        assert_eq!(snapshot.sessions.len(), 1, "{medium}");
        let session = snapshot.sessions[0];
        assert_eq!((session.number, session.start), (1, Lba(0)));
        assert_eq!(
            (session.last_recorded, session.state),
            (None, SessionState::Empty)
        );
        assert!(snapshot.writable && !drive.is_read_only());
        assert!(snapshot.last_recorded_candidates().is_empty());
        assert_eq!(drive.recorded_end(), Lba(0));
    }
}

/// Behaviours that hide the last recorded block.
fn behaviours() -> Vec<Behaviour> {
    let default = Behaviour::default;
    vec![
        default(),
        Behaviour {
            last_recorded_address_valid: Some(true),
            ..default()
        },
        Behaviour {
            last_recorded_address_valid: Some(false),
            ..default()
        },
        Behaviour {
            next_writable_address: NextWritableAddress::TrackFfOnly,
            ..default()
        },
        Behaviour {
            next_writable_address: NextWritableAddress::NumberOnly,
            ..default()
        },
        Behaviour {
            short_track_information: true,
            last_recorded_address_valid: Some(true),
            ..default()
        },
        Behaviour {
            linking_loss: 16,
            last_recorded_address_valid: Some(false),
            ..default()
        },
        Behaviour {
            link_blocks_as_medium_error: true,
            ..default()
        },
        Behaviour {
            synchronize_closes_track: true,
            ..default()
        },
        Behaviour {
            close_track_refused_after_synchronize: true,
            ..default()
        },
        Behaviour {
            read_capacity_open: LastAddress::LastOfMedium,
            read_capacity_closed: LastAddress::Zero,
            ..default()
        },
    ]
}

#[test]
fn the_last_recorded_block_is_found_on_every_drive() {
    for behaviour in behaviours() {
        let folder = folder();
        for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
            let mut drive = blank_as(&folder, medium, behaviour.clone());
            append(&mut drive, 320);
            let at = append(&mut drive, 320);
            let last = Lba(at.0 + 319);
            let snapshot = drive.refresh().unwrap();
            let session = snapshot.sessions[0];
            assert_eq!(session.state, SessionState::Open, "{medium} {behaviour:?}");
            assert_eq!(session.last_recorded, Some(last), "{medium} {behaviour:?}");
            assert_eq!(snapshot.last_recorded_candidates()[0], last);
            assert_eq!(snapshot.status, Status::Appendable);
            assert_eq!(read_one(&mut drive, last).unwrap(), last.0);

            drive.close_session(Disposition::Appendable).unwrap();
            let snapshot = drive.medium();
            let session = snapshot.sessions[0];
            assert_eq!(session.state, SessionState::Closed, "{medium} {behaviour:?}");
            assert_eq!(session.last_recorded, Some(last), "{medium} {behaviour:?}");
            let next = snapshot.sessions[1];
            assert_eq!(
                (next.number, next.state),
                (2, SessionState::Empty),
                "{medium} {behaviour:?}"
            );
            assert_eq!(snapshot.next_writable_address, Some(next.start));
            assert_eq!(snapshot.last_recorded_candidates()[0], last);
            assert_eq!(snapshot.recordable_session().unwrap().number, 2);
            assert_eq!(snapshot.last_session_with_data().unwrap().number, 1);
        }
    }
}

#[test]
fn a_finalized_disc_is_read_only_and_keeps_its_sessions() {
    let folder = folder();
    for medium in Medium::ALL {
        let mut drive = blank(&folder, medium);
        let at = append(&mut drive, 320);
        drive.close_session(Disposition::Finalized).unwrap();
        let snapshot = drive.medium();
        assert_eq!(snapshot.status, Status::Finalized, "{medium}");
        assert_eq!(snapshot.sessions.len(), 1, "{medium}");
        assert_eq!(snapshot.sessions[0].state, SessionState::Closed);
        assert_eq!(
            snapshot.sessions[0].last_recorded,
            Some(Lba(at.0 + 319)),
            "{medium}"
        );
        assert!(drive.is_read_only());
        assert_eq!(drive.medium().next_writable_address, None);
    }
}

#[test]
fn a_finalized_disc_has_all_its_data_whatever_read_capacity_says() {
    let folder = folder();
    for medium in Medium::ALL {
        let behaviour = Behaviour {
            read_capacity_closed: LastAddress::Zero,
            last_recorded_address_valid: Some(true),
            ..Behaviour::default()
        };
        let mut drive = blank_as(&folder, medium, behaviour);
        let at = append(&mut drive, 320);
        drive.close_session(Disposition::Finalized).unwrap();
        assert!(drive.medium().capacity_blocks >= at.0 + 320, "{medium}");
    }
}

#[test]
fn a_reopened_disc_has_the_same_snapshot() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let mut drive = blank(&folder, medium);
        append(&mut drive, 320);
        drive.close_session(Disposition::Appendable).unwrap();
        append(&mut drive, 64);
        let left = drive.refresh().unwrap().clone();
        drop(drive);
        let image = folder.path().join(format!("{medium}.img"));
        let drive = common::open(emulator::Recorder::open(&image).unwrap()).unwrap();
        assert_eq!(drive.medium(), &left);
        assert_eq!(drive.medium().sessions[1].state, SessionState::Open);
    }
}
