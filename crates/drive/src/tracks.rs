//! Tracks as the drive's replies tell them, each compared with what else the drive tells: where that contradicts itself two decide
//! against one, the table of contents before track information, and the blank bit and the state of the session before addresses.

use mmc::Lba;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus, TocTrack, TrackInformation};

use crate::medium::Track;

/// Bytes of track information up to the last recorded address (`MMC-6 6.26.3`).
const LAST_RECORDED_END: usize = 32;
/// Blocks of the pregap before block 0 of a CD, which have the addresses below 0.
const CD_PREGAP_BLOCKS: u32 = 150;
/// No medium has as many blocks; what lies behind it are addresses below 0, or nonsense.
const LAST_ADDRESS: u32 = i32::MAX.cast_unsigned();

/// What the drive tells beside its tracks.
pub(crate) struct Witness<'a> {
    pub disc: &'a DiscInformation,
    /// The tracks of closed sessions of a CD, as their lead-ins have them.
    pub contents: &'a [TocTrack],
    /// Where their lead-outs start, by the same.
    pub lead_outs: &'a [LeadOut],
    pub last_readable: Option<Lba>,
    pub is_cd: bool,
}

/// Where the lead-out of a closed session starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeadOut {
    pub session: u16,
    pub start: Lba,
}

/// One track as the drive tells it, and the blocks of pregap before block 0 that the drive counts to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub track: Track,
    pregap: u32,
}

impl Told {
    /// The track by what the drive tells of it alone.
    pub(crate) fn alone(self) -> Track {
        let mut track = self.track;
        track.settle(None);
        track
    }
}

impl Told {
    /// Whether it is blank and open, and has no block.
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

    /// Lets it reach to the end of a disc of so many blocks, where it has no room.
    pub(crate) fn give_size(&mut self, blocks: u32) {
        if self.has_no_room() {
            let size = blocks.saturating_sub(self.track.start.0);
            (self.track.size, self.track.free_blocks) = (size, size);
        }
    }
}

/// One track, with what the drive does not call valid left out; `None` where it starts at no address of a disc.
pub(crate) fn told(information: &TrackInformation) -> Option<Told> {
    let start = information.track_start_address.get();
    let pregap = before_block_0(start).unwrap_or(0);
    let start = Lba(start.wrapping_add(pregap));
    if start.0 > LAST_ADDRESS {
        return None;
    }
    // Drives say of blank media, also of those without a pregap, that they write next at -150.
    let next = information
        .next_writable()
        .map(|next| before_block_0(next.0).map_or(next, |_| start));
    // Early drives end their reply with the track size, whatever they say is valid.
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
        end_is_told: true,
    };
    Some(Told { track, pregap })
}

/// The tracks of a disc in a drive that tells of none: those of the table of contents, whose last session has
/// a number and a first track, or one up to the last block that can be read.
pub(crate) fn told_by_contents(
    contents: &[TocTrack],
    last_session: Option<(u16, u16)>,
    last_readable: Option<Lba>,
) -> Vec<Told> {
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
    let told = |((number, start), end): ((u16, u32), Option<u32>)| {
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
            end_is_told: true,
        };
        Some(Told { track, pregap: 0 })
    };
    starts.into_iter().zip(ends).filter_map(told).collect()
}

/// Blocks from an address in the pregap before block 0 to block 0.
fn before_block_0(address: u32) -> Option<u32> {
    let blocks = address.wrapping_neg();
    (1..=CD_PREGAP_BLOCKS).contains(&blocks).then_some(blocks)
}

/// The tracks as they are by all that the drive tells, and whether the one that takes data holds some and writes next at its start
/// all the same: nothing can be recorded there.
pub(crate) fn compared(told: &[Told], witness: &Witness<'_>) -> (Vec<Track>, bool) {
    // A drive that counts the pregap of the first track does so with all of them.
    let pregap = told.iter().map(|told| told.pregap).max().unwrap_or(0);
    let last = told.iter().map(|told| told.track.session).max();
    let closed = told
        .iter()
        .filter(|told| told.track.next_writable_address.is_none());
    let last_closed = closed.map(|told| told.track.number).max();
    let mut stays = false;
    let compare = |one: &Told| {
        let mut track = one.track;
        if witness.is_cd && one.pregap == 0 {
            track.start_at(Lba(track.start.0.saturating_add(pregap)));
        }
        if let Some(start) = witness.start_in_contents(&track) {
            track.start_at(start);
        }
        let is_last_of_session = !told
            .iter()
            .any(|other| other.track.session == track.session && other.track.number > track.number);
        if is_last_of_session {
            witness.end_with_lead_out(&mut track);
        }
        let starts = told.iter().map(|other| other.track.start);
        let next = starts.filter(|start| *start > track.start).min();
        witness.end_with_contents(&mut track, last_closed, next);
        let of_session = told.iter().filter(|other| other.track.session == track.session);
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
    let mut tracks: Vec<Track> = told.iter().map(compare).collect();
    end_before_the_next(&mut tracks, witness.is_cd);
    (tracks, stays)
}

/// No track reaches into the one behind it, whatever it says of its size. Between two tracks of a session of
/// a CD lies a pregap, of which a track that ends nowhere says nothing.
fn end_before_the_next(tracks: &mut [Track], is_cd: bool) {
    for at in 1..tracks.len() {
        let (session, next) = (tracks[at].session, tracks[at].start);
        let track = &mut tracks[at - 1];
        let has_pregap = is_cd && track.ends_nowhere() && track.session == session;
        // Behind a session lie a lead-out and a lead-in.
        track.end_is_told &= !track.ends_nowhere() || track.session == session;
        let end = next
            .0
            .saturating_sub(if has_pregap { CD_PREGAP_BLOCKS } else { 0 });
        if track.start.0 < end && track.end().0 > end {
            track.size = end - track.start.0;
        }
    }
    for track in tracks {
        track.end_is_told &= !track.ends_nowhere();
    }
}

impl Witness<'_> {
    /// Where a closed track starts by the table of contents.
    fn start_in_contents(&self, track: &Track) -> Option<Lba> {
        // The TOC of a DVD-R has two tracks, whatever numbers those of the disc have.
        let closed = track.next_writable_address.is_none() && self.is_cd;
        let mut entries = self.contents.iter().filter(|_| closed);
        let entry = entries.find(|entry| u16::from(entry.track_number) == track.number)?;
        Some(Lba(entry.start_address.get())).filter(|start| start.0 <= LAST_ADDRESS)
    }

    /// Ends the last track of a closed session that ends nowhere with the lead-out of that session.
    fn end_with_lead_out(&self, track: &mut Track) {
        let mut lead_outs = self.lead_outs.iter().filter(|_| track.ends_nowhere());
        let Some(lead_out) = lead_outs.find(|lead_out| lead_out.session == track.session) else {
            return;
        };
        if track.start < lead_out.start {
            track.size = lead_out.start.0 - track.start.0;
        }
    }

    /// Ends the last track of the table of contents with the lead-out that stands there, where READ CAPACITY
    /// agrees. On a CD that is the track of its number, elsewhere the last closed one. Drives make up a lead-out of an open track too:
    /// one after the next track ends neither.
    fn end_with_contents(&self, track: &mut Track, last_closed: Option<u16>, next: Option<Lba>) {
        let is_lead_out = |entry: &&TocTrack| entry.track_number == TocTrack::LEAD_OUT;
        let last = self.contents.iter().rfind(|entry| !is_lead_out(entry));
        let lead_out = self.contents.iter().find(is_lead_out);
        let (Some(last), Some(lead_out)) = (last, lead_out) else {
            return;
        };
        let end = lead_out.start_address.get();
        let is_closed = track.next_writable_address.is_none();
        // A track that ends nowhere has no other witness: READ CAPACITY may say nothing, or count up to the next writable address or
        // the end of the medium.
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

    /// Whether nothing is recorded in the last session, as far as its state tells that of one of its tracks, which may be alone in it.
    fn last_session_is_empty(&self, is_alone: bool) -> Option<bool> {
        match (self.disc.disc_status(), self.disc.last_session_status()) {
            (DiscStatus::Blank, _) | (DiscStatus::Incomplete, SessionStatus::Empty) => Some(true),
            (DiscStatus::Incomplete, SessionStatus::Incomplete) => is_alone.then_some(false),
            _ => None,
        }
    }

    /// Ends a track whose next writable address stays at its start with what is known to be recorded.
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

    /// On a complete disc nothing follows what READ CAPACITY tells, unless size and last recorded address agree that something does. Of the
    /// tracks that end nowhere only the last one can end there, be the disc complete or full.
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
    /// Whether its size is that of no disc.
    pub(crate) fn ends_nowhere(&self) -> bool {
        self.next_writable_address.is_none() && self.end().0 >= LAST_ADDRESS
    }

    /// Moves the start; the end stays where there is one behind it.
    fn start_at(&mut self, start: Lba) {
        let end = self.end();
        if end > start {
            self.size = end.0 - start.0;
        }
        self.start = start;
    }

    /// Decides whether the track is blank, and makes the rest agree.
    fn settle(&mut self, session_is_empty: Option<bool>) {
        let Some(next) = self.next_writable_address else {
            return;
        };
        let at_start = next <= self.start;
        let has_last = self.last_recorded.is_some();
        self.blank = match session_is_empty {
            Some(empty) => [self.blank, at_start, empty].iter().filter(|says| **says).count() >= 2,
            // Early drives leave the bit unset.
            None => self.blank || at_start && !has_last,
        };
        if self.blank {
            // A size that is all free counts from where the drive writes, whatever it calls the start.
            let size = self.size;
            self.start_at(next.max(self.start));
            if self.free_blocks == size {
                self.size = size;
            }
        }
        let next = next.max(self.start);
        self.next_writable_address = Some(next);
        if next > self.start {
            // Free blocks and last recorded address may agree that the drive writes next further on.
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

    /// The one track of a disc.
    fn one(information: TrackInformation, disc: DiscInformation) -> (Track, bool) {
        let witness = Witness {
            disc: &disc,
            contents: &[],
            lead_outs: &[],
            last_readable: Some(Lba(999)),
            is_cd: true,
        };
        let told: Vec<Told> = told(&information).into_iter().collect();
        let (tracks, stays) = compared(&told, &witness);
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
    fn an_address_of_no_disc_is_no_track() {
        assert!(told(&information(0xFFFF_0000, None, 1, 0)).is_none());
    }

    #[test]
    fn a_blank_bit_and_an_empty_session_decide_against_addresses() {
        let empty = disc(DiscStatus::Incomplete, SessionStatus::Empty);
        let mut told = information(0, Some(2160), 10_000, BLANK);
        told.free_blocks = 7840.into();
        let (track, _) = one(told, empty);
        assert!(track.blank);
        assert_eq!((track.start, track.end()), (Lba(2160), Lba(10_000)));
        assert_eq!(track.free_blocks, 7840);
    }

    #[test]
    fn the_size_of_a_blank_track_counts_from_where_it_is_written() {
        let empty = disc(DiscStatus::Incomplete, SessionStatus::Empty);
        let mut told = information(0, Some(2160), 7840, BLANK);
        told.free_blocks = 7840.into();
        let (track, _) = one(told, empty);
        assert_eq!((track.end(), track.free_blocks), (Lba(10_000), 7840));
    }

    #[test]
    fn an_address_and_the_session_decide_against_a_blank_bit() {
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
    fn the_last_recorded_address_and_free_blocks_decide_against_a_next_writable_address() {
        let incomplete = disc(DiscStatus::Incomplete, SessionStatus::Incomplete);
        for (free, last) in [(9664, Some(Lba(335))), (10_000, None)] {
            let mut told = information(0, Some(320), 10_000, 0);
            told.free_blocks = free.into();
            told.valid |= TrackInformation::LRA_VALID;
            told.last_recorded_address = 335.into();
            assert_eq!(one(told, incomplete).0.last_recorded, last, "{free} free");
        }
    }

    #[test]
    fn a_complete_disc_ends_with_read_capacity() {
        let complete = disc(DiscStatus::Complete, SessionStatus::Complete);
        let (track, _) = one(information(0, None, 0x7FFF_FFFF, 0), complete);
        assert_eq!(track.end(), Lba(1000));
    }
}
