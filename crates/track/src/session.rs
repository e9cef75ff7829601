//! Where the structures of a session are: its start up to the anchor at S+256, its end from the anchor at
//! N-256 on.

use std::ops::Range;

use ecma167::LogicalSector;
use ecma167::recognition::RECOGNITION_SECTOR;

use crate::descriptors::{SEQUENCE_DESCRIPTORS, Sequences};
use crate::session_form::SessionForm;
use crate::unit::blocks_of_end;

/// Length of end of session data in blocks: the anchor at N-256, 255 blocks free for any use, and N, which is
/// the VAT ICB on a volume with a VAT (`UDF 2.60 6.10.1.2`).
pub const SESSION_END_BLOCKS: u32 = 257;

/// How many of the last blocks of end of session data are what it ends with, such as VAT ICBs; the others are
/// anchors.
///
/// A reader that is off by some blocks, as happens with run-outs and units, still finds both.
const ENDS_AT_SESSION_END: u32 = 34;

/// Minimum number of blocks of end of session data after links inside it. If one of the last 75 blocks is
/// unreadable, Linux takes the disc for shorter than it is and does not find the VAT.
const AFTER_LINKS: u32 = 80;

/// Unreadable blocks between two packets of a CD: two of run-out, one link, four of run-in (`MMC-6`, variable
/// packets).
pub const LINK_BLOCKS: u32 = 7;

/// The largest number of blocks, from `next` on in the session that starts at `first`, after which a packet
/// may end without its links falling on the recognition sequence, anchor or main sequence; `most` if there is
/// no such number.
pub(crate) fn blocks_without_harm(
    (first, form): (LogicalSector, SessionForm),
    sequences: &Sequences,
    next: LogicalSector,
    most: usize,
) -> usize {
    let from = |offset| first.0.saturating_add(offset);
    let main = sequences.main.location().0;
    let needed = [
        from(RECOGNITION_SECTOR)..from(RECOGNITION_SECTOR + 3),
        from(form.anchor())..from(form.anchor() + 1),
        main..main.saturating_add(SEQUENCE_DESCRIPTORS),
    ];
    let harms = |blocks: usize| {
        let end = next.0.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX));
        let links = end..end.saturating_add(LINK_BLOCKS);
        needed
            .iter()
            .any(|needed| links.start < needed.end && needed.start < links.end)
    };
    (1..=most).rev().find(|blocks| !harms(*blocks)).unwrap_or(most)
}

/// How many of `count` blocks of end of session data are anchors, which come first; the others are what it
/// ends with.
pub(crate) fn anchors_at_session_end(count: u32) -> u32 {
    count.saturating_sub(ENDS_AT_SESSION_END)
}

/// Number of blocks of end of session data from `at` on, up to the end of a unit of writing and not ending
/// before `least_end`.
///
/// If a packet ended inside it, what continues after the links need not start over: it ends at the first N,
/// at least [`AFTER_LINKS`] further, for which N-256 is one of the `anchors` already recorded. If another
/// packet ended inside it, N may be closer, so that it does end.
pub(crate) fn session_end_blocks(
    at: LogicalSector,
    anchors: &[Range<u32>],
    least_end: LogicalSector,
    unit: u32,
) -> u32 {
    let after_links = if anchors.len() > 1 { 2 } else { AFTER_LINKS };
    let ends = anchors.iter().filter_map(|anchors| {
        let least = anchors.start.saturating_add(SESSION_END_BLOCKS);
        let end = least.max(at.0.saturating_add(after_links)).max(least_end.0);
        let end = end.checked_next_multiple_of(unit)?;
        (end < anchors.end.saturating_add(SESSION_END_BLOCKS)).then_some(end - at.0)
    });
    let whole = blocks_of_end(at, SESSION_END_BLOCKS, least_end, unit);
    ends.min().unwrap_or(whole).min(whole)
}
