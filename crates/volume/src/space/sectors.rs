//! The logical sectors of a medium: the drive, and a cache of what was read from it.

use std::ops::Range;

use drive::{Drive, Medium};
use ecma167::LogicalSector;

use super::cache::BlockCache;
use crate::error::Error;

/// A drive with a cache in front of it.
pub(crate) struct Sectors {
    drive: Drive,
    cache: BlockCache,
}

impl Sectors {
    pub(super) fn new(drive: Drive) -> Self {
        Self {
            drive,
            cache: BlockCache::new(),
        }
    }

    pub(super) fn into_drive(self) -> Drive {
        self.drive
    }

    pub(crate) fn drive(&self) -> &Drive {
        &self.drive
    }

    pub(crate) fn drive_mut(&mut self) -> &mut Drive {
        &mut self.drive
    }

    pub(crate) fn medium(&self) -> &Medium {
        self.drive.medium()
    }

    /// One logical sector.
    pub(super) fn sector(&mut self, at: LogicalSector) -> Result<&[u8], Error> {
        Ok(self.cache.block(&mut self.drive, at)?)
    }

    /// Drops sectors from the cache.
    pub(crate) fn forget(&mut self, sectors: Range<LogicalSector>) {
        self.cache.forget(sectors);
    }

    /// The first blocks of the sessions with data, newest first, then block 0.
    pub(crate) fn session_starts(&self) -> Vec<u32> {
        let sessions = self.medium().sessions.iter().rev();
        let mut starts: Vec<u32> = sessions
            .filter(|session| session.last_recorded.is_some())
            .map(|session| session.start.0)
            .collect();
        if !starts.contains(&0) {
            starts.push(0);
        }
        starts
    }

    /// Whether a sector is in a track and before the end of what was recorded in it.
    pub(crate) fn was_recorded(&self, at: LogicalSector) -> bool {
        let medium = self.medium();
        let in_track = medium
            .tracks
            .iter()
            .filter(|track| track.has_data())
            .any(|track| {
                let end = track.next_writable_address.unwrap_or(track.end());
                (track.start.0..end.0).contains(&at.0)
            });
        in_track
            && medium
                .last_recorded_candidates()
                .iter()
                .any(|last| at.0 <= last.0)
    }
}
