//! Replaying traces: those in `traces/`, and what counts as a difference.
//!
//! Each trace covers a whole life through a kernel: format, two additions, a removal, close, continuation,
//! finalization. Its first lines say how it was made. The trace of a real drive belongs beside them.

use std::path::Path;

use emulator::{Behaviour, Medium, Recorder, replay};
use mmc::{Outcome, Sense, TraceEntry};

/// The traces, each with the medium that was in the drive, blank, and its capacity in blocks.
const TRACES: &[(&str, Medium, u32)] = &[
    ("cd-r", Medium::CdR80, 30_720),
    ("dvd-r", Medium::DvdR, 40_960),
    ("dvd+r", Medium::DvdPlusR, 30_720),
    ("bd-r", Medium::BdR, 30_720),
];

fn trace(name: &str) -> Vec<TraceEntry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces");
    let text = std::fs::read_to_string(folder.join(format!("{name}.trace"))).expect("a trace");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.parse().expect("an entry")).collect()
}

fn drive(medium: Medium, capacity: u32) -> (tempfile::TempDir, Recorder) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let image = folder.path().join("image");
    let recorder = Recorder::create(&image, medium, Some(capacity), Behaviour::default());
    (folder, recorder.expect("a disc"))
}

#[test]
fn every_trace_replays_without_a_difference() {
    for (name, medium, capacity) in TRACES {
        let trace = trace(name);
        assert!(trace.iter().any(|entry| entry.name() == "WRITE(10)"), "{name}");
        let (_folder, mut recorder) = drive(*medium, *capacity);
        let differences = replay(&mut recorder, &trace);
        assert!(differences.is_empty(), "{name}: {}", differences[0]);
    }
}

#[test]
fn a_trace_does_not_replay_on_another_medium() {
    let (_folder, mut recorder) = drive(Medium::CdR80, 51_200);
    assert!(!replay(&mut recorder, &trace("bd-r")).is_empty());
}

fn entry(line: &str) -> TraceEntry {
    line.parse().expect("an entry")
}

#[test]
fn a_command_that_succeeds_on_only_one_drive_is_a_difference() {
    let (_folder, mut recorder) = drive(Medium::BdR, 3200);
    let refused = entry("1\tWRITE(10)\t0+32\t5/21/02\t2A000000000000002000");
    let differences = replay(&mut recorder, [&refused]);
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].replayed, Outcome::Done(32 * 2048));
    // Block 0 is now before the next writable address on this drive too.
    assert!(replay(&mut recorder, [&refused]).is_empty());
    let written = entry("3\tWRITE(10)\t0+32\tok 65536\t2A000000000000002000");
    let differences = replay(&mut recorder, [&written]);
    let Outcome::Check(sense) = differences[0].replayed else {
        panic!("{}", differences[0]);
    };
    assert!(sense.is(Sense::INVALID_ADDRESS_FOR_WRITE));
}

#[test]
fn commands_that_a_drive_puts_off_are_not_compared() {
    let (_folder, mut recorder) = drive(Medium::BdR, 3200);
    let trace = [
        entry("1\tTEST UNIT READY\t-\t6/28/00\t000000000000"),
        entry("2\tTEST UNIT READY\t-\t2/04/01\t000000000000"),
        entry("3\tTEST UNIT READY\t-\tok 0\t000000000000"),
        entry("4\tTEST UNIT READY\t-\tno device\t000000000000"),
        entry("5\tTEST UNIT READY\t-\t2/3A/00\t000000000000"),
    ];
    assert!(replay(&mut recorder, &trace).is_empty());
}
