//! Files of earlier sessions that only the ISO 9660 of a session has.
//!
//! A program may merge the files of earlier sessions into the ISO 9660 of a further one, but not into its
//! UDF: with `-M`, genisoimage records an empty file for each.

use std::collections::HashSet;

use ecma167::{BLOCK_BYTES, LogicalSector};
use iso9660::{DirectoryRecord, FileFlags, VolumeDescriptor, VolumeKind, records};

use crate::map::Map;
use crate::volume::Volume;

/// The block of the primary volume descriptor in its session (`ECMA-119 6.7.1`).
const PRIMARY: u32 = 16;
/// The most blocks of directories that are read.
const MOST_BLOCKS: u32 = 1 << 14;
/// Identifiers of the directory itself and of its parent (`ECMA-119 6.8.2.2`).
const OWN: [&[u8]; 2] = [&[0], &[1]];

impl Volume {
    /// How many files of the ISO 9660 in the session of this volume have data before the session, in no
    /// partition of the volume. The volume shows such files as empty, or not at all.
    ///
    /// 0 for a volume with a VAT, in the first session, or without ISO 9660. Directories that cannot be read,
    /// or are very large, are left out.
    pub fn files_of_earlier_sessions(&mut self) -> u64 {
        self.count_earlier().unwrap_or(0)
    }

    fn count_earlier(&mut self) -> Option<u64> {
        if self.vat().is_some() || !self.block_size().is_optical() {
            return None;
        }
        let anchor = self.descriptors().anchor.0;
        let starts = self.space.sectors().session_starts().into_iter();
        let session = starts.filter(|start| *start <= anchor).max()?;
        let partitions = self.maps().iter().filter_map(Map::partition);
        let first = partitions.map(|partition| partition.start.0).min()?.min(session);
        if first == 0 {
            return None;
        }
        let block = self
            .read_sector(LogicalSector(session.checked_add(PRIMARY)?))
            .ok()?;
        let primary = VolumeDescriptor::read(block.first_chunk()?).ok()?;
        if !matches!(primary.kind(), Ok(VolumeKind::Primary)) {
            return None;
        }
        let mut directories = vec![primary.root().ok()?.section];
        let mut seen = HashSet::new();
        let mut left = MOST_BLOCKS;
        let mut found = 0;
        while let Some(directory) = directories.pop() {
            if !seen.insert(directory.block) {
                continue;
            }
            let blocks = directory.bytes.div_ceil(BLOCK_BYTES).min(left);
            left -= blocks;
            for at in 0..blocks {
                let Some(place) = directory.block.checked_add(at) else {
                    break;
                };
                let Ok(block) = self.read_sector(LogicalSector(place)) else {
                    continue;
                };
                // No record crosses the end of a block (`ECMA-119 6.8.1.1`).
                let children = records(block).map_while(Result::ok);
                for record in children.filter(|record| !OWN.contains(&record.identifier)) {
                    if record.flags.contains(FileFlags::DIRECTORY) {
                        directories.push(record.section);
                    } else if is_before(&record, first) {
                        found += 1;
                    }
                }
            }
        }
        Some(found)
    }
}

/// Whether a file ends before a block. Of a file in several sections, the last counts (`ECMA-119 9.1.6`).
fn is_before(record: &DirectoryRecord<'_>, first: u32) -> bool {
    let end = u64::from(record.section.block) + u64::from(record.section.bytes.div_ceil(BLOCK_BYTES));
    record.section.bytes > 0 && end <= u64::from(first) && !record.flags.contains(FileFlags::MULTI_EXTENT)
}
