//! Generations as a list, the oldest first.

use ecma167::general::Timestamp;
use ecma167::{LogicalBlock, LogicalSector};

/// A generation of a volume: a state that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its number, counted from 1 in time.
    pub number: u32,
    /// The block of its VAT ICB in the partition below the virtual one; `None` for the one generation of a
    /// volume without a VAT.
    pub icb: Option<LogicalBlock>,
    /// The block of the medium with that VAT ICB.
    pub sector: Option<LogicalSector>,
    /// The session with its VAT ICB, counted from 1.
    pub session: u16,
    /// When it was recorded: the modification time of its VAT ICB.
    pub recorded: Timestamp,
    /// Blocks recorded after the generation before, up to its VAT ICB. The gaps between sessions that are
    /// known do not count.
    pub blocks: u32,
    /// How it leads to the generation before.
    pub link: Link,
}

/// How a VAT leads to the generation before its own (`UDF 2.60 2.2.11`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// It states that there is none, and none is known.
    First,
    /// It names the VAT ICB of the generation before.
    Chained,
    /// It names an earlier generation, or none: the one before was found by search.
    LeftOut,
    /// It names a block without a readable VAT ICB. The one before, if there is one, was found by search, and
    /// others may be missing between.
    Broken,
}

/// The generations of a volume that are known, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    generations: Vec<Generation>,
}

impl Past {
    pub(super) fn new(generations: Vec<Generation>) -> Self {
        Self { generations }
    }

    /// The generations, the oldest first; at least one.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generation with a number, counted from 1.
    #[must_use]
    pub fn number(&self, number: u32) -> Option<&Generation> {
        self.generations
            .get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The newest generation that was recorded at a time, in seconds and nanoseconds since 1970, or before. A
    /// generation without a time counts as recorded with the one before.
    #[must_use]
    pub fn not_after(&self, time: (i64, u32)) -> Option<&Generation> {
        let mut is_before = false;
        let mut found = None;
        for generation in &self.generations {
            if let Some(recorded) = generation.recorded.to_unix() {
                is_before = recorded <= time;
            }
            if is_before {
                found = Some(generation);
            }
        }
        found
    }

    /// The generation with its VAT ICB in a block of the medium.
    #[must_use]
    pub fn at_block(&self, block: LogicalSector) -> Option<&Generation> {
        let mut generations = self.generations.iter();
        generations.find(|generation| generation.sector == Some(block))
    }

    /// Generations before which others may be missing, because their VAT names a block without a readable
    /// VAT ICB.
    pub fn broken(&self) -> impl Iterator<Item = &Generation> {
        let generations = self.generations.iter();
        generations.filter(|generation| generation.link == Link::Broken)
    }

    /// Generations before which the chain leaves out the one that was found by search.
    pub fn left_out(&self) -> impl Iterator<Item = &Generation> {
        let generations = self.generations.iter();
        generations.filter(|generation| generation.link == Link::LeftOut)
    }
}
