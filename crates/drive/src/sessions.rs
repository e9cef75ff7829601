//! Sessions and tracks as the drive's replies tell them.

use mmc::Lba;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus, TrackInformation};

use crate::medium::{CD_LINK_BLOCKS, Session, SessionState, Track};

/// Blocks of run-out behind a closed track on CD, which count to the track and cannot be read.
const CD_RUN_OUT_BLOCKS: u32 = 2;
/// Bytes of track information up to the last recorded address (`MMC-6 6.26.3`).
const LAST_RECORDED_END: usize = 32;
/// How far before the end of a track a readable block is looked for.
const PROBE_BLOCKS: u32 = 16;
/// Linking loss that a run on DVD-R may cost, in blocks.
const LINKING_LOSSES: [u32; 2] = [16, 32];

/// One track, with what the drive does not call valid left out.
pub(crate) fn track(information: &TrackInformation) -> Track {
    let start = Lba(information.track_start_address.get());
    let next = information.next_writable().filter(|next| *next >= start);
    // Early drives end their reply with the track size, whatever they say is valid.
    let has_last = usize::from(information.data_length.get()) + 2 >= LAST_RECORDED_END;
    let last = information.last_recorded().filter(|_| has_last);
    Track {
        number: information.track_number(),
        session: information.session_number(),
        start,
        size: information.track_size.get(),
        next_writable_address: next,
        last_recorded: last.filter(|last| *last >= start && next.is_none_or(|next| *last < next)),
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
    let mut by_session: Vec<&Track> = tracks.iter().collect();
    by_session.sort_by_key(|track| track.session);
    let last = by_session.last().map_or(0, |track| track.session);
    let last = last.max(disc.number_of_sessions());
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
    let rest = (2..=PROBE_BLOCKS).filter(move |distance| *distance != first);
    let losses = LINKING_LOSSES.into_iter().map(|loss| loss + 1);
    [1, first].into_iter().chain(rest).chain(losses)
}
