//! The results of overlapped calls, and cancelling them.

use std::sync::atomic::Ordering;
use std::thread;

use control::{IoStatus, NtStatus, Win32Error};

use crate::bool_answer::answer;
use crate::device_io_control::word;
use crate::handle_table;
use crate::pointer;
use crate::types::{Bool, Handle, Overlapped};

const ERROR_IO_INCOMPLETE: Win32Error = Win32Error(996);
const ERROR_NOT_FOUND: Win32Error = Win32Error(1168);

/// Returns the result of an overlapped call. If `wait` is TRUE it waits for the end; otherwise a call that
/// still runs is FALSE with `ERROR_IO_INCOMPLETE`. The count is written on success.
///
/// # Safety
/// `overlapped` points to the structure of the call, `bytes_transferred` to a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetOverlappedResult(
    file: Handle,
    overlapped: *mut Overlapped,
    bytes_transferred: *mut u32,
    wait: Bool,
) -> Bool {
    answer(|| {
        let file = handle_table::file(file)?;
        if overlapped.is_null() || bytes_transferred.is_null() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        pointer::check(overlapped)?;
        pointer::check(bytes_transferred)?;
        let io = match file.pending.find(overlapped.addr()) {
            Some(request) if wait != 0 => request.wait().io,
            // SAFETY: checked; points to the structure of a call by the contract of this function.
            _ => unsafe { left_in(overlapped) },
        };
        match io.status {
            NtStatus::PENDING => Err(ERROR_IO_INCOMPLETE.into()),
            status if !status.is_success() => Err(status.into()),
            _ => {
                let count = u32::try_from(io.information).unwrap_or(u32::MAX);
                // SAFETY: checked; points to a number by the contract of this function.
                unsafe { pointer::put(bytes_transferred, count) };
                Ok(())
            }
        }
    })
}

/// What a call has stored in its structure so far.
///
/// # Safety
/// `overlapped` is aligned and points to a structure.
unsafe fn left_in(overlapped: *mut Overlapped) -> IoStatus {
    // SAFETY: a field of the structure.
    let internal = unsafe { &raw mut (*overlapped).internal };
    // SAFETY: a field of the structure.
    let internal_high = unsafe { &raw mut (*overlapped).internal_high };
    // SAFETY: an aligned word.
    let status = unsafe { pointer::shared_word(internal) }.load(Ordering::Acquire);
    // SAFETY: an aligned word.
    let information = unsafe { pointer::shared_word(internal_high) }.load(Ordering::Acquire);
    let known = NtStatus::NAMED.iter().find(|known| word(**known) == status);
    IoStatus {
        status: known.copied().unwrap_or(NtStatus::UNSUCCESSFUL),
        information,
    }
}

/// Cancels the calls of this thread on a handle that have recorded nothing yet.
#[unsafe(no_mangle)]
pub extern "C" fn CancelIo(file: Handle) -> Bool {
    answer(|| {
        handle_table::file(file)?
            .pending
            .cancel_of(thread::current().id());
        Ok(())
    })
}

/// Cancels the calls of all threads on a handle, or the one with this structure.
///
/// # Safety
/// `overlapped` is not followed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CancelIoEx(file: Handle, overlapped: *mut Overlapped) -> Bool {
    answer(|| {
        let block = (!overlapped.is_null()).then(|| overlapped.addr());
        if handle_table::file(file)?.pending.cancel(block) {
            Ok(())
        } else {
            Err(ERROR_NOT_FOUND.into())
        }
    })
}
