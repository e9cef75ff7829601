//! The GUID partition table (`UEFI 2.10 5.3`). Ignores its checksums, because the search for the volume in a
//! partition follows anyway.

use super::partition::{PARTITIONS, Partition, partition};
use crate::bytes::{Bytes, Fields as _, peek, read_up_to};

/// Bytes read of an entry.
const ENTRY: usize = 128;

/// The partitions of the table in blocks of `size` bytes: the first one, or its copy at the end of the image.
pub(super) fn partitions(bytes: &dyn Bytes, size: u64) -> Option<Vec<Partition>> {
    let last = (bytes.length() / size).checked_sub(1)?;
    [1, last].into_iter().find_map(|at| table(bytes, size, at))
}

fn table(bytes: &dyn Bytes, size: u64, at: u64) -> Option<Vec<Partition>> {
    let header: [u8; 92] = peek(bytes, at.checked_mul(size)?)?;
    if !header.starts_with(b"EFI PART") || header.le64(24)? != at {
        return None;
    }
    let first = header.le64(72)?.checked_mul(size)?;
    let count = usize::try_from(header.le32(80)?).ok()?.min(PARTITIONS);
    let entry_bytes = usize::try_from(header.le32(84)?).ok()?;
    if !(ENTRY..=4096).contains(&entry_bytes) {
        return None;
    }
    let entries = read_up_to(bytes, first, count * entry_bytes)?;
    let found = (1..).zip(entries.chunks_exact(entry_bytes));
    Some(
        found
            .filter_map(|(number, entry)| placed(bytes, size, number, entry))
            .collect(),
    )
}

fn placed(bytes: &dyn Bytes, size: u64, number: u32, entry: &[u8]) -> Option<Partition> {
    let kind: [u8; 16] = entry.array(0)?;
    if kind == [0; 16] {
        return None;
    }
    let (first, last) = (entry.le64(32)?, entry.le64(40)?);
    let blocks = last.checked_sub(first)?.saturating_add(1);
    let name = entry
        .get(56..ENTRY)?
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let name: Vec<u16> = name.take_while(|unit| *unit != 0).collect();
    let name = String::from_utf16_lossy(&name);
    let label = if name.is_empty() {
        format!("partition {number}")
    } else {
        format!("partition {number} '{name}'")
    };
    partition(bytes, label, size, first, blocks)
}
