//! File bodies: whole blocks stream into the queue, the remainder waits in the body.

use ecma167::{BLOCK_SIZE, VirtualAddress};
use track::CHUNK_BLOCKS;

use crate::Recording;
use crate::error::Error;
use crate::tree::{LONGEST, NodeId, Piece, Put};

/// The fewest whole blocks for which bypassing the queue pays.
const STRAIGHT_BLOCKS: usize = 128;

impl Recording {
    /// Writes into a regular file at byte `offset`; a gap after the old end becomes a hole.
    ///
    /// Whole blocks are on their way to the disc when this returns. The volume shows them after a commit.
    ///
    /// # Errors
    /// [`Error::NotAFile`], [`Error::FileTooLarge`], [`Error::MediumFull`] before the first block; whatever
    /// the drive reports.
    pub fn write(&mut self, node: NodeId, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.write_body(node, offset, bytes, false)
    }

    /// As [`Recording::write`], for the last bytes of a file: the last block follows those before it into the
    /// same extent, and takes no memory until the commit.
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
        let (mut disc, tree) = self.parts();
        let (others, growth) = tree.require_file(&mut disc, node.0, (offset, bytes.len() as u64))?;
        let blocks = (bytes.len() as u64).div_ceil(BLOCK_SIZE as u64) + 2;
        self.prepare_change(blocks.saturating_add(others))?;
        self.tree.expect(node.0, growth);
        // Chunks that a full host file system did not accept must not pile up.
        self.issue_full_chunks()?;
        let (mut disc, tree) = self.parts();
        if tree.write_embedded(&mut disc, node.0, offset, bytes)? {
            return Ok(());
        }
        let left = self.write_blocks(node.0, offset, bytes)?;
        let at = end - left.len() as u64;
        if last {
            self.write_tail(node.0, at, left)
        } else if left.is_empty() {
            Ok(())
        } else {
            self.write_part(node.0, at / BLOCK_SIZE as u64, 0, left)
        }
    }

    /// Writes all but the remainder at the end, which is the front of a block.
    fn write_blocks<'b>(
        &mut self,
        node: VirtualAddress,
        offset: u64,
        bytes: &'b [u8],
    ) -> Result<&'b [u8], Error> {
        let (mut disc, tree) = self.parts();
        tree.mask_old_end(&mut disc, node, offset / BLOCK_SIZE as u64)?;
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
                let blocks = whole.min(CHUNK_BLOCKS.saturating_sub(self.track.waiting()).max(1));
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

    /// Writes the front of the last block of a body that is complete, and queues every block that still waits
    /// in the body.
    fn write_tail(&mut self, node: VirtualAddress, offset: u64, tail: &[u8]) -> Result<(), Error> {
        let number = offset / BLOCK_SIZE as u64;
        let end = offset + tail.len() as u64;
        if !tail.is_empty() && self.tree.ends_clean_before(node, end) {
            let mut block = [0; BLOCK_SIZE];
            block[..tail.len()].copy_from_slice(tail);
            self.queue_whole(node, number, &block)?;
            self.tree.set_length(node, end)?;
        } else if !tail.is_empty() {
            self.write_part(node, number, 0, tail)?;
        }
        self.enqueue_body(node)
    }

    /// Sends many whole blocks to the drive straight from the caller's memory, once nothing waits before
    /// them. Returns how many blocks were taken, at least one.
    fn write_straight(&mut self, node: VirtualAddress, first: u64, bytes: &[u8]) -> Result<usize, Error> {
        let whole = bytes.len() / BLOCK_SIZE;
        let fill = self.track.blocks_to_unit_end(self.volume.drive_mut())?.min(whole);
        if fill > 0 {
            self.queue_whole(node, first, &bytes[..fill * BLOCK_SIZE])?;
            self.issue_full_units()?;
            return Ok(fill);
        }
        self.track.begin_session();
        if !self.track.is_empty() {
            self.issue_full_units()?;
        }
        let count = whole - whole % self.track.unit() as usize;
        if count == 0 || !self.track.is_empty() {
            self.queue_whole(node, first, &bytes[..BLOCK_SIZE])?;
            return Ok(1);
        }
        let bytes = &bytes[..count * BLOCK_SIZE];
        self.tree.note_whole(node, first, count as u64)?;
        let (sent, outcome) = self.track.send_straight(
            self.volume.drive_mut(),
            &mut self.tree,
            &Piece::Body(node),
            first,
            bytes,
        );
        if sent < count {
            // Blocks that the drive did not take are placed anew with those that follow.
            let rest = &bytes[sent * BLOCK_SIZE..];
            self.track
                .push_bytes(Piece::Body(node), first + sent as u64, rest);
        }
        outcome.map(|()| count)
    }

    /// Queues every block that waits in a body, because its writer is done. A later write costs the last
    /// block again.
    ///
    /// # Errors
    /// As [`Recording::write`].
    pub fn finish(&mut self, node: NodeId) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        tree.load(&mut disc, node.0)?;
        self.require_open_medium()?;
        self.enqueue_body(node.0)
    }

    /// Queues whole blocks.
    fn queue_whole(&mut self, node: VirtualAddress, first: u64, bytes: &[u8]) -> Result<(), Error> {
        let count = (bytes.len() / BLOCK_SIZE) as u64;
        self.tree.note_whole(node, first, count)?;
        self.track.push_bytes(Piece::Body(node), first, bytes);
        Ok(())
    }

    /// Writes part of one block, and queues the block if it is now complete up to its end.
    fn write_part(
        &mut self,
        node: VirtualAddress,
        number: u64,
        start: usize,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        let put = Put { number, start, bytes };
        if let Some(block) = tree.write_part(&mut disc, node, put)? {
            self.track.push_bytes(Piece::Body(node), number, &block[..]);
        }
        Ok(())
    }

    /// Shortens a regular file, or lengthens it with a hole.
    ///
    /// # Errors
    /// As [`Recording::write`].
    pub fn truncate(&mut self, node: NodeId, length: u64) -> Result<(), Error> {
        if length > LONGEST {
            return Err(Error::FileTooLarge);
        }
        let (mut disc, tree) = self.parts();
        let (others, growth) = tree.require_file(&mut disc, node.0, (length, 0))?;
        self.prepare_change(others.saturating_add(2))?;
        self.tree.expect(node.0, growth);
        let (mut disc, tree) = self.parts();
        tree.truncate(&mut disc, node.0, length)
    }
}
