//! The contents of a metadata partition: the extents of its file (`UDF 2.60 2.2.10`, `2.2.13`).

use ecma167::volume::partition_map;
use ecma167::{PartitionReference, RecordedAddress};

use crate::partition::Partition;

/// The contents of a metadata partition.
#[derive(Clone, Debug)]
pub(crate) struct MetadataPartition {
    /// The partition that contains its file.
    pub partition: Partition,
    pub map: partition_map::Metadata,
    /// The reference of the type 1 or sparable map below.
    pub below: Option<PartitionReference>,
    /// The extents of its file, or of the mirror if the file itself is lost.
    pub extents: Vec<Extent>,
}

/// Consecutive blocks of a metadata file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// First block in the metadata partition.
    pub first: u32,
    pub blocks: u32,
    /// First block in the partition below; `None` for a hole.
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

    /// Blocks of the partition, including holes.
    pub fn blocks(&self) -> u32 {
        self.extents
            .last()
            .map_or(0, |last| last.first.saturating_add(last.blocks))
    }

    /// The place of a block in the partition below, and how many of `blocks` are consecutive from there on.
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
