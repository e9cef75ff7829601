//! The cost of closing a disc: the table of `docs/using/drives.md`, measured on emulated discs that are
//! recorded and closed.

mod bench;

use bench::Bench;
use emulator::Medium;
use mmc::command::SetCdSpeed;
use mmc::reply::DiscStatus;
use mmc::{CloseFunction, Data, MultiSession};
use std::time::Duration;

/// A medium, its name, and the recording speed as a multiple of its speed 1 and in kB/s.
const DISCS: [(Medium, &str, u16, u16); 6] = [
    (Medium::CdR80, "CD-R", 16, 16 * 176),
    (Medium::DvdR, "DVD-R", 8, 8 * 1385),
    (Medium::DvdRDl, "DVD-R DL", 8, 8 * 1385),
    (Medium::DvdPlusR, "DVD+R", 8, 8 * 1385),
    (Medium::DvdPlusRDl, "DVD+R DL", 8, 8 * 1385),
    (Medium::BdR, "BD-R", 4, 4 * 4496),
];
/// Blocks of a small session: 1 MiB.
const LITTLE: u16 = 512;
/// Blocks left on a full disc: more than the shortest track of any medium, and whole units.
const LEFT: u32 = 1024;

#[test]
fn docs_drives_contains_this_table() {
    let table = table();
    let document = include_str!("../../../docs/using/drives.md");
    assert!(
        document.contains(&table),
        "docs/using/drives.md must contain:\n{table}"
    );
}

/// The table, in Markdown.
fn table() -> String {
    let head = "\
| medium, speed | first session | seconds | each later one | seconds | finalizing a disc with little on it: seconds | a full one |
|---|---|---|---|---|---|---|
";
    let rows = DISCS
        .iter()
        .map(|(medium, name, times, speed)| format!("| {name}, {times}x | {} |\n", row(*medium, *speed)));
    rows.fold(head.to_owned(), |table, row| table + &row)
}

fn row(medium: Medium, speed: u16) -> String {
    let mut disc = blank(medium, speed);
    let first = record_and_close(&mut disc, false);
    let full = seconds(finalize_full(medium, speed));
    if disc.disc().disc_status() == DiscStatus::Complete {
        return format!(
            "the only one: closing finalizes | | | | {} | {full}",
            seconds(first.time)
        );
    }
    let later = record_and_close(&mut disc, false);
    assert_eq!(
        record_and_close(&mut disc, false),
        later,
        "{medium}: all later sessions cost the same"
    );
    let last = record_and_close(&mut disc, true);
    assert_eq!(disc.disc().disc_status(), DiscStatus::Complete);
    format!(
        "{} | {} | {} | {} | {} | {full}",
        blocks(first.blocks),
        seconds(first.time),
        blocks(later.blocks),
        seconds(later.time),
        seconds(last.time)
    )
}

/// The cost of closing a session.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    /// Blocks from the end of the session to the start of the next one.
    blocks: u32,
    /// How long the drive is busy.
    time: Duration,
}

fn blank(medium: Medium, speed: u16) -> Bench {
    let mut disc = Bench::new(medium, medium.nominal_capacity());
    disc.run(SetCdSpeed::new(u16::MAX, speed), Data::None).unwrap();
    disc
}

/// Records a small session and closes it as oncefs does.
fn record_and_close(disc: &mut Bench, last: bool) -> Cost {
    let start = disc.next();
    if last && takes_multi_session(disc) {
        disc.incremental(MultiSession::None);
    }
    disc.write(start, LITTLE, 1).unwrap();
    disc.synchronize();
    let number = u32::from(disc.open_track().track_number());
    let time = close(disc, last);
    let track = disc.track(number).unwrap();
    let end = track.track_start_address.get() + track.track_size.get();
    let complete = disc.disc().disc_status() == DiscStatus::Complete;
    let blocks = if complete { 0 } else { disc.next() - end };
    Cost { blocks, time }
}

/// Finalizes a disc whose only track extends to its end.
fn finalize_full(medium: Medium, speed: u16) -> Duration {
    let mut disc = blank(medium, speed);
    if takes_multi_session(&mut disc) {
        disc.incremental(MultiSession::None);
    }
    disc.reserve(medium.nominal_capacity() - LEFT).unwrap();
    // Closing the track fills it with zeros, which is recording, not finalizing.
    disc.close(CloseFunction::Track, 1).unwrap();
    let time = close(&mut disc, true);
    assert_eq!(disc.disc().disc_status(), DiscStatus::Complete);
    time
}

/// Closes the open track if it has data, and the session or the disc. Returns how long that takes.
fn close(disc: &mut Bench, last: bool) -> Duration {
    let before = disc.recorder().occupied();
    if disc.open_track().next_writable().unwrap().0 > disc.open_track().track_start_address.get() {
        disc.close(CloseFunction::Track, 0xFF).unwrap();
    }
    let function = if last && !takes_multi_session(disc) {
        CloseFunction::Finalize
    } else {
        CloseFunction::Session
    };
    disc.close(function, 0).unwrap();
    disc.recorder().occupied() - before
}

/// Whether mode page 05h determines if another session may follow.
fn takes_multi_session(disc: &mut Bench) -> bool {
    matches!(
        disc.recorder().medium(),
        Medium::CdR80 | Medium::DvdR | Medium::DvdRDl
    )
}

/// Formats blocks as `11,400 (22.3 MiB)`.
fn blocks(count: u32) -> String {
    let grouped = match (count / 1000, count % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    };
    let tenths = (f64::from(count) / 51.2).round();
    if count == 0 {
        grouped
    } else {
        format!("{grouped} ({} MiB)", tenths / 10.0)
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
