//! What of a medium is used up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mmc::BLOCK_SIZE;

/// What of the medium was used up since its drive was opened. It can be asked when the drive is gone, which a failure takes with it.
///
/// It is what the drive has no longer free, as it said last, and what it took since then: where it answers nothing any more, a failed
/// command may have used more.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<AtomicU64>);

impl Usage {
    /// Blocks.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.blocks().saturating_mul(BLOCK_SIZE as u64)
    }

    /// The drive has taken so many blocks.
    pub(crate) fn add(&self, blocks: u32) {
        self.0.fetch_add(blocks.into(), Ordering::Relaxed);
    }

    /// So many blocks are used up in all, as the drive says.
    pub(crate) fn raise_to(&self, blocks: u32) {
        self.0.fetch_max(blocks.into(), Ordering::Relaxed);
    }
}
