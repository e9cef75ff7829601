//! The address spaces of a volume, one type each, so that an address of one space cannot be used in another.

use std::fmt;

/// Bytes of a logical sector and of a logical block on every optical medium (`UDF 2.60 2.2.4.2`).
pub const BLOCK_SIZE: usize = 2048;

/// [`BLOCK_SIZE`] in the type of the length fields of descriptors.
pub const BLOCK_BYTES: u32 = 2048;

const _: () = assert!(BLOCK_BYTES as usize == BLOCK_SIZE);

/// A logical sector number: a place in the volume space, counted from the start of the disc
/// (`ECMA-167 3/8.1.1`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogicalSector(pub u32);

/// A logical block number of a type 1 partition: counted from the start of the partition (`ECMA-167 4/8.1`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogicalBlock(pub u32);

/// A virtual address: an index into the VAT (`UDF 2.60 2.2.8`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualAddress(pub u32);

/// A partition reference number: an index into the partition maps of the logical volume (`ECMA-167 4/7.1`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionReference(pub u16);

/// A recorded address, lb_addr (`ECMA-167 4/7.1`). What `block` counts depends on the partition map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordedAddress {
    /// The partition map that gives `block` its meaning.
    pub partition: PartitionReference,
    /// A logical block number, or a virtual address if the map is a virtual one.
    pub block: u32,
}

impl fmt::Display for LogicalSector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "logical sector {}", self.0)
    }
}

impl fmt::Display for LogicalBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "logical block {}", self.0)
    }
}

impl fmt::Display for VirtualAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "virtual address {}", self.0)
    }
}

impl fmt::Display for RecordedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "block {} of partition reference {}",
            self.block, self.partition.0
        )
    }
}
