//! What a volume states as free: its space bitmaps and tables (`ECMA-167 4/14.11`, `4/14.12`).

use std::ops::Range;

use ecma167::file::{AllocationForm, ExtentType, ShortAd, allocation_descriptor};
use ecma167::general::{Tag, TagIdentifier};
use ecma167::{BLOCK_BYTES, LogicalSector, PartitionReference, RecordedAddress};

use crate::error::Error;
use crate::map::{Map, Partition};
use crate::structures::damaged;
use crate::volume::Volume;

/// Bytes of a space bitmap descriptor before its bits.
const BITMAP_HEADER: usize = 24;
/// The identifier of an unallocated space entry.
const UNALLOCATED_SPACE_ENTRY: TagIdentifier = TagIdentifier(263);
/// Bytes of an unallocated space entry before its allocation descriptors.
const ENTRY_HEADER: usize = 40;
/// The most runs that are kept: 8 MB.
const MOST_RUNS: usize = 1 << 20;

/// Free runs in blocks of the medium, and the blocks with what states them.
type Stated = (Option<Vec<Range<u32>>>, Vec<Range<u32>>);

impl Volume {
    /// The whole blocks of the medium that the volume states as free, in ascending order; `None` if it states
    /// nothing, as volumes that are recorded in sequence. 2^20 runs at most.
    ///
    /// # Errors
    /// Errors of the drive. A damaged bitmap counts as none.
    pub fn free_space(&mut self) -> Result<Option<Vec<Range<u32>>>, Error> {
        Ok(self.stated_space()?.0)
    }

    pub(crate) fn stated_space(&mut self) -> Result<Stated, Error> {
        let (mut free, mut structures) = (None, Vec::new());
        let maps = self.maps().to_vec();
        for (reference, map) in (0..=u16::MAX).map(PartitionReference).zip(&maps) {
            let (Map::Physical(partition) | Map::Sparable { on: partition, .. }) = map else {
                continue;
            };
            let descriptors = self.descriptors().partitions.iter();
            let mut of_partition = descriptors.filter(|one| one.partition_number.get() == partition.number);
            let Some(header) = of_partition.next().map(|one| one.partition_contents_use) else {
                continue;
            };
            let tables = [
                header.unallocated_space_bitmap,
                header.freed_space_bitmap,
                header.unallocated_space_table,
                header.freed_space_table,
            ];
            for table in tables.into_iter().filter(|table| table.length().bytes() > 0) {
                let at = RecordedAddress {
                    partition: reference,
                    block: table.extent_position.get(),
                };
                let runs = free.get_or_insert_with(Vec::new);
                if let Some(first) = damaged(self.resolve(at))? {
                    structures.push(self.blocks_of_table(first, &table));
                    self.add_stated(*partition, first, &table, runs)?;
                }
            }
        }
        if let Some(runs) = &mut free {
            runs.sort_unstable_by_key(|run| run.start);
        }
        Ok((free, structures))
    }

    fn blocks_of_table(&self, first: LogicalSector, table: &ShortAd) -> Range<u32> {
        let size = self.block_size().bytes();
        self.blocks_at(first, u64::from(table.length().bytes().div_ceil(size)))
    }

    /// Adds what a bitmap or table of a partition states.
    fn add_stated(
        &mut self,
        partition: Partition,
        first: LogicalSector,
        table: &ShortAd,
        runs: &mut Vec<Range<u32>>,
    ) -> Result<(), Error> {
        let Some(block) = damaged(self.read_sector(first).map(<[u8]>::to_vec))? else {
            return Ok(());
        };
        match Tag::peek(&block).map(|tag| tag.identifier()) {
            Some(TagIdentifier::SPACE_BITMAP_DESCRIPTOR) => self.add_bitmap(partition, first, table, runs),
            Some(UNALLOCATED_SPACE_ENTRY) => {
                self.add_entry(partition, &block, runs);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds the blocks whose bit is 1.
    fn add_bitmap(
        &mut self,
        partition: Partition,
        first: LogicalSector,
        table: &ShortAd,
        runs: &mut Vec<Range<u32>>,
    ) -> Result<(), Error> {
        let sectors = table.length().bytes().div_ceil(self.block_size().bytes());
        let (mut block, mut start) = (0_u32, None);
        for sector in first.0..first.0.saturating_add(sectors) {
            // A bitmap longer than its partition says nothing about it.
            if block >= partition.length {
                break;
            }
            let bytes = damaged(self.read_sector(LogicalSector(sector)).map(<[u8]>::to_vec))?;
            let Some(bytes) = bytes else {
                break;
            };
            let header = if sector == first.0 { BITMAP_HEADER } else { 0 };
            for byte in bytes.iter().skip(header) {
                for bit in 0..8 {
                    let is_free = byte >> bit & 1 == 1 && block < partition.length;
                    match (start, is_free) {
                        (None, true) => start = Some(block),
                        (Some(first), false) => {
                            self.add_free(partition, first..block, runs);
                            start = None;
                        }
                        _ => {}
                    }
                    block = block.saturating_add(1);
                }
            }
        }
        if let Some(first) = start {
            self.add_free(partition, first..block.min(partition.length), runs);
        }
        Ok(())
    }

    /// Adds the extents of an unallocated space entry.
    fn add_entry(&self, partition: Partition, block: &[u8], runs: &mut Vec<Range<u32>>) {
        let length = block.get(ENTRY_HEADER - 4..ENTRY_HEADER);
        let length = length
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_le_bytes);
        let end = length.and_then(|length| usize::try_from(length).ok()?.checked_add(ENTRY_HEADER));
        let Some(descriptors) = end.and_then(|end| block.get(ENTRY_HEADER..end)) else {
            return;
        };
        let here = PartitionReference(0);
        for extent in allocation_descriptor::parse(AllocationForm::Short, here, descriptors) {
            let Ok(extent) = extent else { return };
            if extent.extent_type == ExtentType::Continuation {
                return;
            }
            let first = extent.address.block;
            let blocks = extent.length / self.block_size().bytes();
            self.add_free(partition, first..first.saturating_add(blocks), runs);
        }
    }

    fn add_free(&self, partition: Partition, blocks: Range<u32>, runs: &mut Vec<Range<u32>>) {
        let size = u64::from(self.block_size().bytes());
        let medium = u64::from(BLOCK_BYTES);
        let end = blocks.end.min(partition.length);
        let byte = |block: u32| (u64::from(partition.start.0) + u64::from(block)) * size;
        let first = u32::try_from(byte(blocks.start).div_ceil(medium)).unwrap_or(u32::MAX);
        let last = u32::try_from(byte(end) / medium).unwrap_or(u32::MAX);
        if first < last && runs.len() < MOST_RUNS {
            runs.push(first..last);
        }
    }
}
