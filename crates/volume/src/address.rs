//! Arithmetic on addresses.

use ecma167::RecordedAddress;

use crate::error::{CorruptKind, Error};

/// The address `blocks` blocks further on.
pub(crate) fn after(address: RecordedAddress, blocks: u64) -> Result<RecordedAddress, Error> {
    let block = u32::try_from(blocks)
        .ok()
        .and_then(|blocks| address.block.checked_add(blocks));
    block
        .map(|block| RecordedAddress { block, ..address })
        .ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, address))
}
