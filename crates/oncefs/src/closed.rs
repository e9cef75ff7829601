//! What closing did.

use recording::{PlainVolume, Told};

/// What closing a session did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// The block with the VAT ICB, the last of the session; `None` where no session was recorded.
    pub vat_icb: Option<u32>,
    /// Blocks that were recorded for it, those of the commit counted.
    pub blocks: u64,
    /// Whether the disc is finalized now.
    pub finalized: bool,
    /// What became of the plain volume, on a disc that gets one with each session.
    pub plain_volume: PlainVolume,
    /// How much of the volume readers of that plain volume do not see, where one was recorded.
    pub told: Option<Told>,
}

impl Closed {
    pub(crate) fn new(closed: recording::Closed, told: Option<Told>) -> Self {
        Self {
            vat_icb: closed.vat_icb.map(|sector| sector.0),
            blocks: closed.blocks,
            finalized: closed.finalized,
            plain_volume: closed.plain,
            told,
        }
    }
}
