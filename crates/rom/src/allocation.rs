//! Allocation descriptors of a node: short ones in its file entry, and the rest in allocation extents
//! (`ECMA-167 4/12`, `4/14.5`).

use ecma167::file::{AllocationExtent, ExtentType, ShortAd};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalBlock, LogicalSector};
use zerocopy::IntoBytes;

use crate::error::Error;
use crate::tags::Tags;

/// Short allocation descriptors that fit a file entry with its creation time.
pub(crate) const IN_ENTRY: usize = 227;

/// Short allocation descriptors that fit an allocation extent of one block.
const IN_EXTENT: usize = AllocationExtent::CAPACITY / size_of::<ShortAd>();

/// An extent of a plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub at: LogicalSector,
    /// Its length in bytes; whole blocks except for the last extent of a file.
    pub bytes: u32,
}

/// The extents of a node, and where their descriptors are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocation<'a> {
    pub extents: &'a [Extent],
    /// The first sector of their partition.
    pub partition_start: LogicalSector,
    /// The first block of its allocation extents, if the entry cannot hold all descriptors.
    pub continued_at: LogicalBlock,
}

/// Allocation extents, each of one block, for a node with `extents` extents. The last descriptor of the entry
/// and of each allocation extent names the next one.
pub(crate) fn allocation_extents(extents: usize) -> u32 {
    let after_entry = match extents {
        0..=IN_ENTRY => return 0,
        more => more - (IN_ENTRY - 1),
    };
    u32::try_from((after_entry - 1).div_ceil(IN_EXTENT - 1)).unwrap_or(u32::MAX)
}

impl Allocation<'_> {
    /// The length of the node in bytes.
    pub fn length(&self) -> u64 {
        self.extents.iter().map(|extent| u64::from(extent.bytes)).sum()
    }

    /// Blocks recorded for the node.
    pub fn blocks(&self) -> u64 {
        let blocks = self.extents.iter();
        blocks
            .map(|extent| u64::from(extent.bytes.div_ceil(BLOCK_BYTES)))
            .sum()
    }

    /// The descriptors in its entry.
    pub fn in_entry(&self) -> Vec<u8> {
        self.descriptors(self.extents, IN_ENTRY, 0)
    }

    /// The block of allocation extent `number`, counted from 0.
    pub fn in_extent(&self, number: u32, tags: Tags) -> Result<[u8; BLOCK_SIZE], Error> {
        let before = IN_ENTRY - 1 + number as usize * (IN_EXTENT - 1);
        let rest = self.extents.get(before..).unwrap_or_default();
        let extent = AllocationExtent {
            previous_allocation_extent_location: 0,
            allocation_descriptors: self.descriptors(rest, IN_EXTENT, number.saturating_add(1)),
        };
        Ok(tags.numbered(extent.encode(tags.version, self.at(number).0)?))
    }

    fn at(&self, number: u32) -> LogicalBlock {
        LogicalBlock(self.continued_at.0.saturating_add(number))
    }

    /// Encodes at most `most` descriptors of extents; the last one names an allocation extent if more follow.
    fn descriptors(&self, extents: &[Extent], most: usize, next: u32) -> Vec<u8> {
        let (here, is_continued) = if extents.len() > most {
            (&extents[..most - 1], true)
        } else {
            (extents, false)
        };
        let mut bytes = Vec::with_capacity(most.min(extents.len()) * size_of::<ShortAd>());
        for extent in here {
            let block = extent.at.0.saturating_sub(self.partition_start.0);
            let descriptor = ShortAd::new(ExtentType::Recorded, extent.bytes, block);
            bytes.extend_from_slice(descriptor.as_bytes());
        }
        if is_continued {
            let descriptor = ShortAd::new(ExtentType::Continuation, BLOCK_BYTES, self.at(next).0);
            bytes.extend_from_slice(descriptor.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use ecma167::osta::Revision;

    use super::*;

    fn extents(count: usize) -> Vec<Extent> {
        (0..u32::try_from(count).unwrap())
            .map(|number| Extent {
                at: LogicalSector(1000 + 2 * number),
                bytes: BLOCK_BYTES,
            })
            .collect()
    }

    /// The blocks that the descriptors of a node name, found as a reader finds them.
    fn found(allocation: &Allocation<'_>) -> Vec<u32> {
        let mut blocks = Vec::new();
        let mut bytes = allocation.in_entry();
        let mut number = 0;
        loop {
            let mut next = None;
            for descriptor in bytes.chunks_exact(size_of::<ShortAd>()) {
                let (head, block) = descriptor.split_at(4);
                let block = u32::from_le_bytes(block.try_into().unwrap());
                match head[3] >> 6 {
                    3 => next = Some(block),
                    _ => blocks.push(block),
                }
            }
            let Some(next) = next else { return blocks };
            assert_eq!(next, allocation.continued_at.0 + number);
            let block = allocation
                .in_extent(number, Tags::new(Revision::V2_01, 7))
                .unwrap();
            bytes = AllocationExtent::decode(&block, Some(next))
                .unwrap()
                .allocation_descriptors;
            number += 1;
        }
    }

    #[test]
    fn any_number_of_extents_is_found_through_the_chain() {
        for count in [0, 1, 226, 227, 228, 478, 479, 480, 731, 732, 2000] {
            let extents = extents(count);
            let allocation = Allocation {
                extents: &extents,
                partition_start: LogicalSector(257),
                continued_at: LogicalBlock(50),
            };
            let wanted: Vec<u32> = extents.iter().map(|extent| extent.at.0 - 257).collect();
            assert_eq!(found(&allocation), wanted, "{count}");
            assert_eq!(allocation.blocks(), count as u64);
        }
    }

    #[test]
    fn each_allocation_extent_begins_where_the_one_before_is_full() {
        let counts = [227, 228, 479, 480, 731, 732];
        assert_eq!(counts.map(allocation_extents), [0, 1, 1, 2, 2, 3]);
    }
}
