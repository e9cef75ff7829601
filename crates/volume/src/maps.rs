//! Partition maps: what a block number of each partition reference counts.

use ecma167::{LogicalBlock, LogicalSector, PartitionReference, RecordedAddress};

use crate::error::{CorruptKind, Error};
use crate::metadata::Metadata;
use crate::sparing::Sparing;

/// One partition map of the logical volume, joined with the partition descriptor that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// Type 1: blocks of a partition (`ECMA-167 3/10.7.2`).
    Physical(Partition),
    /// A virtual partition (`UDF 2.60 2.2.8`): virtual addresses, which the VAT turns into blocks of `on`.
    Virtual {
        /// The partition that the VAT and all it names lie in.
        on: Partition,
        /// A type 1 map of the same partition, where there is one.
        physical: Option<PartitionReference>,
    },
    /// A sparable partition (`UDF 2.60 2.2.9`): blocks of a partition, of which some packets stand elsewhere.
    Sparable {
        /// The partition.
        on: Partition,
        /// Its packets that do.
        sparing: Sparing,
    },
    /// A metadata partition (`UDF 2.60 2.2.10`): blocks of the metadata file.
    Metadata {
        /// The partition that the file lies in.
        on: Partition,
        /// The file, and its mirror.
        files: Metadata,
    },
}

/// A partition as its descriptor gives it (`ECMA-167 3/10.5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its number.
    pub number: u16,
    /// Its first logical sector.
    pub start: LogicalSector,
    /// Its logical blocks.
    pub length: u32,
}

impl Partition {
    /// The logical sector of a logical block.
    ///
    /// # Errors
    /// [`CorruptKind::OutsidePartition`].
    pub fn sector(&self, block: LogicalBlock) -> Result<LogicalSector, Error> {
        let sector = (block.0 < self.length)
            .then(|| self.start.0.checked_add(block.0))
            .flatten();
        sector
            .map(LogicalSector)
            .ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, block))
    }

    /// The logical block of a logical sector, where it lies inside.
    pub fn block(&self, sector: LogicalSector) -> Option<LogicalBlock> {
        let block = sector.0.checked_sub(self.start.0)?;
        (block < self.length).then_some(LogicalBlock(block))
    }
}

impl Map {
    /// The partition below.
    pub fn partition(&self) -> &Partition {
        match self {
            Self::Physical(partition) => partition,
            Self::Virtual { on, .. } | Self::Sparable { on, .. } | Self::Metadata { on, .. } => on,
        }
    }

    /// Whether its blocks are found without reading anything: those of the others lie in such a partition.
    pub(crate) fn is_ground(&self) -> bool {
        matches!(self, Self::Physical(_) | Self::Sparable { .. })
    }
}

/// The map of a partition reference.
pub(crate) fn map(maps: &[Map], at: RecordedAddress) -> Result<&Map, Error> {
    maps.get(usize::from(at.partition.0))
        .ok_or_else(|| Error::corrupt(CorruptKind::PartitionReference(at.partition.0), at))
}
