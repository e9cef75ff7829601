//! Room: what is kept back so that what is dirty, one commit and the end of session data always fit.

use ecma167::BLOCK_SIZE;

use crate::{
    Recording,
    error::Error,
    issue::SHORTEST_TRACK_BLOCKS,
    node::continuations_of,
    session::{LINK_BLOCKS, SESSION_END_BLOCKS, SESSION_START_BLOCKS},
};

/// Blocks that a drive which closes the track whenever it synchronizes takes for a short track and the pregap of the next
/// (`MMC-6`, CD-R).
const SHORT_TRACK_BLOCKS: u64 = SHORTEST_TRACK_BLOCKS as u64 + 150;

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
        if blocks > free {
            return Err(Error::MediumFull { free, asked: blocks });
        }
        Ok(())
    }

    /// Fails unless what is dirty and the end of session data fit: others may have recorded into what was kept back.
    pub(crate) fn require_room_to_close(&mut self) -> Result<(), Error> {
        let free = self.point()?.free;
        let stated_anew = if self.is_dirty() || self.committed_in_this_session() {
            0
        } else {
            self.vat.owed()
        };
        let asked =
            self.dirty_blocks() + stated_anew + self.session_start_blocks() + self.session_end_blocks();
        if asked > free {
            return Err(Error::MediumFull { free, asked });
        }
        Ok(())
    }

    /// As [`blocks_of_file`] on this volume.
    pub fn blocks_of_file(&self, length: u64, recorded: u64) -> u64 {
        blocks_of_file(self.form.extended(), length, recorded)
    }

    fn kept_back(&self) -> u64 {
        let end = self.session_end_blocks();
        let once = self.dirty_blocks()
            + self.vat.owed()
            + self.session_start_blocks()
            + self.recovery_blocks()
            + 2
            + u64::from(self.unit)
            + end;
        if !self.disc.volume.drive().medium().packets_may_end {
            return once;
        }
        // A packet that ends inside the end of session data moves its N, and every packet, which may end after any write,
        // costs its links.
        let packets = 8 + once / self.packet_blocks();
        once + end + packets * u64::from(LINK_BLOCKS) + 2 * SHORT_TRACK_BLOCKS
    }

    /// Blocks of the longest write, after which a packet may end.
    fn packet_blocks(&self) -> u64 {
        let limit = self.disc.volume.drive().transfer_limit() / BLOCK_SIZE;
        limit.clamp(1, self.chunk_blocks()) as u64
    }

    fn dirty_blocks(&self) -> u64 {
        let waiting = self.disc.queue.blocks() as u64 + self.owed;
        if self.changed || self.vat.is_scattered() {
            waiting + self.vat.owed()
        } else {
            // Of a VAT that stood embedded in its ICB.
            waiting + self.vat.body.dirty.len() as u64
        }
    }

    fn session_start_blocks(&self) -> u64 {
        if self.session_is_new {
            u64::from(SESSION_START_BLOCKS + self.unit)
        } else {
            0
        }
    }

    fn session_end_blocks(&self) -> u64 {
        u64::from(SESSION_END_BLOCKS + self.unit)
    }
}

/// Blocks that a file of `length` bytes, `recorded` of them no hole, takes at most with its node and its name; `extended`
/// on a volume of UDF 2.00 or later.
pub fn blocks_of_file(extended: bool, length: u64, recorded: u64) -> u64 {
    let room = ecma167::file::FileEntry::capacity(extended) as u64;
    let body = if length <= room {
        0
    } else {
        recorded.div_ceil(BLOCK_SIZE as u64) + 1
    };
    body + 1 + continuations_of(length)
}
