//! The logical sectors of a medium: the drive, and a cache of what was read from it.

use std::ops::Range;

use drive::{Drive, Medium};
use ecma167::{BLOCK_SIZE, BlockSize, LogicalSector};
use mmc::{FilePart, Lba};

use super::cache::BlockCache;
use crate::error::Error;

/// A drive with a cache in front of it. Its blocks have 2,048 bytes; the sectors of the volume on it may have
/// another size.
pub(crate) struct Sectors {
    drive: Drive,
    cache: BlockCache,
    size: BlockSize,
}

impl Sectors {
    pub(super) fn new(drive: Drive) -> Self {
        Self {
            drive,
            cache: BlockCache::new(BlockSize::OPTICAL),
            size: BlockSize::OPTICAL,
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

    /// The size of a sector.
    pub(crate) fn size(&self) -> BlockSize {
        self.size
    }

    /// Sets the size of a sector.
    pub(super) fn set_size(&mut self, size: BlockSize) {
        self.size = size;
        self.cache = BlockCache::new(size);
    }

    /// The block of the medium in which a sector begins.
    pub(crate) fn lba(&self, at: LogicalSector) -> Lba {
        let block = u64::from(at.0) * u64::from(self.size.bytes()) / BLOCK_SIZE as u64;
        Lba(u32::try_from(block).unwrap_or(u32::MAX))
    }

    /// The sector that ends with a block of the medium; `None` if none does.
    pub(crate) fn last_in(&self, last: Lba) -> Option<LogicalSector> {
        let sectors = self.size.blocks_in(last.0.checked_add(1)?);
        u32::try_from(sectors.checked_sub(1)?).ok().map(LogicalSector)
    }

    /// Fills `out`, which is whole sectors, from `at` on, bypassing the cache.
    pub(super) fn read(&mut self, at: LogicalSector, out: &mut [u8]) -> Result<(), Error> {
        if self.size.is_optical() {
            return Ok(self.drive.read(Lba(at.0), out)?);
        }
        let offset = u64::from(at.0) * u64::from(self.size.bytes());
        Ok(self.drive.read_bytes(offset, out)?)
    }

    /// Fills the start of `out` from byte `inside` of a sector in which a bare image ends, and returns how
    /// many bytes it filled; `None` if the image does not end there or has no such byte.
    pub(super) fn read_cut(
        &mut self,
        at: LogicalSector,
        inside: usize,
        out: &mut [u8],
    ) -> Result<Option<usize>, Error> {
        let start = u64::from(at.0) * u64::from(self.size.bytes());
        let (from, end) = (start + inside as u64, self.drive.recorded_bytes());
        if from >= end || end >= start + u64::from(self.size.bytes()) {
            return Ok(None);
        }
        let length = usize::try_from(end - from).unwrap_or(usize::MAX).min(out.len());
        self.drive.read_bytes(from, &mut out[..length])?;
        Ok(Some(length))
    }

    /// Fills a part of a file of the host, which is whole sectors, from `at` on; `false` if the caller must
    /// read and write them.
    pub(super) fn read_to_file(&mut self, at: LogicalSector, part: FilePart<'_>) -> Result<bool, Error> {
        if !self.size.is_optical() {
            return Ok(false);
        }
        Ok(self.drive.read_to_file(Lba(at.0), part)?)
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

    /// The first sectors of the sessions with data, newest first, then sector 0.
    pub(crate) fn session_starts(&self) -> Vec<u32> {
        let sessions = self.medium().sessions.iter().rev();
        let mut starts: Vec<u32> = sessions
            .filter(|session| session.last_recorded.is_some())
            .filter_map(|session| u32::try_from(self.size.blocks_in(session.start.0)).ok())
            .collect();
        if !starts.contains(&0) {
            starts.push(0);
        }
        starts
    }

    /// Whether a sector is in a track and before the end of what was recorded in it.
    pub(crate) fn was_recorded(&self, at: LogicalSector) -> bool {
        self.was_any_recorded(at..LogicalSector(at.0.saturating_add(1)))
    }

    /// The same of any of some sectors.
    pub(crate) fn was_any_recorded(&self, sectors: Range<LogicalSector>) -> bool {
        let medium = self.medium();
        let (first, after) = (self.lba(sectors.start), self.lba(sectors.end));
        let after = after.max(Lba(first.0.saturating_add(1)));
        let last = medium.last_recorded_candidates().into_iter().max();
        let last = last.map_or(0, |last| last.0.saturating_add(1));
        medium
            .tracks
            .iter()
            .filter(|track| track.has_data())
            .any(|track| {
                let end = track.next_writable_address.unwrap_or(track.end());
                first.0.max(track.start.0) < after.0.min(end.0).min(last)
            })
    }
}
