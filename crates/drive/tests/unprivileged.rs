//! Whoever may write to the node of a drive may record with it: Linux lets the commands of this crate through
//! without privileges.

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use common::{append, folder, open, read_one, recorder, with_faults};
use drive::{Disposition, Look, Speed};
use emulator::{Behaviour, Medium, Recorder};
use mmc::Command;

/// The operation codes that Linux 6.1 and 6.12 allow a user who may read `/dev/srN`. A user of its group sent
/// all 256 codes there, and these did not fail with EPERM. Through `/dev/sgN` a writer may send any command.
const FOR_READERS: [u8; 44] = [
    0x00, 0x03, 0x08, 0x12, 0x1A, 0x1B, 0x1C, 0x23, 0x25, 0x28, 0x2B, 0x2F, 0x37, 0x3C, 0x3E, 0x42, 0x43,
    0x44, 0x45, 0x46, 0x47, 0x48, 0x4A, 0x4B, 0x4D, 0x4E, 0x51, 0x52, 0x5A, 0x5C, 0x88, 0x8F, 0x95, 0x9E,
    0xA0, 0xA3, 0xA4, 0xA8, 0xAC, 0xAD, 0xB9, 0xBA, 0xBC, 0xBE,
];

/// The further codes that are allowed to a user who may write to it.
const FOR_WRITERS: [u8; 31] = [
    0x04, 0x0A, 0x0D, 0x15, 0x19, 0x1E, 0x2A, 0x2E, 0x35, 0x3F, 0x41, 0x4C, 0x53, 0x54, 0x55, 0x58, 0x5B,
    0x5D, 0x8A, 0x93, 0x94, 0xA1, 0xA2, 0xA6, 0xA7, 0xAA, 0xAE, 0xB6, 0xBB, 0xBF, 0xEA,
];

/// Records the operation codes of all commands sent to the recorder.
fn codes(recorder: &mut Recorder) -> Arc<Mutex<BTreeSet<u8>>> {
    let codes: Arc<Mutex<BTreeSet<u8>>> = Arc::default();
    let sink = Arc::clone(&codes);
    recorder.set_trace(Box::new(move |entry| {
        sink.lock().unwrap().extend(entry.command.first());
    }));
    codes
}

/// A look sends only commands that change nothing.
#[test]
fn a_look_at_a_drive_requires_only_read_access() {
    let folder = folder();
    let mut recorder = recorder(&folder, Medium::BdR, Behaviour::default());
    let sent = codes(&mut recorder);
    Look::at(Box::new(recorder)).unwrap();
    let sent = sent.lock().unwrap();
    assert!(sent.len() >= 4, "{sent:02X?}");
    assert!(sent.iter().all(|code| FOR_READERS.contains(code)), "{sent:02X?}");
}

#[test]
fn a_probe_of_a_drive_requires_only_read_access() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let sent = codes(&mut recorder);
        drive::probe(Box::new(recorder)).unwrap();
        let sent = sent.lock().unwrap();
        assert!(sent.len() > 10, "{sent:02X?}");
        assert!(sent.iter().all(|code| FOR_READERS.contains(code)), "{sent:02X?}");
    }
}

#[test]
fn every_command_in_the_life_of_a_disc_is_allowed_unprivileged() {
    let folder = folder();
    let mut sent = BTreeSet::new();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        // The sense of a stopped disc, so that it is started.
        let stopped = "fail 2/04/02 at TEST UNIT READY 1";
        let mut recorder = with_faults(recorder(&folder, medium, Behaviour::default()), stopped);
        let of_life = codes(&mut recorder);
        let mut drive = open(recorder).unwrap();
        drive.set_write_speed(Speed::Factor(1)).unwrap();
        let at = append(&mut drive, 320);
        read_one(&mut drive, at).unwrap();
        drive.close_session(Disposition::Appendable).unwrap();
        append(&mut drive, 320);
        drive.close_session(Disposition::Finalized).unwrap();
        drive.eject().unwrap();
        drop(drive);
        sent.extend(of_life.lock().unwrap().iter().copied());
    }
    assert!(sent.len() > 12, "{sent:02X?}");
    for code in sent {
        assert!(
            FOR_READERS.contains(&code) || FOR_WRITERS.contains(&code),
            "{code:02X}h, {:?}",
            Command::name_of(code)
        );
    }
}
