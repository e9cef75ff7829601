//! Where the blocks of a body are: maps body block numbers to logical blocks, as runs.

use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalBlock};
use volume::{CorruptKind, Extent, ExtentKind};

use super::form::Form;
use crate::error::{Error, Unsupported};

/// A run of recorded blocks: body blocks `first..first + count` are at logical blocks `at..at + count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// First body block, counted from the start of the body.
    pub first: u64,
    /// Number of blocks.
    pub count: u32,
    /// The logical block of the first.
    pub at: LogicalBlock,
}

impl Run {
    fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    fn joins(&self, next: &Run) -> bool {
        self.end() == next.first
            && self.at.0.checked_add(self.count) == Some(next.at.0)
            && self.count.checked_add(next.count).is_some()
    }

    /// The part of this run from body block `from` on.
    fn tail_from(self, from: u64) -> Option<Run> {
        let skip = u32::try_from(from.saturating_sub(self.first))
            .ok()
            .filter(|skip| *skip < self.count)?;
        Some(Run {
            first: self.first + u64::from(skip),
            count: self.count - skip,
            at: LogicalBlock(self.at.0 + skip),
        })
    }

    /// The part of this run before body block `to`.
    fn before_block(self, to: u64) -> Option<Run> {
        let keep = u32::try_from(to.saturating_sub(self.first))
            .unwrap_or(u32::MAX)
            .min(self.count);
        (keep > 0).then_some(Run { count: keep, ..self })
    }
}

/// A piece of a body, as its allocation descriptors state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its first logical block; `None` for a hole.
    pub at: Option<LogicalBlock>,
    /// Its length in bytes; whole blocks except for the last piece.
    pub length: u32,
}

/// The longest extent that one allocation descriptor may name, in bytes (`ECMA-167 4/14.14.1.1`).
const LONGEST_PIECE: u64 = (1 << 30) - BLOCK_SIZE as u64;

/// Maps body blocks to logical blocks. Blocks in no run are a hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtentMap {
    runs: Vec<Run>,
}

impl ExtentMap {
    /// The recorded extents of a body, which must be in the write-once partition.
    pub fn of(form: Form, extents: &[Extent]) -> Result<Self, Error> {
        let mut map = Self::default();
        let mut first = 0;
        for extent in extents {
            let count = extent.length.div_ceil(BLOCK_SIZE as u64);
            if let ExtentKind::Lost(entry) = extent.kind {
                return Err(volume::Error::corrupt(CorruptKind::BodyTooShort, entry).into());
            }
            if let ExtentKind::Recorded(address) = extent.kind {
                if address.partition != form.physical {
                    return Err(Unsupported::BodyOutsidePartition.into());
                }
                let count = u32::try_from(count).map_err(|_| Error::FileTooLarge)?;
                if address.block.checked_add(count).is_none() {
                    return Err(volume::Error::corrupt(CorruptKind::OutsidePartition, address).into());
                }
                map.set(first, count, LogicalBlock(address.block));
            }
            first += count;
        }
        Ok(map)
    }

    /// The logical block of body block `block`; `None` in a hole.
    pub fn get(&self, block: u64) -> Option<LogicalBlock> {
        let index = self.runs.partition_point(|run| run.end() <= block);
        Some(
            self.runs
                .get(index)?
                .tail_from(block)
                .filter(|run| run.first == block)?
                .at,
        )
    }

    /// Maps `count` blocks from `first` on to `at`, replacing what was mapped before.
    pub fn set(&mut self, first: u64, count: u32, at: LogicalBlock) {
        if count == 0 {
            return;
        }
        let run = Run { first, count, at };
        if let Some(last) = self.runs.last_mut().filter(|last| last.end() <= first) {
            if last.joins(&run) {
                last.count += count;
            } else {
                self.runs.push(run);
            }
            return;
        }
        let from = self.runs.partition_point(|other| other.end() <= first);
        let to = self.runs.partition_point(|other| other.first < run.end());
        let touched = &self.runs[from..to];
        let left = touched.first().and_then(|other| other.before_block(first));
        let right = touched.last().and_then(|other| other.tail_from(run.end()));
        let middle = [left, Some(run), right].into_iter().flatten();
        self.runs.splice(from..to, middle);
        self.join_around(from.saturating_sub(1), 4);
    }

    fn join_around(&mut self, from: usize, span: usize) {
        let mut index = from;
        let mut left = span;
        while left > 0 && index + 1 < self.runs.len() {
            left -= 1;
            let next = self.runs[index + 1];
            if self.runs[index].joins(&next) {
                self.runs[index].count += next.count;
                self.runs.remove(index + 1);
            } else {
                index += 1;
            }
        }
    }

    /// Removes every block from `blocks` on.
    pub fn truncate(&mut self, blocks: u64) {
        self.runs.retain_mut(|run| match run.before_block(blocks) {
            Some(kept) => {
                *run = kept;
                true
            }
            None => false,
        });
    }

    /// The runs, ascending.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Number of recorded blocks.
    pub fn recorded(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.count)).sum()
    }

    /// The pieces of a body of `length` bytes, including holes, each short enough for one descriptor.
    pub fn pieces(&self, length: u64) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.runs.len());
        let mut at = 0;
        for run in &self.runs {
            let start = run.first * BLOCK_SIZE as u64;
            push_pieces(&mut pieces, None, start.min(length) - at);
            let end = (run.end() * BLOCK_SIZE as u64).min(length);
            push_pieces(&mut pieces, Some(run.at), end.saturating_sub(start));
            at = end.max(start.min(length));
        }
        push_pieces(&mut pieces, None, length - at);
        pieces
    }
}

/// The descriptors after the first that a body of `length` bytes has because of the longest piece; 0 for a
/// short one.
pub(crate) fn pieces_of(length: u64) -> u64 {
    length / LONGEST_PIECE
}

fn push_pieces(pieces: &mut Vec<Piece>, mut at: Option<LogicalBlock>, mut length: u64) {
    while length > 0 {
        let part = length.min(LONGEST_PIECE);
        let part = u32::try_from(part).unwrap_or(u32::MAX);
        pieces.push(Piece { at, length: part });
        length -= u64::from(part);
        at = at.map(|block| LogicalBlock(block.0 + part / BLOCK_BYTES));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn adjoining_runs_become_one() {
        let mut map = ExtentMap::default();
        map.set(0, 4, LogicalBlock(10));
        map.set(4, 4, LogicalBlock(14));
        assert_eq!(
            map.runs(),
            [Run {
                first: 0,
                count: 8,
                at: LogicalBlock(10)
            }]
        );
    }

    #[test]
    fn a_hole_longer_than_a_descriptor_is_split_at_whole_blocks() {
        let pieces = ExtentMap::default().pieces(5 << 30);
        assert_eq!(pieces.len(), 6);
        assert!(
            pieces[..5]
                .iter()
                .all(|piece| piece.at.is_none() && piece.length.is_multiple_of(BLOCK_BYTES))
        );
        assert_eq!(
            pieces.iter().map(|piece| u64::from(piece.length)).sum::<u64>(),
            5 << 30
        );
    }

    #[test]
    fn the_last_piece_ends_with_the_body() {
        let mut map = ExtentMap::default();
        map.set(1, 1, LogicalBlock(7));
        assert_eq!(
            map.pieces(3000),
            [
                Piece {
                    at: None,
                    length: 2048
                },
                Piece {
                    at: Some(LogicalBlock(7)),
                    length: 952
                }
            ]
        );
    }

    proptest! {
        #[test]
        fn the_map_returns_what_was_set_last(sets in prop::collection::vec((0u64..60, 1u32..20, 0u32..1000), 0..40), cut in 0u64..80) {
            let mut map = ExtentMap::default();
            let mut model = BTreeMap::new();
            for (first, count, at) in sets {
                map.set(first, count, LogicalBlock(at));
                for i in 0..count {
                    model.insert(first + u64::from(i), LogicalBlock(at + i));
                }
            }
            map.truncate(cut);
            model.retain(|block, _| *block < cut);
            for block in 0..90 {
                prop_assert_eq!(map.get(block), model.get(&block).copied());
            }
            prop_assert!(map.runs().windows(2).all(|pair| pair[0].end() <= pair[1].first && !pair[0].joins(&pair[1])));
            prop_assert_eq!(map.recorded(), model.len() as u64);
            let total: u64 = map.pieces(70 * 2048 + 5).iter().map(|piece| u64::from(piece.length)).sum();
            prop_assert_eq!(total, 70 * 2048 + 5);
        }
    }
}
