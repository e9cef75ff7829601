//! The Apple partition map (`Inside Macintosh: Devices`, chapter 3).

use super::partition::{PARTITIONS, Partition, partition};
use crate::bytes::{Bytes, Fields as _, peek};

/// The partitions of the map whose entries are in blocks of `size` bytes; `None` without a map.
pub(super) fn partitions(bytes: &dyn Bytes, size: u64) -> Option<Vec<Partition>> {
    let count = entry(bytes, size, 1)?.be32(4)?;
    let count = usize::try_from(count).ok()?.min(PARTITIONS) as u64;
    let mut found = Vec::new();
    for number in 1..=count {
        let Some(entry) = entry(bytes, size, number) else {
            break;
        };
        let (start, blocks) = (entry.be32(8)?, entry.be32(12)?);
        let name = text(entry.get(16..48)?);
        let kind = text(entry.get(48..80)?);
        let label = format!("partition {number} '{name}' ({kind})");
        found.extend(partition(bytes, label, size, start.into(), blocks.into()));
    }
    Some(found)
}

fn entry(bytes: &dyn Bytes, size: u64, number: u64) -> Option<[u8; 512]> {
    peek::<512>(bytes, number.checked_mul(size)?).filter(|entry| entry.starts_with(b"PM"))
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}
