//! `NtFsControlFile`: `DeviceIoControl` one level down, returning the NTSTATUS itself.

use std::ffi::c_void;

use control::NtStatus;

use crate::bool_answer::guarded;
use crate::device_io_control::{Buffers, begin, send};
use crate::handle_table;
use crate::last_error::Fault;
use crate::pointer;
use crate::types::{Handle, IoApcRoutine, IoStatusBlock, StatusOrPointer};

/// Sends a control code and returns the NTSTATUS, which is in the status block too. On a handle with
/// `FILE_FLAG_OVERLAPPED` it returns `STATUS_PENDING`; at the end of the call the status block is written,
/// then `event` is set. APC routines are not supported.
///
/// # Safety
/// `input` and `output` are null or point to buffers of the given sizes; `io_status_block` is null or points
/// to a status block. On a handle with `FILE_FLAG_OVERLAPPED`, output buffer and status block stay in place
/// until the call has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn NtFsControlFile(
    file: Handle,
    event: Handle,
    apc_routine: IoApcRoutine,
    _apc_context: *mut c_void,
    io_status_block: *mut IoStatusBlock,
    control_code: u32,
    input: *mut c_void,
    input_size: u32,
    output: *mut c_void,
    output_size: u32,
) -> i32 {
    let done = guarded(|| {
        let file = handle_table::file(file)?;
        pointer::check(io_status_block)?;
        if apc_routine.is_some() {
            return Err(NtStatus::NOT_SUPPORTED.into());
        }
        // SAFETY: by the contract of this function.
        let buffers = unsafe { Buffers::new(input, input_size, output, output_size) };
        if file.overlapped {
            // SAFETY: checked; points to a status block by the contract of this function. Its first field has
            // the size of a word.
            let status = unsafe { (&raw mut (*io_status_block).status).cast::<usize>() };
            // SAFETY: a field of the status block.
            let count = unsafe { &raw mut (*io_status_block).information };
            // SAFETY: by the contract of this function for an overlapped call.
            unsafe {
                begin(
                    &file,
                    control_code,
                    buffers,
                    io_status_block.addr(),
                    event,
                    (status, count),
                )
            }?;
            return Ok(NtStatus::PENDING);
        }
        let event = match event.is_null() {
            true => None,
            false => Some(handle_table::event(event)?),
        };
        // SAFETY: by the contract of this function for the output buffer.
        let io = unsafe { send(&file, control_code, &buffers) };
        let block = IoStatusBlock {
            status: StatusOrPointer {
                status: io.status.0.cast_signed(),
            },
            information: io.information,
        };
        // SAFETY: checked; points to a status block by the contract of this function.
        unsafe { pointer::put(io_status_block, block) };
        if let Some(event) = event {
            event.set();
        }
        Ok(io.status)
    });
    let status = match done {
        Ok(status) | Err(Fault::Status(status)) => status,
        Err(Fault::Win32(_)) => NtStatus::UNSUCCESSFUL,
    };
    status.0.cast_signed()
}
