//! Unreliable drives: each request ends, with a true result or with an error that names what the drive
//! reports.

mod common;

use std::sync::{Arc, Mutex};

use common::{Disc, NoWait, add_file, content, options, time};
use drive::{Drive, DriveError, SaysOfDisc};
use ecma167::{
    LogicalSector, general::Descriptor as _, osta::Revision, volume::AnchorVolumeDescriptorPointer,
};
use emulator::{AddressMoves, Behaviour, Medium, SessionClose};
use recording::{CloseDisc, Error, Recording, format};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];
const CAPACITY: u32 = 60_000;

fn odd(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    behaviour
}

/// A formatted disc with one committed file, in a drive that behaves as given from then on.
fn disc_with_file(medium: Medium, behaviour: &Behaviour) -> Disc {
    let disc = Disc::behaving(medium, CAPACITY, Behaviour::default());
    format(disc.drive(), &options(Revision::V2_01)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "kept", &content(5000, 1));
    recording.commit(time(10)).unwrap();
    drop(recording);
    let side = emulator::Recorder::side_file(&disc.image());
    let text = std::fs::read_to_string(&side).unwrap();
    let settings: String = behaviour
        .settings()
        .iter()
        .map(|(name, value)| format!("behaviour {name} {value}\n"))
        .collect();
    std::fs::write(&side, text.replacen("status ", &format!("{settings}status "), 1)).unwrap();
    disc
}

fn require_kept(disc: &Disc, what: &str) {
    assert!(disc.listing()["/kept"].2 == content(5000, 1), "{what}");
}

#[test]
fn a_format_fails_if_the_next_writable_address_never_moves() {
    for medium in MEDIA {
        let disc = Disc::behaving(
            medium,
            CAPACITY,
            odd(|odd| odd.next_writable_address_moves = AddressMoves::Never),
        );
        let mut recorder = emulator::Recorder::open(&disc.image()).unwrap();
        let commands = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&commands);
        recorder.set_trace(Box::new(move |_| *counted.lock().unwrap() += 1));
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        let error = format(drive, &options(Revision::V2_01)).unwrap_err();
        assert!(
            matches!(error, Error::Drive(DriveError::Lost { .. })),
            "{medium}: {error}"
        );
        let commands = *commands.lock().unwrap();
        assert!(commands < 100, "{medium}: {commands} commands");
    }
}

#[test]
fn a_disc_whose_next_writable_address_never_moves_is_read_only() {
    for medium in MEDIA {
        let disc = disc_with_file(
            medium,
            &odd(|odd| odd.next_writable_address_moves = AddressMoves::Never),
        );
        require_kept(&disc, "read");
        let error = Recording::open(disc.drive(), time(20)).map(drop).unwrap_err();
        assert!(matches!(error.error, Error::ReadOnly(_)), "{medium}: {error}");
        drop(error);
        require_kept(&disc, "still read");
    }
}

#[test]
fn a_close_that_the_drive_skips_is_an_error_and_can_be_repeated() {
    for medium in MEDIA {
        let disc = disc_with_file(medium, &odd(|odd| odd.session_close = SessionClose::Nothing));
        let mut recording = disc.recording();
        for _ in 0..2 {
            let error = recording.close(CloseDisc::No, time(20)).unwrap_err();
            let is_reported = matches!(
                error,
                Error::Drive(DriveError::NotClosed {
                    says: SaysOfDisc::SessionOpen,
                    ..
                })
            );
            assert!(is_reported, "{medium}: {error}");
        }
        drop(recording);
        require_kept(&disc, "not closed");
        // Another recorder closes it.
        let mut honest = emulator::Recorder::open(&disc.image()).unwrap();
        honest.set_behaviour(Behaviour::default());
        let drive = Drive::open_waiting(Box::new(honest), Box::new(NoWait)).unwrap();
        let mut recording = Recording::open(drive, time(30)).unwrap();
        assert!(
            recording.close(CloseDisc::Yes, time(30)).unwrap().finalized,
            "{medium}"
        );
    }
}

#[test]
fn a_disc_that_was_not_finalized_is_not_reported_as_finalized() {
    for (medium, lie) in [
        (
            Medium::CdR80,
            odd(|odd| odd.session_close = SessionClose::Appendable),
        ),
        (
            Medium::DvdR,
            odd(|odd| odd.session_close = SessionClose::Appendable),
        ),
        (Medium::DvdPlusR, odd(|odd| odd.finalizing_without_effect = true)),
        (Medium::BdR, odd(|odd| odd.finalizing_without_effect = true)),
    ] {
        let disc = disc_with_file(medium, &lie);
        let error = disc.recording().close(CloseDisc::Yes, time(20)).unwrap_err();
        assert!(
            matches!(error, Error::Drive(DriveError::NotClosed { .. })),
            "{medium}: {error}"
        );
        require_kept(&disc, "not finalized");
    }
}

#[test]
fn finalizing_unasked_is_an_error() {
    for medium in MEDIA {
        let disc = disc_with_file(medium, &odd(|odd| odd.session_close = SessionClose::Finalized));
        let error = disc.recording().close(CloseDisc::No, time(20)).unwrap_err();
        assert!(
            matches!(error, Error::FinalizedUnasked { .. }),
            "{medium}: {error}"
        );
        require_kept(&disc, "finalized");
    }
}

#[test]
fn a_cd_without_packets_takes_a_track_for_each_commit() {
    let disc = Disc::behaving(Medium::CdR80, CAPACITY, odd(|odd| odd.packets = false));
    format(disc.drive(), &options(Revision::V2_01)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    for round in 0..3 {
        add_file(
            &mut recording,
            root,
            &format!("file {round}"),
            &content(5000, round),
        );
        recording.commit(time(10)).unwrap();
    }
    let tracks = recording.volume().drive_mut().refresh().unwrap().tracks.len();
    // One track of the format, three of commits, and the next.
    assert_eq!(tracks, 5);
    recording.close(CloseDisc::Yes, time(20)).unwrap();
    drop(recording);
    assert_eq!(disc.listing().len(), 4);
}

#[test]
fn an_interrupted_format_whose_track_ended_gets_a_further_session() {
    for blocks in [1, 20, 140, 256] {
        let disc = Disc::behaving(Medium::CdR80, CAPACITY, odd(|odd| odd.packets = false));
        let mut recorder = emulator::Recorder::open(&disc.image()).unwrap();
        let script = format!("cut after {blocks} blocks keep all");
        recorder.set_faults(script.parse().unwrap());
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        recording::format(drive, &options(Revision::V2_01)).unwrap_err();
        recording::format(disc.drive(), &options(Revision::V2_01)).unwrap();
        assert_eq!(disc.listing().len(), 1, "{blocks} blocks");
        disc.recording().close(CloseDisc::Yes, time(20)).unwrap();
    }
}

#[test]
fn a_session_is_left_if_the_track_of_its_start_has_ended() {
    for blocks in [1, 20, 140, 250] {
        let disc = Disc::behaving(Medium::CdR80, CAPACITY, odd(|odd| odd.packets = false));
        format(disc.drive(), &options(Revision::V2_01)).unwrap();
        disc.recording().close(CloseDisc::No, time(10)).unwrap();
        let mut recorder = emulator::Recorder::open(&disc.image()).unwrap();
        let script = format!("cut after {blocks} blocks keep all");
        recorder.set_faults(script.parse().unwrap());
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        let mut recording = Recording::open(drive, time(20)).unwrap();
        let root = recording.root();
        add_file(&mut recording, root, "file", &content(5000, 1));
        recording.commit(time(20)).unwrap_err();
        drop(recording);
        let mut recording = disc.recording();
        recording.recover().unwrap();
        recording.close(CloseDisc::Yes, time(30)).unwrap();
        drop(recording);
        let mut volume = disc.volume();
        let last = *volume.drive().medium().last_session_with_data().unwrap();
        let anchor = LogicalSector(last.start.0 + 256);
        let block = volume.read_sector(anchor).unwrap();
        assert!(
            AnchorVolumeDescriptorPointer::read(block, Some(anchor.0)).is_ok(),
            "{blocks} blocks"
        );
    }
}
