//! Sessions and tracks as the drive's replies tell them.

use mmc::Lba;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus, TrackInformation};

use crate::medium::{CD_LINK_BLOCKS, Session, SessionState, Track};

/// Blocks of run-out behind a closed track on CD, which count to the track and cannot be read.
const CD_RUN_OUT_BLOCKS: u32 = 2;
/// How far before the end of a track on CD a readable block is looked for.
const CD_PROBE_BLOCKS: u32 = 16;

/// One track, with what the drive does not call valid left out.
pub(crate) fn track(information: &TrackInformation) -> Track {
    let start = Lba(information.track_start_address.get());
    let next = information.next_writable().filter(|next| *next >= start);
    Track {
        number: information.track_number(),
        session: information.session_number(),
        start,
        size: information.track_size.get(),
        next_writable_address: next,
        last_recorded: information
            .last_recorded()
            .filter(|last| *last >= start && next.is_none_or(|next| *last < next)),
        free_blocks: information.free_blocks.get(),
        blank: information.blank(),
        reserved: information.reserved_track(),
        damaged: information.damaged(),
    }
}

/// The sessions that the tracks belong to.
///
/// An appendable disc counts the empty session behind the last closed one, but not every drive does: the tracks decide.
pub(crate) fn of(disc: &DiscInformation, tracks: &[Track], is_cd: bool) -> Vec<Session> {
    let mut numbers: Vec<u16> = tracks.iter().map(|track| track.session).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let last = numbers
        .last()
        .copied()
        .unwrap_or(0)
        .max(disc.number_of_sessions());
    let sessions = numbers.iter().filter_map(|&number| {
        let inside = || tracks.iter().filter(move |track| track.session == number);
        let start = inside().map(|track| track.start).min()?;
        let takes_data = inside().any(|track| track.next_writable_address.is_some());
        let closed = !takes_data && (number < last || is_closed(disc));
        let data = inside().rev().find(|track| track.has_data());
        Some(Session {
            number,
            start,
            last_recorded: data.and_then(|track| last_recorded(track, is_cd)),
            state: match (closed, data) {
                (true, _) => SessionState::Closed,
                (false, Some(_)) => SessionState::Open,
                (false, None) => SessionState::Empty,
            },
        })
    });
    sessions.collect()
}

/// Whether the last session of the disc takes no more data.
fn is_closed(disc: &DiscInformation) -> bool {
    disc.disc_status() == DiscStatus::Complete || disc.last_session_status() == SessionStatus::Complete
}

/// The last recorded block of a track: as the drive says it, else as its size or next writable address has it.
fn last_recorded(track: &Track, is_cd: bool) -> Option<Lba> {
    let derived = match track.next_writable_address {
        Some(next) => next.0.checked_sub(1),
        None if is_cd => track.end().0.checked_sub(1 + CD_RUN_OUT_BLOCKS),
        None => track.end().0.checked_sub(1),
    };
    track
        .last_recorded
        .or(derived.map(Lba).filter(|last| *last >= track.start))
}

/// Distances from the end of a track at which its last readable block is sought: where a packet is still open or the track
/// has no run-out, where links stand before the next writable address, then one by one.
pub(crate) fn probe_distances(open: bool) -> impl Iterator<Item = u32> {
    let first = if open {
        1 + CD_LINK_BLOCKS
    } else {
        1 + CD_RUN_OUT_BLOCKS
    };
    let rest = (2..=CD_PROBE_BLOCKS).filter(move |distance| *distance != first);
    [1, first].into_iter().chain(rest)
}
