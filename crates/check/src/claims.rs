//! Which blocks belong to what: no block belongs to two structures or bodies.

use crate::finding::Place;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// Whom a block belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// Structures of the volume or of a session.
    Volume,
    /// The VAT and its ICB.
    Vat,
    /// The file set descriptor.
    FileSet,
    /// A node, by its number in the table.
    Node(u32),
}

/// An extent and whom it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub start: u32,
    pub blocks: u32,
    pub owner: Owner,
    /// A recorded extent of a file's body.
    pub data: bool,
}

// What `MEMORY_BOUND` counts with.
const _: () = assert!(size_of::<Claim>() <= 20);

/// All extents that were met.
#[derive(Default)]
pub(crate) struct Claims {
    all: Vec<Claim>,
    full: bool,
}

impl Judge<'_> {
    pub fn claim(&mut self, start: u32, blocks: u32, owner: Owner, data: bool) {
        if blocks == 0 {
            return;
        }
        if self.claims.all.len() >= self.options.extents {
            if !self.claims.full {
                self.claims.full = true;
                let limit = self.options.extents;
                self.find(
                    K::LimitReached,
                    Place::Volume,
                    format_args!("more than {limit} extents: overlaps are not found"),
                );
            }
            return;
        }
        self.claims.all.push(Claim {
            start,
            blocks,
            owner,
            data,
        });
    }

    /// Finds the extents that overlap; `place` says where an owner is.
    pub fn overlaps(&mut self, place: impl Fn(Owner) -> Place) {
        let mut all = std::mem::take(&mut self.claims.all);
        all.sort_unstable();
        let mut reaching: Option<Claim> = None;
        for claim in all {
            if let Some(before) = reaching.filter(|before| end(before) > u64::from(claim.start)) {
                let same = before.start == claim.start && before.blocks == claim.blocks;
                let kind = if same && before.data && claim.data && before.owner != claim.owner {
                    K::ExtentShared
                } else {
                    K::ExtentsOverlap
                };
                let other = place(before.owner);
                self.find(
                    kind,
                    place(claim.owner),
                    format_args!(
                        "sectors {}+{} are in {}+{} of {other}",
                        claim.start, claim.blocks, before.start, before.blocks
                    ),
                );
            }
            if reaching.is_none_or(|before| end(&claim) > end(&before)) {
                reaching = Some(claim);
            }
        }
    }
}

fn end(claim: &Claim) -> u64 {
    u64::from(claim.start) + u64::from(claim.blocks)
}
