//! A set of blocks, as disjoint runs. It keeps a bounded number of them.

use std::collections::BTreeMap;
use std::ops::Range;

/// The most runs that are kept by default: 3 MB.
const MOST: usize = 1 << 16;

/// Disjoint runs of blocks that do not touch.
pub(crate) struct Runs {
    /// The end of each run, by its start.
    runs: BTreeMap<u32, u32>,
    /// The most runs that are kept.
    most: usize,
}

impl Default for Runs {
    fn default() -> Self {
        Self::of_at_most(MOST)
    }
}

impl Runs {
    /// An empty set that keeps up to `most` runs.
    pub(crate) fn of_at_most(most: usize) -> Self {
        Self {
            runs: BTreeMap::new(),
            most,
        }
    }

    /// Adds blocks. Returns `false`, and adds none, if that takes one run more than are kept.
    pub(crate) fn add(&mut self, blocks: Range<u32>) -> bool {
        if blocks.is_empty() {
            return true;
        }
        let (mut start, mut end) = (blocks.start, blocks.end);
        let touching: Vec<u32> = self
            .runs
            .range(..=end)
            .rev()
            .take_while(|(_, other_end)| **other_end >= start)
            .map(|(other, _)| *other)
            .collect();
        if touching.is_empty() && self.runs.len() == self.most {
            return false;
        }
        for other in touching {
            let other_end = self.runs.remove(&other).unwrap_or(other);
            (start, end) = (start.min(other), end.max(other_end));
        }
        self.runs.insert(start, end);
        true
    }

    /// Whether any of some blocks is in the set.
    pub(crate) fn meets(&self, blocks: &Range<u32>) -> bool {
        let before = self.runs.range(..blocks.end).next_back();
        before.is_some_and(|(_, end)| *end > blocks.start)
    }

    /// Whether all of some blocks are in the set.
    pub(crate) fn has_all(&self, blocks: &Range<u32>) -> bool {
        let before = self.runs.range(..=blocks.start).next_back();
        blocks.is_empty() || before.is_some_and(|(_, end)| *end >= blocks.end)
    }

    /// How many of the set's blocks are among some blocks.
    pub(crate) fn within(&self, blocks: &Range<u32>) -> u32 {
        self.runs
            .range(..blocks.end)
            .rev()
            .take_while(|(_, end)| **end > blocks.start)
            .map(|(start, end)| (*end).min(blocks.end) - (*start).max(blocks.start))
            .sum()
    }

    /// How many blocks both sets have.
    pub(crate) fn common(&self, other: &Self) -> u32 {
        self.iter().map(|run| other.within(&run)).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<u32>> {
        self.runs.iter().map(|(start, end)| *start..*end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(runs: &[Range<u32>]) -> Runs {
        let mut set = Runs::default();
        for run in runs {
            assert!(set.add(run.clone()));
        }
        set
    }

    #[test]
    fn runs_that_touch_or_overlap_become_one() {
        let set = of(&[10..20, 30..40, 20..25, 24..31, 50..60, 5..5]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [10..40, 50..60]);
    }

    #[test]
    fn blocks_between_two_runs_meet_neither() {
        let set = of(&[10..20, 30..40]);
        assert!(!set.meets(&(20..30)));
        assert!(set.meets(&(19..20)) && set.meets(&(29..31)) && set.meets(&(0..100)));
        assert!(!set.meets(&(0..10)) && !set.meets(&(40..50)));
    }

    #[test]
    fn common_blocks_of_two_sets_are_counted_once() {
        let (one, other) = (of(&[10..20, 30..40, 100..200]), of(&[15..35, 150..151]));
        assert_eq!((one.common(&other), other.common(&one)), (11, 11));
        assert_eq!(one.within(&(0..1000)), 120);
    }

    #[test]
    fn a_run_too_many_is_not_kept() {
        let mut set = Runs::default();
        for run in 0..MOST {
            let start = u32::try_from(run).unwrap_or(0) * 2;
            assert!(set.add(start..start + 1));
        }
        assert!(!set.add(u32::MAX - 1..u32::MAX));
        assert!(set.add(1..2), "it joins two runs");
        assert!(set.add(u32::MAX - 1..u32::MAX));
    }
}
