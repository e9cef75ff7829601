//! The border of every function: no panic crosses it, and a failure becomes the last error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use control::NtStatus;

use crate::last_error::{self, Fault};
use crate::types::Bool;

/// Runs a function. A panic, which would be a defect here, becomes `STATUS_INTERNAL_ERROR`.
pub(crate) fn guarded<T>(run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // Unwinding leaves no partial change: locks protect shared state, and it is consistent at any time.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(Fault::Status(NtStatus::INTERNAL_ERROR)))
}

/// The result of a function that returns a value, or `failed` with the last error set.
pub(crate) fn or_last_error<T>(failed: T, run: impl FnOnce() -> Result<T, Fault>) -> T {
    guarded(run).unwrap_or_else(|fault| {
        last_error::set(fault.win32());
        failed
    })
}

/// The result of a function that returns TRUE, or FALSE with the last error set.
pub(crate) fn answer(run: impl FnOnce() -> Result<(), Fault>) -> Bool {
    or_last_error(0, || run().map(|()| 1))
}
