//! The contents of the disc: tracks, sessions, links and damage. Pure state; nothing here accesses a file.
//!
//! Only the methods here and in the files below change it.

mod adopt;
mod at_once;
mod close;
mod parts;
mod reserve;

pub(crate) use parts::Parts;

use crate::medium::Medium;
use crate::ranges::Ranges;
use std::ops::Range;

/// A track. Blocks `start..recorded_end` are recorded, except for links and damage among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) number: u16,
    pub(crate) session: u16,
    pub(crate) start: u32,
    pub(crate) recorded_end: u32,
    /// The next writable address; `end` if nothing more fits.
    pub(crate) next: u32,
    /// The first block after the track: after its possible end if it is open, after its run-out blocks if it
    /// is closed.
    pub(crate) end: u32,
    pub(crate) closed: bool,
    /// RESERVE TRACK made it.
    pub(crate) reserved: bool,
    /// It was recorded at once, without links.
    pub(crate) uninterrupted: bool,
    /// A packet or unit has begun and is not synchronized.
    pub(crate) packet_open: bool,
}

impl Track {
    pub(crate) const fn has_data(&self) -> bool {
        self.recorded_end > self.start
    }

    /// Whether nothing was ever written to it.
    pub(crate) const fn blank(&self) -> bool {
        self.next == self.start && !self.has_data()
    }

    pub(crate) const fn writable(&self) -> bool {
        !self.closed && self.next < self.end
    }

    /// Whether it is the open track at the end of every appendable disc.
    pub(crate) const fn invisible(&self) -> bool {
        !self.closed && !self.reserved
    }
}

/// A session; if it is closed, its lead-out (or border-out, closure) starts at `lead_out`.
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

/// The status of the whole disc.
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

    /// User blocks of the medium, in whole units.
    pub(crate) const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The sessions in order, from number 1.
    pub(crate) fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The tracks in order of number and address.
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

    /// The block after the last one that a track can use for user data; a CD track ends with its run-out.
    pub(crate) const fn limit(&self) -> u32 {
        self.capacity.saturating_sub(self.medium.run_out_blocks())
    }

    /// The number of the last session.
    pub(crate) fn last_session(&self) -> u16 {
        u16::try_from(self.sessions.len()).unwrap_or(u16::MAX)
    }

    /// Opens the track after all others; `false` if the medium has no room or number for it.
    fn push_invisible_track(&mut self, start: u32) -> bool {
        let number = self.tracks.last().map_or(1, |track| track.number + 1);
        // Run-out counts towards the shortest track. A test disc may be smaller than a track and still be
        // written.
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

    /// The track that contains `block`, recorded or not.
    pub(crate) fn track_around(&self, block: u32) -> Option<&Track> {
        let next = self.tracks.partition_point(|track| track.start <= block);
        self.tracks
            .get(next.checked_sub(1)?)
            .filter(|track| block < track.end)
    }

    /// The block after the last recorded user block, which is the end of the image.
    pub(crate) fn recorded_end(&self) -> u32 {
        self.tracks
            .iter()
            .rev()
            .find(|track| track.has_data())
            .map_or(0, |track| track.recorded_end)
    }

    /// Whether a block was recorded, or counts as recorded although it is a link or damaged.
    pub(crate) fn is_recorded(&self, block: u32) -> bool {
        self.track_around(block)
            .is_some_and(|track| block < track.recorded_end)
    }

    /// The number of the last closed session; 0 if none is closed.
    pub(crate) fn last_closed_session(&self) -> u16 {
        let closed = self
            .sessions
            .iter()
            .filter(|session| session.lead_out.is_some())
            .count();
        u16::try_from(closed).unwrap_or(u16::MAX)
    }

    /// The start of the lead-out of a closed session.
    pub(crate) fn lead_out(&self, session: u16) -> Option<u32> {
        self.sessions.get(usize::from(session).checked_sub(1)?)?.lead_out
    }

    /// Records `count` blocks at the next writable address of track `number`.
    pub(crate) fn record(&mut self, number: u16, at: u32, count: u32) {
        let Some(track) = self.track_mut(number) else {
            return;
        };
        // The blocks between the last recorded one and this one are links, but not before the first packet of
        // a track.
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

    /// Marks track `number` as recorded at once.
    pub(crate) fn record_without_links(&mut self, number: u16) {
        if let Some(track) = self.track_mut(number) {
            track.uninterrupted = true;
        }
    }

    /// Ends every open packet and unit, each followed by `link` unreadable blocks. Returns the blocks to pad
    /// with zeros.
    pub(crate) fn end_packets(&mut self, link: u32) -> Vec<Range<u32>> {
        self.end_packets_where(link, |_| true)
    }

    /// The same for every track except `number`.
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

    /// Marks blocks as unreadable.
    pub(crate) fn damage(&mut self, blocks: Range<u32>) {
        self.damaged.add(blocks);
    }

    /// Ends the packet of track `number` at `block`, which could not be written. The rest of its unit is
    /// lost.
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
    fn link_blocks_are_between_packets_and_not_before_the_first() {
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
