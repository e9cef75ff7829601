//! Partitions as their descriptors describe them (`ECMA-167 3/10.5`).

use ecma167::LogicalSector;
use ecma167::volume::AccessType;

/// The fields of a partition descriptor that addresses need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partition {
    pub number: u16,
    pub start: u32,
    pub length: u32,
    pub access: AccessType,
    /// Whether it names space tables or bitmaps.
    pub has_tables: bool,
    pub sector: LogicalSector,
}

impl Partition {
    pub fn meets(&self, start: u32, sectors: u32) -> bool {
        let end = |start: u32, sectors: u32| u64::from(start) + u64::from(sectors);
        u64::from(self.start) < end(start, sectors) && u64::from(start) < end(self.start, self.length)
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.meets(other.start, other.length)
    }
}
