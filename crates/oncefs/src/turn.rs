//! Shared access to the one volume on a disc, in turns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use recording::OpenVolume;

/// A volume that its open files and directories use in turn.
pub(crate) struct Turn(Mutex<OpenVolume>);

impl Turn {
    pub fn new(open: OpenVolume) -> Self {
        Self(Mutex::new(open))
    }

    /// Locks the volume. It stays usable after a panic of another thread.
    pub fn lock(&self) -> MutexGuard<'_, OpenVolume> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get_mut(&mut self) -> &mut OpenVolume {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn into_inner(self) -> OpenVolume {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
