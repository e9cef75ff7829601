//! Path tables: all directories of a tree by number.

use crate::Block;
use crate::block::Blocks;
use crate::malformed::{Malformed, MalformedKind};
use crate::names::Identifier;
use crate::section::TooLarge;

/// The order of bytes in the numbers of a path table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Type L: the least significant byte first.
    Little,
    /// Type M: the most significant byte first.
    Big,
}

/// A directory in a path table (`ECMA-119 9.4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathTableRecord<'a> {
    /// Its identifier; a single byte 0 for the root.
    pub identifier: &'a [u8],
    /// The first block of its extent.
    pub extent: u32,
    /// The number of its parent, counted from 1; the root is its own parent.
    pub parent: u16,
}

/// Bytes before the identifier.
const HEADER_BYTES: usize = 8;

fn bytes(identifier: usize) -> usize {
    (HEADER_BYTES + identifier).next_multiple_of(2)
}

impl<'a> PathTableRecord<'a> {
    fn encode(&self, order: ByteOrder, into: &mut Vec<u8>) {
        into.push(u8::try_from(self.identifier.len()).unwrap_or(u8::MAX));
        into.push(0);
        match order {
            ByteOrder::Little => {
                into.extend_from_slice(&self.extent.to_le_bytes());
                into.extend_from_slice(&self.parent.to_le_bytes());
            }
            ByteOrder::Big => {
                into.extend_from_slice(&self.extent.to_be_bytes());
                into.extend_from_slice(&self.parent.to_be_bytes());
            }
        }
        into.extend_from_slice(self.identifier);
        if self.identifier.len() % 2 == 1 {
            into.push(0);
        }
    }

    /// The record at the start of `table`, and the bytes after it.
    ///
    /// # Errors
    /// If it is truncated or has no identifier.
    pub fn read(order: ByteOrder, table: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let wrong = |kind| Malformed {
            kind,
            structure: "path table record",
            clause: "ECMA-119 9.4",
        };
        let Some((&[length, _, e0, e1, e2, e3, p0, p1], after)) = table.split_first_chunk::<HEADER_BYTES>()
        else {
            return Err(wrong(MalformedKind::Truncated));
        };
        if length == 0 {
            return Err(wrong(MalformedKind::Field("Length of Directory Identifier")));
        }
        let identifier = after
            .get(..usize::from(length))
            .ok_or(wrong(MalformedKind::Truncated))?;
        let (extent, parent) = ([e0, e1, e2, e3], [p0, p1]);
        let (extent, parent) = match order {
            ByteOrder::Little => (u32::from_le_bytes(extent), u16::from_le_bytes(parent)),
            ByteOrder::Big => (u32::from_be_bytes(extent), u16::from_be_bytes(parent)),
        };
        let record = Self {
            identifier,
            extent,
            parent,
        };
        Ok((record, table.get(bytes(identifier.len())..).unwrap_or(&[])))
    }
}

/// The number of a directory's parent, if a path table can contain it.
///
/// Directories are numbered by level, so after the first that does not fit none does.
fn listed(parent: u32) -> Option<u16> {
    u16::try_from(parent).ok()
}

/// Computes the size of a path table; needs no addresses.
///
/// Directories must come in the order of their numbers: by level, then by the number of the parent, then by
/// identifier (`ECMA-119 6.9.1`). A walk has that order if it takes directories from a queue and appends
/// their children, in directory order, to it. The first is the root, number 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathTableSize {
    bytes: u64,
    left_out: u64,
}

impl PathTableSize {
    /// Adds the next directory.
    ///
    /// A directory with a parent number beyond 65,535 is left out, because the field has 16 bits. It can
    /// still be reached through the directories; Linux, libarchive, xorriso, 7-Zip, GRUB and libcdio read no
    /// path table.
    pub fn add(&mut self, identifier: &Identifier, parent: u32) {
        if listed(parent).is_some() {
            self.bytes += bytes(identifier.as_bytes().len()) as u64;
        } else {
            self.left_out += 1;
        }
    }

    /// Size of the table in bytes.
    ///
    /// # Errors
    /// If the number of bytes exceeds 32 bits.
    pub fn bytes(&self) -> Result<u32, TooLarge> {
        u32::try_from(self.bytes).map_err(|_| TooLarge {
            structure: "path table",
            asked: self.bytes,
            most: u64::from(u32::MAX),
        })
    }

    /// Number of blocks of each of the two tables.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn blocks(&self) -> Result<u32, TooLarge> {
        Ok(self.bytes()?.div_ceil(2048))
    }

    /// The number of directories left out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// Encodes the blocks of one path table. Memory: one block, and those waiting to be taken.
pub struct PathTableEncoder {
    order: ByteOrder,
    blocks: Blocks,
    record: Vec<u8>,
}

impl PathTableEncoder {
    /// An empty table.
    #[must_use]
    pub fn new(order: ByteOrder) -> Self {
        Self {
            order,
            blocks: Blocks::default(),
            record: Vec::new(),
        }
    }

    /// Adds the next directory, in the order required by [`PathTableSize`], with the first block of its
    /// extent.
    pub fn push(&mut self, identifier: &Identifier, parent: u32, extent: u32) {
        let Some(parent) = listed(parent) else { return };
        let record = PathTableRecord {
            identifier: identifier.as_bytes(),
            extent,
            parent,
        };
        self.record.clear();
        record.encode(self.order, &mut self.record);
        self.blocks.push(&self.record);
    }

    /// The next full block.
    pub fn take(&mut self) -> Option<Block> {
        self.blocks.take()
    }

    /// Call after the last directory: fills the last block with zeros, so that it can be taken.
    pub fn finish(&mut self) {
        self.blocks.complete();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Distinction, Kind, primary};

    fn identifier(name: &str) -> Identifier {
        primary::identifier(name, Kind::Directory, Distinction::default()).identifier
    }

    fn table(order: ByteOrder, directories: &[(Identifier, u32, u32)]) -> (Vec<u8>, PathTableSize) {
        let (mut encoder, mut size) = (PathTableEncoder::new(order), PathTableSize::default());
        for (identifier, parent, extent) in directories {
            size.add(identifier, *parent);
            encoder.push(identifier, *parent, *extent);
        }
        encoder.finish();
        let table: Vec<u8> = std::iter::from_fn(|| encoder.take()).flatten().collect();
        assert_eq!(table.len(), size.blocks().unwrap() as usize * 2048);
        (table, size)
    }

    #[test]
    fn a_table_is_read_as_recorded_across_block_borders() {
        let names: Vec<String> = (0..300).map(|number| format!("D{number}")).collect();
        let mut directories = vec![(Identifier::SELF, 1, 100)];
        for (extent, name) in (101..).zip(&names) {
            directories.push((identifier(name), 1, extent));
        }
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let (table, size) = table(order, &directories);
            let mut rest = &table[..size.bytes().unwrap() as usize];
            for (identifier, parent, extent) in &directories {
                let (record, after) = PathTableRecord::read(order, rest).unwrap();
                assert_eq!(record.identifier, identifier.as_bytes());
                assert_eq!((u32::from(record.parent), record.extent), (*parent, *extent));
                rest = after;
            }
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn numbers_are_in_the_order_of_the_table() {
        let directories = [(identifier("AB"), 0x0102, 0x0304_0506)];
        let (little, _) = table(ByteOrder::Little, &directories);
        assert_eq!(little[..10], [2, 0, 6, 5, 4, 3, 2, 1, b'A', b'B']);
        let (big, _) = table(ByteOrder::Big, &directories);
        assert_eq!(big[..10], [2, 0, 3, 4, 5, 6, 1, 2, b'A', b'B']);
    }

    #[test]
    fn children_of_a_parent_beyond_16_bits_are_left_out() {
        let directories = [(identifier("A"), 65_535, 9), (identifier("B"), 65_536, 10)];
        let (table, size) = table(ByteOrder::Little, &directories);
        assert_eq!((size.bytes().unwrap(), size.left_out()), (10, 1));
        assert!(PathTableRecord::read(ByteOrder::Little, &table[10..]).is_err());
    }
}
