//! The functions that create, set and reset events.

use std::ffi::c_char;

use control::NtStatus;

use crate::bool_answer::{answer, or_last_error};
use crate::event::Event;
use crate::handle_table::{self, Object};
use crate::types::{Bool, Handle, SecurityAttributes};

/// Creates an event. Names, by which other processes would find it, are not supported.
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

/// Like `CreateEventA`.
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
        let event = Event::new(manual_reset != 0, initial_state != 0);
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
