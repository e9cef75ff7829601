//! The locks of this library.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex. Its data is whole at any time, even if a thread that held it panicked.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
