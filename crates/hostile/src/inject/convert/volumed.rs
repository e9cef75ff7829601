//! A volume being made from another.

use ecma167::general::{Tag, TagVersion};
use ecma167::osta::Revision;
use ecma167::volume::ANCHOR_SECTOR;

use crate::image::{Block, Image};

/// Represents a block that a table lacks.
pub const NONE: u32 = u32::MAX;

/// A volume being made.
pub struct Volumed {
    pub image: Image,
    pub revision: Revision,
    /// Start of the partition.
    pub start: u32,
    /// The block of each node, by the number that it had in the VAT.
    pub blocks: Vec<u32>,
    /// The sector after all others.
    pub next: u32,
}

impl Volumed {
    /// Appends a block; returns its number in the partition.
    pub fn push(&mut self, block: Block) -> u32 {
        *self.image.block_mut(self.next) = block;
        self.next += 1;
        self.next - 1 - self.start
    }

    /// The serial number in all its tags: that of its first anchor.
    pub fn serial_number(&self) -> u16 {
        Tag::peek(&self.image.block(ANCHOR_SECTOR)).map_or(0, |tag| tag.tag_serial_number.get())
    }

    /// The version in all its descriptors.
    pub fn version(&self) -> TagVersion {
        TagVersion::of(self.revision)
    }
}
