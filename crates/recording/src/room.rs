//! Room: what is kept back so that dirty blocks, one commit and the end of session data always fit.

use drive::Status;
use ecma167::BLOCK_SIZE;
use ecma167::file::FileEntry;
use ecma167::general::Timestamp;
use track::{CHUNK_BLOCKS, LINK_BLOCKS, SHORTEST_TRACK_BLOCKS, Track};

use crate::Recording;
use crate::error::{Error, ReadOnly};
use crate::tree::continuations_of;
use volume::Volume;

/// Blocks of a short track and the pregap after it, on a drive that closes the track whenever it synchronizes
/// (`MMC-6`, CD-R).
const SHORT_TRACK_BLOCKS: u64 = SHORTEST_TRACK_BLOCKS as u64 + 150;

/// What a medium still takes, in blocks of 2,048 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Blocks for files.
    pub free_blocks: u64,
    /// Blocks kept back so that a commit and closing the session always fit, with the plain volume if there
    /// is to be one.
    pub kept_back_blocks: u64,
}

impl Recording {
    /// What a recorder may still record on this disc, whether or not this drive records.
    ///
    /// # Errors
    /// As [`Recording::open`], also for a finalized disc.
    pub fn room(volume: Volume, now: Timestamp) -> Result<Room, Error> {
        if volume.drive().medium().status == Status::Finalized {
            return Err(Error::ReadOnly(ReadOnly::Finalized));
        }
        let medium = volume.drive().medium();
        let free = u64::from(medium.free_blocks);
        let reserved: u64 = medium
            .reserved_tracks()
            .map(|track| u64::from(track.free_blocks))
            .sum();
        let kept_back = Self::continued(volume, now, Track::look_at_session)
            .map_err(|failed| failed.error)?
            .kept_back();
        Ok(Room {
            free_blocks: free.saturating_sub(kept_back),
            kept_back_blocks: kept_back.min(free) + reserved,
        })
    }

    /// Blocks still free for files, without those kept back.
    ///
    /// # Errors
    /// Whatever the drive reports when asked for its append point.
    pub fn free_blocks(&mut self) -> Result<u64, Error> {
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        Ok(free.saturating_sub(self.kept_back()))
    }

    /// Fails unless `blocks` more blocks can be recorded and the disc can then still be committed and closed.
    ///
    /// # Errors
    /// [`Error::MediumFull`], before the first block of the request; [`Error::ReadOnly`].
    pub fn require(&mut self, blocks: u64) -> Result<(), Error> {
        self.require_freeing(blocks, 0)
    }

    /// The same for a change after which `freed` blocks are no longer kept back.
    pub(crate) fn require_freeing(&mut self, blocks: u64, freed: u64) -> Result<(), Error> {
        self.require_open_medium()?;
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        let free = free.saturating_sub(self.kept_back().saturating_sub(freed));
        if blocks > free {
            return Err(Error::MediumFull { free, asked: blocks });
        }
        Ok(())
    }

    /// Fails unless dirty blocks and the end of session data fit: another program may have used the room kept
    /// back.
    pub(crate) fn require_room_to_close(&mut self) -> Result<(), Error> {
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        let medium = self.volume.drive().medium();
        let stated_anew = if self.is_dirty() || self.track.is_acknowledged_in_session(medium) {
            0
        } else {
            self.tree.owed_by_vat()
        };
        let session = self.track.session_start_blocks() + self.track.session_end_blocks();
        let asked = self.dirty_blocks() + stated_anew + session;
        if asked > free {
            return Err(Error::MediumFull { free, asked });
        }
        Ok(())
    }

    /// As [`blocks_of_file`] for this volume, plus what is kept back for the file if the volume has a plain
    /// one beside it.
    #[must_use]
    pub fn blocks_of_file(&self, length: u64, recorded: u64) -> u64 {
        /// The most blocks that a plain volume takes for a file.
        const PLAIN: u64 = 3;
        let plain = if self.keeps_room_for_plain() { PLAIN } else { 0 };
        blocks_of_file(self.tree.form().extended(), length, recorded) + plain
    }

    /// Blocks kept back so that what is pending, one commit and the end of the session always fit.
    pub(crate) fn kept_back(&self) -> u64 {
        let end = self.track.session_end_blocks();
        let once = self.dirty_blocks()
            + self.tree.owed_by_vat()
            + self.track.session_start_blocks()
            + self.recovery_blocks()
            + 2
            + u64::from(self.track.unit())
            + end
            + self.kept_back_for_plain();
        if !self.volume.drive().medium().packets_may_end {
            return once;
        }
        // A packet that ends inside the end of session data moves its N. Every packet, which may end after
        // any write, costs its links.
        let packets = 8 + once / self.packet_blocks();
        once + end + packets * u64::from(LINK_BLOCKS) + 2 * SHORT_TRACK_BLOCKS
    }

    /// The most blocks that recovery takes.
    fn recovery_blocks(&self) -> u64 {
        if !self.interrupted {
            return 0;
        }
        let mending = self.track.blocks_to_mend(self.volume.drive().medium());
        self.tree.dirty_blocks_of_vat() + 2 * u64::from(self.track.unit()) + mending
    }

    /// Blocks of the longest write; a packet may end after each write.
    fn packet_blocks(&self) -> u64 {
        let limit = self.volume.drive().transfer_limit() / BLOCK_SIZE;
        limit.clamp(1, CHUNK_BLOCKS) as u64
    }

    fn dirty_blocks(&self) -> u64 {
        let waiting = self.track.waiting() as u64 + self.tree.owed();
        if self.tree.is_changed() || self.tree.is_vat_scattered() {
            waiting + self.tree.owed_by_vat()
        } else {
            waiting + self.tree.dirty_blocks_of_vat()
        }
    }
}

/// The most blocks that a file takes with its node and its name. The next commit takes more, because it also
/// records the directories on the path of the file again.
///
/// `extended`: whether the volume has UDF 2.00 or later. `length`: bytes of the file. `recorded`: those of
/// them that are no hole.
#[must_use]
pub fn blocks_of_file(extended: bool, length: u64, recorded: u64) -> u64 {
    let room = FileEntry::capacity(extended) as u64;
    let body = if length <= room {
        0
    } else {
        recorded.div_ceil(BLOCK_SIZE as u64) + 1
    };
    body + 1 + continuations_of(length)
}
