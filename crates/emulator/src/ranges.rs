//! A set of blocks as sorted ranges.

use std::ops::Range;

/// Disjoint ranges in ascending order, none empty or adjacent to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<Range<u32>>);

impl Ranges {
    /// Adds the blocks of `new`, in constant time at the end, where a disc grows.
    pub(crate) fn add(&mut self, new: Range<u32>) {
        if new.is_empty() {
            return;
        }
        let first = self.0.partition_point(|range| range.end < new.start);
        let after = first + self.0[first..].partition_point(|range| range.start <= new.end);
        let touched = &self.0[first..after];
        let start = touched
            .first()
            .map_or(new.start, |range| range.start.min(new.start));
        let end = touched.last().map_or(new.end, |range| range.end.max(new.end));
        self.0.splice(first..after, std::iter::once(start..end));
    }

    /// The first block of `of` that is in the set.
    pub(crate) fn first_in(&self, of: &Range<u32>) -> Option<u32> {
        let at = self.0.partition_point(|range| range.end <= of.start);
        let first = self.0.get(at)?.start.max(of.start);
        (first < of.end).then_some(first)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Range<u32>> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_contain_all_added_blocks_in_order_and_disjoint(
            added in proptest::collection::vec((0u32..200, 0u32..12), 0..40), at in 0u32..220, length in 0u32..20
        ) {
            let mut ranges = Ranges::default();
            let mut blocks = BTreeSet::new();
            for (start, length) in added {
                ranges.add(start..start + length);
                blocks.extend(start..start + length);
            }
            prop_assert!(ranges.0.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert_eq!(ranges.iter().cloned().flatten().collect::<BTreeSet<_>>(), blocks.clone());
            prop_assert_eq!(ranges.first_in(&(at..at + length)), blocks.range(at..at + length).next().copied());
        }
    }
}
