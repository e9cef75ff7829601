//! Taking a request back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::NtStatus;

/// Takes a request back, as long as it has recorded no block.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks that the request ends with [`NtStatus::CANCELLED`]. A request that records already goes on to its end, since
    /// blocks on write-once media cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Fails where the request is taken back.
    pub(crate) fn check(&self) -> Result<(), NtStatus> {
        if self.0.load(Ordering::Acquire) {
            Err(NtStatus::CANCELLED)
        } else {
            Ok(())
        }
    }
}
