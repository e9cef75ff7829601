//! How much of a medium is used up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mmc::BLOCK_SIZE;

/// The blocks of the medium used up since its drive was opened. It outlives the drive, because a failure
/// drops the drive.
///
/// It counts blocks that the drive last reported as no longer free, and blocks that it has taken since. If
/// the drive stops answering, a failed command may have used more.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<AtomicU64>);

impl Usage {
    /// Blocks used up.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Bytes used up.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.blocks().saturating_mul(BLOCK_SIZE as u64)
    }

    /// Adds blocks that the drive has taken.
    pub(crate) fn add(&self, blocks: u32) {
        self.0.fetch_add(blocks.into(), Ordering::Relaxed);
    }

    /// Raises the total to the one that the drive reports.
    pub(crate) fn raise_to(&self, blocks: u32) {
        self.0.fetch_max(blocks.into(), Ordering::Relaxed);
    }
}
