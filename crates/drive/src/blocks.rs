//! Conversion of request lengths from bytes to blocks.

use mmc::{BLOCK_SIZE, Lba};

use crate::error::DriveError;

/// The number of blocks in `bytes`, which must be whole blocks.
pub(crate) fn whole_blocks(bytes: usize) -> Result<u32, DriveError> {
    if bytes == 0 || !bytes.is_multiple_of(BLOCK_SIZE) {
        return Err(DriveError::Length { bytes });
    }
    u32::try_from(bytes / BLOCK_SIZE).map_err(|_| DriveError::Length { bytes })
}

/// The address `bytes` after `at`.
pub(crate) fn advance(at: Lba, bytes: usize) -> Result<Lba, DriveError> {
    let blocks = whole_blocks(bytes)?;
    at.0.checked_add(blocks)
        .map(Lba)
        .ok_or(DriveError::Length { bytes })
}
