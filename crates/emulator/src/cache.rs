//! SYNCHRONIZE CACHE: ends packets and units, and makes image and side file say so.

use crate::disc::Track;
use crate::medium::Family;
use crate::recorder::{BLOCK, Recorder};
use crate::side_file;
use crate::zones::Radius;
use core::ops::Range;
use mmc::command::SynchronizeCache;
use mmc::{Failure, Sense};
use rustix::fs::{FallocateFlags, fallocate};
use std::io;
use std::os::unix::fs::FileExt as _;

impl Recorder {
    pub(crate) fn synchronize_cache(&mut self, command: &SynchronizeCache) -> Result<usize, Failure> {
        self.tried = 0;
        if self.read_only {
            return Ok(0);
        }
        if self.at_once.is_some() {
            // The session goes on until its lead-out.
            return Ok(0);
        }
        let wrote = !self.pending.is_empty();
        self.synchronize()?;
        if wrote {
            self.end_at_once()?;
            self.answer(command.immediate());
        }
        Ok(0)
    }

    /// Closes a CD track that is recorded at once, and finalizes a DVD-R that is; some drives take every recording on a CD
    /// for track at once.
    fn end_at_once(&mut self) -> Result<(), Failure> {
        let every = self.behaviour.synchronize_closes_track;
        let cd = self.disc.medium.family() == Family::Cd;
        let ended =
            |track: &&Track| !track.closed && track.has_data() && (track.uninterrupted || cd && every);
        let Some(number) = self.disc.tracks.iter().find(ended).map(|track| track.number) else {
            return Ok(());
        };
        self.close_one_track(number)?;
        if !cd {
            self.end_session(true, Radius::LEAST)?;
        }
        Ok(())
    }

    /// Ends what is begun and keeps the state. Costs nothing where nothing changed.
    pub(crate) fn synchronize(&mut self) -> Result<(), Failure> {
        let pads = self.disc.end_packets(self.behaviour.link(self.disc.medium));
        for pad in pads {
            self.pass(pad.end - pad.start);
            self.fill_with_zeros(pad)?;
        }
        self.keep_state()
    }

    /// Writes the state of the disc beside the image, once the image holds all of it.
    pub(crate) fn keep_state(&mut self) -> Result<(), Failure> {
        self.pending.clear();
        if self.read_only || self.disc == self.synced {
            return Ok(());
        }
        self.image.sync_data()?;
        side_file::write(&self.side_path, &self.disc, &self.behaviour).map_err(io::Error::other)?;
        self.synced.clone_from(&self.disc);
        Ok(())
    }

    /// Makes blocks of the image zeros; the image grows to their end.
    pub(crate) fn fill_with_zeros(&self, blocks: Range<u32>) -> io::Result<()> {
        let (start, end) = (u64::from(blocks.start) * BLOCK, u64::from(blocks.end) * BLOCK);
        let length = self.image.metadata()?.len();
        if start < length {
            self.zero(start, end.min(length))?;
        }
        if end > length {
            self.image.set_len(end)?;
        }
        Ok(())
    }

    fn zero(&self, start: u64, end: u64) -> io::Result<()> {
        let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        if start == end || fallocate(&self.image, hole, start, end - start).is_ok() {
            return Ok(());
        }
        static PIECE: [u8; 1 << 16] = [0; 1 << 16];
        let mut at = start;
        while at < end {
            let piece = usize::try_from(end - at).unwrap_or(PIECE.len()).min(PIECE.len());
            self.image.write_all_at(&PIECE[..piece], at)?;
            at += piece as u64;
        }
        Ok(())
    }

    /// Cuts off what the side file knows nothing of, and empties what it says is not recorded in a reserved track.
    pub(crate) fn discard_unsynchronized(&self) -> io::Result<()> {
        let end = u64::from(self.disc.recorded_end()) * BLOCK;
        let length = self.image.metadata()?.len();
        if length > end {
            self.image.set_len(end)?;
        }
        for track in self
            .disc
            .tracks
            .iter()
            .filter(|track| track.reserved && track.writable())
        {
            let from = (u64::from(track.recorded_end) * BLOCK).min(end);
            self.zero(from, (u64::from(track.end) * BLOCK).min(end))?;
        }
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.unit.dead && !self.read_only {
            // There is nobody left to tell; what was synchronized before stands.
            let _ = self.synchronize();
        }
    }
}

/// Data moved between host and drive is whole blocks, all of them.
pub(crate) fn check_length(bytes: usize, blocks: u32) -> Result<(), Failure> {
    const LARGEST: u32 = 512;
    if blocks > LARGEST {
        return Err(Sense::INVALID_FIELD_IN_CDB.into());
    }
    let wanted = blocks as usize * mmc::BLOCK_SIZE;
    if bytes == wanted {
        return Ok(());
    }
    let text = format!("{blocks} blocks are {wanted} bytes and not {bytes}");
    Err(io::Error::new(io::ErrorKind::InvalidInput, text).into())
}
