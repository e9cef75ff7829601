//! An entry of a partition table, bounded by the image.

use crate::bytes::Bytes;

/// Maximum number of partitions examined.
pub(super) const PARTITIONS: usize = 256;

/// An entry of a table, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its number and type.
    pub label: String,
    pub offset: u64,
    pub length: u64,
}

/// An entry of `blocks` blocks from `start`, unless it is empty or begins past the end of the image.
pub(super) fn partition(
    bytes: &dyn Bytes,
    label: String,
    size: u64,
    start: u64,
    blocks: u64,
) -> Option<Partition> {
    let offset = start.checked_mul(size)?;
    let length = blocks
        .saturating_mul(size)
        .min(bytes.length().checked_sub(offset)?);
    (length > 0).then_some(Partition {
        label,
        offset,
        length,
    })
}
