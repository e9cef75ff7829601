//! Events: what a program waits on for an overlapped call.

use std::ffi::c_char;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use control::NtStatus;

use crate::bool_answer::{answer, or_last_error};
use crate::handle_table::{self, Object, held};
use crate::types::{Bool, Handle, SecurityAttributes};

/// An event.
pub(crate) struct Event {
    set: Mutex<bool>,
    changed: Condvar,
    /// It stays set until it is reset; otherwise the first that waits for it resets it.
    manual_reset: bool,
}

impl Event {
    pub(crate) fn set(&self) {
        *held(&self.set) = true;
        self.changed.notify_all();
    }

    pub(crate) fn reset(&self) {
        *held(&self.set) = false;
    }

    /// Waits until it is set; `false` where that takes longer than `patience`.
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

/// Makes an event; one with a name, which other processes would find, is not supported.
///
/// # Safety
/// Neither pointer is followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventA(
    _attributes: *mut SecurityAttributes,
    manual_reset: Bool,
    initial_state: Bool,
    name: *const c_char,
) -> Handle {
    create(manual_reset, initial_state, !name.is_null())
}

/// As `CreateEventA`.
///
/// # Safety
/// Neither pointer is followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventW(
    _attributes: *mut SecurityAttributes,
    manual_reset: Bool,
    initial_state: Bool,
    name: *const u16,
) -> Handle {
    create(manual_reset, initial_state, !name.is_null())
}

fn create(manual_reset: Bool, initial_state: Bool, named: bool) -> Handle {
    or_last_error(std::ptr::null_mut(), || {
        if named {
            return Err(NtStatus::NOT_SUPPORTED.into());
        }
        let event = Event {
            set: Mutex::new(initial_state != 0),
            changed: Condvar::new(),
            manual_reset: manual_reset != 0,
        };
        Ok(handle_table::insert(Object::Event(event.into()))?)
    })
}

/// Sets an event.
#[unsafe(no_mangle)]
pub extern "C" fn SetEvent(event: Handle) -> Bool {
    answer(|| {
        handle_table::event(event)?.set();
        Ok(())
    })
}

/// Resets an event.
#[unsafe(no_mangle)]
pub extern "C" fn ResetEvent(event: Handle) -> Bool {
    answer(|| {
        handle_table::event(event)?.reset();
        Ok(())
    })
}
