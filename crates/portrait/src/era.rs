//! Generations as parts of a portrait.

use ecma167::general::Timestamp;
use volume::{Generation, Totals};

/// A generation, what it changed, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// Its number, from 1.
    pub number: u32,
    /// Its session.
    pub session: u16,
    /// The block of the medium with its VAT ICB; `None` for a volume without a VAT.
    pub block: Option<u32>,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Blocks recorded after the generation before, up to its VAT ICB.
    pub blocks: u32,
    /// The name of the volume.
    pub label: String,
    /// What it changed; `None` if it cannot be read.
    pub totals: Option<Totals>,
    /// Nodes and directories of it that cannot be read.
    pub unread: u64,
}

impl Era {
    pub(crate) fn of(generation: &Generation) -> Self {
        Self {
            number: generation.number,
            session: generation.session,
            block: generation.sector.map(|sector| sector.0),
            recorded: generation.recorded,
            blocks: generation.blocks,
            label: String::new(),
            totals: None,
            unread: 0,
        }
    }

    /// Bytes of files more than in the generation before, or less.
    #[must_use]
    pub fn more_bytes(&self) -> i128 {
        let Some(totals) = &self.totals else {
            return 0;
        };
        i128::from(totals.added.bytes) + i128::from(totals.changed.bytes)
            - i128::from(totals.removed.bytes)
            - i128::from(totals.bytes_before)
    }
}
