//! File bodies: what a write or a truncation does to a node.

use ecma167::{BLOCK_SIZE, VirtualAddress};

use super::body::{Block, Body};
use super::node::continuations_of;
use super::overlay::Overlay;
use super::plain_extra::Growth;
use super::{Piece, Tree};
use crate::error::Error;

/// The longest body in bytes: recorded bodies cannot exceed 2^32 blocks, and holes end here too.
pub(crate) const LONGEST: u64 = (u32::MAX as u64) * BLOCK_SIZE as u64;

/// Runs above which the body of a directory is laid out afresh, in one extent and without its deleted
/// entries.
const SCATTERED_RUNS: usize = 100;

/// The longest directory that is laid out afresh, in blocks; a longer one gets allocation extent descriptors
/// instead.
const LAID_OUT_AFRESH: u64 = 4096;

/// Bytes for one block of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Put<'b> {
    /// The number of the block in the body.
    pub number: u64,
    /// The first byte in the block.
    pub start: usize,
    /// The bytes.
    pub bytes: &'b [u8],
}

impl Tree {
    /// Fails unless the node is a regular file. Returns how many blocks a write adds besides its own: more
    /// allocation extent descriptors, because a long hole takes many, and what the plain volume needs.
    pub fn require_file(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        (offset, length): (u64, u64),
    ) -> Result<(u64, Option<Growth>), Error> {
        let (form, end) = (self.form, offset.saturating_add(length));
        self.load(disc, address)?;
        let node = self.cache.get(address).filter(|node| node.is_file());
        let node = node.ok_or(Error::NotAFile)?;
        let continuations = continuations_of(end).saturating_sub(continuations_of(node.body.length()));
        let growth = self.plain_extra.growth(node, form, (offset, length));
        let extra = self.plain_extra.beyond(node, growth);
        Ok((continuations.saturating_add(extra), growth))
    }

    /// Keeps back what a write to a file needs in the plain volume.
    pub fn expect(&mut self, address: VirtualAddress, growth: Option<Growth>) {
        if let (Some(node), Some(growth)) = (self.cache.get(address), growth) {
            self.plain_extra.expect(node, growth);
        }
    }

    /// Begins a write at byte `offset`. Returns true if the write is complete because the body stays
    /// embedded; otherwise the body is now in blocks.
    pub fn write_embedded(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        offset: u64,
        bytes: &[u8],
    ) -> Result<bool, Error> {
        let now = self.now;
        let end = offset.saturating_add(bytes.len() as u64);
        self.edit(disc, address, |node| {
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
            let room = node.room_for_body() as u64;
            match &mut node.body {
                Body::Embedded(body) if end <= room => {
                    let start = usize::try_from(offset).unwrap_or(usize::MAX);
                    body.resize(body.len().max(start + bytes.len()), 0);
                    body[start..start + bytes.len()].copy_from_slice(bytes);
                    Ok(true)
                }
                _ => {
                    node.body.in_blocks();
                    Ok(false)
                }
            }
        })
    }

    /// Must precede a write from `block` on that lets a body grow without writing its old last block: makes
    /// that block dirty, because its bytes after the old end must not show.
    pub fn mask_old_end(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        block: u64,
    ) -> Result<(), Error> {
        self.change(address, |node| -> Result<(), Error> {
            let blocks = node.body.in_blocks();
            let last = blocks.length / BLOCK_SIZE as u64;
            let partial = blocks.length % BLOCK_SIZE as u64 != 0;
            if partial && block > last && blocks.map.get(last).is_some() {
                disc.make_dirty(Some(address), blocks, last)?;
            }
            Ok(())
        })?
    }

    /// Notes that whole blocks of a body are about to be recorded, and drops what was dirty there.
    pub fn note_whole(&mut self, address: VirtualAddress, first: u64, count: u64) -> Result<(), Error> {
        self.change(address, |node| {
            let blocks = node.body.in_blocks();
            if !blocks.dirty.is_empty() {
                blocks
                    .dirty
                    .retain(|number, _| !(first..first + count).contains(number));
            }
            blocks.length = blocks.length.max((first + count) * BLOCK_SIZE as u64);
        })
    }

    /// Writes part of one block. Returns the block if it is complete up to its end and can be recorded.
    pub fn write_part(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        put: Put<'_>,
    ) -> Result<Option<Block>, Error> {
        let end = put.start + put.bytes.len();
        self.change(address, |node| -> Result<_, Error> {
            let blocks = node.body.in_blocks();
            let block = disc.make_dirty(Some(address), blocks, put.number)?;
            block[put.start..end].copy_from_slice(put.bytes);
            blocks.length = blocks.length.max(put.number * BLOCK_SIZE as u64 + end as u64);
            Ok(if end == BLOCK_SIZE {
                blocks.dirty.remove(&put.number)
            } else {
                None
            })
        })?
    }

    /// Whether a body has no dirty blocks and would end at byte `end`.
    pub fn ends_clean_before(&self, address: VirtualAddress, end: u64) -> bool {
        let body = self.cache.get(address).map(|node| &node.body);
        matches!(body, Some(Body::Blocks(blocks)) if blocks.length <= end && blocks.dirty.is_empty())
    }

    /// Sets the end of a body to byte `end` of the last block that was written.
    pub fn set_length(&mut self, address: VirtualAddress, end: u64) -> Result<(), Error> {
        self.change(address, |node| node.body.in_blocks().length = end)
    }

    /// Removes the first dirty block of a body, which is about to be recorded.
    pub fn take_dirty(&mut self, address: VirtualAddress) -> Option<(u64, Block)> {
        self.cache.change(address, |node| match &mut node.body {
            Body::Blocks(blocks) => blocks.dirty.pop_first(),
            Body::Embedded(_) => None,
        })?
    }

    /// Whether a body has dirty blocks.
    pub fn has_dirty_blocks(&self, address: VirtualAddress) -> bool {
        let node = self.cache.get(address);
        node.is_some_and(|node| node.body.dirty_blocks() > 0)
    }

    /// Lays the body of a directory out afresh if it is scattered.
    pub fn gather_directory(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        let Some(node) = self.cache.get(address) else {
            return Ok(());
        };
        let Body::Blocks(blocks) = &node.body else {
            return Ok(());
        };
        let runs = blocks.map.runs().len();
        let scattered = runs + 2 * blocks.dirty.len() > SCATTERED_RUNS && runs > 1;
        if !node.is_directory() || !scattered || blocks.count() > LAID_OUT_AFRESH {
            return Ok(());
        }
        self.lay_out_directory(disc, address, |directory| directory.lay_out_afresh())?;
        // Not earlier: laying out read the blocks that waited.
        disc.track.truncate(&Piece::Body(address), 0);
        Ok(())
    }

    /// Sets the length of a body to `length` bytes.
    pub fn truncate(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        length: u64,
    ) -> Result<(), Error> {
        let now = self.now;
        self.edit(disc, address, |node| {
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
            let room = node.room_for_body() as u64;
            match &mut node.body {
                Body::Embedded(body) if length <= room => {
                    body.resize(usize::try_from(length).unwrap_or(0), 0)
                }
                // An empty body starts anew inside its ICB.
                body if length == 0 => *body = Body::Embedded(Vec::new()),
                body => {
                    body.in_blocks();
                }
            }
            Ok(())
        })?;
        self.truncate_blocks(disc, address, length)
    }

    fn truncate_blocks(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        length: u64,
    ) -> Result<(), Error> {
        let old = self.load(disc, address)?.body.length();
        if length > old {
            self.mask_old_end(disc, address, u64::MAX)?;
        }
        let count = length.div_ceil(BLOCK_SIZE as u64);
        let keep = usize::try_from(length % BLOCK_SIZE as u64).unwrap_or(0);
        self.change(address, |node| -> Result<(), Error> {
            if let Body::Blocks(blocks) = &mut node.body {
                if length < old && keep > 0 {
                    disc.make_dirty(Some(address), blocks, count - 1)?[keep..].fill(0);
                }
                blocks.map.truncate(count);
                blocks.dirty.retain(|number, _| *number < count);
                blocks.length = length;
            }
            Ok(())
        })??;
        disc.track.truncate(&Piece::Body(address), count);
        Ok(())
    }
}
