//! Sessions, derived from the drive's replies.

use mmc::Lba;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus};

use crate::medium::{CD_LINK_BLOCKS, Session, SessionState, Track};

/// Run-out blocks of a closed CD track, which count as part of the track and cannot be read.
const CD_RUN_OUT_BLOCKS: u32 = 2;
/// How many blocks before the end of a track to search for a readable block.
const PROBE_BLOCKS: u32 = 16;
/// How many blocks READ CAPACITY of a CD may report in excess, including the run-out.
const PAST_CAPACITY: u32 = 75 + CD_RUN_OUT_BLOCKS;
/// Possible linking losses of a run on DVD-R, in blocks.
const LINKING_LOSSES: [u32; 2] = [16, 32];

/// The sessions of the tracks.
///
/// An appendable disc counts the empty session after the last closed one, but not in every drive, so the
/// tracks decide.
pub(crate) fn of(disc: &DiscInformation, tracks: &[Track], is_cd: bool) -> Vec<Session> {
    let mut by_session: Vec<&Track> = tracks.iter().collect();
    by_session.sort_by_key(|track| track.session);
    let last = by_session.last().map_or(0, |track| track.session);
    let last = if is_counted_twice(disc, tracks) {
        last
    } else {
        last.max(disc.number_of_sessions())
    };
    let sessions = by_session.chunk_by(|one, other| one.session == other.session);
    let sessions = sessions.filter_map(|inside| {
        let number = inside.first()?.session;
        let start = inside.iter().map(|track| track.start).min()?;
        let takes_data = inside.iter().any(|track| track.next_writable_address.is_some());
        let closed = !takes_data && (number < last || is_closed(disc));
        let data = inside.iter().rev().find(|track| track.has_data());
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

/// Whether the drive counts one session too many: the last one contains data and begins with a track that
/// belongs to an earlier session.
fn is_counted_twice(disc: &DiscInformation, tracks: &[Track]) -> bool {
    let first = disc.first_track_in_last_session();
    let session = tracks
        .iter()
        .find(|track| track.number == first)
        .map(|track| track.session);
    disc.last_session_status() == SessionStatus::Incomplete
        && session.is_some_and(|session| session < disc.number_of_sessions())
}

/// Whether the last session of the disc takes no more data.
fn is_closed(disc: &DiscInformation) -> bool {
    disc.disc_status() == DiscStatus::Complete || disc.last_session_status() == SessionStatus::Complete
}

/// The last recorded block of a track: as reported, or else derived from its size or next writable address.
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

/// Distances from the end of a track at which to search for its last readable block. First come an open
/// packet or a missing run-out, then links before the next writable address, then every block in turn. If the
/// end is only known from READ CAPACITY, the search goes further.
pub(crate) fn probe_distances(open: bool, by_capacity: bool) -> impl Iterator<Item = u32> {
    let first = if open {
        1 + CD_LINK_BLOCKS
    } else {
        1 + CD_RUN_OUT_BLOCKS
    };
    let rest = (2..=PROBE_BLOCKS).filter(move |distance| *distance != first);
    let losses = LINKING_LOSSES.into_iter().map(|loss| loss + 1);
    let further = (PROBE_BLOCKS + 1..=PAST_CAPACITY + 1).filter(move |_| by_capacity);
    [1, first].into_iter().chain(rest).chain(losses).chain(further)
}
