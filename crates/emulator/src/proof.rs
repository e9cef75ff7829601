//! Whether an image is that of the disc which its side file describes, and what it holds beyond that.

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

/// In which way an image and its side file do not fit together. Both are of blocks of 2048 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The image holds more blocks than the side file knows, and no mark of an interrupted recording explains it: the side
    /// file is older than the image.
    Longer {
        /// The state that the side file describes, and the block after the last recorded one in it.
        state: u64,
        /// See `state`.
        recorded_end: u32,
        /// Blocks that the image holds.
        blocks: u64,
    },
    /// The image ends before the last block that was recorded: it was cut, or the side file is younger.
    Shorter {
        /// As above.
        state: u64,
        /// As above.
        recorded_end: u32,
        /// As above.
        blocks: u64,
    },
    /// A block is not what was recorded there, and most others are: it was damaged or changed.
    Changed {
        /// As above.
        state: u64,
        /// The block.
        block: u32,
    },
    /// The first blocks, or many, are not what was recorded there, or some are not and the length is another one: the side
    /// file is not that of this image.
    OtherDisc {
        /// As above.
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
                "its side file is older: state {state} there has {recorded_end} blocks, the image holds {blocks}"
            ),
            Self::Shorter {
                state,
                recorded_end,
                blocks,
            } => write!(
                f,
                "the image was cut or is older: state {state} of its side file has {recorded_end} blocks, the image holds \
                 {blocks}"
            ),
            Self::Changed { state, block } => write!(
                f,
                "the image was changed: block {block} is not what state {state} of its side file has recorded"
            ),
            Self::OtherDisc { state, block } => write!(
                f,
                "its side file is that of another disc: block {block} is not what state {state} there has recorded"
            ),
        }
    }
}

/// What an image holds in a track from its next writable address on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beyond {
    track: u16,
    blocks: Range<u32>,
}

/// What comparing an image with its side file came to.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// What recording has to be asked for in spite of.
    pub(crate) misfit: Option<Misfit>,
    pub(crate) beyond: Vec<Beyond>,
}

impl Comparison {
    /// Compares an image of `length` bytes with what its side file says. Reads the blocks of the digest, and what a reserved
    /// track may hold.
    ///
    /// # Errors
    /// What the host answers.
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
            // One disc may be damaged here and there; two discs differ where they begin, in many blocks, or in length.
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

/// A block with data where the disc has none: in links, between sessions, after the end of a finalized disc. The image went on
/// otherwise than this disc can.
fn data_out_of_place(image: &File, length: u64, disc: &DiscLayout) -> io::Result<Option<u32>> {
    let writable = disc.tracks().iter().filter(|track| track.writable());
    let next = writable.map(|track| track.next).min().unwrap_or(u32::MAX);
    let blocks = u32::try_from(length.div_ceil(BLOCK)).unwrap_or(u32::MAX);
    let first = disc.recorded_end();
    let end = end_of_data(image, first..next.min(blocks).max(first))?;
    Ok((end > first).then(|| end - 1))
}

/// What an image holds where nothing is recorded yet as far as the disc knows. Of a reserved track that is what is not zeros:
/// the image goes on beyond it.
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

/// The block after the last of `blocks` that is not all zeros; their start where there is none.
fn end_of_data(image: &File, blocks: Range<u32>) -> io::Result<u32> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let mut piece = vec![0; ZEROS.len()];
    let (mut at, end) = (u64::from(blocks.start) * BLOCK, u64::from(blocks.end) * BLOCK);
    let mut last = at;
    while at < end {
        // Holes need not be read; hosts that know none have data everywhere.
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
    /// Takes what an image holds beyond the recorded blocks for recorded blocks of unknown worth, whole units of them, as a
    /// drive has them after a recording that was interrupted. Returns those of the last unit that the image lacks, if any.
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
    fn what_stands_after_a_reserved_track_is_told_from_holes_in_it() {
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
