//! READ(10) and READ(12).

use crate::cache::check_length;
use crate::disc::Disc;
use crate::recorder::{BLOCK, Recorder};
use core::ops::Range;
use mmc::{Failure, Lba, Sense};
use std::io;
use std::os::unix::fs::FileExt as _;

impl Recorder {
    /// Reads `count` blocks at `at`. A block that cannot be read fails the command and stands in the sense.
    pub(crate) fn read(&self, at: Lba, count: u32, out: &mut [u8]) -> Result<usize, Failure> {
        check_length(out.len(), count)?;
        self.wait();
        let end = at.0.checked_add(count).filter(|end| *end <= self.disc.capacity);
        let blocks = at.0..end.ok_or(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(at))?;
        if let Some((block, sense)) = self.first_unreadable(&blocks) {
            return Err(sense.at(Lba(block)).into());
        }
        match self.image.read_exact_at(out, u64::from(at.0) * BLOCK) {
            Ok(()) => Ok(out.len()),
            // Somebody cut the image: its blocks are gone.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let length = self.image.metadata()?.len();
                let first = u32::try_from(length / BLOCK).unwrap_or(u32::MAX).max(at.0);
                Err(Sense::L_EC_UNCORRECTABLE_ERROR.at(Lba(first)).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn first_unreadable(&self, blocks: &Range<u32>) -> Option<(u32, Sense)> {
        let link = if self.behaviour.link_blocks_as_medium_error {
            Sense::UNRECOVERED_READ_ERROR
        } else {
            Sense::ILLEGAL_MODE_FOR_THIS_TRACK
        };
        let damaged = self
            .disc
            .damaged
            .first_in(blocks)
            .map(|at| (at, Sense::L_EC_UNCORRECTABLE_ERROR));
        let linked = self.disc.links.first_in(blocks).map(|at| (at, link));
        let unrecorded =
            first_unrecorded(&self.disc, blocks).map(|at| (at, Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE));
        // The first of several reasons for one block is the one that says most.
        [self.faults.at_read(blocks), damaged, linked, unrecorded]
            .into_iter()
            .flatten()
            .min_by_key(|found| found.0)
    }
}

/// The first of `blocks` that no track has recorded.
fn first_unrecorded(disc: &Disc, blocks: &Range<u32>) -> Option<u32> {
    let mut at = blocks.start;
    while at < blocks.end {
        match disc.track_around(at) {
            Some(track) if at < track.recorded_end => at = track.recorded_end,
            _ => return Some(at),
        }
    }
    None
}
