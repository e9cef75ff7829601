//! The location of a recorded block: partition reference and logical block number (`ECMA-167 4/7.1`).

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::{PartitionReference, RecordedAddress};

/// lb_addr, 6 bytes (`ECMA-167 4/7.1`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LbAddr {
    /// Block number within the partition.
    pub logical_block_number: U32,
    /// Index into the partition maps.
    pub partition_reference_number: U16,
}

const _: () = assert!(size_of::<LbAddr>() == 6);

impl From<RecordedAddress> for LbAddr {
    fn from(address: RecordedAddress) -> Self {
        Self {
            logical_block_number: address.block.into(),
            partition_reference_number: address.partition.0.into(),
        }
    }
}

impl From<LbAddr> for RecordedAddress {
    fn from(address: LbAddr) -> Self {
        Self {
            partition: PartitionReference(address.partition_reference_number.get()),
            block: address.logical_block_number.get(),
        }
    }
}
