//! Events, on which a program waits for an overlapped call.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::held::held;

/// An event.
pub(crate) struct Event {
    set: Mutex<bool>,
    changed: Condvar,
    /// The event stays set until it is reset; otherwise the first waiter resets it.
    manual_reset: bool,
}

impl Event {
    pub(crate) fn new(manual_reset: bool, is_set: bool) -> Self {
        Self {
            set: Mutex::new(is_set),
            changed: Condvar::new(),
            manual_reset,
        }
    }

    pub(crate) fn set(&self) {
        *held(&self.set) = true;
        self.changed.notify_all();
    }

    pub(crate) fn reset(&self) {
        *held(&self.set) = false;
    }

    /// Waits until it is set; `false` after `patience`.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> bool {
        let set = held(&self.set);
        let unset = |set: &mut bool| !*set;
        let mut set = match patience {
            Some(patience) => {
                let waited = self.changed.wait_timeout_while(set, patience, unset);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.changed.wait_while(set, unset);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        let was_set = *set;
        if was_set && !self.manual_reset {
            *set = false;
        }
        was_set
    }
}
