//! What a metadata partition is made of: the extents of its file (`UDF 2.60 2.2.10`, `2.2.13`).

use ecma167::volume::partition_map;
use ecma167::{PartitionReference, RecordedAddress};

use crate::partition::Partition;

/// What a metadata partition is made of.
#[derive(Clone, Debug)]
pub(crate) struct MetadataPartition {
    /// The partition in which its file lies.
    pub partition: Partition,
    pub map: partition_map::Metadata,
    /// The reference of the type 1 or sparable map below.
    pub below: Option<PartitionReference>,
    /// The extents of its file: of the mirror where the file itself is lost.
    pub extents: Vec<Extent>,
}

/// Blocks of a metadata file that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// In the metadata partition.
    pub first: u32,
    pub blocks: u32,
    /// In the partition below; `None` of a hole.
    pub below: Option<RecordedAddress>,
}

impl MetadataPartition {
    pub fn new(map: &partition_map::Metadata, partition: Partition, below: Option<usize>) -> Self {
        Self {
            partition,
            map: *map,
            below: below
                .and_then(|at| u16::try_from(at).ok())
                .map(PartitionReference),
            extents: Vec::new(),
        }
    }

    /// Blocks of the partition, holes counted.
    pub fn blocks(&self) -> u32 {
        self.extents
            .last()
            .map_or(0, |last| last.first.saturating_add(last.blocks))
    }

    /// Where a block is in the partition below, and how many of `blocks` from there on follow each other.
    pub fn below(&self, block: u32, blocks: u32) -> Option<(RecordedAddress, u32)> {
        let at = self
            .extents
            .partition_point(|extent| extent.first <= block)
            .checked_sub(1)?;
        let extent = self.extents.get(at)?;
        let inside = block - extent.first;
        let left = extent.blocks.checked_sub(inside).filter(|left| *left > 0)?;
        let start = extent.below?;
        let block = start.block.checked_add(inside)?;
        Some((RecordedAddress { block, ..start }, blocks.min(left)))
    }
}
