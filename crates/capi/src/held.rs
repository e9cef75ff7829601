//! Locks of this library.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a lock guards here is whole at any time, also when a thread that held it panicked.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
