//! The surface while it is painted: runs of blocks by what is known of them first.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kind::Kind;
use crate::owners::OwnerId;

/// The most runs that are kept, in some 150 MB.
const MOST: usize = 1 << 21;

/// What is known of a run of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    pub kind: Kind,
    pub owner: Option<OwnerId>,
}

/// Runs that do not overlap. What is painted first stays, so the surest comes first.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    /// The end and the paint of each run by its start.
    runs: BTreeMap<u32, (u32, Paint)>,
    /// The end of each painted area by its start: areas join where runs touch, so that painting over many
    /// runs takes one step.
    areas: BTreeMap<u32, u32>,
    is_full: bool,
}

impl Canvas {
    /// Paints those of some blocks that are not painted yet. Returns how many.
    pub fn fill(&mut self, blocks: Range<u32>, kind: Kind, owner: Option<OwnerId>) -> u32 {
        let mut filled = 0;
        for gap in self.gaps(blocks) {
            if self.runs.len() >= MOST {
                self.is_full = true;
                break;
            }
            filled += gap.end - gap.start;
            self.insert(gap.clone(), Paint { kind, owner });
            self.join(gap);
        }
        filled
    }

    /// The parts of some blocks that are not painted.
    pub fn gaps(&self, blocks: Range<u32>) -> Vec<Range<u32>> {
        let mut gaps = Vec::new();
        let mut at = blocks.start;
        if let Some((_, end)) = self.areas.range(..=at).next_back() {
            at = at.max(*end);
        }
        for (start, end) in self.areas.range(at.min(blocks.end)..blocks.end) {
            if *start > at {
                gaps.push(at..*start);
            }
            at = *end;
        }
        if at < blocks.end {
            gaps.push(at..blocks.end);
        }
        gaps
    }

    /// Changes the kind of blocks that are painted as recorded, whoever owns them.
    pub fn cover(&mut self, blocks: Range<u32>, kind: Kind) {
        let first = self.runs.range(..=blocks.start).next_back();
        let first = first.map_or(blocks.start, |(start, _)| *start);
        let met: Vec<_> = self
            .runs
            .range(first..blocks.end)
            .filter(|(_, (end, paint))| *end > blocks.start && paint.kind.is_recorded())
            .map(|(start, (end, paint))| (*start, *end, *paint))
            .collect();
        for (start, end, paint) in met {
            self.runs.remove(&start);
            let inside = start.max(blocks.start)..end.min(blocks.end);
            for (part, kind) in [
                (start..inside.start, paint.kind),
                (inside.clone(), kind),
                (inside.end..end, paint.kind),
            ] {
                if !part.is_empty() {
                    self.runs.insert(part.start, (part.end, Paint { kind, ..paint }));
                }
            }
        }
    }

    /// Whether blocks were left out because there are too many runs.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The runs in order.
    pub fn into_runs(self) -> impl Iterator<Item = (Range<u32>, Paint)> {
        self.runs
            .into_iter()
            .map(|(start, (end, paint))| (start..end, paint))
    }

    fn insert(&mut self, blocks: Range<u32>, paint: Paint) {
        let mut blocks = blocks;
        if let Some((start, (end, before))) = self.runs.range(..blocks.start).next_back()
            && *end == blocks.start
            && *before == paint
        {
            blocks.start = *start;
        }
        if let Some((end, after)) = self.runs.get(&blocks.end).copied()
            && after == paint
        {
            self.runs.remove(&blocks.end);
            blocks.end = end;
        }
        self.runs.insert(blocks.start, (blocks.end, paint));
    }

    fn join(&mut self, gap: Range<u32>) {
        let mut area = gap;
        if let Some((start, end)) = self.areas.range(..area.start).next_back()
            && *end == area.start
        {
            area.start = *start;
        }
        if let Some(end) = self.areas.remove(&area.end) {
            area.end = end;
        }
        self.areas.insert(area.start, area.end);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs(canvas: Canvas) -> Vec<(Range<u32>, Kind)> {
        canvas
            .into_runs()
            .map(|(blocks, paint)| (blocks, paint.kind))
            .collect()
    }

    #[test]
    fn what_is_painted_first_stays() {
        let mut canvas = Canvas::default();
        assert_eq!(canvas.fill(10..20, Kind::Data, None), 10);
        assert_eq!(canvas.fill(0..30, Kind::Free, None), 20);
        let expected = [(0..10, Kind::Free), (10..20, Kind::Data), (20..30, Kind::Free)];
        assert_eq!(runs(canvas), expected);
    }

    #[test]
    fn runs_of_the_same_that_touch_become_one() {
        let mut canvas = Canvas::default();
        for blocks in [10..20, 30..40, 20..30] {
            canvas.fill(blocks, Kind::Data, None);
        }
        assert_eq!(runs(canvas), [(10..40, Kind::Data)]);
    }

    #[test]
    fn what_is_covered_keeps_its_owner() {
        let mut canvas = Canvas::default();
        let owner = Some(crate::Owners::default()).and_then(|mut owners| {
            owners.add(crate::Owner {
                parent: None,
                name: "".into(),
                kind: crate::OwnerKind::File,
                bytes: 0,
                is_regular: true,
                modified: ecma167::general::Timestamp::unspecified(),
            })
        });
        canvas.fill(10..20, Kind::Data, owner);
        canvas.cover(0..12, Kind::Unreadable);
        let found: Vec<_> = canvas.into_runs().collect();
        let paint = |kind| Paint { kind, owner };
        assert_eq!(
            found,
            [(10..12, paint(Kind::Unreadable)), (12..20, paint(Kind::Data))]
        );
    }

    proptest! {
        #[test]
        fn each_block_has_the_first_paint(
            fills in proptest::collection::vec((0_u32..64, 1_u32..32, 0_usize..4), 1..24),
        ) {
            let mut canvas = Canvas::default();
            let mut model = [None; 96];
            for (start, length, kind) in fills {
                let kind = Kind::ALL[kind];
                canvas.fill(start..start + length, kind, None);
                for block in &mut model[start as usize..(start + length) as usize] {
                    block.get_or_insert(kind);
                }
            }
            let mut found = [None; 96];
            for (blocks, kind) in runs(canvas) {
                for at in blocks {
                    prop_assert_eq!(found[at as usize].replace(kind), None);
                }
            }
            prop_assert_eq!(found, model);
        }
    }
}
