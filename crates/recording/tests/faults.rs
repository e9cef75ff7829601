//! Drives and media fail: what was acknowledged stays readable, nothing panics, and recording continues if it
//! can.

mod common;

use common::{
    Disc, Listing, content,
    life::{go_on, life},
    time,
};
use drive::{Drive, SessionState};
use ecma167::osta::Revision;
use emulator::{Event, FaultScript, Medium};
use mmc::Sense;
use recording::{Attributes, CloseDisc, Error, NodeKind, ReadOnly, Recording};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

/// Approximate number of commands in a whole life.
const MOST_COMMANDS: u64 = 2000;

/// Plays a life under each script in turn; `script` makes the n-th. Stops when a script comes too late to
/// have an effect.
fn live_with(what: &str, step: usize, script: impl Fn(u64) -> FaultScript, survivable: bool) {
    for medium in MEDIA {
        for number in (1..MOST_COMMANDS).step_by(step) {
            let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
            let (acknowledged, next, result) = life(&disc, script(number));
            let what = format!("{medium}, {what} {number}: {:?}", result.as_ref().err());
            require_kept(&disc, &acknowledged, &next, &what);
            if survivable {
                assert!(result.is_ok(), "{what}");
            }
            if result.is_err() {
                go_on(&disc, disc.listing(), &what);
            }
            if number > commands_of_a_life(medium) {
                break;
            }
        }
    }
}

fn commands_of_a_life(medium: Medium) -> u64 {
    if medium == Medium::CdR80 { 400 } else { 300 }
}

fn require_kept(disc: &Disc, acknowledged: &Listing, next: &Listing, what: &str) {
    let found = disc.listing();
    assert!(
        &found == acknowledged || &found == next,
        "{what}: found {:?}, acknowledged {:?}",
        found.keys(),
        acknowledged.keys()
    );
}

#[test]
fn any_command_may_fail_with_a_write_error() {
    live_with(
        "write error at command",
        3,
        |n| FaultScript::new().fail(Event::command(n), Sense::WRITE_ERROR),
        false,
    );
}

#[test]
fn any_command_may_find_the_drive_busy() {
    live_with(
        "busy at command",
        7,
        |n| FaultScript::new().busy(Event::command(n), 4),
        true,
    );
}

#[test]
fn the_medium_may_be_taken_out_before_any_command() {
    live_with(
        "medium removed before command",
        5,
        |n| FaultScript::new().remove(Event::command(n)),
        false,
    );
}

#[test]
fn writing_any_block_may_fail_and_recording_continues_after_it() {
    for medium in MEDIA {
        for block in (290..2400).step_by(11) {
            let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
            let script = FaultScript::new().fail_block(block, Sense::WRITE_ERROR);
            let (acknowledged, next, result) = life(&disc, script);
            let what = format!("{medium}, block {block}");
            require_kept(&disc, &acknowledged, &next, &what);
            assert!(result.is_ok(), "{what}: {result:?}");
        }
    }
}

#[test]
fn synchronizing_and_closing_may_fail_at_any_time() {
    let commands = [(0x35, Sense::WRITE_ERROR), (0x5B, Sense::SESSION_FIXATION_ERROR)];
    for (code, sense) in commands {
        for medium in MEDIA {
            for number in 1..20 {
                let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
                let script = FaultScript::new().fail(Event::operation(code, number), sense);
                let (acknowledged, next, result) = life(&disc, script);
                let what = format!("{medium}, {code:02X}h {number}: {:?}", result.as_ref().err());
                require_kept(&disc, &acknowledged, &next, &what);
                if result.is_err() {
                    go_on(&disc, disc.listing(), &what);
                }
            }
        }
    }
}

/// Repeats every commit that fails, up to three times, and then the close. Returns true if all succeeded.
fn insist(disc: &Disc, script: FaultScript) -> (Listing, bool) {
    let mut recorder = disc.recorder();
    recorder.set_faults(script);
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(common::NoWait));
    let Ok(mut recording) = drive
        .map_err(Error::from)
        .and_then(|drive| Ok(Recording::open(drive, time(1))?))
    else {
        return (disc.listing(), false);
    };
    let mut expected = disc_listing(&[]);
    let root = recording.root();
    for round in 0..4u8 {
        let name = format!("file {round}");
        let bytes = content(9000, round);
        let attributes = Attributes::at(0o644, time(2));
        let done = recording
            .create(root, &name, NodeKind::File, &attributes)
            .and_then(|node| recording.write(node, 0, &bytes));
        if done.is_err() {
            let _ = recording.abandon();
            return (expected, false);
        }
        if (0..3).all(|_| recording.commit(time(3)).is_err()) {
            return (expected, false);
        }
        expected.extend(disc_listing(&[(&name, &bytes)]));
    }
    let closed = (0..3).any(|_| recording.close(CloseDisc::No, time(4)).is_ok());
    (expected, closed)
}

fn disc_listing(files: &[(&str, &[u8])]) -> Listing {
    let mut listing = Listing::from([(String::new(), ("Directory".into(), 0o755, Vec::new()))]);
    for (name, bytes) in files {
        listing.insert(format!("/{name}"), ("File".into(), 0o644, bytes.to_vec()));
    }
    listing
}

#[test]
fn a_commit_or_close_that_failed_can_be_repeated() {
    let mut done = 0;
    for medium in MEDIA {
        for number in 1..160 {
            let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
            let fault = FaultScript::new().fail(Event::command(number), Sense::INTERNAL_TARGET_FAILURE);
            let (expected, closed) = insist(&disc, fault);
            let what = format!("{medium}, command {number}");
            let found = disc.listing();
            let kept = expected
                .iter()
                .all(|(path, entry)| found.get(path) == Some(entry));
            assert!(kept, "{what}: {:?}, expected {:?}", found.keys(), expected.keys());
            done += u32::from(closed);
            go_on(&disc, found, &what);
        }
    }
    assert!(done > 200, "only {done} discs were closed in spite of a fault");
}

#[test]
fn closing_again_after_a_failed_close_records_nothing() {
    for medium in MEDIA {
        let disc = Disc::formatted(medium, 3000, Revision::V2_01);
        let mut recorder = disc.recorder();
        let faults = (1..=3).fold(FaultScript::new(), |faults, number| {
            faults.fail(Event::operation(0x5B, number), Sense::SESSION_FIXATION_ERROR)
        });
        recorder.set_faults(faults);
        let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(1)).unwrap();
        let root = recording.root();
        let node = common::add_file(&mut recording, root, "file", b"");
        let mut offset = 0;
        while recording.write(node, offset, &content(10_000, 3)).is_ok() {
            offset += 10_000;
        }
        recording.close(CloseDisc::No, time(2)).unwrap_err();
        drop(recording);
        let before = std::fs::read(disc.image()).unwrap();
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert_eq!(closed.blocks, 0, "{medium}");
        assert!(
            std::fs::read(disc.image()).unwrap() == before,
            "{medium} recorded something"
        );
        assert_eq!(disc.listing().len(), 2, "{medium}");
        let sessions = disc.drive().medium().sessions.clone();
        assert_eq!(sessions[0].state, SessionState::Closed, "{medium}");
    }
}

#[test]
fn nothing_is_recorded_after_a_write_error_that_keeps_the_address() {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_50);
    let before = disc.side();
    let mut recorder = disc.recorder();
    recorder.set_faults(FaultScript::new().fail(Event::operation(0x2A, 1), Sense::WRITE_ERROR));
    let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(1)).unwrap();
    let root = recording.root();
    common::add_file(&mut recording, root, "file", b"text");
    recording.commit(time(2)).unwrap_err();
    assert!(matches!(
        recording.commit(time(2)),
        Err(Error::ReadOnly(ReadOnly::AfterWriteError))
    ));
    drop(recording);
    assert_eq!(disc.side(), before);
}

#[test]
fn blocks_that_a_failing_drive_lost_are_not_acknowledged() {
    let disc = Disc::formatted(Medium::DvdPlusR, 40_000, Revision::V2_01);
    let mut recorder = disc.recorder();
    let start = 288;
    let faults = FaultScript::new()
        .fail_block(start + 600, Sense::WRITE_ERROR)
        .unreadable(start + 100..start + 101);
    recorder.set_faults(faults);
    let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(1)).unwrap();
    let root = recording.root();
    let acknowledged = disc_listing(&[]);
    common::add_file(&mut recording, root, "file", &content(2048 * 900, 1));
    recording.commit(time(2)).unwrap_err();
    recording.commit(time(2)).unwrap_err();
    drop(recording);
    let found = disc.listing();
    assert!(found == acknowledged || found.len() == 2);
}
