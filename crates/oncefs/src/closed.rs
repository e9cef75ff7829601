//! The result of closing a session.

use recording::{PlainVolume, PlainVolumeDifferences};

/// The result of closing a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// The block of the VAT ICB, the last block of the session; `None` if no session was recorded.
    pub vat_icb: Option<u32>,
    /// The number of the closed session, counted from 1; `None` if no session was recorded. Readers that
    /// follow no sessions show the plain volume of session 1 only.
    pub session: Option<u16>,
    /// Blocks recorded by closing, including those of its commit.
    pub blocks: u64,
    /// Whether the disc is finalized now.
    pub finalized: bool,
    /// What happened to the plain volume, on a disc that gets one with each session.
    pub plain_volume: PlainVolume,
    /// How much of the volume the readers of the plain volume do not see, if one was recorded.
    pub differences: Option<PlainVolumeDifferences>,
}

impl Closed {
    /// Creates the result from those of the layer below, such as
    /// [`last_closed`](control::VolumeHandle::last_closed) and
    /// [`last_differences`](control::VolumeHandle::last_differences).
    #[must_use]
    pub fn new(closed: recording::Closed, differences: Option<PlainVolumeDifferences>) -> Self {
        Self {
            vat_icb: closed.vat_icb.map(|sector| sector.0),
            session: closed.session,
            blocks: closed.blocks,
            finalized: closed.finalized,
            plain_volume: closed.plain,
            differences: differences.filter(|_| closed.plain == PlainVolume::Recorded),
        }
    }
}
