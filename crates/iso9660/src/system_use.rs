//! The contents of a record's system use area, and what is continued elsewhere.

use crate::BLOCK_BYTES;
use crate::block::Cursor;
use crate::directory_record::system_use_room;
use crate::rock_ridge::{
    Attributes, EXTENSION, RockRidge, Special, TF_BYTES, push_nm, push_pn, push_px, push_sl, push_tf,
};
use crate::susp::{CE_BYTES, Continuation, SP, push_er};

/// The system use of one record: the area itself, and the areas that continue it, each in one block.
pub(crate) struct SystemUse {
    entries: Vec<u8>,
    /// Offsets at which the entries are split.
    parts: Vec<usize>,
}

impl SystemUse {
    /// Empty, as in Joliet.
    pub(crate) fn none() -> Self {
        Self {
            entries: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// The system use of a directory's own record or that of its parent; the root's own record announces the
    /// standards used.
    pub(crate) fn of_directory(attributes: &Attributes, announces: bool) -> Self {
        let mut entries = Vec::new();
        if announces {
            entries.extend_from_slice(&SP);
        }
        push_px(&mut entries, attributes);
        push_tf(&mut entries, attributes);
        if announces {
            push_er(&mut entries, EXTENSION);
        }
        Self::parted(entries, 1)
    }

    /// The system use of a child with an identifier of this length.
    ///
    /// Only a special file has continuations: libarchive stops at a regular file with a continuation after
    /// its data, where all those of a bridge are. Times follow the name, and are left out of other records
    /// without room for them: readers then use the recording date, and for a directory the times in its own
    /// record.
    pub(crate) fn of_child(rock_ridge: &RockRidge<'_>, is_special: bool, identifier: usize) -> Self {
        let mut entries = Vec::with_capacity(system_use_room(identifier));
        push_px(&mut entries, rock_ridge.attributes);
        push_nm(&mut entries, rock_ridge.name);
        if is_special || entries.len() + TF_BYTES <= system_use_room(identifier) {
            push_tf(&mut entries, rock_ridge.attributes);
        }
        match rock_ridge.special {
            Special::None => {}
            Special::Target(target) => push_sl(&mut entries, target),
            Special::Device { major, minor } => push_pn(&mut entries, major, minor),
        }
        Self::parted(entries, identifier)
    }

    /// Splits entries between the record and its continuations; none is cut.
    fn parted(entries: Vec<u8>, identifier: usize) -> Self {
        let mut parts = Vec::new();
        let (mut start, mut room) = (0, system_use_room(identifier));
        while entries.len() - start > room {
            let mut end = start;
            // CE follows the last entry that stays here.
            while end + usize::from(entries[end + 2]) + CE_BYTES <= start + room {
                end += usize::from(entries[end + 2]);
            }
            parts.push(end);
            (start, room) = (end, BLOCK_BYTES);
        }
        Self { entries, parts }
    }

    /// Bytes in the record itself.
    pub(crate) fn bytes(&self) -> usize {
        self.parts
            .first()
            .map_or(self.entries.len(), |end| end + CE_BYTES)
    }

    /// Bytes of each continuation.
    fn continuation_bytes(&self) -> impl Iterator<Item = usize> {
        let ends = self.parts.iter().skip(1).copied();
        let last = (self.entries.len(), 0);
        self.parts
            .iter()
            .zip(ends.map(|end| (end, CE_BYTES)).chain([last]))
            .map(|(start, (end, ce))| end - start + ce)
    }

    /// Assigns each continuation its place: bytes from the first block of all continuations of the directory.
    pub(crate) fn place(&self, cursor: &mut Cursor) -> Vec<(u64, usize)> {
        self.continuation_bytes()
            .map(|bytes| (cursor.place(bytes), bytes))
            .collect()
    }

    /// The area and its continuations as recorded, if the continuations begin in block `first_block` and have
    /// these places.
    pub(crate) fn encode(&self, first_block: u32, places: &[(u64, usize)]) -> Vec<Vec<u8>> {
        let starts = std::iter::once(0).chain(self.parts.iter().copied());
        let ends = self.parts.iter().copied().chain([self.entries.len()]);
        let mut areas: Vec<Vec<u8>> = starts
            .zip(ends)
            .map(|(start, end)| self.entries[start..end].to_vec())
            .collect();
        for (area, (place, bytes)) in areas.iter_mut().zip(places) {
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let block = u64::from(first_block) + place / BLOCK_BYTES as u64;
            let offset = place % BLOCK_BYTES as u64;
            Continuation::new(number(block), number(offset), number(*bytes as u64)).push(area);
        }
        areas
    }
}
