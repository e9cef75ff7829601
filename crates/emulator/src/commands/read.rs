//! READ(10) and READ(12).

use crate::data_phase::check_length;
use crate::layout::DiscLayout;
use crate::recorder::Recorder;
use mmc::{Failure, FilePart, Lba, Sense};
use std::io;
use std::ops::Range;

impl Recorder {
    /// Reads `count` blocks at `at`. If a block cannot be read, the command fails and the sense names the
    /// block.
    pub(super) fn read(&self, at: Lba, count: u32, out: &mut [u8]) -> Result<usize, Failure> {
        check_length(out.len(), count)?;
        self.find(at, count)?;
        match self.store.read(at.0, out) {
            Ok(()) => Ok(out.len()),
            // Another program truncated the image, so its blocks are gone.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let first = self.store.blocks()?.max(at.0);
                Err(Sense::L_EC_UNCORRECTABLE_ERROR.at(Lba(first)).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads blocks to a file of the host. If the copy fails, reading to memory tells whether the image is
    /// the cause.
    pub(super) fn read_to_file(&self, at: Lba, count: u32, part: FilePart<'_>) -> Result<usize, Failure> {
        check_length(part.bytes, count)?;
        self.find(at, count)?;
        let bytes = part.bytes;
        match self.store.read_to_file(at.0, part) {
            Ok(()) => Ok(bytes),
            Err(_) => Err(io::Error::from(io::ErrorKind::Unsupported).into()),
        }
    }

    /// Positions at the blocks and checks that all of them are readable.
    fn find(&self, at: Lba, count: u32) -> Result<(), Failure> {
        self.wait();
        let end = at.0.checked_add(count).filter(|end| *end <= self.disc.capacity());
        let blocks = at.0..end.ok_or(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(at))?;
        match self.first_unreadable(&blocks) {
            Some((block, sense)) => Err(sense.at(Lba(block)).into()),
            None => Ok(()),
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
            .damaged()
            .first_in(blocks)
            .map(|at| (at, Sense::L_EC_UNCORRECTABLE_ERROR));
        let linked = self.disc.links().first_in(blocks).map(|at| (at, link));
        let answer = self.behaviour.unrecorded_blocks;
        let end = self.disc.recorded_end();
        let unrecorded = first_unrecorded(&self.disc, blocks)
            .map(|at| if answer.sense(at, end).is_none() { end } else { at })
            .filter(|at| blocks.contains(at))
            .and_then(|at| Some((at, answer.sense(at, end)?)));
        // If a block is unreadable for several reasons, the first of these is the most specific.
        [self.faults.at_read(blocks), damaged, linked, unrecorded]
            .into_iter()
            .flatten()
            .min_by_key(|found| found.0)
    }
}

/// The first of `blocks` that no track has recorded.
fn first_unrecorded(disc: &DiscLayout, blocks: &Range<u32>) -> Option<u32> {
    let mut at = blocks.start;
    while at < blocks.end {
        match disc.track_around(at) {
            Some(track) if at < track.recorded_end => at = track.recorded_end,
            _ => return Some(at),
        }
    }
    None
}
