//! Reading a body: from its dirty blocks, from those that wait, and from the recorded volume.

use ecma167::{BLOCK_SIZE, LogicalBlock, VirtualAddress};
use track::Track;
use volume::Volume;

use super::body::{Block, Blocks, Body, block_ranges, zeros};
use super::piece::Piece;
use crate::error::Error;

/// The recorded volume and the blocks that wait to join it.
pub(crate) struct Overlay<'a> {
    /// The read side.
    pub volume: &'a mut Volume,
    /// What waits for an address.
    pub track: &'a mut Track<Piece>,
}

impl Overlay<'_> {
    /// Block `number` of a body: dirty, waiting, recorded or a hole, in this order; zero after the end of the
    /// body.
    pub fn load(
        &mut self,
        node: Option<VirtualAddress>,
        blocks: &Blocks,
        number: u64,
    ) -> Result<Block, Error> {
        if let Some(block) = blocks.dirty.get(&number) {
            return Ok(block.clone());
        }
        let mut block = zeros();
        if let Some(bytes) = node.and_then(|node| self.track.find(&Piece::Body(node), number)) {
            block.copy_from_slice(bytes);
        } else if let Some(at) = blocks.map.get(number) {
            self.read_block(at, &mut block)?;
        }
        let end = blocks
            .length
            .saturating_sub(number.saturating_mul(BLOCK_SIZE as u64));
        if let Ok(end) = usize::try_from(end)
            && end < BLOCK_SIZE
        {
            block[end..].fill(0);
        }
        Ok(block)
    }

    fn read_block(&mut self, at: LogicalBlock, block: &mut [u8; BLOCK_SIZE]) -> Result<(), Error> {
        block.copy_from_slice(self.volume.read_physical(at)?);
        Ok(())
    }

    /// Reads from a body at byte `offset`. Returns the number of bytes read, fewer than requested only at its
    /// end.
    pub fn read(
        &mut self,
        node: Option<VirtualAddress>,
        body: &Body,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let left = body.length().saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        match body {
            Body::Embedded(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                if let Some(part) = bytes.get(start..).and_then(|rest| rest.get(..length)) {
                    out[..length].copy_from_slice(part);
                }
            }
            Body::Blocks(blocks) => self.read_blocks(node, blocks, offset, &mut out[..length])?,
        }
        Ok(length)
    }

    /// Fills `out` from a body in blocks; zeros after its end.
    pub fn read_blocks(
        &mut self,
        node: Option<VirtualAddress>,
        blocks: &Blocks,
        offset: u64,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut done = 0;
        for (number, start, part) in block_ranges(offset, out.len()) {
            let target = &mut out[done..done + part];
            match blocks.dirty.get(&number) {
                Some(block) => target.copy_from_slice(&block[start..start + part]),
                None => target.copy_from_slice(&self.load(node, blocks, number)?[start..start + part]),
            }
            done += part;
        }
        Ok(())
    }

    /// Makes block `number` of a body dirty, after loading its present bytes.
    pub fn make_dirty<'b>(
        &mut self,
        node: Option<VirtualAddress>,
        blocks: &'b mut Blocks,
        number: u64,
    ) -> Result<&'b mut [u8; BLOCK_SIZE], Error> {
        if !blocks.dirty.contains_key(&number) {
            let block = self.load(node, blocks, number)?;
            return Ok(blocks.dirty.entry(number).or_insert(block));
        }
        Ok(blocks.dirty.entry(number).or_insert_with(zeros))
    }

    /// Writes into a body at byte `offset` and extends it if needed; changed blocks become dirty.
    pub fn write(
        &mut self,
        node: Option<VirtualAddress>,
        blocks: &mut Blocks,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let mut done = 0;
        for (number, start, part) in block_ranges(offset, bytes.len()) {
            let block = self.make_dirty(node, blocks, number)?;
            block[start..start + part].copy_from_slice(&bytes[done..done + part]);
            done += part;
            blocks.length = blocks.length.max(offset + done as u64);
        }
        Ok(())
    }
}
