//! The snapshot of the medium in the drive, on which every decision before a command is based.

use std::ops::Range;

use mmc::{Lba, Profile};

use crate::error::ReadOnly;

/// The profile of a bare image, whose medium is unknown: the number for conformance to no profile
/// (`MMC-6 5.3.1`).
pub const UNKNOWN_PROFILE: Profile = Profile::Other(0xFFFF);

/// Unreadable blocks between two packets on CD-R: link, run-in and run-out.
pub(crate) const CD_LINK_BLOCKS: u32 = 7;

/// What the drive reported about its medium at the last snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// The current profile; [`UNKNOWN_PROFILE`] for a bare image.
    pub profile: Profile,
    /// Whether more can be recorded.
    pub status: Status,
    /// Blocks from the start of the disc to the last one that can hold user data.
    pub capacity_blocks: u32,
    /// Blocks that the drive still takes, without padding, links and gaps.
    pub free_blocks: u32,
    /// The address of the next write.
    pub next_writable_address: Option<Lba>,
    /// Blocks of the unit of writing: 1 for packets on CD-R, 16 on DVD, 32 on BD-R.
    pub write_unit: u32,
    /// All sessions by number; the last one may be open or empty.
    pub sessions: Vec<Session>,
    /// All tracks by number.
    pub tracks: Vec<Track>,
    /// The last block of READ CAPACITY (`MMC-6 6.19`); drives differ in it while a track is open.
    pub last_readable: Option<Lba>,
    /// Whether this drive records this medium now.
    pub writable: bool,
    /// Why it does not record, if it does not.
    pub read_only: Option<ReadOnly>,
    /// Whether the medium ends with its first session (DVD-R DL).
    pub single_session: bool,
    /// Whether a packet may end after any write and so move the next writable address over link blocks
    /// (CD-R).
    pub packets_may_end: bool,
    /// Whether the drive records this CD track at once instead of in packets, so that every synchronize ends
    /// a track.
    pub track_at_once: bool,
}

/// The status of the disc (`MMC-6 6.21`, disc status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing is recorded.
    Blank,
    /// Something is recorded, and more can be.
    Appendable,
    /// Nothing more can be recorded.
    Finalized,
}

/// One session (on DVD: border).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// Its number, counted from 1.
    pub number: u16,
    /// The first block of its first track.
    pub start: Lba,
    /// The last block with user data.
    pub last_recorded: Option<Lba>,
    /// Whether it is open, closed or empty.
    pub state: SessionState,
}

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// It contains data and is not closed.
    Open,
    /// Closed.
    Closed,
    /// It takes data and contains none yet.
    Empty,
}

/// A track (on DVD-R: RZone) as in READ TRACK INFORMATION (`MMC-6 6.26`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Track {
    /// Its number, counted from 1.
    pub number: u16,
    /// The number of its session.
    pub session: u16,
    /// Its first block.
    pub start: Lba,
    /// Its size in blocks; if it is open, the size up to which it may grow.
    pub size: u32,
    /// The next writable address, if the drive marks it as valid.
    pub next_writable_address: Option<Lba>,
    /// The last recorded address, if the drive marks it as valid.
    pub last_recorded: Option<Lba>,
    /// Blocks that it still takes.
    pub free_blocks: u32,
    /// Whether nothing is recorded in it, according to two of its blank bit, its next writable address and
    /// the state of its session.
    pub blank: bool,
    /// Whether it was reserved with a fixed size.
    pub reserved: bool,
    /// Whether the drive marks it as damaged.
    pub damaged: bool,
    /// Whether the drive reports its end. If not, its size extends to the next track or has no end.
    pub end_is_reported: bool,
}

impl Track {
    /// Whether anything is recorded in it.
    #[must_use]
    pub fn has_data(&self) -> bool {
        !self.blank
    }

    /// The block after the last one that may be recorded, if the drive reports it.
    fn end_of_data(&self) -> Option<Lba> {
        if self.blank {
            return Some(self.start);
        }
        let reported = self.end_is_reported.then(|| self.end());
        self.next_writable_address.or(reported)
    }

    /// The block after its last one.
    #[must_use]
    pub fn end(&self) -> Lba {
        Lba(self.start.0.saturating_add(self.size))
    }
}

impl Medium {
    /// Blocks recorded in all tracks, with the padding and links among them.
    #[must_use]
    pub fn recorded_blocks(&self) -> u32 {
        let of_track = |track: &Track| match track.next_writable_address {
            _ if track.blank => 0,
            Some(next) => next.0.saturating_sub(track.start.0),
            None => track.size,
        };
        self.tracks.iter().map(of_track).fold(0, u32::saturating_add)
    }

    /// The last session that contains data, open or closed.
    #[must_use]
    pub fn last_session_with_data(&self) -> Option<&Session> {
        self.sessions
            .iter()
            .rev()
            .find(|session| session.state != SessionState::Empty)
    }

    /// The session that takes data, open or empty.
    #[must_use]
    pub fn recordable_session(&self) -> Option<&Session> {
        self.sessions
            .iter()
            .find(|session| session.state != SessionState::Closed)
    }

    /// The parts of some blocks that a track may have recorded, in ascending order: without the lead-out and
    /// lead-in between two sessions, the gap between two tracks, and what a track has not recorded yet. A
    /// track whose end the drive does not report extends to the next one.
    #[must_use]
    pub fn parts_with_data(&self, blocks: Range<u32>) -> Vec<Range<u32>> {
        let mut tracks: Vec<&Track> = self.tracks.iter().collect();
        tracks.sort_by_key(|track| track.start);
        let mut parts = Vec::new();
        let mut start = blocks.start;
        for pair in tracks.windows(2) {
            let (end, next) = (pair[0].end_of_data(), pair[1].start.0);
            let end = end.map_or(next, |end| end.0.min(next)).min(blocks.end);
            if end > start {
                parts.push(start..end);
            }
            start = start.max(next);
        }
        if blocks.end > start {
            parts.push(start..blocks.end);
        }
        parts
    }

    /// Keeps only what was recorded up to `last`, read-only. Shows a session that continued after it as open.
    pub(crate) fn end_with(&mut self, last: Lba) {
        self.sessions.retain(|session| session.start <= last);
        self.tracks.retain(|track| track.start <= last);
        for session in &mut self.sessions {
            if session.last_recorded.is_some_and(|recorded| recorded > last) {
                session.last_recorded = Some(last);
                session.state = SessionState::Open;
            }
        }
        for track in &mut self.tracks {
            track.last_recorded = track.last_recorded.map(|recorded| recorded.min(last));
            track.size = track.size.min(last.0.saturating_add(1) - track.start.0);
            track.next_writable_address = None;
            track.free_blocks = 0;
        }
        self.status = Status::Finalized;
        self.capacity_blocks = self.capacity_blocks.min(last.0.saturating_add(1));
        self.free_blocks = 0;
        self.next_writable_address = None;
        self.last_readable = Some(last);
        self.writable = false;
        self.read_only = self.read_only.or(Some(ReadOnly::EarlierState));
    }

    /// Possible addresses of the last recorded block, the most likely first.
    ///
    /// Drives differ in whether they count link blocks, run-out blocks and padding. So a search for a
    /// structure at the end of the disc must try several blocks.
    #[must_use]
    pub fn last_recorded_candidates(&self) -> Vec<Lba> {
        let Some(session) = self.last_session_with_data() else {
            return Vec::new();
        };
        let reported = self
            .tracks
            .iter()
            .rev()
            .find(|track| track.session == session.number && track.has_data());
        let open_end = reported.and_then(|track| track.next_writable_address);
        let before = |end: Option<Lba>, blocks| end.and_then(|end| end.0.checked_sub(blocks)).map(Lba);
        let end = open_end.or(reported.map(Track::end));
        let all = [
            session.last_recorded,
            reported.and_then(|track| track.last_recorded),
            before(end, 1),
            before(open_end, 1 + CD_LINK_BLOCKS),
            // Some drives report the last block of the medium instead.
            self.last_readable
                .filter(|last| end.is_none_or(|end| *last < end)),
        ];
        let mut candidates = Vec::new();
        for candidate in all.into_iter().flatten() {
            if candidate >= session.start && !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        candidates
    }
}
