//! The table of a master boot record, with the chain of extended boot records.

use super::partition::{Partition, partition};
use crate::bytes::{Bytes, Fields as _, peek};

/// The offset of the four entries.
const ENTRIES: usize = 446;
/// The bytes of an entry.
const ENTRY: usize = 16;
/// The types of extended partitions.
const EXTENDED: [u8; 3] = [0x05, 0x0F, 0x85];
/// The type of the entry that protects a GPT.
const PROTECTIVE: u8 = 0xEE;
/// Maximum number of extended boot records followed.
const LOGICAL: u8 = 128;

struct Entry {
    kind: u8,
    start: u64,
    blocks: u64,
}

/// The partitions, in blocks of `size` bytes; `None` without a table.
pub(super) fn partitions(bytes: &dyn Bytes, size: u64) -> Option<Vec<Partition>> {
    let entries = entries(bytes, 0)?;
    // A boot sector without a table has the same signature.
    if entries.iter().any(|entry| !matches!(entry.active, 0 | 0x80)) {
        return None;
    }
    let mut found = Vec::new();
    for (number, Read { entry, .. }) in (1_u8..).zip(&entries) {
        if EXTENDED.contains(&entry.kind) {
            logical(bytes, size, entry.start, &mut found);
        } else if entry.kind != PROTECTIVE {
            found.extend(placed(bytes, size, number, entry, entry.start));
        }
    }
    Some(found)
}

/// The logical partitions in an extended one. The addresses of the next record count from its start.
fn logical(bytes: &dyn Bytes, size: u64, extended: u64, found: &mut Vec<Partition>) {
    let mut record = extended;
    let mut seen = Vec::new();
    for number in 5..5 + LOGICAL {
        if seen.contains(&record) {
            return;
        }
        seen.push(record);
        let Some(entries) = record.checked_mul(size).and_then(|at| entries(bytes, at)) else {
            return;
        };
        let mut entries = entries.into_iter().map(|read| read.entry);
        let (Some(own), Some(next)) = (entries.next(), entries.next()) else {
            return;
        };
        found.extend(placed(
            bytes,
            size,
            number,
            &own,
            record.saturating_add(own.start),
        ));
        if next.kind == 0 || next.start == 0 {
            return;
        }
        record = extended.saturating_add(next.start);
    }
}

fn placed(bytes: &dyn Bytes, size: u64, number: u8, entry: &Entry, start: u64) -> Option<Partition> {
    if entry.kind == 0 {
        return None;
    }
    let label = format!("partition {number} (type {:02x})", entry.kind);
    partition(bytes, label, size, start, entry.blocks)
}

struct Read {
    active: u8,
    entry: Entry,
}

/// The four entries of the boot record at a byte.
fn entries(bytes: &dyn Bytes, at: u64) -> Option<Vec<Read>> {
    let record: [u8; 512] = peek(bytes, at)?;
    if record[510..] != [0x55, 0xAA] {
        return None;
    }
    record[ENTRIES..510]
        .chunks_exact(ENTRY)
        .map(|entry| {
            Some(Read {
                active: entry[0],
                entry: Entry {
                    kind: entry[4],
                    start: entry.le32(8)?.into(),
                    blocks: entry.le32(12)?.into(),
                },
            })
        })
        .collect()
}
