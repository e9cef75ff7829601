//! Cancelling a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::NtStatus;

/// Cancels a request until it has recorded its first block.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the request to end with [`NtStatus::CANCELLED`]. A request that has started to record runs to its
    /// end, because blocks on write-once media cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Fails if the request is cancelled.
    pub(crate) fn check(&self) -> Result<(), NtStatus> {
        if self.0.load(Ordering::Acquire) {
            Err(NtStatus::CANCELLED)
        } else {
            Ok(())
        }
    }
}
