//! Claims of blocks for structures and bodies, and claims that overlap.

use std::ops::Range;

use crate::claims::{Claim, OfOther, Owner, Sharing, Use};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;
use crate::volume_on_disc::Which;

impl Judge<'_> {
    /// Claims blocks of the volume space, or of a partition that is not a metadata partition.
    pub fn claim(&mut self, start: u32, blocks: u32, owner: Owner, used_for: Use) {
        self.claim_in(start, blocks, owner, used_for, true);
    }

    /// Like [`Judge::claim`]; `below` says whether an address outside metadata partitions names them.
    pub fn claim_in(&mut self, start: u32, blocks: u32, owner: Owner, used_for: Use, below: bool) {
        if blocks == 0 {
            return;
        }
        if owner == Owner::Metadata && self.claims.metadata.len() < self.options.extents {
            self.claims.metadata.push((start, blocks));
            return;
        }
        if self.claims.all.len() >= self.options.extents {
            if !self.claims.full {
                self.claims.full = true;
                let limit = self.options.extents;
                self.find(
                    K::LimitReached,
                    FindingPlace::Volume,
                    format_args!("more than {limit} extents: overlaps are not found"),
                );
            }
            return;
        }
        self.claims.all.push(Claim {
            start,
            blocks,
            owner,
            used_for,
            below,
        });
    }

    /// The sectors with owners, in ascending order and each once.
    pub fn claimed(&self) -> Vec<Range<u32>> {
        let range = |start: u32, blocks: u32| start..start.saturating_add(blocks);
        let all = self
            .claims
            .all
            .iter()
            .map(|claim| range(claim.start, claim.blocks));
        let metadata = self
            .claims
            .metadata
            .iter()
            .map(|(start, blocks)| range(*start, *blocks));
        let mut ranges: Vec<Range<u32>> = all.chain(metadata).collect();
        ranges.sort_unstable_by_key(|range| (range.start, range.end));
        ranges.dedup_by(|next, before| {
            let joins = next.start <= before.end;
            if joins {
                before.end = before.end.max(next.end);
            }
            joins
        });
        ranges
    }

    /// The recorded sectors from `start` up to `end` without an owner, in ascending order; none if some
    /// claims are unknown.
    pub fn unclaimed(&mut self, start: u32, end: u32) -> Vec<Range<u32>> {
        let mut unclaimed = Vec::new();
        if self.claims.full {
            return unclaimed;
        }
        self.claims.all.sort_unstable();
        let spans = self.disc.spans.iter().filter(|span| !span.set_aside);
        for span in spans {
            let mut next = span.first.max(start);
            let end = span.last.saturating_add(1).min(end);
            let first = self.claims.all.partition_point(|claim| claim.start < next);
            // Claims that begin before may extend into the range: check all of them, since any may reach
            // furthest.
            let before = self.claims.all[..first].iter().map(self::end).max().unwrap_or(0);
            next = next.max(u32::try_from(before).unwrap_or(u32::MAX));
            for claim in &self.claims.all[first..] {
                if claim.start >= end {
                    break;
                }
                if claim.start > next {
                    unclaimed.push(next..claim.start);
                }
                next = next.max(u32::try_from(self::end(claim)).unwrap_or(u32::MAX));
            }
            if next < end {
                unclaimed.push(next..end);
            }
        }
        unclaimed
    }

    /// Finds extents that overlap; `place` maps an owner to its place, `sharing` a sector to what extents
    /// that begin there may have in common.
    ///
    /// Whole extents of data may be shared: within a file, where a block of zeros is named repeatedly, and
    /// between files, where one is a copy of the other. Neither standard forbids it (ECMA-167 4/8.8 and 4/12
    /// define an extent, not that it belongs to one file), and all readers read it correctly. It does harm if
    /// a block can be freed or overwritten, because doing that to one file does it to the other. In a
    /// read-only partition, shared extents may also have different lengths. No writer records other partly
    /// overlapping extents on purpose.
    pub fn overlaps(&mut self, place: impl Fn(Owner) -> FindingPlace, sharing: impl Fn(u32) -> Sharing) {
        self.inside_metadata(&place);
        let mut all = std::mem::take(&mut self.claims.all);
        all.sort_unstable();
        if self.which != Which::Only {
            self.across_volumes(&all, &place);
        }
        let mut reaching: Option<Claim> = None;
        for claim in all {
            if let Some(before) = reaching.filter(|before| end(before) > u64::from(claim.start)) {
                let sharing = sharing(claim.start);
                let same = before.start == claim.start
                    && (before.blocks == claim.blocks || sharing == Sharing::Beginning);
                let within = before.owner == claim.owner;
                let kind = match same && before.used_for == Use::Data && claim.used_for == Use::Data {
                    false => Some(K::ExtentsOverlap),
                    true if sharing == Sharing::None => Some(K::ExtentSharedRewritable),
                    true if within => None,
                    true => Some(K::ExtentShared),
                };
                let other = place(before.owner);
                if let Some(kind) = kind {
                    self.find(
                        kind,
                        place(claim.owner),
                        format_args!(
                            "sectors {}+{} are in {}+{} of {other}",
                            claim.start, claim.blocks, before.start, before.blocks
                        ),
                    );
                }
            }
            if reaching.is_none_or(|before| end(&claim) > end(&before)) {
                reaching = Some(claim);
            }
        }
    }
}

impl Judge<'_> {
    /// Volumes of one disc share the data of files and their entries, and nothing else. Adds the sectors of
    /// this volume to those of the others.
    fn across_volumes(&mut self, all: &[Claim], place: &impl Fn(Owner) -> FindingPlace) {
        let mut others = std::mem::take(&mut self.claims.others);
        let mut at = 0;
        for claim in all {
            while others
                .get(at)
                .is_some_and(|other| u64::from(other.end) <= u64::from(claim.start))
            {
                at += 1;
            }
            let here = others[at..].iter();
            let mut met = here.take_while(|other| u64::from(other.start) < end(claim));
            if let Some(other) =
                met.find(|other| claim.used_for == Use::Structure || claim.used_for != other.used_for)
            {
                self.find(
                    K::ExtentsOverlap,
                    place(claim.owner),
                    format_args!(
                        "sectors {}+{} are in {}+{} of another volume of the disc",
                        claim.start,
                        claim.blocks,
                        other.start,
                        other.end - other.start
                    ),
                );
            }
        }
        others.extend(all.iter().map(|claim| OfOther {
            start: claim.start,
            end: claim.start.saturating_add(claim.blocks),
            used_for: claim.used_for,
        }));
        others.sort_unstable();
        // Adjacent ranges of one kind are merged, so that the remaining ones neither overlap nor touch.
        let mut merged: Vec<OfOther> = Vec::new();
        for next in others {
            match merged.last_mut().filter(|last| next.start <= last.end) {
                Some(last) if last.used_for == next.used_for => last.end = last.end.max(next.end),
                Some(last) if next.end <= last.end => {}
                Some(last) => {
                    let start = last.end;
                    merged.push(OfOther { start, ..next });
                }
                None => merged.push(next),
            }
        }
        merged.shrink_to_fit();
        self.claims.others = merged;
    }

    /// Extents of files outside the metadata partition use no blocks of the metadata file, whose pieces do
    /// not overlap.
    fn inside_metadata(&mut self, place: &impl Fn(Owner) -> FindingPlace) {
        let mut pieces = std::mem::take(&mut self.claims.metadata);
        pieces.sort_unstable();
        pieces.dedup();
        let reach = |(start, blocks): (u32, u32)| u64::from(start) + u64::from(blocks);
        for pair in pieces.windows(2) {
            if reach(pair[0]) > u64::from(pair[1].0) {
                self.find(
                    K::ExtentsOverlap,
                    FindingPlace::Volume,
                    format_args!(
                        "metadata files: sectors {}+{} and {}+{}",
                        pair[0].0, pair[0].1, pair[1].0, pair[1].1
                    ),
                );
            }
        }
        let outside: Vec<Claim> = self
            .claims
            .all
            .iter()
            .filter(|claim| claim.below)
            .copied()
            .collect();
        for claim in outside {
            let next = pieces.partition_point(|(start, _)| u64::from(*start) < end(&claim));
            let meets = next.checked_sub(1).and_then(|before| pieces.get(before).copied());
            if let Some(piece) = meets.filter(|piece| reach(*piece) > u64::from(claim.start)) {
                self.find(
                    K::ExtentsOverlap,
                    place(claim.owner),
                    format_args!(
                        "sectors {}+{} are in {}+{} of a metadata file",
                        claim.start, claim.blocks, piece.0, piece.1
                    ),
                );
            }
        }
    }
}

fn end(claim: &Claim) -> u64 {
    u64::from(claim.start) + u64::from(claim.blocks)
}
