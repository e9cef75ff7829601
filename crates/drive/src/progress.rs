//! The progress of the open tracks, which must agree with each next writable address.

use std::collections::BTreeMap;
use std::ops::Range;

use mmc::Lba;

use crate::medium::{Medium, Track};

/// A track that takes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenTrack {
    /// The last track, whatever number the drive reports for it; closing it opens another.
    Last,
    /// The reserved track of this number.
    Reserved(u16),
}

/// The progress of a track.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The block after the last one that the drive has taken since it was opened.
    pub taken: Lba,
    /// The next writable address that the drive reported at the last snapshot.
    pub seen_next: Option<Lba>,
}

/// A reserved track that takes data.
#[derive(Debug)]
struct ReservedTrack {
    blocks: Range<Lba>,
    progress: Progress,
}

/// The progress of all tracks.
#[derive(Debug, Default)]
pub(crate) struct ProgressOfTracks {
    last: Progress,
    /// By track number.
    reserved: BTreeMap<u16, ReservedTrack>,
}

impl ProgressOfTracks {
    pub(crate) fn of(&self, track: OpenTrack) -> Progress {
        match track {
            OpenTrack::Last => self.last,
            OpenTrack::Reserved(number) => {
                let reserved = self.reserved.get(&number);
                reserved.map(|reserved| reserved.progress).unwrap_or_default()
            }
        }
    }

    /// The track that contains a block.
    pub(crate) fn track_of(&self, block: Lba) -> OpenTrack {
        let mut reserved = self.reserved.iter();
        let track = reserved.find(|(_, reserved)| reserved.blocks.contains(&block));
        track.map_or(OpenTrack::Last, |(number, _)| OpenTrack::Reserved(*number))
    }

    /// Whether any of these blocks belongs to a reserved track.
    pub(crate) fn touches_reserved(&self, blocks: &Range<Lba>) -> bool {
        let mut reserved = self.reserved.values();
        reserved.any(|reserved| reserved.blocks.start < blocks.end && blocks.start < reserved.blocks.end)
    }

    /// Notes that the drive has taken everything before `end`.
    pub(crate) fn take(&mut self, track: OpenTrack, end: Lba) {
        if let Some(progress) = self.progress_mut(track) {
            progress.taken = progress.taken.max(end);
        }
    }

    /// Forgets the next writable address of the last snapshot, which no longer matters.
    pub(crate) fn forget_seen(&mut self, track: OpenTrack) {
        if let Some(progress) = self.progress_mut(track) {
            progress.seen_next = None;
        }
    }

    /// Notes a new snapshot of the medium.
    pub(crate) fn note(&mut self, medium: &Medium) {
        self.last.seen_next = medium.next_writable_address;
        let before = std::mem::take(&mut self.reserved);
        let noted = |track: &Track| {
            let known = before.get(&track.number);
            let progress = Progress {
                taken: known.map_or(Lba(0), |known| known.progress.taken),
                seen_next: track.next_writable_address,
            };
            let blocks = track.start..track.end();
            (track.number, ReservedTrack { blocks, progress })
        };
        self.reserved = medium.reserved_tracks().map(noted).collect();
    }

    fn progress_mut(&mut self, track: OpenTrack) -> Option<&mut Progress> {
        match track {
            OpenTrack::Last => Some(&mut self.last),
            OpenTrack::Reserved(number) => {
                let reserved = self.reserved.get_mut(&number);
                reserved.map(|reserved| &mut reserved.progress)
            }
        }
    }
}
