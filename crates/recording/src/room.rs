//! Room: what is kept back so that what is dirty, one commit and the end of session data always fit.

use crate::{
    Recording,
    error::Error,
    session::{SESSION_END_BLOCKS, SESSION_START_BLOCKS},
};

/// Blocks that a drive takes for links after a packet on CD-R (`MMC-6`, variable packets).
const LINK_BLOCKS: u64 = 7;

/// Blocks between two packets where a packet may end after any write.
const PACKET_BLOCKS: u64 = 512;

impl Recording {
    /// Blocks that may still be used for files beside what is kept back.
    ///
    /// # Errors
    /// What the drive reports when it is asked for its append point.
    pub fn free_blocks(&mut self) -> Result<u64, Error> {
        let free = self.point()?.free;
        Ok(free.saturating_sub(self.kept_back()))
    }

    /// Fails unless `blocks` more blocks can be recorded and the disc can still be committed and closed.
    ///
    /// # Errors
    /// [`Error::MediumFull`], before the first block of the request; [`Error::ReadOnly`].
    pub fn require(&mut self, blocks: u64) -> Result<(), Error> {
        self.require_open_medium()?;
        let free = self.free_blocks()?;
        // What is kept back may have used everything up already: then a request for nothing fails too.
        if blocks > free || (blocks == 0 && self.point()?.free < self.kept_back()) {
            return Err(Error::MediumFull { free, asked: blocks });
        }
        Ok(())
    }

    /// Blocks that a file of `length` bytes takes at most, with its node and its name.
    pub fn blocks_of_file(&self, length: u64, recorded: u64) -> u64 {
        let room = ecma167::file::FileEntry::capacity(self.form.extended()) as u64;
        let body = if length <= room {
            0
        } else {
            recorded.div_ceil(ecma167::BLOCK_SIZE as u64) + 1
        };
        body + 1
    }

    fn kept_back(&self) -> u64 {
        let unit = u64::from(self.unit);
        let dirty = self.disc.queue.blocks() as u64 + self.owed + self.vat.owed();
        let start = if self.session_is_new {
            u64::from(SESSION_START_BLOCKS) + unit
        } else {
            0
        };
        let commit = 2 + unit;
        let end = u64::from(SESSION_END_BLOCKS) + unit;
        let once = dirty + start + commit + end;
        if !self.disc.volume.drive().medium().packets_may_end {
            return once;
        }
        // A packet that ends inside the end of session data makes it begin anew, and every packet costs its links.
        let packets = 8 + once / PACKET_BLOCKS;
        once + end + packets * LINK_BLOCKS
    }
}
