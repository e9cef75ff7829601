//! Tracks, derived from the drive's replies and compared with its other replies. If these contradict each
//! other, two outvote one, the table of contents takes precedence over track information, and the blank bit
//! and the session state take precedence over addresses.

use mmc::Lba;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus, TocTrack, TrackInformation};

use crate::medium::Track;

/// Bytes of track information up to and including the last recorded address (`MMC-6 6.26.3`).
const LAST_RECORDED_END: usize = 32;
/// Blocks of the pregap before block 0 of a CD; their addresses are negative.
const CD_PREGAP_BLOCKS: u32 = 150;
/// No medium has this many blocks. Larger addresses are negative or meaningless.
const LAST_ADDRESS: u32 = i32::MAX.cast_unsigned();

/// The drive's replies about anything but tracks.
pub(crate) struct Witness<'a> {
    pub disc: &'a DiscInformation,
    /// The tracks in the lead-ins of a CD's closed sessions.
    pub contents: &'a [TocTrack],
    /// The lead-outs according to these lead-ins.
    pub lead_outs: &'a [LeadOut],
    pub last_readable: Option<Lba>,
    pub is_cd: bool,
}

/// The start of a closed session's lead-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeadOut {
    pub session: u16,
    pub start: Lba,
}

/// A track as the drive reports it, and the number of pregap blocks before block 0 that the drive counts as
/// part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportedTrack {
    pub track: Track,
    pregap: u32,
}

impl ReportedTrack {
    /// The track according only to its own information.
    pub(crate) fn alone(self) -> Track {
        let mut track = self.track;
        track.settle(None);
        track
    }
}

impl ReportedTrack {
    /// Whether it is blank and open and has no blocks.
    pub(crate) fn has_no_room(&self) -> bool {
        let Track {
            blank,
            next_writable_address,
            size,
            free_blocks,
            ..
        } = self.track;
        blank && next_writable_address.is_some() && size == 0 && free_blocks == 0
    }

    /// Extends it to the end of a disc of `blocks` blocks if it has no room.
    pub(crate) fn give_size(&mut self, blocks: u32) {
        if self.has_no_room() {
            let size = blocks.saturating_sub(self.track.start.0);
            (self.track.size, self.track.free_blocks) = (size, size);
        }
    }
}

/// A track, without what the drive does not mark as valid; `None` if it starts at an impossible address.
pub(crate) fn reported(information: &TrackInformation) -> Option<ReportedTrack> {
    let start = information.track_start_address.get();
    let pregap = before_block_0(start).unwrap_or(0);
    let start = Lba(start.wrapping_add(pregap));
    if start.0 > LAST_ADDRESS {
        return None;
    }
    // Drives report -150 as the next writable address of blank media, even of those without a pregap.
    let next = information
        .next_writable()
        .map(|next| before_block_0(next.0).map_or(next, |_| start));
    // Replies of early drives end with the track size, whatever they mark as valid.
    let has_last = usize::from(information.data_length.get()) + 2 >= LAST_RECORDED_END;
    let is_inside = |at: &Lba| *at >= start && at.0 <= LAST_ADDRESS;
    let track = Track {
        number: information.track_number(),
        session: information.session_number(),
        start,
        size: information.track_size.get().saturating_sub(pregap),
        next_writable_address: next.filter(is_inside),
        last_recorded: information.last_recorded().filter(|_| has_last).filter(is_inside),
        free_blocks: information.free_blocks.get(),
        blank: information.blank(),
        reserved: information.reserved_track(),
        damaged: information.damaged(),
        end_is_reported: true,
    };
    Some(ReportedTrack { track, pregap })
}

/// The tracks of a disc if the drive reports none: those of the table of contents, with the number and first
/// track of its last session, or a single track up to the last readable block.
pub(crate) fn reported_in_contents(
    contents: &[TocTrack],
    last_session: Option<(u16, u16)>,
    last_readable: Option<Lba>,
) -> Vec<ReportedTrack> {
    let is_lead_out = |entry: &&TocTrack| entry.track_number == TocTrack::LEAD_OUT;
    let readable_end = last_readable.map(|last| last.0.saturating_add(1));
    let lead_out = contents
        .iter()
        .find(is_lead_out)
        .map(|entry| entry.start_address.get());
    let starts = contents.iter().filter(|entry| !is_lead_out(entry));
    let mut starts: Vec<(u16, u32)> = starts
        .map(|entry| (entry.track_number.into(), entry.start_address.get()))
        .filter(|(_, start)| *start <= LAST_ADDRESS)
        .collect();
    if starts.is_empty() {
        starts.push((1, 0));
    }
    let (last, first_of_last) = last_session.unwrap_or((1, 1));
    let ends = starts.iter().skip(1).map(|(_, start)| Some(*start));
    let ends: Vec<Option<u32>> = ends.chain([lead_out.or(readable_end)]).collect();
    let track_of = |((number, start), end): ((u16, u32), Option<u32>)| {
        let size = end?
            .checked_sub(start)
            .filter(|size| *size > 0 && *size <= LAST_ADDRESS)?;
        let track = Track {
            number,
            session: if number < first_of_last { 1 } else { last.max(1) },
            start: Lba(start),
            size,
            next_writable_address: None,
            last_recorded: None,
            free_blocks: 0,
            blank: false,
            reserved: false,
            damaged: false,
            end_is_reported: true,
        };
        Some(ReportedTrack { track, pregap: 0 })
    };
    starts.into_iter().zip(ends).filter_map(track_of).collect()
}

/// Blocks from an address in the pregap before block 0 to block 0.
fn before_block_0(address: u32) -> Option<u32> {
    let blocks = address.wrapping_neg();
    (1..=CD_PREGAP_BLOCKS).contains(&blocks).then_some(blocks)
}

/// The tracks according to all replies of the drive. Also whether the track that takes data contains some,
/// but reports its start as the next writable address, so that recording is impossible.
pub(crate) fn compared(reported: &[ReportedTrack], witness: &Witness<'_>) -> (Vec<Track>, bool) {
    // A drive that counts the pregap of the first track does so for all tracks.
    let pregap = reported.iter().map(|reported| reported.pregap).max().unwrap_or(0);
    let last = reported.iter().map(|reported| reported.track.session).max();
    let closed = reported
        .iter()
        .filter(|reported| reported.track.next_writable_address.is_none());
    let last_closed = closed.map(|reported| reported.track.number).max();
    let mut stays = false;
    let compare = |one: &ReportedTrack| {
        let mut track = one.track;
        if witness.is_cd && one.pregap == 0 {
            track.start_at(Lba(track.start.0.saturating_add(pregap)));
        }
        if let Some(start) = witness.start_in_contents(&track) {
            track.start_at(start);
        }
        let is_last_of_session = !reported
            .iter()
            .any(|other| other.track.session == track.session && other.track.number > track.number);
        if is_last_of_session {
            witness.end_with_lead_out(&mut track);
        }
        let starts = reported.iter().map(|other| other.track.start);
        let next = starts.filter(|start| *start > track.start).min();
        witness.end_with_contents(&mut track, last_closed, next);
        let of_session = reported
            .iter()
            .filter(|other| other.track.session == track.session);
        let is_alone = of_session.count() == 1;
        let session_is_empty = witness
            .last_session_is_empty(is_alone)
            .filter(|_| Some(track.session) == last);
        track.settle(session_is_empty);
        if !track.blank && track.next_writable_address == Some(track.start) {
            stays = true;
            witness.end_at_what_can_be_read(&mut track);
        }
        witness.end_with_capacity(&mut track, next);
        track
    };
    let mut tracks: Vec<Track> = reported.iter().map(compare).collect();
    end_before_the_next(&mut tracks, witness.is_cd);
    (tracks, stays)
}

/// Ends every track before the next one, whatever its size says. Between two tracks of a CD session there is
/// a pregap, which an endless track does not report.
fn end_before_the_next(tracks: &mut [Track], is_cd: bool) {
    for at in 1..tracks.len() {
        let (session, next) = (tracks[at].session, tracks[at].start);
        let track = &mut tracks[at - 1];
        let has_pregap = is_cd && track.ends_nowhere() && track.session == session;
        // A lead-out and a lead-in follow a session.
        track.end_is_reported &= !track.ends_nowhere() || track.session == session;
        let end = next
            .0
            .saturating_sub(if has_pregap { CD_PREGAP_BLOCKS } else { 0 });
        if track.start.0 < end && track.end().0 > end {
            track.size = end - track.start.0;
        }
    }
    for track in tracks {
        track.end_is_reported &= !track.ends_nowhere();
    }
}

impl Witness<'_> {
    /// The start of a closed track according to the table of contents.
    fn start_in_contents(&self, track: &Track) -> Option<Lba> {
        // The TOC of a DVD-R has two tracks, whose numbers are not those of the disc.
        let closed = track.next_writable_address.is_none() && self.is_cd;
        let mut entries = self.contents.iter().filter(|_| closed);
        let entry = entries.find(|entry| u16::from(entry.track_number) == track.number)?;
        Some(Lba(entry.start_address.get())).filter(|start| start.0 <= LAST_ADDRESS)
    }

    /// Ends the last track of a closed session at the session's lead-out, if the track is endless.
    fn end_with_lead_out(&self, track: &mut Track) {
        let mut lead_outs = self.lead_outs.iter().filter(|_| track.ends_nowhere());
        let Some(lead_out) = lead_outs.find(|lead_out| lead_out.session == track.session) else {
            return;
        };
        if track.start < lead_out.start {
            track.size = lead_out.start.0 - track.start.0;
        }
    }

    /// Ends the last track of the table of contents at the lead-out there, if READ CAPACITY agrees. On a CD
    /// that is the track of the same number, on other media the last closed one. Drives also make up a
    /// lead-out for an open track; one after the next track ends neither.
    fn end_with_contents(&self, track: &mut Track, last_closed: Option<u16>, next: Option<Lba>) {
        let is_lead_out = |entry: &&TocTrack| entry.track_number == TocTrack::LEAD_OUT;
        let last = self.contents.iter().rfind(|entry| !is_lead_out(entry));
        let lead_out = self.contents.iter().find(is_lead_out);
        let (Some(last), Some(lead_out)) = (last, lead_out) else {
            return;
        };
        let end = lead_out.start_address.get();
        let is_closed = track.next_writable_address.is_none();
        // An endless track has no other evidence: READ CAPACITY may report nothing, or count up to the next
        // writable address or the end of the medium.
        let agrees = match self.last_readable {
            Some(readable) if track.ends_nowhere() => end <= readable.0.saturating_add(CD_PREGAP_BLOCKS),
            Some(readable) => end.abs_diff(readable.0) <= CD_PREGAP_BLOCKS,
            None => track.ends_nowhere(),
        };
        let number = if self.is_cd {
            Some(last.track_number.into())
        } else {
            last_closed
        };
        let is_before_next = next.is_none_or(|next| end <= next.0);
        let is_it = number == Some(track.number) && is_closed && agrees && is_before_next;
        if is_it && track.start.0 < end && track.end().0 > end {
            track.size = end - track.start.0;
        }
    }

    /// Whether nothing is recorded in the last session, according to its state; `None` if that does not tell
    /// for one of its tracks. `is_alone`: that track is the only one.
    fn last_session_is_empty(&self, is_alone: bool) -> Option<bool> {
        match (self.disc.disc_status(), self.disc.last_session_status()) {
            (DiscStatus::Blank, _) | (DiscStatus::Incomplete, SessionStatus::Empty) => Some(true),
            (DiscStatus::Incomplete, SessionStatus::Incomplete) => is_alone.then_some(false),
            _ => None,
        }
    }

    /// Ends a track whose next writable address remains at its start at the last block known to be recorded.
    fn end_at_what_can_be_read(&self, track: &mut Track) {
        let start = track.start;
        track.next_writable_address = None;
        track.free_blocks = 0;
        if let Some(last) = track.last_recorded.or(self.last_readable)
            && last >= start
        {
            track.size = last.0.saturating_add(1) - start.0;
        }
    }

    /// On a complete disc nothing follows the end in READ CAPACITY, unless size and last recorded address
    /// agree that something does. Of the endless tracks only the last one can end there, whether the disc
    /// is complete or full.
    fn end_with_capacity(&self, track: &mut Track, next: Option<Lba>) {
        let end = self.last_readable.map(|last| last.0.saturating_add(1));
        let agrees = track.last_recorded.is_some_and(|last| last < track.end());
        let counts = if track.ends_nowhere() {
            next.is_none()
        } else {
            self.disc.disc_status() == DiscStatus::Complete && !agrees
        };
        if let Some(end) = end.filter(|_| counts)
            && track.start.0 < end
            && track.end().0 > end
        {
            track.size = end - track.start.0;
        }
    }
}

impl Track {
    /// Whether its size is impossible, so that the track is endless.
    pub(crate) fn ends_nowhere(&self) -> bool {
        self.next_writable_address.is_none() && self.end().0 >= LAST_ADDRESS
    }

    /// Moves the start; the end remains if it is after the new start.
    fn start_at(&mut self, start: Lba) {
        let end = self.end();
        if end > start {
            self.size = end.0 - start.0;
        }
        self.start = start;
    }

    /// Decides whether the track is blank, and adjusts the rest accordingly.
    fn settle(&mut self, session_is_empty: Option<bool>) {
        let Some(next) = self.next_writable_address else {
            return;
        };
        let at_start = next <= self.start;
        let has_last = self.last_recorded.is_some();
        self.blank = match session_is_empty {
            Some(empty) => [self.blank, at_start, empty].iter().filter(|says| **says).count() >= 2,
            // Early drives do not set the bit.
            None => self.blank || at_start && !has_last,
        };
        if self.blank {
            // If all of the size is free, it counts from the next writable address, whatever the reported
            // start.
            let size = self.size;
            self.start_at(next.max(self.start));
            if self.free_blocks == size {
                self.size = size;
            }
        }
        let next = next.max(self.start);
        self.next_writable_address = Some(next);
        if next > self.start {
            // Free blocks and last recorded address may agree that the next writable address is further on.
            let next = next.0.max(self.end().0.saturating_sub(self.free_blocks));
            self.last_recorded = self.last_recorded.filter(|last| last.0 < next);
        }
        let room = self.end().0.saturating_sub(next.0);
        if room > 0 {
            self.free_blocks = self.free_blocks.min(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn information(start: u32, next: Option<u32>, size: u32, state: u8) -> TrackInformation {
        let mut information = TrackInformation {
            data_length: 46.into(),
            track_start_address: start.into(),
            track_size: size.into(),
            free_blocks: size.into(),
            state,
            ..TrackInformation::default()
        };
        information.set_track_number(1);
        information.set_session_number(1);
        if let Some(next) = next {
            information.valid = TrackInformation::NWA_VALID;
            information.next_writable_address = next.into();
        }
        information
    }

    fn disc(disc: DiscStatus, session: SessionStatus) -> DiscInformation {
        let mut information = DiscInformation::default();
        information.set_status(disc, session);
        information
    }

    /// The only track of a disc.
    fn one(information: TrackInformation, disc: DiscInformation) -> (Track, bool) {
        let witness = Witness {
            disc: &disc,
            contents: &[],
            lead_outs: &[],
            last_readable: Some(Lba(999)),
            is_cd: true,
        };
        let reported: Vec<ReportedTrack> = reported(&information).into_iter().collect();
        let (tracks, stays) = compared(&reported, &witness);
        (tracks[0], stays)
    }

    const IN_PREGAP: u32 = 0xFFFF_FF6A;
    const BLANK: u8 = TrackInformation::BLANK;

    #[test]
    fn a_track_that_starts_in_the_pregap_starts_at_block_0() {
        let complete = disc(DiscStatus::Complete, SessionStatus::Complete);
        let (track, _) = one(information(IN_PREGAP, None, 650, 0), complete);
        assert_eq!((track.start, track.end()), (Lba(0), Lba(500)));
    }

    #[test]
    fn an_impossible_address_is_no_track() {
        assert!(reported(&information(0xFFFF_0000, None, 1, 0)).is_none());
    }

    #[test]
    fn a_blank_bit_and_an_empty_session_outvote_addresses() {
        let empty = disc(DiscStatus::Incomplete, SessionStatus::Empty);
        let mut reported = information(0, Some(2160), 10_000, BLANK);
        reported.free_blocks = 7840.into();
        let (track, _) = one(reported, empty);
        assert!(track.blank);
        assert_eq!((track.start, track.end()), (Lba(2160), Lba(10_000)));
        assert_eq!(track.free_blocks, 7840);
    }

    #[test]
    fn the_size_of_a_blank_track_counts_from_the_next_writable_address() {
        let empty = disc(DiscStatus::Incomplete, SessionStatus::Empty);
        let mut reported = information(0, Some(2160), 7840, BLANK);
        reported.free_blocks = 7840.into();
        let (track, _) = one(reported, empty);
        assert_eq!((track.end(), track.free_blocks), (Lba(10_000), 7840));
    }

    #[test]
    fn an_address_and_the_session_outvote_a_blank_bit() {
        let incomplete = disc(DiscStatus::Incomplete, SessionStatus::Incomplete);
        let (track, _) = one(information(0, Some(320), 10_000, BLANK), incomplete);
        assert!(!track.blank);
        let blank = disc(DiscStatus::Blank, SessionStatus::Empty);
        assert!(one(information(0, Some(0), 10_000, 0), blank).0.blank);
    }

    #[test]
    fn a_next_writable_address_at_the_start_of_data_takes_nothing() {
        let incomplete = disc(DiscStatus::Incomplete, SessionStatus::Incomplete);
        let (track, stays) = one(information(0, Some(0), 10_000, 0), incomplete);
        assert!(stays);
        assert_eq!((track.next_writable_address, track.end()), (None, Lba(1000)));
    }

    #[test]
    fn last_recorded_and_free_blocks_outvote_a_next_writable_address() {
        let incomplete = disc(DiscStatus::Incomplete, SessionStatus::Incomplete);
        for (free, last) in [(9664, Some(Lba(335))), (10_000, None)] {
            let mut reported = information(0, Some(320), 10_000, 0);
            reported.free_blocks = free.into();
            reported.valid |= TrackInformation::LRA_VALID;
            reported.last_recorded_address = 335.into();
            assert_eq!(one(reported, incomplete).0.last_recorded, last, "{free} free");
        }
    }

    #[test]
    fn a_complete_disc_ends_with_read_capacity() {
        let complete = disc(DiscStatus::Complete, SessionStatus::Complete);
        let (track, _) = one(information(0, None, 0x7FFF_FFFF, 0), complete);
        assert_eq!(track.end(), Lba(1000));
    }
}
