//! A directory in use: its body holds the file identifier descriptors, an index finds them by name.
//!
//! An entry is added after the last one and deleted in place, so a change dirties only the blocks that it
//! touches.

use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};
use ecma167::general::TagVersion;
use ecma167::osta::cs0;
use ecma167::{BLOCK_SIZE, RecordedAddress, VirtualAddress};

use super::body::Body;
use super::form::Form;
use super::index::{Index, live_name, walk};
use super::outside::{NOWHERE, is_outside};
use super::overlay::Overlay;
use super::unplaced::readdressed;
use crate::error::{Error, NameFault, Unsupported};

/// The most entries of one name that are recorded anew when one is removed or added.
const MOST_NUMBERS: usize = 64;

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The ICB of the node that it names.
    pub icb: LongAd,
    /// Whether it names a directory.
    pub directory: bool,
}

/// A directory in use: its body, its index and what reads it.
pub(crate) struct Directory<'a, 'd> {
    pub disc: &'a mut Overlay<'d>,
    pub node: VirtualAddress,
    pub body: &'a mut Body,
    pub index: &'a mut Index,
    pub form: Form,
    /// The longest body that stays embedded, in bytes.
    pub embed: usize,
}

impl Directory<'_, '_> {
    /// The entry that shows a name, and its byte offset in the body.
    pub fn find(&mut self, name: &str) -> Result<Option<(u64, FileIdentifier)>, Error> {
        if let Some(offset) = self.index.numbered().offset(name) {
            return Ok(Some((offset, self.read_entry(offset)?)));
        }
        for offset in self.index.candidates(name) {
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
        let (entry, _) = FileIdentifier::decode(&bytes[..read], None)?;
        Ok(held(self.index, self.form, offset, entry))
    }

    /// Adds an entry after the last one. The caller has checked that the name is free.
    pub fn insert(&mut self, entry: FileIdentifier) -> Result<(), Error> {
        let name = live_name(&entry);
        self.insert_named(entry, name.as_deref()).map(drop)
    }

    /// As [`Directory::insert`], with the decoded name, or `None` to leave the entry out of the index.
    /// Returns the byte offset of the entry.
    pub fn insert_named(&mut self, entry: FileIdentifier, name: Option<&str>) -> Result<u64, Error> {
        if let Some(name) = name {
            self.record_numbers(name)?;
        }
        let offset = self.append(entry)?;
        if let Some(name) = name {
            self.index.insert(name, offset)?;
        }
        Ok(offset)
    }

    /// How many shown names are recorded if an entry is added under `name`, which may be taken: those of the
    /// entries whose recorded name it is. Fails if they cannot be.
    pub fn recorded_before_adding(&self, name: &str) -> Result<usize, Error> {
        let numbered = self.index.numbered().recorded_as(name);
        if are_recordable(&numbered) {
            Ok(numbered.len())
        } else {
            Err(Error::Exists)
        }
    }

    /// The most shown names that are recorded if the entry that shows `name` is removed.
    pub fn recorded_after_removing(&mut self, name: &str) -> Result<usize, Error> {
        if self.index.numbered().len() == 0 {
            return Ok(0);
        }
        let recorded = self.find(name)?.and_then(|(_, entry)| live_name(&entry));
        Ok(recorded.map_or(0, |recorded| {
            self.index
                .numbered()
                .recorded_as(&recorded)
                .len()
                .min(MOST_NUMBERS)
        }))
    }

    /// Records the shown names of entries whose recorded name is `name`, if possible: once an entry of
    /// that name is removed or added, readers would show others by them.
    fn record_numbers(&mut self, name: &str) -> Result<(), Error> {
        let numbered = self.index.numbered().recorded_as(name);
        if !are_recordable(&numbered) {
            return Ok(());
        }
        for (shown, offset) in numbered {
            let entry = self.read_entry(offset)?;
            let renamed = named_entry(&shown, entry.characteristics, entry.icb)?;
            let at = self.append(renamed)?;
            self.index.insert(&shown, at)?;
            self.delete(offset, entry)?;
            self.index.numbered_mut().remove(&shown, offset);
        }
        Ok(())
    }

    /// Adds an entry after the last one, but no name. Returns its byte offset.
    fn append(&mut self, mut entry: FileIdentifier) -> Result<u64, Error> {
        let offset = self.body.length();
        entry.pad_for_block(usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0));
        let bytes = encode(&entry, self.form.version)?;
        match self.body {
            Body::Embedded(body) if body.len() + bytes.len() <= self.embed => body.extend_from_slice(&bytes),
            _ => self
                .disc
                .write(Some(self.node), self.body.in_blocks(), offset, &bytes)?,
        }
        self.index.note_start(offset);
        self.note_outside(offset, &entry, &bytes);
        Ok(offset)
    }

    /// Notes whether an entry names a node by a number that is not recorded.
    fn note_outside(&mut self, offset: u64, entry: &FileIdentifier, bytes: &[u8]) {
        let address = entry.icb.address();
        let node = VirtualAddress(address.block);
        if address.partition == self.form.virtual_partition && is_outside(node) {
            self.index.unplaced_mut().insert(offset, node, bytes);
        } else {
            self.index.unplaced_mut().remove(offset);
        }
    }

    /// Makes the entry of a node, which is at `offset` or elsewhere and has the address `recorded`, name the
    /// node's number until the node is recorded anew. Returns the entry's byte offset if there is one.
    pub fn name_by_number(
        &mut self,
        node: VirtualAddress,
        recorded: Option<RecordedAddress>,
        offset: u64,
    ) -> Result<Option<u64>, Error> {
        let number = self.form.address_of(node);
        let is_wanted = |entry: &FileIdentifier| {
            let address = entry.icb.address();
            let is_live = !entry.characteristics.contains(FileCharacteristics::DELETED);
            is_live && (address == number || Some(address) == recorded)
        };
        let hinted = self.read_entry(offset).ok().filter(|entry| is_wanted(entry));
        let found = match hinted {
            Some(entry) => Some((offset, entry)),
            None => self.find_entry(is_wanted)?,
        };
        let Some((offset, mut entry)) = found else {
            return Ok(None);
        };
        entry.icb = readdressed(entry.icb, number);
        self.overwrite(offset, &entry)?;
        Ok(Some(offset))
    }

    fn find_entry(
        &mut self,
        is_wanted: impl Fn(&FileIdentifier) -> bool,
    ) -> Result<Option<(u64, FileIdentifier)>, Error> {
        let mut found = None;
        self.walk(|offset, entry| {
            if found.is_none() && is_wanted(&entry) {
                found = Some((offset, entry));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Passes every entry, as held in memory, to `each`.
    fn walk(&mut self, mut each: impl FnMut(u64, FileIdentifier) -> Result<(), Error>) -> Result<(), Error> {
        let (index, form) = (&*self.index, self.form);
        walk(self.disc, self.node, self.body, |offset, entry| {
            each(offset, held(index, form, offset, entry.clone()))
        })
    }

    /// Deletes the entry with a name in place (`UDF 2.60 2.3.4.2`) and returns it as it was.
    pub fn remove(&mut self, name: &str) -> Result<FileIdentifier, Error> {
        let (offset, entry) = self.find(name)?.ok_or(Error::NotFound)?;
        self.delete(offset, entry.clone())?;
        self.index.remove(name, offset);
        if let Some(recorded) = live_name(&entry) {
            self.record_numbers(&recorded)?;
        }
        Ok(entry)
    }

    fn delete(&mut self, offset: u64, mut entry: FileIdentifier) -> Result<(), Error> {
        entry.delete();
        self.overwrite(offset, &entry)
    }

    /// The entry of the parent, the first of every directory (`UDF 2.60 2.3.4`).
    fn parent_entry(&mut self) -> Result<FileIdentifier, Error> {
        let parent = self.read_entry(0)?;
        if !parent.characteristics.contains(FileCharacteristics::PARENT) {
            return Err(Error::Unsupported(Unsupported::NoParentEntry));
        }
        Ok(parent)
    }

    /// The ICB of the parent.
    pub fn parent(&mut self) -> Result<LongAd, Error> {
        Ok(self.parent_entry()?.icb)
    }

    /// Makes the parent's entry name another directory.
    pub fn set_parent(&mut self, icb: LongAd) -> Result<(), Error> {
        let parent = FileIdentifier {
            icb,
            ..self.parent_entry()?
        };
        self.overwrite(0, &parent)
    }

    /// Replaces an entry with one of the same length.
    fn overwrite(&mut self, offset: u64, entry: &FileIdentifier) -> Result<(), Error> {
        let bytes = encode(entry, self.form.version)?;
        match self.body {
            Body::Embedded(body) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let place = body.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len()));
                place.ok_or(Error::NotFound)?.copy_from_slice(&bytes);
            }
            Body::Blocks(blocks) => self.disc.write(Some(self.node), blocks, offset, &bytes)?,
        }
        self.note_outside(offset, entry, &bytes);
        Ok(())
    }

    /// The entries in the order of the body, each with its byte offset.
    pub fn entries(&mut self) -> Result<Vec<(u64, Entry)>, Error> {
        let mut entries = Vec::with_capacity(self.index.len());
        let mut numbered = self.index.numbered().by_offset();
        self.walk(|offset, entry| {
            if let Some(name) = numbered.remove(&offset).or_else(|| live_name(&entry)) {
                let directory = entry.characteristics.contains(FileCharacteristics::DIRECTORY);
                let icb = entry.icb;
                entries.push((offset, Entry { name, icb, directory }));
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// Lays the body out afresh without its deleted entries; all of it is dirty, so it becomes one extent.
    pub fn lay_out_afresh(&mut self) -> Result<(), Error> {
        let mut numbered = self.index.numbered().by_offset();
        let mut kept = Vec::new();
        self.walk(|offset, mut entry| {
            if !entry.characteristics.contains(FileCharacteristics::DELETED) {
                // Implementation use of our own is padding for the old place; that of others stays.
                if entry.is_padded() {
                    entry.implementation_use.clear();
                }
                kept.push((numbered.remove(&offset), entry));
            }
            Ok(())
        })?;
        *self.body = Body::Embedded(Vec::new());
        *self.index = Index::default();
        for (shown, entry) in kept {
            let name = live_name(&entry);
            let offset = self.append(entry)?;
            match (shown, name) {
                (Some(shown), _) => self.index.numbered_mut().insert(shown, offset),
                (None, Some(name)) => self.index.insert(&name, offset)?,
                (None, None) => {}
            }
        }
        Ok(())
    }
}

/// An entry at a byte offset as held in memory. It has the number of a node outside the virtual partition
/// while that node's block may still change. A recorded address that looks like such a number is replaced
/// with one that no VAT has.
fn held(index: &Index, form: Form, offset: u64, mut entry: FileIdentifier) -> FileIdentifier {
    let address = entry.icb.address();
    if let Some(node) = index.unplaced().get(offset) {
        entry.icb = readdressed(entry.icb, form.address_of(node));
    } else if address.partition == form.virtual_partition && is_outside(VirtualAddress(address.block)) {
        entry.icb = readdressed(entry.icb, form.address_of(NOWHERE));
    }
    entry
}

/// Whether the shown names of these entries can be recorded.
fn are_recordable(numbered: &[(String, u64)]) -> bool {
    let fits = |(shown, _): &(String, u64)| cs0::encoded_len(shown) <= cs0::MAX_FILE_IDENTIFIER;
    numbered.len() <= MOST_NUMBERS && numbered.iter().all(fits)
}

/// The entry's bytes; its location is stamped when the drive reports it.
fn encode(entry: &FileIdentifier, version: TagVersion) -> Result<Vec<u8>, Error> {
    entry.encode(version, 0).map_err(|_| {
        Error::Name(NameFault::TooLong {
            units: entry.identifier.len(),
        })
    })
}

/// A new entry for a checked name.
pub(crate) fn named_entry(
    name: &str,
    characteristics: FileCharacteristics,
    icb: LongAd,
) -> Result<FileIdentifier, Error> {
    FileIdentifier::new(name, characteristics, icb).map_err(|_| Error::Name(NameFault::Character))
}
