//! How far the open tracks have come: what a next writable address has to agree with.

use std::collections::BTreeMap;

use mmc::Lba;

use crate::medium::{Medium, Track};

/// A track that takes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenTrack {
    /// The last one, by whatever number the drive reports it; another follows when it is closed.
    Last,
    /// The reserved one of this number.
    Reserved(u16),
}

/// How far a track has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The block after the last one that the drive has taken since it was opened.
    pub taken: Lba,
    /// Where the drive said that it writes next when the medium was last looked at.
    pub seen_next: Option<Lba>,
}

/// How far each track has come.
#[derive(Debug, Default)]
pub(crate) struct ProgressOfTracks {
    last: Progress,
    reserved: BTreeMap<u16, Progress>,
}

impl ProgressOfTracks {
    pub(crate) fn of(&self, track: OpenTrack) -> Progress {
        match track {
            OpenTrack::Last => self.last,
            OpenTrack::Reserved(number) => self.reserved.get(&number).copied().unwrap_or_default(),
        }
    }

    /// The drive has taken everything before `end`.
    pub(crate) fn take(&mut self, track: OpenTrack, end: Lba) {
        let progress = self.entry(track);
        progress.taken = progress.taken.max(end);
    }

    /// What the drive said when the medium was looked at does not matter any more.
    pub(crate) fn forget_seen(&mut self, track: OpenTrack) {
        self.entry(track).seen_next = None;
    }

    /// The medium was looked at.
    pub(crate) fn note(&mut self, medium: &Medium) {
        self.last.seen_next = medium.next_writable_address;
        let before = std::mem::take(&mut self.reserved);
        let progress = |track: &Track| {
            let taken = before.get(&track.number).map_or(Lba(0), |before| before.taken);
            let seen_next = track.next_writable_address;
            (track.number, Progress { taken, seen_next })
        };
        self.reserved = medium.reserved_tracks().map(progress).collect();
    }

    fn entry(&mut self, track: OpenTrack) -> &mut Progress {
        match track {
            OpenTrack::Last => &mut self.last,
            OpenTrack::Reserved(number) => self.reserved.entry(number).or_default(),
        }
    }
}
