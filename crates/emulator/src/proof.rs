//! Whether an image is that of the disc in its side file, and what the image contains beyond that.

use crate::digest::{DigestMatch, FIRST};
use crate::layout::DiscLayout;
use crate::medium::BLOCK;
use crate::side_text::State;
use rustix::fs::{SeekFrom, seek};
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

/// How an image and its side file differ. Both have blocks of 2048 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfit {
    /// The image has more blocks than the side file, and no mark of an interrupted recording explains them:
    /// the side file is older than the image.
    Longer {
        /// The number of the state in the side file. `recorded_end` is the block after the last recorded one
        /// in that state.
        state: u64,
        /// See `state`.
        recorded_end: u32,
        /// Blocks of the image.
        blocks: u64,
    },
    /// The image ends before the last recorded block: it was truncated, or the side file is newer.
    Shorter {
        /// See [`Misfit::Longer`].
        state: u64,
        /// See [`Misfit::Longer`].
        recorded_end: u32,
        /// See [`Misfit::Longer`].
        blocks: u64,
    },
    /// A block is not as recorded, but most others are: it was damaged or changed.
    Changed {
        /// See [`Misfit::Longer`].
        state: u64,
        /// The block.
        block: u32,
    },
    /// The first blocks, or many, are not as recorded, or some are not and the length differs: the side file
    /// belongs to another disc.
    OtherDisc {
        /// See [`Misfit::Longer`].
        state: u64,
        /// The first such block.
        block: u32,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longer {
                state,
                recorded_end,
                blocks,
            } => write!(
                f,
                "its side file is older: its state {state} has {recorded_end} blocks, but the image has {blocks}"
            ),
            Self::Shorter {
                state,
                recorded_end,
                blocks,
            } => write!(
                f,
                "the image was truncated or is older: state {state} of its side file has {recorded_end} blocks, but the image has \
                 {blocks}"
            ),
            Self::Changed { state, block } => write!(
                f,
                "the image was changed: block {block} is not as recorded in state {state} of its side file"
            ),
            Self::OtherDisc { state, block } => write!(
                f,
                "its side file is that of another disc, or blocks of the image were changed: block {block} is not as recorded in its \
                 state {state}"
            ),
        }
    }
}

/// The blocks of an image from the next writable address of a track on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beyond {
    track: u16,
    blocks: Range<u32>,
}

/// The result of comparing an image with its side file.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// A difference that requires an explicit request to record.
    pub(crate) misfit: Option<Misfit>,
    pub(crate) beyond: Vec<Beyond>,
}

impl Comparison {
    /// Compares an image of `length` bytes with its side file. This reads the blocks of the digest, and
    /// possible data of reserved tracks.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn of(image: &File, length: u64, state: &State) -> io::Result<Self> {
        let disc = &state.disc;
        let recorded_end = disc.recorded_end();
        let beyond = beyond(image, length, disc)?;
        let found = match &state.digest {
            Some(digest) => digest.compare(image, disc.damaged())?,
            None => DigestMatch::default(),
        };
        let blocks = length.div_ceil(BLOCK);
        let is_longer = blocks > u64::from(recorded_end) || !beyond.is_empty();
        let number = state.number;
        let misfit = if let Some(block) = data_out_of_place(image, length, disc)? {
            Some(Misfit::OtherDisc { state: number, block })
        } else if let Some(block) = found.first_other {
            // One disc may be damaged in places. Two discs differ at the start, in many blocks, or in length.
            let is_shorter = length < u64::from(recorded_end) * BLOCK;
            let differs = block < FIRST || found.other > 1 + found.same / 8;
            Some(if differs || is_longer || is_shorter {
                Misfit::OtherDisc { state: number, block }
            } else {
                Misfit::Changed { state: number, block }
            })
        } else if length < u64::from(recorded_end) * BLOCK {
            Some(Misfit::Shorter {
                state: number,
                recorded_end,
                blocks: length / BLOCK,
            })
        } else if !state.recording && is_longer {
            Some(Misfit::Longer {
                state: number,
                recorded_end,
                blocks,
            })
        } else {
            None
        };
        Ok(Self { misfit, beyond })
    }
}

/// A block with data where the disc has none: in links, between sessions, after the end of a finalized disc.
/// Such data cannot come from a continuation of this disc.
fn data_out_of_place(image: &File, length: u64, disc: &DiscLayout) -> io::Result<Option<u32>> {
    let writable = disc.tracks().iter().filter(|track| track.writable());
    let next = writable.map(|track| track.next).min().unwrap_or(u32::MAX);
    let blocks = u32::try_from(length.div_ceil(BLOCK)).unwrap_or(u32::MAX);
    let first = disc.recorded_end();
    let end = end_of_data(image, first..next.min(blocks).max(first))?;
    Ok((end > first).then(|| end - 1))
}

/// The blocks of an image that the disc does not know as recorded. In a reserved track, these end with the
/// last block that is not all zeros, because the image continues after the track.
fn beyond(image: &File, length: u64, disc: &DiscLayout) -> io::Result<Vec<Beyond>> {
    let blocks = u32::try_from(length.div_ceil(BLOCK)).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    for track in disc.tracks().iter().filter(|track| track.writable()) {
        let end = blocks.min(track.end);
        let end = if track.reserved {
            end_of_data(image, track.next..end)?
        } else {
            end
        };
        if end > track.next {
            found.push(Beyond {
                track: track.number,
                blocks: track.next..end,
            });
        }
    }
    Ok(found)
}

/// The block after the last of `blocks` that is not all zeros, or their start if all are zeros.
fn end_of_data(image: &File, blocks: Range<u32>) -> io::Result<u32> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let mut piece = vec![0; ZEROS.len()];
    let (mut at, end) = (u64::from(blocks.start) * BLOCK, u64::from(blocks.end) * BLOCK);
    let mut last = at;
    while at < end {
        // Holes need no reading; a host without holes reports data everywhere.
        at = match seek(image, SeekFrom::Data(at)) {
            Ok(data) => data.max(at) / BLOCK * BLOCK,
            Err(rustix::io::Errno::NXIO) => break,
            Err(_) => at,
        };
        let wanted = usize::try_from(end.saturating_sub(at)).unwrap_or(piece.len());
        let wanted = wanted.min(piece.len());
        let read = image.read_at(&mut piece[..wanted], at)?;
        if read == 0 {
            break;
        }
        if let Some(byte) = piece[..read].iter().rposition(|byte| *byte != 0) {
            last = at + byte as u64 + 1;
        }
        at += read as u64;
    }
    Ok(u32::try_from(last.div_ceil(BLOCK)).unwrap_or(u32::MAX))
}

impl DiscLayout {
    /// Counts the blocks of an image beyond the recorded ones as recorded, in whole units and without a
    /// guarantee, as a drive does after an interrupted recording. Returns the blocks of the last unit that
    /// the image lacks, if any.
    pub(crate) fn take_over(&mut self, beyond: &[Beyond], link: u32) -> Vec<Range<u32>> {
        for Beyond { track, blocks } in beyond {
            self.record(*track, blocks.start, blocks.end - blocks.start);
        }
        self.end_packets(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::medium::Medium;

    #[test]
    fn holes_in_a_reserved_track_are_not_data() {
        let mut disc = DiscLayout::blank(Medium::DvdPlusR, 1600);
        disc.reserve_track(160, &Behaviour::default()).unwrap();
        let image = tempfile::tempfile().unwrap();
        image.write_all_at(&[1; 32 * 2048], 160 * 2048).unwrap();
        let length = image.metadata().unwrap().len();
        let found = beyond(&image, length, &disc).unwrap();
        assert_eq!(
            found,
            [Beyond {
                track: 2,
                blocks: 160..192
            }]
        );
        image.write_all_at(&[1], 40 * 2048).unwrap();
        let found = beyond(&image, length, &disc).unwrap();
        assert_eq!(
            found[0],
            Beyond {
                track: 1,
                blocks: 0..41
            }
        );
        let pads: Vec<u32> = disc.take_over(&found, 0).into_iter().flatten().collect();
        assert_eq!(pads, (41..48).collect::<Vec<_>>());
        assert_eq!(disc.tracks()[0].next, 48);
    }
}
