//! Waits for an event, or for the calls on a handle.

use std::time::Duration;

use crate::bool_answer::or_last_error;
use crate::handle_table::{self, Object};
use crate::types::Handle;

const WAIT_OBJECT_0: u32 = 0;
const WAIT_TIMEOUT: u32 = 258;
const WAIT_FAILED: u32 = u32::MAX;
const INFINITE: u32 = u32::MAX;

/// Waits until an event is set, or until no call is running on the handle of a volume, file or directory.
#[unsafe(no_mangle)]
pub extern "C" fn WaitForSingleObject(handle: Handle, milliseconds: u32) -> u32 {
    or_last_error(WAIT_FAILED, || {
        let patience = (milliseconds != INFINITE).then(|| Duration::from_millis(milliseconds.into()));
        let done = match handle_table::object(handle)? {
            Object::Event(event) => event.wait(patience),
            Object::File(file) => file.pending.wait(patience),
        };
        Ok(if done { WAIT_OBJECT_0 } else { WAIT_TIMEOUT })
    })
}
