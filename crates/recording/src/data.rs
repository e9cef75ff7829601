//! Bodies of files: whole blocks stream into the queue, what is left over waits in the body.

use ecma167::{BLOCK_SIZE, VirtualAddress};

use crate::{
    Recording,
    body::Body,
    error::Error,
    node::{PendingNode, continuations_of},
    tree::NodeId,
};

/// Longest body: 2^32 blocks cannot be exceeded by anything that is recorded, and holes end here too.
const LONGEST: u64 = (u32::MAX as u64) * BLOCK_SIZE as u64;

/// Whole blocks that are worth the way past the queue.
const STRAIGHT_BLOCKS: usize = 128;

impl Recording {
    /// Reads from a body, pending bytes included; returns the bytes read, fewer than asked only at its end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what reading the disc reports.
    pub fn read(&mut self, node: NodeId, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.relieve_of_clean();
        self.load(node.0)?;
        match self.nodes.get(&node.0) {
            Some(pending) => self.disc.read(Some(node.0), &pending.body, offset, out),
            None => Err(Error::NotFound),
        }
    }

    /// Writes into a regular file at byte `offset`; a gap behind the old end becomes a hole.
    ///
    /// Whole blocks are on their way to the disc when this returns; the volume shows them after a commit.
    ///
    /// # Errors
    /// [`Error::NotAFile`], [`Error::FileTooLarge`], [`Error::MediumFull`] before the first block; what the drive reports.
    pub fn write(&mut self, node: NodeId, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.write_body(node, offset, bytes, false)
    }

    /// As [`Recording::write`], of bytes behind which no more will come: the last block goes the way of those before it,
    /// into the same extent, and takes no memory until the commit.
    ///
    /// # Errors
    /// As [`Recording::write`].
    pub fn write_last(&mut self, node: NodeId, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.write_body(node, offset, bytes, true)
    }

    fn write_body(&mut self, node: NodeId, offset: u64, bytes: &[u8], last: bool) -> Result<(), Error> {
        let end = offset
            .checked_add(bytes.len() as u64)
            .filter(|end| *end <= LONGEST)
            .ok_or(Error::FileTooLarge)?;
        if !self.load(node.0)?.is_file() {
            return Err(Error::NotAFile);
        }
        let blocks = (bytes.len() as u64).div_ceil(BLOCK_SIZE as u64) + 2;
        let blocks = blocks + self.continuations_for(node, end)?;
        self.prepare_change(blocks)?;
        // What a full host did not take must not pile up.
        self.issue_full_chunks()?;
        let now = self.now;
        let embedded = self.edit(node.0, |node| {
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
            let room = node.room() as u64;
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
        })?;
        if embedded {
            return Ok(());
        }
        let left = self.write_blocks(node.0, offset, bytes)?;
        if last {
            self.write_tail(node.0, end - left.len() as u64, left)
        } else if left.is_empty() {
            Ok(())
        } else {
            self.write_part(node.0, (end - left.len() as u64) / BLOCK_SIZE as u64, 0, left)
        }
    }

    /// Writes all but what is left over at the end: the front of a block.
    fn write_blocks<'b>(
        &mut self,
        node: VirtualAddress,
        offset: u64,
        bytes: &'b [u8],
    ) -> Result<&'b [u8], Error> {
        self.mask_old_end(node, offset / BLOCK_SIZE as u64)?;
        let mut at = offset;
        let mut left = bytes;
        while !left.is_empty() {
            let number = at / BLOCK_SIZE as u64;
            let start = usize::try_from(at % BLOCK_SIZE as u64).unwrap_or(0);
            let whole = left.len() / BLOCK_SIZE;
            let part = if start == 0 && whole == 0 {
                break;
            } else if start == 0 && whole >= STRAIGHT_BLOCKS {
                self.write_straight(node, number, &left[..whole * BLOCK_SIZE])? * BLOCK_SIZE
            } else if start == 0 {
                let blocks = whole.min(
                    self.chunk_blocks()
                        .saturating_sub(self.disc.queue.blocks())
                        .max(1),
                );
                self.queue_whole(node, number, &left[..blocks * BLOCK_SIZE])?;
                blocks * BLOCK_SIZE
            } else {
                let part = left.len().min(BLOCK_SIZE - start);
                self.write_part(node, number, start, &left[..part])?;
                part
            };
            at += part as u64;
            left = &left[part..];
            self.issue_full_chunks()?;
        }
        Ok(left)
    }

    /// Writes the front of the last block of a body that is complete, and lets every block that still waits in it go.
    fn write_tail(&mut self, node: VirtualAddress, offset: u64, tail: &[u8]) -> Result<(), Error> {
        let number = offset / BLOCK_SIZE as u64;
        let end = offset + tail.len() as u64;
        let body = self.nodes.get(&node).map(|pending| &pending.body);
        let grows =
            matches!(body, Some(Body::Blocks(blocks)) if blocks.length <= end && blocks.dirty.is_empty());
        if !tail.is_empty() && grows {
            let mut block = [0; BLOCK_SIZE];
            block[..tail.len()].copy_from_slice(tail);
            self.queue_whole(node, number, &block)?;
            let before = self.settle_before(node);
            if let Some(pending) = self.nodes.get_mut(&node) {
                pending.body.in_blocks().length = end;
            }
            self.settle_after(node, before);
        } else if !tail.is_empty() {
            self.write_part(node, number, 0, tail)?;
        }
        self.enqueue_body(node)
    }

    /// Many whole blocks go to the drive from where they are, once nothing waits before them; returns how many of
    /// them were taken, at least one.
    fn write_straight(&mut self, node: VirtualAddress, first: u64, bytes: &[u8]) -> Result<usize, Error> {
        let whole = bytes.len() / BLOCK_SIZE;
        let unit = self.unit as usize;
        let behind = (self.point()?.next.0 as usize + self.disc.queue.blocks()) % unit;
        let fill = if behind == 0 { 0 } else { unit - behind }.min(whole);
        if fill > 0 {
            self.queue_whole(node, first, &bytes[..fill * BLOCK_SIZE])?;
            self.issue(false)?;
            return Ok(fill);
        }
        self.start_session_if_new();
        if !self.disc.queue.is_empty() {
            self.issue(false)?;
        }
        let count = whole - whole % unit;
        if count == 0 || !self.disc.queue.is_empty() {
            self.queue_whole(node, first, &bytes[..BLOCK_SIZE])?;
            return Ok(1);
        }
        let bytes = &bytes[..count * BLOCK_SIZE];
        self.note_whole(node, first, count as u64)?;
        let (sent, outcome) = self.send_straight(node, first, bytes);
        if sent < count {
            // What the drive did not take is placed anew with what comes.
            let rest = &bytes[sent * BLOCK_SIZE..];
            self.disc.queue.push_data(node, first + sent as u64, rest);
        }
        outcome.map(|()| count)
    }

    /// Lets every block that waits in a body go behind the rest of it: who wrote the file is done. What is written later costs
    /// the last block again.
    ///
    /// # Errors
    /// As [`Recording::write`].
    pub fn finish(&mut self, node: NodeId) -> Result<(), Error> {
        self.load(node.0)?;
        self.require_open_medium()?;
        self.enqueue_body(node.0)
    }

    /// Whole blocks go into the queue.
    fn queue_whole(&mut self, node: VirtualAddress, first: u64, bytes: &[u8]) -> Result<(), Error> {
        self.note_whole(node, first, (bytes.len() / BLOCK_SIZE) as u64)?;
        self.start_session_if_new();
        self.disc.queue.push_data(node, first, bytes);
        Ok(())
    }

    /// Whole blocks of a body are about to be recorded, whatever was dirty there.
    fn note_whole(&mut self, node: VirtualAddress, first: u64, count: u64) -> Result<(), Error> {
        let before = self.settle_before(node);
        let Some(pending) = self.nodes.get_mut(&node) else {
            return Err(Error::NotFound);
        };
        let blocks = pending.body.in_blocks();
        if !blocks.dirty.is_empty() {
            blocks
                .dirty
                .retain(|number, _| !(first..first + count).contains(number));
        }
        blocks.length = blocks.length.max((first + count) * BLOCK_SIZE as u64);
        self.settle_after(node, before);
        Ok(())
    }

    /// Writes a part of one block; a block that is now complete up to its end goes into the queue.
    fn write_part(
        &mut self,
        node: VirtualAddress,
        number: u64,
        start: usize,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let before = self.settle_before(node);
        let Some(pending) = self.nodes.get_mut(&node) else {
            return Err(Error::NotFound);
        };
        let blocks = pending.body.in_blocks();
        let end = start + bytes.len();
        let block = self.disc.make_dirty(Some(node), blocks, number)?;
        block[start..end].copy_from_slice(bytes);
        blocks.length = blocks.length.max(number * BLOCK_SIZE as u64 + end as u64);
        let complete = if end == BLOCK_SIZE {
            blocks.dirty.remove(&number)
        } else {
            None
        };
        self.settle_after(node, before);
        if let Some(block) = complete {
            self.start_session_if_new();
            self.disc.queue.push_data(node, number, &block[..]);
        }
        Ok(())
    }

    /// Before a body grows over its old end without its last block being written, which is any before `block`: what stands behind that end
    /// must not show.
    fn mask_old_end(&mut self, node: VirtualAddress, block: u64) -> Result<(), Error> {
        let before = self.settle_before(node);
        let Some(pending) = self.nodes.get_mut(&node) else {
            return Err(Error::NotFound);
        };
        let blocks = pending.body.in_blocks();
        let last = blocks.length / BLOCK_SIZE as u64;
        let partial = blocks.length % BLOCK_SIZE as u64 != 0;
        if partial && block > last && blocks.map.get(last).is_some() {
            self.disc.make_dirty(Some(node), blocks, last)?;
        }
        self.settle_after(node, before);
        Ok(())
    }

    /// Blocks of descriptors that a body needs more when it ends at byte `end`: a long hole has many.
    fn continuations_for(&mut self, node: NodeId, end: u64) -> Result<u64, Error> {
        let length = self.load(node.0)?.body.length();
        Ok(continuations_of(end).saturating_sub(continuations_of(length)))
    }

    /// Makes a regular file shorter, or longer by a hole.
    ///
    /// # Errors
    /// As [`Recording::write`].
    pub fn truncate(&mut self, node: NodeId, length: u64) -> Result<(), Error> {
        if length > LONGEST {
            return Err(Error::FileTooLarge);
        }
        if !self.load(node.0)?.is_file() {
            return Err(Error::NotAFile);
        }
        let blocks = 2 + self.continuations_for(node, length)?;
        self.prepare_change(blocks)?;
        let now = self.now;
        self.edit(node.0, |node| {
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
            let room = node.room() as u64;
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
        self.truncate_blocks(node.0, length)
    }

    fn truncate_blocks(&mut self, node: VirtualAddress, length: u64) -> Result<(), Error> {
        let old = self.load(node)?.body.length();
        if length > old {
            self.mask_old_end(node, u64::MAX)?;
        }
        let before = self.settle_before(node);
        let count = length.div_ceil(BLOCK_SIZE as u64);
        let keep = usize::try_from(length % BLOCK_SIZE as u64).unwrap_or(0);
        if let Some(PendingNode {
            body: Body::Blocks(blocks),
            ..
        }) = self.nodes.get_mut(&node)
        {
            if length < old && keep > 0 {
                self.disc.make_dirty(Some(node), blocks, count - 1)?[keep..].fill(0);
            }
            blocks.map.truncate(count);
            blocks.dirty.retain(|number, _| *number < count);
            blocks.length = length;
        }
        self.disc.queue.truncate_data(node, count);
        self.settle_after(node, before);
        Ok(())
    }
}
