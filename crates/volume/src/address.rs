//! Arithmetic on addresses.

use ecma167::{BLOCK_SIZE, RecordedAddress};

use crate::error::{CorruptKind, Error};

/// Splits a byte offset into whole blocks and the byte inside the last.
pub(crate) fn split(offset: u64) -> (u64, usize) {
    const BLOCK: u64 = BLOCK_SIZE as u64;
    (offset / BLOCK, usize::try_from(offset % BLOCK).unwrap_or(0))
}

/// The address `blocks` blocks further on.
pub(crate) fn after(address: RecordedAddress, blocks: u64) -> Result<RecordedAddress, Error> {
    let block = u32::try_from(blocks)
        .ok()
        .and_then(|blocks| address.block.checked_add(blocks));
    block
        .map(|block| RecordedAddress { block, ..address })
        .ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, address))
}
