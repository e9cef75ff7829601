//! What every function does at the border: no panic crosses it, and what failed becomes the last error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use control::NtStatus;

use crate::last_error::{self, Fault};
use crate::types::Bool;

/// Runs what a function does; a panic, which would be a defect here, is `STATUS_INTERNAL_ERROR`.
pub(crate) fn guarded<T>(run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // Nothing that was changed half is used again: what is shared stands behind locks whose contents are whole at any time.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(Fault::Status(NtStatus::INTERNAL_ERROR)))
}

/// The result of a function that answers with a value, and with `failed` and the last error where it fails.
pub(crate) fn or_last_error<T>(failed: T, run: impl FnOnce() -> Result<T, Fault>) -> T {
    guarded(run).unwrap_or_else(|fault| {
        last_error::set(fault.win32());
        failed
    })
}

/// The result of a function that answers TRUE, or FALSE and the last error.
pub(crate) fn answer(run: impl FnOnce() -> Result<(), Fault>) -> Bool {
    or_last_error(0, || run().map(|()| 1))
}
