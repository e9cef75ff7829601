use ecma167::{LogicalBlock, LogicalSector};

use crate::error::{CorruptKind, Error};

/// A partition as its descriptor describes it (`ECMA-167 3/10.5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its number.
    pub number: u16,
    /// Its first logical sector.
    pub start: LogicalSector,
    /// Its length in logical blocks.
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

    /// The logical block of a logical sector if the sector is inside the partition.
    #[must_use]
    pub fn block(&self, sector: LogicalSector) -> Option<LogicalBlock> {
        let block = sector.0.checked_sub(self.start.0)?;
        (block < self.length).then_some(LogicalBlock(block))
    }
}
