//! Where the entries of a directory are in its body, by name and by the block in which they start.
//!
//! A name is found by its hash, and compared with the body.

use std::hash::{BuildHasher, RandomState};

use ecma167::file::{FileCharacteristics, FileIdentifier};
use ecma167::general::tag;
use ecma167::{BLOCK_SIZE, LogicalBlock, VirtualAddress};
use volume::{CorruptKind, ShownNames, host_name};

use super::body::Body;
use super::form::Form;
use super::name_table::NameTable;
use super::numbered::Numbered;
use super::outside::Outside;
use super::overlay::Overlay;
use super::unplaced::Unplaced;
use crate::error::Error;

/// Bytes read at once while indexing a directory.
const CHUNK: usize = 1 << 16;

/// Where the entries of a directory are in its body.
#[derive(Debug, Default)]
pub(crate) struct Index {
    hasher: RandomState,
    names: NameTable,
    numbered: Numbered,
    /// For each block of the body the offset of the first entry that starts in it, or `NONE`.
    first: Vec<u16>,
    /// The names of nodes outside the virtual partition that are not recorded yet.
    unplaced: Unplaced,
}

/// Every entry is padded to a multiple of this many bytes (`ECMA-167 4/14.4.9`): the unit of places in the
/// name table.
const ENTRY_UNIT: u64 = 4;

const NONE: u16 = u16::MAX;

impl Index {
    /// Reads all entries of a directory once.
    pub fn build(disc: &mut Overlay<'_>, node: VirtualAddress, body: &Body) -> Result<Index, Error> {
        let mut index = Index::default();
        let mut shown = ShownNames::default();
        walk(disc, node, body, |offset, entry| {
            index.note_start(offset);
            let Some(name) = live_name(entry) else {
                return Ok(());
            };
            let recorded = name.len();
            let name = shown.show(name);
            // A number only makes a name longer.
            if name.len() > recorded {
                index.numbered.insert(name, offset);
                return Ok(());
            }
            index.insert(&name, offset)
        })?;
        Ok(index)
    }

    fn hash(&self, name: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(name) >> 32).unwrap_or(0)
    }

    /// Adds the start of an entry.
    pub fn note_start(&mut self, offset: u64) {
        let block = usize::try_from(offset / BLOCK_SIZE as u64).unwrap_or(usize::MAX);
        if self.first.len() <= block {
            self.first.resize(block + 1, NONE);
        }
        if self.first[block] == NONE {
            self.first[block] = u16::try_from(offset % BLOCK_SIZE as u64).unwrap_or(NONE);
        }
    }

    /// Adds a name and the start of its entry.
    pub fn insert(&mut self, name: &str, offset: u64) -> Result<(), Error> {
        let hash = self.hash(name);
        let place = u32::try_from(offset / ENTRY_UNIT).map_err(|_| Error::DirectoryTooLong)?;
        if self.names.insert(hash, place) {
            Ok(())
        } else {
            Err(Error::DirectoryTooLong)
        }
    }

    /// The offsets of entries that may have a name.
    pub fn candidates(&self, name: &str) -> Vec<u64> {
        let places = self.names.places(self.hash(name));
        places.map(|place| u64::from(place) * ENTRY_UNIT).collect()
    }

    /// Removes the name that the entry at an offset shows.
    pub fn remove(&mut self, name: &str, offset: u64) {
        if self.numbered.remove(name, offset) {
            return;
        }
        if let Ok(place) = u32::try_from(offset / ENTRY_UNIT) {
            self.names.remove(self.hash(name), place);
        }
    }

    /// Number of names, without the parent's.
    pub fn len(&self) -> usize {
        self.names.len() + self.numbered.len()
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        let starts = self.first.len() * size_of::<u16>();
        self.names.weight() + self.numbered.weight() + starts + self.unplaced.weight()
    }

    /// The entries that show another name than the recorded one.
    pub fn numbered(&self) -> &Numbered {
        &self.numbered
    }

    /// As [`Index::numbered`], to change them.
    pub fn numbered_mut(&mut self) -> &mut Numbered {
        &mut self.numbered
    }

    /// The names of nodes outside the virtual partition that are not recorded yet.
    pub fn unplaced(&self) -> &Unplaced {
        &self.unplaced
    }

    /// As [`Index::unplaced`], to change them.
    pub fn unplaced_mut(&mut self) -> &mut Unplaced {
        &mut self.unplaced
    }

    /// Stamps every entry that starts in block `number` of the body with its block and the serial number, and
    /// fills in the blocks of nodes outside the virtual partition.
    ///
    /// No CRC covers the tag location, so nothing else of these entries changes (`ECMA-167 3/7.2.8`).
    ///
    /// # Errors
    /// [`Error::UnplacedNode`].
    pub fn stamp(
        &self,
        number: u64,
        block: &mut [u8],
        outside: &Outside,
        form: Form,
        at: LogicalBlock,
    ) -> Result<(), Error> {
        let first = usize::try_from(number)
            .ok()
            .and_then(|number| self.first.get(number));
        if let Some(first) = first.filter(|first| **first != NONE) {
            stamp_entries(block, usize::from(*first), form, at);
        }
        self.unplaced.name(number, block, outside, form, at)
    }
}

/// Stamps the entries of an embedded body with the block of the ICB.
pub(crate) fn stamp_embedded(body: &mut [u8], form: Form, at: LogicalBlock) {
    stamp_entries(body, 0, form, at);
}

fn stamp_entries(bytes: &mut [u8], first: usize, form: Form, at: LogicalBlock) {
    let mut offset = first;
    while let Some(entry) = bytes.get_mut(offset..).filter(|rest| rest.len() >= 16) {
        if entry[..2] == [0, 0] {
            return;
        }
        FileIdentifier::restamp(entry, at.0);
        tag::set_serial_number(entry, form.serial);
        let Some(length) = FileIdentifier::stated_len(entry) else {
            return;
        };
        offset += length;
    }
}

/// The name of an entry that is neither deleted nor the parent's, as a reader of the volume shows it if no
/// earlier entry has the same.
pub(crate) fn live_name(entry: &FileIdentifier) -> Option<String> {
    let hidden = FileCharacteristics::DELETED | FileCharacteristics::PARENT;
    if entry.characteristics.intersects(hidden) {
        return None;
    }
    Some(host_name(&entry.identifier))
}

/// Calls `each` with the byte offset of every entry and the entry, including deleted ones and the parent's.
pub(crate) fn walk(
    disc: &mut Overlay<'_>,
    node: VirtualAddress,
    body: &Body,
    mut each: impl FnMut(u64, &FileIdentifier) -> Result<(), Error>,
) -> Result<(), Error> {
    // No directory is longer than what is recorded and what waits. Without this check its index could take
    // more memory than the disc justifies.
    let waiting = body.dirty_blocks().saturating_add(disc.track.waiting() as u64);
    let most = disc
        .volume
        .recorded_bytes()
        .saturating_add(waiting.saturating_mul(BLOCK_SIZE as u64));
    if body.length() > most {
        return Err(volume::Error::corrupt(CorruptKind::DirectoryTooLong, node).into());
    }
    let mut bytes = Vec::new();
    let mut start = 0;
    let mut offset = 0;
    while offset < body.length() {
        let within = usize::try_from(offset - start).unwrap_or(0);
        let have = FileIdentifier::stated_len(bytes.get(within..).unwrap_or(&[]));
        if have.is_none_or(|length| within + length > bytes.len())
            && start + (bytes.len() as u64) < body.length()
        {
            bytes.drain(..within);
            start = offset;
            let old = bytes.len();
            bytes.resize(old + CHUNK, 0);
            let read = disc.read(Some(node), body, start + old as u64, &mut bytes[old..])?;
            bytes.truncate(old + read);
            continue;
        }
        let (entry, length) = FileIdentifier::decode(&bytes[within..], None)?;
        each(offset, &entry)?;
        offset += length as u64;
    }
    Ok(())
}
