//! The surface of a disc: what each of its blocks is.

use std::ops::Range;

use crate::kind::{Kind, Was};
use crate::owners::OwnerId;

/// Blocks of the same kind with the same history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first block of the medium.
    pub start: u32,
    /// The number of blocks.
    pub blocks: u32,
    /// What they are.
    pub kind: Kind,
    /// The number of the generation that recorded them, from 1; `None` where it is unknown, and where nothing
    /// is recorded.
    pub generation: Option<u32>,
    /// Who uses them now or, if they are superseded, used them last.
    pub owner: Option<OwnerId>,
}

impl Run {
    /// The blocks.
    #[must_use]
    pub fn range(&self) -> Range<u32> {
        self.start..self.start.saturating_add(self.blocks)
    }
}

/// All blocks of a disc in order, without gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    runs: Vec<Run>,
}

impl Surface {
    pub(crate) fn new(runs: Vec<Run>) -> Self {
        Self { runs }
    }

    /// The runs, from block 0 on.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The block after the last.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.runs.last().map_or(0, |last| last.range().end)
    }

    /// The run with a block.
    #[must_use]
    pub fn at(&self, block: u32) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.start <= block);
        let run = self.runs.get(next.checked_sub(1)?)?;
        run.range().contains(&block).then_some(run)
    }

    /// The runs that have any of some blocks, cut to those.
    pub fn within(&self, blocks: Range<u32>) -> impl Iterator<Item = Run> {
        let first = self.runs.partition_point(|run| run.range().end <= blocks.start);
        let runs = self.runs[first..].iter();
        let end = blocks.end;
        runs.take_while(move |run| run.start < end).map(move |run| {
            let range = run.range();
            let start = range.start.max(blocks.start);
            Run {
                start,
                blocks: range.end.min(blocks.end) - start,
                ..*run
            }
        })
    }

    /// The blocks of each kind, in the order of [`Kind::ALL`].
    #[must_use]
    pub fn totals(&self) -> [u64; Kind::ALL.len()] {
        let mut totals = [0; Kind::ALL.len()];
        for run in &self.runs {
            totals[run.kind.index()] += u64::from(run.blocks);
        }
        totals
    }

    /// The blocks that are superseded and were something.
    #[must_use]
    pub fn superseded(&self, was: Was) -> u64 {
        let runs = self.runs.iter();
        let of_kind = runs.filter(|run| run.kind == Kind::Superseded(was));
        of_kind.map(|run| u64::from(run.blocks)).sum()
    }

    /// Keeps blocks back: the last free ones.
    pub(crate) fn keep_back(&mut self, blocks: u64) {
        let mut left = u32::try_from(blocks).unwrap_or(u32::MAX);
        let mut at = self.runs.len();
        while at > 0 && left > 0 {
            at -= 1;
            let run = self.runs[at];
            if run.kind != Kind::Free {
                continue;
            }
            let kept = run.blocks.min(left);
            left -= kept;
            let rest = run.blocks - kept;
            self.runs[at] = Run {
                start: run.start + rest,
                blocks: kept,
                kind: Kind::KeptBack,
                ..run
            };
            if rest > 0 {
                self.runs.insert(at, Run { blocks: rest, ..run });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(start: u32, blocks: u32, kind: Kind) -> Run {
        Run {
            start,
            blocks,
            kind,
            generation: None,
            owner: None,
        }
    }

    fn surface() -> Surface {
        Surface::new(vec![
            run(0, 10, Kind::Data),
            run(10, 5, Kind::Gap),
            run(15, 20, Kind::Free),
        ])
    }

    #[test]
    fn the_run_of_a_block_is_found() {
        let surface = surface();
        let kinds = [0, 9, 10, 34, 35].map(|block| surface.at(block).map(|run| run.kind));
        let expected = [
            Some(Kind::Data),
            Some(Kind::Data),
            Some(Kind::Gap),
            Some(Kind::Free),
            None,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(surface.blocks(), 35);
    }

    #[test]
    fn a_part_of_the_surface_is_cut_to_its_blocks() {
        let found: Vec<_> = surface().within(8..12).collect();
        assert_eq!(found, [run(8, 2, Kind::Data), run(10, 2, Kind::Gap)]);
    }

    #[test]
    fn what_is_kept_back_is_the_end_of_what_is_free() {
        let mut surface = surface();
        surface.keep_back(7);
        assert_eq!(
            surface.runs()[2..],
            [run(15, 13, Kind::Free), run(28, 7, Kind::KeptBack)]
        );
        surface.keep_back(1000);
        let free = surface.totals()[Kind::Free.index()];
        let kept = surface.totals()[Kind::KeptBack.index()];
        assert_eq!((free, kept, surface.blocks()), (0, 20, 35));
    }
}
