//! Directories: their size in blocks, and the blocks.
//!
//! A directory is an extent of records, none of which crosses a block (`ECMA-119 6.8.1.1`), directly followed
//! by the continuations of their system use. The continuations are there because libarchive reads them
//! together with the directory and accepts only what it finds in that place. It also requires each directory
//! to be after its parent.

use crate::block::{Blocks, Cursor};
use crate::date::RecordDate;
use crate::directory_record::{DirectoryRecord, FileFlags, record_bytes};
use crate::names::Identifier;
use crate::rock_ridge::{Attributes, RockRidge};
use crate::section::{Section, TooLarge};
use crate::system_use::SystemUse;
use crate::{BLOCK_BYTES, Block};

/// What a directory records about itself and its parent; the root is its own parent.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Whether it is the root.
    pub is_root: bool,
    /// Its own extent; [`DirectorySize`] ignores the block.
    pub extent: Section,
    /// The extent of its parent; [`DirectorySize`] ignores it.
    pub parent: Section,
    /// Recording dates of both.
    pub dates: [RecordDate; 2],
    /// Rock Ridge attributes of both; `None` in Joliet.
    pub attributes: Option<[&'a Attributes; 2]>,
}

/// One child of a directory.
#[derive(Clone, Copy, Debug)]
pub struct Child<'a> {
    /// Its identifier in this tree.
    pub identifier: &'a Identifier,
    /// Its recording date: the time of the last change to its data.
    pub date: RecordDate,
    /// Its data.
    pub content: Content<'a>,
    /// Its Rock Ridge data; `None` in Joliet.
    pub rock_ridge: Option<RockRidge<'a>>,
}

/// The data of a child. [`DirectorySize`] uses only the number of sections.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A directory, with its extent.
    Directory(Section),
    /// A regular file, with its sections: none if it is empty. All but the last are whole blocks. libarchive
    /// requires each to be after the previous one on disc, and Linux follows 100.
    File(&'a [Section]),
    /// Anything else: a symbolic link, a device, a FIFO, a socket.
    Special,
}

impl Child<'_> {
    fn system_use(&self) -> SystemUse {
        let is_special = matches!(self.content, Content::Special);
        let identifier = self.identifier.as_bytes().len();
        match &self.rock_ridge {
            Some(rock_ridge) => SystemUse::of_child(rock_ridge, is_special, identifier),
            None => SystemUse::none(),
        }
    }

    /// The section and flags of each record.
    fn records(&self) -> impl ExactSizeIterator<Item = (Section, FileFlags)> {
        let (sections, flags) = match &self.content {
            Content::Directory(extent) => (std::slice::from_ref(extent), FileFlags::DIRECTORY),
            Content::File(sections) if !sections.is_empty() => (*sections, FileFlags::empty()),
            Content::File(_) | Content::Special => (&[NOTHING][..], FileFlags::empty()),
        };
        let last = sections.len() - 1;
        sections.iter().enumerate().map(move |(number, section)| {
            let more = if number < last {
                FileFlags::MULTI_EXTENT
            } else {
                FileFlags::empty()
            };
            (*section, flags | more)
        })
    }
}

const NOTHING: Section = Section { block: 0, bytes: 0 };

impl Own<'_> {
    /// Identifier, system use, extent and date of the two records.
    fn records(&self) -> [(Identifier, SystemUse, Section, RecordDate); 2] {
        let system_use = |number: usize| match self.attributes {
            Some(attributes) => SystemUse::of_directory(attributes[number], self.is_root && number == 0),
            None => SystemUse::none(),
        };
        [
            (Identifier::SELF, system_use(0), self.extent, self.dates[0]),
            (Identifier::PARENT, system_use(1), self.parent, self.dates[1]),
        ]
    }
}

/// Computes the size of a directory in blocks; needs no addresses. Uses the memory of two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectorySize {
    records: Cursor,
    continuations: Cursor,
}

impl DirectorySize {
    /// A directory without children.
    #[must_use]
    pub fn new(own: &Own<'_>) -> Self {
        let mut size = Self::default();
        for (identifier, system_use, ..) in own.records() {
            size.place(&identifier, &system_use, 1);
        }
        size
    }

    /// Adds the next child, in the order of the standard.
    pub fn add(&mut self, child: &Child<'_>) {
        self.place(child.identifier, &child.system_use(), child.records().len());
    }

    fn place(
        &mut self,
        identifier: &Identifier,
        system_use: &SystemUse,
        records: usize,
    ) -> Vec<(u64, usize)> {
        let bytes = record_bytes(identifier.as_bytes().len(), system_use.bytes());
        self.records.keep_together(records * bytes);
        for _ in 0..records {
            self.records.place(bytes);
        }
        system_use.place(&mut self.continuations)
    }

    /// Number of blocks of the records: the directory's extent.
    ///
    /// # Errors
    /// If the number of bytes exceeds 32 bits.
    pub fn record_blocks(&self) -> Result<u32, TooLarge> {
        let most = u64::from(u32::MAX) / BLOCK_BYTES as u64;
        within(self.records.blocks(), most)
    }

    /// Number of blocks of the continuations, which directly follow the records.
    ///
    /// # Errors
    /// If the number exceeds 32 bits.
    pub fn continuation_blocks(&self) -> Result<u32, TooLarge> {
        within(self.continuations.blocks(), u64::from(u32::MAX))
    }

    /// The extent of the directory if it begins at `block`.
    ///
    /// # Errors
    /// As for the two methods above, or if the number of its last block exceeds 32 bits.
    pub fn extent(&self, block: u32) -> Result<Section, TooLarge> {
        let blocks = self.record_blocks()?;
        let end = u64::from(block) + u64::from(blocks) + u64::from(self.continuation_blocks()?);
        within(end, u64::from(u32::MAX))?;
        let bytes = blocks * 2048;
        Ok(Section { block, bytes })
    }
}

fn within(blocks: u64, most: u64) -> Result<u32, TooLarge> {
    u32::try_from(blocks)
        .ok()
        .filter(|blocks| u64::from(*blocks) <= most)
        .ok_or(TooLarge {
            structure: "directory",
            asked: blocks,
            most,
        })
}

/// A part of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its extent.
    Records,
    /// The continuations after it.
    Continuations,
}

/// Encodes the blocks of one part of a directory, in one walk over its children. Memory: one block, and those
/// waiting to be taken.
pub struct DirectoryEncoder {
    part: Part,
    size: DirectorySize,
    first_continuation: u32,
    records: Blocks,
    continuations: Blocks,
    bytes: Vec<u8>,
}

impl DirectoryEncoder {
    /// Starts a part of the directory with this extent, which begins with the directory's own records.
    #[must_use]
    pub fn new(part: Part, own: &Own<'_>) -> Self {
        let mut encoder = Self {
            part,
            size: DirectorySize::default(),
            first_continuation: own.extent.block.saturating_add(own.extent.bytes / 2048),
            records: Blocks::default(),
            continuations: Blocks::default(),
            bytes: Vec::new(),
        };
        for (identifier, system_use, section, date) in own.records() {
            encoder.encode(
                &identifier,
                &system_use,
                date,
                [(section, FileFlags::DIRECTORY)].into_iter(),
            );
        }
        encoder
    }

    /// Adds the next child, in the same order and with the same facts as for [`DirectorySize`].
    pub fn push(&mut self, child: &Child<'_>) {
        self.encode(child.identifier, &child.system_use(), child.date, child.records());
    }

    fn encode(
        &mut self,
        identifier: &Identifier,
        system_use: &SystemUse,
        date: RecordDate,
        records: impl ExactSizeIterator<Item = (Section, FileFlags)>,
    ) {
        let bytes = record_bytes(identifier.as_bytes().len(), system_use.bytes());
        self.records.keep_together(records.len() * bytes);
        let places = self.size.place(identifier, system_use, 0);
        let areas = system_use.encode(self.first_continuation, &places);
        let Some((area, continuations)) = areas.split_first() else {
            return;
        };
        for (section, flags) in records {
            self.bytes.clear();
            let record = DirectoryRecord {
                identifier: identifier.as_bytes(),
                section,
                date,
                flags,
                system_use: area,
            };
            record.encode(&mut self.bytes);
            self.records.push_whole(&self.bytes);
        }
        for continuation in continuations {
            self.continuations.push_whole(continuation);
        }
        match self.part {
            Part::Records => self.continuations.discard(),
            Part::Continuations => self.records.discard(),
        }
    }

    /// The next full block of the part.
    pub fn take(&mut self) -> Option<Block> {
        match self.part {
            Part::Records => self.records.take(),
            Part::Continuations => self.continuations.take(),
        }
    }

    /// Call after the last child: fills the last block with zeros, so that it can be taken.
    pub fn finish(&mut self) {
        self.records.complete();
        self.continuations.complete();
    }
}
