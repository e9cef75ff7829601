//! The last error of a thread.

use std::cell::Cell;

use control::{NtStatus, Win32Error};

thread_local! {
    static LAST_ERROR: Cell<u32> = const { Cell::new(0) };
}

/// Why a call fails: a status, or an error that exists in Win32 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Status(NtStatus),
    Win32(Win32Error),
}

impl From<NtStatus> for Fault {
    fn from(status: NtStatus) -> Self {
        Self::Status(status)
    }
}

impl From<Win32Error> for Fault {
    fn from(error: Win32Error) -> Self {
        Self::Win32(error)
    }
}

impl Fault {
    pub(crate) fn win32(self) -> Win32Error {
        match self {
            Self::Status(status) => status.win32_error(),
            Self::Win32(error) => error,
        }
    }
}

/// Sets what `GetLastError` returns on this thread.
pub(crate) fn set(error: Win32Error) {
    // A thread that is ending has no last error any more.
    let _ = LAST_ERROR.try_with(|last| last.set(error.0));
}

/// The error of the last call that failed on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn GetLastError() -> u32 {
    LAST_ERROR.try_with(Cell::get).unwrap_or(0)
}

/// Sets what `GetLastError` returns on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn SetLastError(error: u32) {
    set(Win32Error(error));
}

/// The Win32 error for an NTSTATUS.
#[unsafe(no_mangle)]
pub extern "C" fn RtlNtStatusToDosError(status: i32) -> u32 {
    NtStatus(status.cast_unsigned()).win32_error().0
}
