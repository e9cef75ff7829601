//! The entries of the VAT of one generation, and which of them the next one changes (`UDF 2.60 2.2.11`).

use std::collections::HashMap;

use ecma167::osta::vat::{ENTRY_LEN, NONE};

use super::difference::differing;
use crate::error::{Error, Unsupported};
use crate::map::Vat;
use crate::space::Space;

/// The most entries that are compared, in 64 MiB.
const MOST: u32 = 1 << 24;
/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// The block of each virtual address, in the generation reached last.
#[derive(Default)]
pub(super) struct Table {
    blocks: Vec<u32>,
    /// Those that the last step changed, with the block before.
    before: HashMap<u32, u32>,
    /// The generations taken, up to two.
    taken: u8,
}

/// What a step changes.
pub(super) struct NewEntries {
    length: usize,
    changed: Vec<(u32, u32)>,
}

impl Table {
    /// The block of a virtual address now.
    pub(super) fn now(&self, address: u32) -> Option<u32> {
        let at = usize::try_from(address).ok()?;
        self.blocks.get(at).copied().filter(|block| *block != NONE)
    }

    /// The block of a virtual address before the last step.
    pub(super) fn before(&self, address: u32) -> Option<u32> {
        match self.before.get(&address) {
            _ if self.taken < 2 => None,
            Some(block) => Some(*block).filter(|block| *block != NONE),
            None => self.now(address),
        }
    }

    /// The addresses that the last step changed, in order.
    pub(super) fn changed(&self) -> Vec<u32> {
        let mut addresses: Vec<u32> = self.before.keys().copied().collect();
        addresses.sort_unstable();
        addresses
    }

    /// Reads what differs in the VAT `new` from `old`, which this table is of.
    pub(super) fn compare(
        &self,
        space: &mut Space,
        old: Option<&Vat>,
        new: &Vat,
    ) -> Result<NewEntries, Error> {
        if new.entries > MOST {
            return Err(Unsupported::Entries(MOST).into());
        }
        let entry = ENTRY_LEN as u64;
        let table = new.entries_offset..new.entries_offset + u64::from(new.entries) * entry;
        let ranges = match old.filter(|old| old.entries_offset == new.entries_offset) {
            Some(old) => differing(space.maps(), space.block_size(), &old.body, &new.body),
            None => vec![table.clone()],
        };
        let mut found = NewEntries {
            length: usize::try_from(new.entries).unwrap_or(usize::MAX),
            changed: Vec::new(),
        };
        let mut bytes = vec![0; PIECE];
        // A piece goes beyond its range, and no entry may be taken twice.
        let mut reached = table.start;
        for range in ranges {
            let (mut at, end) = (range.start.max(reached), range.end.min(table.end));
            at -= (at - table.start.min(at)) % entry;
            while at < end {
                let length = usize::try_from(table.end - at).unwrap_or(usize::MAX).min(PIECE);
                // Up to a border of a block, so that each block is read once.
                let length = length.min(PIECE - usize::try_from(at % PIECE as u64).unwrap_or(0));
                let moved = space.read(&new.body, at, &mut bytes[..length])?;
                let first = (at - table.start) / entry;
                for (address, raw) in (first..).zip(bytes[..moved].chunks_exact(ENTRY_LEN)) {
                    let block = raw
                        .iter()
                        .rev()
                        .fold(0, |value, byte| value << 8 | u32::from(*byte));
                    let Ok(address) = u32::try_from(address) else {
                        break;
                    };
                    if self.now(address).unwrap_or(NONE) != block {
                        found.changed.push((address, block));
                    }
                }
                if moved < ENTRY_LEN {
                    break;
                }
                at += (moved - moved % ENTRY_LEN) as u64;
                reached = at;
            }
        }
        Ok(found)
    }

    /// Goes on to the entries that were found.
    pub(super) fn take(&mut self, new: NewEntries) {
        self.before.clear();
        for at in new.length..self.blocks.len() {
            if let Ok(address) = u32::try_from(at)
                && self.blocks[at] != NONE
            {
                self.before.insert(address, self.blocks[at]);
            }
        }
        self.taken = self.taken.saturating_add(1).min(2);
        self.blocks.resize(new.length, NONE);
        for (address, block) in new.changed {
            let at = usize::try_from(address).ok();
            let Some(entry) = at.and_then(|at| self.blocks.get_mut(at)) else {
                continue;
            };
            let before = std::mem::replace(entry, block);
            // Before the first generation nothing was.
            if self.taken == 2 {
                self.before.insert(address, before);
            }
        }
    }
}
