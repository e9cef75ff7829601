//! The one volume on a disc, which takes turns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use recording::OpenVolume;

/// A volume that whoever reads a file or directory of it has in turn.
pub(crate) struct Turn(Mutex<OpenVolume>);

impl Turn {
    pub fn new(open: OpenVolume) -> Self {
        Self(Mutex::new(open))
    }

    /// The turn. What a panic left behind is a volume all the same.
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
