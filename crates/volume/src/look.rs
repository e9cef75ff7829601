//! What a block of the medium is by its contents alone, where nothing names it.

use std::ops::Range;

use ecma167::BLOCK_SIZE;
use ecma167::file::FileType;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::recognition::recognise;

use crate::error::Error;
use crate::loss::is_of_recorded;
use crate::session_structures::descriptor_at;
use crate::volume::Volume;

/// Blocks read at a time: 1 MiB.
const STEP: u32 = 512;

/// What a block looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Looks {
    /// All zero.
    Zeros,
    /// A descriptor of a volume recognition sequence (`ECMA-167 2/9.1`).
    Recognition,
    /// An anchor that states this sector (`ECMA-167 3/10.2`).
    Anchor,
    /// Another descriptor of a volume that states this sector, or a terminating descriptor.
    Descriptor,
    /// The ICB of a VAT that states this block of the partition (`UDF 2.60 2.2.11`).
    VatIcb,
    /// An entry with a valid tag.
    Entry,
    /// Anything else.
    Other,
    /// It was recorded and cannot be read.
    Unreadable,
    /// The drive says that nothing was recorded there.
    NotRecorded,
}

impl Volume {
    /// Reads blocks of the medium and passes each with what it looks like to `hear`, which returns whether to
    /// go on. Returns whether it came to the end.
    ///
    /// # Errors
    /// Errors of the drive, except that a block cannot be read.
    pub fn look_at(
        &mut self,
        blocks: Range<u32>,
        hear: &mut dyn FnMut(u32, Looks) -> bool,
    ) -> Result<bool, Error> {
        let Range { mut start, end } = blocks;
        let mut buffer = vec![0; STEP.min(end.saturating_sub(start)) as usize * BLOCK_SIZE];
        while start < end {
            let next = start.saturating_add(STEP).min(end);
            let bytes = &mut buffer[..(next - start) as usize * BLOCK_SIZE];
            let mut unreadable = Vec::new();
            self.space.read_in_halves(start, bytes, &mut unreadable)?;
            unreadable.sort_unstable_by_key(|(at, _)| *at);
            for (block, at) in bytes.chunks_exact(BLOCK_SIZE).zip(start..next) {
                let looks = match unreadable.binary_search_by_key(&at, |(at, _)| *at) {
                    Ok(index) if is_of_recorded(unreadable[index].1) => Looks::Unreadable,
                    Ok(_) => Looks::NotRecorded,
                    Err(_) => self.looks(at, block),
                };
                if !hear(at, looks) {
                    return Ok(false);
                }
            }
            start = next;
        }
        Ok(true)
    }

    fn looks(&self, at: u32, block: &[u8]) -> Looks {
        /// The offset of the file type in an entry.
        const FILE_TYPE: usize = 16 + 11;
        if block.iter().all(|byte| *byte == 0) {
            return Looks::Zeros;
        }
        match descriptor_at(at, block) {
            Some(TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER) => return Looks::Anchor,
            Some(_) => return Looks::Descriptor,
            None => {}
        }
        if recognise(block).is_some() {
            return Looks::Recognition;
        }
        let Some(tag) = Tag::peek(block) else {
            return Looks::Other;
        };
        // That of a file set states a block of its partition.
        if tag.identifier() == TagIdentifier::TERMINATING_DESCRIPTOR {
            return Looks::Descriptor;
        }
        if ![TagIdentifier::FILE_ENTRY, TagIdentifier::EXTENDED_FILE_ENTRY].contains(&tag.identifier()) {
            return Looks::Other;
        }
        let is_vat = matches!(block.get(FILE_TYPE), Some(&kind) if kind == FileType::VAT.0 || kind == 0);
        let ground = self.space.maps().ground();
        let here = ground.and_then(|ground| ground.partition.block(ecma167::LogicalSector(at)));
        match here {
            Some(here) if is_vat && here.0 == tag.tag_location.get() => Looks::VatIcb,
            _ => Looks::Entry,
        }
    }
}
