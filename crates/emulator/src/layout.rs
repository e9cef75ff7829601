//! What stands on the disc: tracks, sessions, links and damage. Pure state; nothing here touches a file.
//!
//! Only the methods here and in the files below change it.

mod at_once;
mod close;
mod parts;
mod reserve;

pub(crate) use parts::Parts;

use crate::medium::Medium;
use crate::ranges::Ranges;
use std::ops::Range;

/// A track. Blocks `start..recorded_end` are recorded, but for links and damage among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) number: u16,
    pub(crate) session: u16,
    pub(crate) start: u32,
    pub(crate) recorded_end: u32,
    /// The next writable address; `end` where nothing more fits.
    pub(crate) next: u32,
    /// The first block behind the track; of an open one behind its possible end; run-out blocks of a closed one included.
    pub(crate) end: u32,
    pub(crate) closed: bool,
    /// Made by RESERVE TRACK.
    pub(crate) reserved: bool,
    /// Recorded at once, without links.
    pub(crate) uninterrupted: bool,
    /// A packet or unit is begun and not synchronized.
    pub(crate) packet_open: bool,
}

impl Track {
    pub(crate) const fn has_data(&self) -> bool {
        self.recorded_end > self.start
    }

    /// Nothing was ever tried in it.
    pub(crate) const fn blank(&self) -> bool {
        self.next == self.start && !self.has_data()
    }

    pub(crate) const fn writable(&self) -> bool {
        !self.closed && self.next < self.end
    }

    /// The open track that every appendable disc ends with.
    pub(crate) const fn invisible(&self) -> bool {
        !self.closed && !self.reserved
    }
}

/// A closed session's lead-out (or border-out, closure) starts at `lead_out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) lead_out: Option<u32>,
}

/// The disc in the drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DiscLayout {
    medium: Medium,
    capacity: u32,
    sessions: Vec<Session>,
    tracks: Vec<Track>,
    links: Ranges,
    damaged: Ranges,
    finalized: bool,
}

/// The state of the whole disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Blank,
    Appendable,
    Finalized,
}

impl DiscLayout {
    /// A blank disc with an empty session and its invisible track.
    pub(crate) fn blank(medium: Medium, capacity: u32) -> Self {
        let mut disc = Self {
            medium,
            capacity,
            sessions: vec![Session { lead_out: None }],
            tracks: Vec::new(),
            links: Ranges::default(),
            damaged: Ranges::default(),
            finalized: false,
        };
        disc.push_invisible_track(0);
        disc
    }

    pub(crate) const fn medium(&self) -> Medium {
        self.medium
    }

    /// User blocks of the medium: whole units.
    pub(crate) const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Sessions in their order, from number 1.
    pub(crate) fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// Tracks in the order of numbers and addresses.
    pub(crate) fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// Link and run-out blocks.
    pub(crate) const fn links(&self) -> &Ranges {
        &self.links
    }

    /// Blocks whose writing failed.
    pub(crate) const fn damaged(&self) -> &Ranges {
        &self.damaged
    }

    pub(crate) const fn is_finalized(&self) -> bool {
        self.finalized
    }

    /// The block behind the last that a track can use for the user: a CD track ends with its run-out.
    pub(crate) const fn limit(&self) -> u32 {
        self.capacity.saturating_sub(self.medium.run_out_blocks())
    }

    /// The number of the last session.
    pub(crate) fn last_session(&self) -> u16 {
        u16::try_from(self.sessions.len()).unwrap_or(u16::MAX)
    }

    /// Opens the track that follows all others; `false` where the medium has no room or no number for it.
    fn push_invisible_track(&mut self, start: u32) -> bool {
        let number = self.tracks.last().map_or(1, |track| track.number + 1);
        // Run-out counts towards the shortest track. A disc for tests may be smaller than a track and still be written.
        let shortest = if self.tracks.is_empty() {
            1
        } else {
            self.medium.shortest_track()
        };
        let room = start
            .checked_add(shortest)
            .is_some_and(|end| end <= self.capacity);
        if !room || start >= self.limit() || number > self.medium.most_tracks() {
            return false;
        }
        self.tracks.push(Track {
            number,
            session: self.last_session(),
            start,
            recorded_end: start,
            next: start,
            end: self.limit(),
            closed: false,
            reserved: false,
            uninterrupted: false,
            packet_open: false,
        });
        true
    }

    pub(crate) fn status(&self) -> Status {
        if self.finalized {
            Status::Finalized
        } else if self.sessions.len() == 1 && self.last_session_empty() {
            Status::Blank
        } else {
            Status::Appendable
        }
    }

    /// Whether nothing was recorded or reserved in the last session.
    pub(crate) fn last_session_empty(&self) -> bool {
        self.tracks_of(self.last_session())
            .all(|track| track.blank() && !track.reserved)
    }

    pub(crate) fn tracks_of(&self, session: u16) -> impl DoubleEndedIterator<Item = &Track> {
        self.tracks.iter().filter(move |track| track.session == session)
    }

    pub(crate) fn track(&self, number: u16) -> Option<&Track> {
        self.tracks.get(usize::from(number).checked_sub(1)?)
    }

    fn track_mut(&mut self, number: u16) -> Option<&mut Track> {
        self.tracks.get_mut(usize::from(number).checked_sub(1)?)
    }

    pub(crate) fn invisible_track(&self) -> Option<&Track> {
        self.tracks.last().filter(|track| track.invisible())
    }

    /// The track whose blocks, recorded or not, include `block`.
    pub(crate) fn track_around(&self, block: u32) -> Option<&Track> {
        let behind = self.tracks.partition_point(|track| track.start <= block);
        self.tracks
            .get(behind.checked_sub(1)?)
            .filter(|track| block < track.end)
    }

    /// The block behind the last recorded user block: where the image ends.
    pub(crate) fn recorded_end(&self) -> u32 {
        self.tracks
            .iter()
            .rev()
            .find(|track| track.has_data())
            .map_or(0, |track| track.recorded_end)
    }

    /// Whether a block was recorded, or counts so although it is a link or damaged.
    pub(crate) fn is_recorded(&self, block: u32) -> bool {
        self.track_around(block)
            .is_some_and(|track| block < track.recorded_end)
    }

    /// The number of the last closed session, 0 for none.
    pub(crate) fn last_closed_session(&self) -> u16 {
        let closed = self
            .sessions
            .iter()
            .filter(|session| session.lead_out.is_some())
            .count();
        u16::try_from(closed).unwrap_or(u16::MAX)
    }

    /// Where the lead-out of a closed session starts.
    pub(crate) fn lead_out(&self, session: u16) -> Option<u32> {
        self.sessions.get(usize::from(session).checked_sub(1)?)?.lead_out
    }

    /// Records `count` blocks at the next writable address of track `number`.
    pub(crate) fn record(&mut self, number: u16, at: u32, count: u32) {
        let Some(track) = self.track_mut(number) else {
            return;
        };
        // What lies between the last recorded block and this one is link, but not before the first packet of a track.
        let link = if track.has_data() {
            track.recorded_end..at
        } else {
            track.start..at
        };
        track.recorded_end = at + count;
        track.next = at + count;
        track.packet_open = true;
        self.links.add(link);
    }

    /// Notes that track `number` is recorded at once.
    pub(crate) fn record_without_links(&mut self, number: u16) {
        if let Some(track) = self.track_mut(number) {
            track.uninterrupted = true;
        }
    }

    /// Ends every packet and unit that is begun; `link` unreadable blocks follow each. Returns what is padded with zeros.
    pub(crate) fn end_packets(&mut self, link: u32) -> Vec<Range<u32>> {
        self.end_packets_where(link, |_| true)
    }

    /// The same for every track but `number`.
    pub(crate) fn end_other_packets(&mut self, number: u16, link: u32) -> Vec<Range<u32>> {
        self.end_packets_where(link, |track| track.number != number)
    }

    fn end_packets_where(&mut self, link: u32, ends: impl Fn(&Track) -> bool) -> Vec<Range<u32>> {
        let unit = self.medium.write_unit();
        let mut pads = Vec::new();
        for track in self
            .tracks
            .iter_mut()
            .filter(|track| track.packet_open && ends(track))
        {
            let padded = track.recorded_end.next_multiple_of(unit).min(track.end);
            if padded > track.recorded_end {
                pads.push(track.recorded_end..padded);
            }
            track.recorded_end = padded;
            track.next = padded.saturating_add(link).min(track.end);
            track.packet_open = false;
        }
        pads
    }

    /// Takes the blank disc for one that is recorded up to `blocks`; the rest of the last unit is lost. `link` unreadable blocks
    /// follow.
    pub(crate) fn adopt(&mut self, blocks: u32, link: u32) {
        let unit = self.medium.write_unit();
        if let (1.., Some(track)) = (blocks, self.track_mut(1)) {
            let unit_end = blocks.next_multiple_of(unit);
            track.recorded_end = blocks;
            track.next = unit_end.saturating_add(link).min(track.end);
        }
    }

    /// Notes that blocks cannot be read any more.
    pub(crate) fn damage(&mut self, blocks: Range<u32>) {
        self.damaged.add(blocks);
    }

    /// Ends the packet of track `number` at `block`, whose writing failed; the rest of its unit is lost.
    pub(crate) fn spoil(&mut self, number: u16, block: u32, link: u32) {
        let unit = self.medium.write_unit();
        let Some(track) = self.track_mut(number) else {
            return;
        };
        let end = (block + 1).next_multiple_of(unit).min(track.end);
        track.next = end.saturating_add(link).min(track.end);
        track.packet_open = false;
        self.damaged.add(block..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_is_blank_until_something_is_recorded_or_reserved() {
        let mut disc = DiscLayout::blank(Medium::DvdR, 160);
        assert_eq!(disc.status(), Status::Blank);
        disc.record(1, 0, 3);
        assert_eq!(disc.status(), Status::Appendable);
        assert_eq!(disc.recorded_end(), 3);
    }

    #[test]
    fn ending_a_unit_pads_it() {
        let mut disc = DiscLayout::blank(Medium::BdR, 640);
        disc.record(1, 0, 33);
        assert_eq!(
            disc.end_packets(0).into_iter().flatten().collect::<Vec<_>>(),
            (33..64).collect::<Vec<_>>()
        );
        assert_eq!(disc.tracks[0].next, 64);
        assert_eq!(disc.end_packets(0), []);
    }

    #[test]
    fn link_blocks_lie_between_packets_and_not_before_the_first() {
        let mut disc = DiscLayout::blank(Medium::CdR80, 1000);
        disc.record(1, 0, 10);
        disc.end_packets(7);
        assert_eq!(disc.tracks[0].next, 17);
        assert_eq!(disc.links.first_in(&(0..1000)), None);
        disc.record(1, 17, 1);
        assert_eq!(disc.links.first_in(&(0..1000)), Some(10));
        assert_eq!(disc.recorded_end(), 18);
    }

    #[test]
    fn a_failed_block_costs_the_rest_of_its_unit() {
        let mut disc = DiscLayout::blank(Medium::DvdPlusR, 160);
        disc.record(1, 0, 20);
        disc.spoil(1, 20, 0);
        assert_eq!((disc.tracks[0].recorded_end, disc.tracks[0].next), (20, 32));
        assert_eq!(disc.damaged.first_in(&(0..160)), Some(20));
    }

    #[test]
    fn the_track_around_a_block_is_found_by_address() {
        let disc = DiscLayout::blank(Medium::CdR80, 1000);
        assert_eq!(disc.track_around(997).map(|track| track.number), Some(1));
        assert_eq!(disc.track_around(998), None);
    }
}
