//! Names in a directory that state the blocks of nodes outside the virtual partition.
//!
//! Such a name is recorded after its node, and gets the block when it is encoded: the node may be placed anew
//! until then. A node always has a block by that time, because its directory is queued after it.

use std::collections::BTreeMap;

use ecma167::file::{FileIdentifier, LongAd};
use ecma167::general::tag;
use ecma167::{BLOCK_SIZE, LogicalBlock, RecordedAddress, VirtualAddress};

use super::form::Form;
use super::outside::{Outside, Whereabouts};
use crate::error::Error;

/// The names in a directory that wait for the blocks of their nodes.
#[derive(Debug, Default)]
pub(crate) struct Unplaced {
    /// Where each name begins in the body, in units of 4 bytes, and the node it names; ascending.
    names: Vec<(u32, VirtualAddress)>,
    /// The names that cross the border between two blocks, whole.
    crossing: BTreeMap<u32, Vec<u8>>,
    /// Bytes of these names. Every change of a directory asks for its memory, so the sum is kept.
    crossing_bytes: usize,
}

/// Bytes to which file identifier descriptors are padded.
const UNIT: u64 = 4;

const UNITS_OF_BLOCK: u64 = BLOCK_SIZE as u64 / UNIT;

fn unit_of(offset: u64) -> u32 {
    u32::try_from(offset / UNIT).unwrap_or(u32::MAX)
}

impl Unplaced {
    /// Adds a name of a node, encoded in `bytes` at a byte offset of the body.
    pub fn insert(&mut self, offset: u64, node: VirtualAddress, bytes: &[u8]) {
        let unit = unit_of(offset);
        match self.names.binary_search_by_key(&unit, |(unit, _)| *unit) {
            Ok(found) => self.names[found].1 = node,
            Err(place) => self.names.insert(place, (unit, node)),
        }
        let start = usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0);
        if start + bytes.len() > BLOCK_SIZE {
            let replaced = self.crossing.insert(unit, bytes.to_vec());
            self.crossing_bytes += bytes.len();
            self.crossing_bytes -= replaced.map_or(0, |bytes| bytes.len());
        }
    }

    /// Removes the name at a byte offset of the body.
    pub fn remove(&mut self, offset: u64) {
        let unit = unit_of(offset);
        if let Ok(found) = self.names.binary_search_by_key(&unit, |(unit, _)| *unit) {
            self.names.remove(found);
            self.crossing_bytes -= self.crossing.remove(&unit).map_or(0, |bytes| bytes.len());
        }
    }

    /// The node named at a byte offset of the body.
    pub fn get(&self, offset: u64) -> Option<VirtualAddress> {
        let found = self
            .names
            .binary_search_by_key(&unit_of(offset), |(unit, _)| *unit);
        found.ok().map(|found| self.names[found].1)
    }

    /// The nodes.
    pub fn nodes(&self) -> impl Iterator<Item = VirtualAddress> {
        self.names.iter().map(|(_, node)| *node)
    }

    /// Keeps only the names in blocks of the body that are still to be encoded.
    pub fn keep(&mut self, is_waiting: impl Fn(u64) -> bool) {
        let (crossing, crossing_bytes) = (&mut self.crossing, &mut self.crossing_bytes);
        self.names.retain(|(unit, _)| {
            let block = u64::from(*unit) / UNITS_OF_BLOCK;
            let kept = is_waiting(block) || crossing.contains_key(unit) && is_waiting(block + 1);
            if !kept {
                *crossing_bytes -= crossing.remove(unit).map_or(0, |bytes| bytes.len());
            }
            kept
        });
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        let crossing = self.crossing.len() * 64 + self.crossing_bytes;
        self.names.capacity() * size_of::<(u32, VirtualAddress)>() + crossing
    }

    /// Fills in the nodes named in block `number` of the body, which will be at `at`.
    ///
    /// # Errors
    /// [`Error::UnplacedNode`].
    pub fn name(
        &self,
        number: u64,
        slot: &mut [u8],
        outside: &Outside,
        form: Form,
        at: LogicalBlock,
    ) -> Result<(), Error> {
        let first = u32::try_from(number.saturating_mul(UNITS_OF_BLOCK)).unwrap_or(u32::MAX);
        let start = self.names.partition_point(|(unit, _)| *unit < first);
        // A name that began in the previous block ends here.
        if let Some((unit, node)) = start.checked_sub(1).and_then(|before| self.names.get(before))
            && let Some(bytes) = self.crossing.get(unit)
        {
            let from = usize::try_from(u64::from(first - unit) * UNIT).unwrap_or(usize::MAX);
            let named = name_whole(bytes, *node, outside, form, at)?;
            if let Some(rest) = named.get(from..) {
                copy_front(slot, rest);
            }
        }
        for (unit, node) in self.names.get(start..).unwrap_or_default() {
            let offset = u64::from(unit - first) * UNIT;
            let Some(entry) = usize::try_from(offset).ok().and_then(|at| slot.get_mut(at..)) else {
                break;
            };
            if entry.is_empty() {
                break;
            }
            if let Some(bytes) = self.crossing.get(unit) {
                copy_front(entry, &name_whole(bytes, *node, outside, form, at)?);
            } else if let Some(length) = FileIdentifier::stated_len(entry)
                && let Some(entry) = entry.get_mut(..length)
            {
                name_in_place(entry, *node, outside, form, at)?;
            }
        }
        Ok(())
    }
}

fn copy_front(target: &mut [u8], bytes: &[u8]) {
    let count = target.len().min(bytes.len());
    target[..count].copy_from_slice(&bytes[..count]);
}

fn name_whole(
    bytes: &[u8],
    node: VirtualAddress,
    outside: &Outside,
    form: Form,
    at: LogicalBlock,
) -> Result<Vec<u8>, Error> {
    let mut named = bytes.to_vec();
    name_in_place(&mut named, node, outside, form, at)?;
    Ok(named)
}

fn name_in_place(
    entry: &mut [u8],
    node: VirtualAddress,
    outside: &Outside,
    form: Form,
    at: LogicalBlock,
) -> Result<(), Error> {
    let address = match outside.whereabouts(node) {
        Whereabouts::New(block) | Whereabouts::At(block) => form.address_outside(block),
        Whereabouts::Within(entry) => form.address_of(entry),
        Whereabouts::Unplaced | Whereabouts::Gone => return Err(Error::UnplacedNode),
    };
    let icb = FileIdentifier::stated_icb(entry).ok_or(Error::UnplacedNode)?;
    FileIdentifier::set_icb(entry, readdressed(icb, address), form.version, at.0);
    tag::set_serial_number(entry, form.serial);
    Ok(())
}

/// An ICB with another address and the same unique ID.
pub(crate) fn readdressed(icb: LongAd, address: RecordedAddress) -> LongAd {
    LongAd::icb(address).with_unique_id(icb.unique_id())
}
