//! A probe of a drive replays as a drive with the same medium, for the same commands.

mod common;

use std::sync::{Arc, Mutex};

use common::{append, blank_as, folder, open};
use drive::{Disposition, Drive, DriveError, Status, probe};
use emulator::{Behaviour, Medium, Probed, Recorder};
use mmc::{Lba, TraceEntry};

/// The answers of a drive to a probe, and the medium found.
fn probed(mut recorder: Recorder) -> (Vec<TraceEntry>, drive::Medium) {
    let entries: Arc<Mutex<Vec<TraceEntry>>> = Arc::default();
    let taken = Arc::clone(&entries);
    recorder.set_trace(Box::new(move |entry| taken.lock().unwrap().push(entry.clone())));
    let medium = probe(Box::new(recorder)).unwrap();
    let entries = entries.lock().unwrap().clone();
    (entries, medium)
}

/// The entries after conversion to text and back.
fn through_text(entries: &[TraceEntry]) -> Vec<TraceEntry> {
    let text: Vec<String> = entries.iter().map(ToString::to_string).collect();
    text.iter().map(|line| line.parse().unwrap()).collect()
}

fn behaviours() -> Vec<Behaviour> {
    let settings = [
        ("last_track_stays", "yes"),
        ("long_track_information_refused", "yes"),
        ("tracks_count_pregap", "yes"),
        ("toc", "one-track"),
        ("optional_commands", "no"),
        ("unit_attention_after_load", "yes"),
        ("packets", "no"),
    ];
    let mut all = vec![Behaviour::default()];
    for (name, value) in settings {
        let mut behaviour = Behaviour::default();
        assert!(behaviour.set(name, value), "{name}");
        all.push(behaviour);
    }
    all
}

#[test]
fn a_probe_replays_as_a_drive_with_the_same_medium() {
    for behaviour in behaviours() {
        for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
            let folder = folder();
            let mut drive = blank_as(&folder, medium, behaviour.clone());
            append(&mut drive, 320);
            drive.close_session(Disposition::Appendable).unwrap();
            append(&mut drive, 320);
            drop(drive);
            let image = folder.path().join(format!("{medium}.img"));
            let (entries, seen) = probed(Recorder::open(&image).unwrap());
            let replayed = Drive::open(Box::new(Probed::new(through_text(&entries)))).unwrap();
            assert_eq!(replayed.medium(), &seen, "{medium} {:?}", behaviour.settings());
        }
    }
}

#[test]
fn a_drive_with_a_cd_is_not_asked_for_the_disc_structure() {
    let folder = folder();
    for (medium, asked) in [(Medium::CdR80, false), (Medium::DvdR, true), (Medium::BdR, true)] {
        drop(blank_as(&folder, medium, Behaviour::default()));
        let image = folder.path().join(format!("{medium}.img"));
        let (entries, _) = probed(Recorder::open(&image).unwrap());
        let mut names = entries.iter().map(TraceEntry::name);
        assert_eq!(names.any(|name| name == "READ DISC STRUCTURE"), asked, "{medium}");
    }
}

#[test]
fn a_probe_changes_nothing_and_contains_no_user_data() {
    let folder = folder();
    let mut drive = blank_as(&folder, Medium::DvdPlusR, Behaviour::default());
    append(&mut drive, 320);
    drop(drive);
    let image = folder.path().join(format!("{}.img", Medium::DvdPlusR));
    let before = std::fs::read(Recorder::side_file(&image)).unwrap();
    let (entries, _) = probed(Recorder::open_read_only(&image).unwrap());
    assert_eq!(std::fs::read(Recorder::side_file(&image)).unwrap(), before);
    assert!(entries.len() > 40);
    let reads = entries.iter().filter(|entry| entry.blocks().is_some());
    assert!(
        reads
            .clone()
            .all(|entry| entry.data.is_empty() && entry.name() == "READ(10)")
    );
}

#[test]
fn a_replayed_drive_records_nothing() {
    let folder = folder();
    let drive = blank_as(&folder, Medium::BdR, Behaviour::default());
    drop(drive);
    let image = folder.path().join(format!("{}.img", Medium::BdR));
    let (entries, _) = probed(Recorder::open(&image).unwrap());
    let mut drive = Drive::open(Box::new(Probed::new(entries))).unwrap();
    let refused = drive.write(Lba(0), &[0; 32 * 2048]);
    assert!(matches!(
        refused,
        Err(DriveError::ReadOnly(_) | DriveError::Sense { .. })
    ));
    drop(drive);
    drop(open(Recorder::open(&image).unwrap()).unwrap());
}

/// The drive of a stored probe.
fn kept(name: &str) -> Drive {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/probes/{name}.probe"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Drive::open(Box::new(Probed::new(lines.map(|line| line.parse().unwrap())))).unwrap()
}

#[test]
fn a_blank_dvd_in_tgt_is_blank_and_writable() {
    let drive = kept("tgt-dvd+r-blank");
    let medium = drive.medium();
    assert_eq!(medium.status, Status::Blank);
    assert_eq!(medium.next_writable_address, Some(Lba(0)));
    assert_eq!(medium.free_blocks, 2_295_104);
}

#[test]
fn an_image_in_tgt_is_a_finalized_disc_of_its_length() {
    let drive = kept("tgt-dvd-rom");
    let medium = drive.medium();
    assert_eq!(medium.status, Status::Finalized);
    assert_eq!(medium.sessions.len(), 1);
    assert_eq!(medium.sessions[0].last_recorded, Some(Lba(2031)));
}
