//! A directory while it is pending: its body holds the file identifier descriptors, an index finds them by name.
//!
//! An entry is added behind the last one and deleted in place, so a change makes only the blocks dirty that it
//! touches. A name is looked up by its hash and compared with what the body says.

use std::hash::{BuildHasher, RandomState};

use crate::{
    body::Body,
    disc::Disc,
    error::{Error, NameFault},
    name_table::NameTable,
    node::Form,
};
use ecma167::{
    BLOCK_SIZE, LogicalBlock, VirtualAddress,
    file::{FileCharacteristics, FileIdentifier, LongAd},
    general::{TagVersion, tag},
    osta::cs0,
};
use volume::{CorruptKind, host_name};

/// Bytes read at once while a directory is indexed.
const CHUNK: usize = 1 << 16;

/// Where the entries of a directory stand in its body.
#[derive(Debug, Default)]
pub(crate) struct Index {
    hasher: RandomState,
    names: NameTable,
    /// For each block of the body the offset of the first entry that starts in it, `NONE` where none does.
    first: Vec<u16>,
}

/// Every entry is padded to a multiple of so many bytes (`ECMA-167 4/14.4.9`): the unit of places in the name table.
const ENTRY_UNIT: u64 = 4;

const NONE: u16 = u16::MAX;

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The ICB of what it names.
    pub icb: LongAd,
    /// Whether it names a directory.
    pub directory: bool,
}

/// A directory at work: its body, its index and what reads it.
pub(crate) struct Directory<'a> {
    pub disc: &'a mut Disc,
    pub node: VirtualAddress,
    pub body: &'a mut Body,
    pub index: &'a mut Index,
    pub version: TagVersion,
    /// Longest body that stays embedded, in bytes.
    pub embed: usize,
}

impl Index {
    /// Reads all entries of a directory once.
    pub fn build(disc: &mut Disc, node: VirtualAddress, body: &Body) -> Result<Index, Error> {
        let mut index = Index::default();
        walk(disc, node, body, |offset, entry| {
            index.note_start(offset);
            match live_name(entry) {
                Some(name) => index.insert(&name, offset),
                None => Ok(()),
            }
        })?;
        Ok(index)
    }

    fn hash(&self, name: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(name) >> 32).unwrap_or(0)
    }

    fn note_start(&mut self, offset: u64) {
        let block = usize::try_from(offset / BLOCK_SIZE as u64).unwrap_or(usize::MAX);
        if self.first.len() <= block {
            self.first.resize(block + 1, NONE);
        }
        if self.first[block] == NONE {
            self.first[block] = u16::try_from(offset % BLOCK_SIZE as u64).unwrap_or(NONE);
        }
    }

    fn insert(&mut self, name: &str, offset: u64) -> Result<(), Error> {
        let hash = self.hash(name);
        let place = u32::try_from(offset / ENTRY_UNIT).map_err(|_| Error::FileTooLarge)?;
        if self.names.insert(hash, place) {
            Ok(())
        } else {
            Err(Error::FileTooLarge)
        }
    }

    /// Number of names, the parent's not counted.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Rough memory that it holds, in bytes.
    pub fn weight(&self) -> usize {
        self.names.weight() + self.first.len() * size_of::<u16>()
    }

    /// Gives every entry that starts in block `number` of the body the block where it now stands, and the serial number.
    ///
    /// The location is not covered by a CRC, so nothing else changes (`ECMA-167 3/7.2.8`).
    pub fn stamp(&self, number: u64, block: &mut [u8], form: Form, at: LogicalBlock) {
        let first = usize::try_from(number)
            .ok()
            .and_then(|number| self.first.get(number));
        if let Some(first) = first.filter(|first| **first != NONE) {
            stamp_entries(block, usize::from(*first), form, at);
        }
    }
}

/// Gives the entries in an embedded body the block where the ICB stands.
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

/// The name of an entry that names something, but not the parent: as a reader of the volume shows it.
fn live_name(entry: &FileIdentifier) -> Option<String> {
    let hidden = FileCharacteristics::DELETED | FileCharacteristics::PARENT;
    if entry.characteristics.intersects(hidden) {
        return None;
    }
    Some(host_name(&entry.identifier))
}

/// Calls `each` with the byte offset of every entry and the entry, deleted ones and the parent's too.
fn walk(
    disc: &mut Disc,
    node: VirtualAddress,
    body: &Body,
    mut each: impl FnMut(u64, &FileIdentifier) -> Result<(), Error>,
) -> Result<(), Error> {
    // No directory is longer than what is recorded and what waits: its index would take more memory than the disc can ask for.
    let waiting = body.dirty_blocks().saturating_add(disc.queue.blocks() as u64);
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

impl Directory<'_> {
    /// The entry of that name with its byte offset in the body.
    pub fn find(&mut self, name: &str) -> Result<Option<(u64, FileIdentifier)>, Error> {
        let hash = self.index.hash(name);
        let candidates: Vec<u32> = self.index.names.places(hash).collect();
        for place in candidates {
            let offset = u64::from(place) * ENTRY_UNIT;
            let entry = self.read_entry(offset)?;
            if live_name(&entry).as_deref() == Some(name) {
                return Ok(Some((offset, entry)));
            }
        }
        Ok(None)
    }

    fn read_entry(&mut self, offset: u64) -> Result<FileIdentifier, Error> {
        // A file identifier descriptor is no longer than a block (UDF 2.60 2.3.4).
        let mut bytes = [0; BLOCK_SIZE];
        let read = self.disc.read(Some(self.node), self.body, offset, &mut bytes)?;
        Ok(FileIdentifier::decode(&bytes[..read], None)?.0)
    }

    /// Adds an entry behind the last one. The caller has made sure that the name is free.
    pub fn insert(&mut self, entry: FileIdentifier) -> Result<(), Error> {
        let name = live_name(&entry);
        self.insert_named(entry, name.as_deref())
    }

    /// As [`Directory::insert`], where the caller has the name already, or knows that it is to be found by none.
    pub fn insert_named(&mut self, mut entry: FileIdentifier, name: Option<&str>) -> Result<(), Error> {
        let offset = self.body.length();
        entry.pad_for_block(usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0));
        let bytes = encode(&entry, self.version)?;
        match self.body {
            Body::Embedded(body) if body.len() + bytes.len() <= self.embed => body.extend_from_slice(&bytes),
            _ => self
                .disc
                .write(Some(self.node), self.body.in_blocks(), offset, &bytes)?,
        }
        self.index.note_start(offset);
        match name {
            Some(name) => self.index.insert(name, offset),
            None => Ok(()),
        }
    }

    /// Deletes the entry of that name in place (`UDF 2.60 2.3.4.2`) and returns what it was.
    pub fn remove(&mut self, name: &str) -> Result<FileIdentifier, Error> {
        let (offset, entry) = self.find(name)?.ok_or(Error::NotFound)?;
        let mut deleted = entry.clone();
        deleted.delete();
        self.overwrite(offset, &deleted)?;
        if let Ok(place) = u32::try_from(offset / ENTRY_UNIT) {
            self.index.names.remove(self.index.hash(name), place);
        }
        Ok(entry)
    }

    /// The entry of the parent, the first of every directory (`UDF 2.60 2.3.4`).
    fn parent_entry(&mut self) -> Result<FileIdentifier, Error> {
        let parent = self.read_entry(0)?;
        if !parent.characteristics.contains(FileCharacteristics::PARENT) {
            return Err(Error::Unsupported(
                "a directory does not begin with the entry of its parent",
            ));
        }
        Ok(parent)
    }

    /// The ICB of the parent.
    pub fn parent(&mut self) -> Result<LongAd, Error> {
        Ok(self.parent_entry()?.icb)
    }

    /// Lets the parent's entry name another directory.
    pub fn set_parent(&mut self, icb: LongAd) -> Result<(), Error> {
        let parent = FileIdentifier {
            icb,
            ..self.parent_entry()?
        };
        self.overwrite(0, &parent)
    }

    /// Records another entry of the same length in the place of one.
    fn overwrite(&mut self, offset: u64, entry: &FileIdentifier) -> Result<(), Error> {
        let bytes = encode(entry, self.version)?;
        match self.body {
            Body::Embedded(body) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let place = body.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len()));
                place.ok_or(Error::NotFound)?.copy_from_slice(&bytes);
                Ok(())
            }
            Body::Blocks(blocks) => self.disc.write(Some(self.node), blocks, offset, &bytes),
        }
    }

    /// The entries in the order of the body.
    pub fn entries(&mut self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::with_capacity(self.index.len());
        walk(self.disc, self.node, self.body, |_, entry| {
            if let Some(name) = live_name(entry) {
                let directory = entry.characteristics.contains(FileCharacteristics::DIRECTORY);
                entries.push(Entry {
                    name,
                    icb: entry.icb,
                    directory,
                });
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// Lays the body out afresh without its deleted entries, all of it dirty, so that it becomes one extent.
    pub fn lay_out_afresh(&mut self) -> Result<(), Error> {
        let mut kept = Vec::new();
        walk(self.disc, self.node, self.body, |_, entry| {
            if !entry.characteristics.contains(FileCharacteristics::DELETED) {
                let mut entry = entry.clone();
                // Our own is padding for a place; what another implementation has there is its own.
                if entry.is_padded() {
                    entry.implementation_use.clear();
                }
                kept.push(entry);
            }
            Ok(())
        })?;
        *self.body = Body::Embedded(Vec::new());
        *self.index = Index::default();
        kept.into_iter().try_for_each(|entry| self.insert(entry))
    }
}

/// The entry's bytes; its place is stamped when the drive tells it.
fn encode(entry: &FileIdentifier, version: TagVersion) -> Result<Vec<u8>, Error> {
    entry.encode(version, 0).map_err(|_| {
        Error::Name(NameFault::TooLong {
            units: entry.identifier.len(),
        })
    })
}

/// A new entry of a name that was checked.
pub(crate) fn named_entry(
    name: &str,
    characteristics: FileCharacteristics,
    icb: LongAd,
) -> Result<FileIdentifier, Error> {
    FileIdentifier::new(name, characteristics, icb).map_err(|_| Error::Name(NameFault::Character))
}

/// Fails for a name that no file identifier holds (`UDF 2.60 2.1.1`).
///
/// # Errors
/// [`Error::Name`] with the reason.
pub fn require_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::Name(NameFault::Empty));
    }
    if matches!(name, "." | "..") {
        return Err(Error::Name(NameFault::Reserved));
    }
    if name.bytes().any(|byte| matches!(byte, b'/' | 0)) || !cs0::are_recordable(name) {
        return Err(Error::Name(NameFault::Character));
    }
    if cs0::encoded_len(name) > cs0::MAX_FILE_IDENTIFIER {
        let wide = name.chars().any(|character| u32::from(character) > 0xFF);
        let units = if wide {
            name.encode_utf16().count()
        } else {
            name.chars().count()
        };
        return Err(Error::Name(NameFault::TooLong { units }));
    }
    Ok(())
}
