//! `DeviceIoControl`.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use control::{Completion, IoStatus, NtStatus, Parameters, Request};

use crate::bool_answer::answer;
use crate::create_file::now;
use crate::event::Event;
use crate::handle_table::{self, FileObject};
use crate::held::held;
use crate::pointer::{self, Carried};
use crate::types::{Bool, Handle, Overlapped};

/// The buffers of a call.
pub(crate) struct Buffers {
    pub input: Option<Vec<u8>>,
    pub output: *mut u8,
    pub room: usize,
}

/// Sends a control code. On a handle with `FILE_FLAG_OVERLAPPED` the call does not block and returns FALSE
/// with `ERROR_IO_PENDING`; on any other handle `overlapped` is ignored.
///
/// # Safety
/// `input` and `output` are null or point to buffers of the given sizes; `bytes_returned` is null or points
/// to a number. On a handle with `FILE_FLAG_OVERLAPPED`, `overlapped` points to a structure which, with the
/// output buffer, stays in place until the call has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DeviceIoControl(
    device: Handle,
    control_code: u32,
    input: *mut c_void,
    input_size: u32,
    output: *mut c_void,
    output_size: u32,
    bytes_returned: *mut u32,
    overlapped: *mut Overlapped,
) -> Bool {
    answer(|| {
        let file = handle_table::file(device)?;
        pointer::check_optional(bytes_returned)?;
        // SAFETY: by the contract of this function.
        let buffers = unsafe { Buffers::new(input, input_size, output, output_size) };
        if file.overlapped {
            // SAFETY: by the contract of this function for an overlapped call.
            unsafe { start(&file, control_code, buffers, overlapped) }?;
            return Err(NtStatus::PENDING.into());
        }
        if bytes_returned.is_null() && overlapped.is_null() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        // SAFETY: by the contract of this function for the output buffer.
        let io = unsafe { send(&file, control_code, &buffers) };
        if io.status != NtStatus::SUCCESS {
            return Err(io.status.into());
        }
        let count = u32::try_from(io.information).unwrap_or(u32::MAX);
        // SAFETY: checked above; points to a number by the contract of this function.
        unsafe { pointer::put(bytes_returned, count) };
        Ok(())
    })
}

impl Buffers {
    /// # Safety
    /// Each pointer is null or points to a buffer of the given size.
    pub(crate) unsafe fn new(
        input: *const c_void,
        input_size: u32,
        output: *mut c_void,
        output_size: u32,
    ) -> Self {
        Self {
            // SAFETY: by the contract of this function.
            input: unsafe { pointer::copy_in(input.cast(), input_size) },
            output: output.cast(),
            room: pointer::room(output.cast(), output_size),
        }
    }
}

/// Sends a control code and waits for the result.
///
/// # Safety
/// The output buffer is null or has the size it states.
pub(crate) unsafe fn send(file: &FileObject, code: u32, buffers: &Buffers) -> IoStatus {
    let mut answer = vec![0; buffers.room];
    let mut volume = held(&file.volume);
    volume.set_time(now());
    let io = volume.device_io_control(code, buffers.input.as_deref(), Some(&mut answer));
    drop(volume);
    let answer = answer.get(..io.information).unwrap_or_default();
    // SAFETY: the answer is no longer than the buffer.
    unsafe { pointer::copy_out(buffers.output, answer) };
    io
}

/// Starts an overlapped call, by the rules of `OVERLAPPED`.
///
/// # Safety
/// As for `DeviceIoControl`.
unsafe fn start(
    file: &Arc<FileObject>,
    code: u32,
    buffers: Buffers,
    overlapped: *mut Overlapped,
) -> Result<(), NtStatus> {
    if overlapped.is_null() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    pointer::check(overlapped)?;
    // SAFETY: checked; points to a structure by the contract of this function.
    let event = unsafe { (*overlapped).event };
    // SAFETY: a field of that structure.
    let block = unsafe { &raw mut (*overlapped).internal };
    // SAFETY: a field of that structure.
    let count = unsafe { &raw mut (*overlapped).internal_high };
    // The lowest bit of an event only asks that no completion port be notified.
    let event = Handle::map_addr(event, |number| number & !1);
    // SAFETY: both fields stay in place until the call has ended.
    unsafe { begin(file, code, buffers, overlapped.addr(), event, (block, count)) }
}

/// Starts an overlapped call. It leaves status and count in two words, then sets an event.
///
/// # Safety
/// The output buffer has the size it states, the two words are aligned, and all stay in place until the call
/// has ended.
pub(crate) unsafe fn begin(
    file: &Arc<FileObject>,
    code: u32,
    buffers: Buffers,
    block: usize,
    event: Handle,
    (status, count): (*mut usize, *mut usize),
) -> Result<(), NtStatus> {
    let event: Option<Arc<Event>> = match event.is_null() {
        true => None,
        false => Some(handle_table::event(event)?),
    };
    let parameters = Parameters {
        code,
        input: buffers.input,
        output_length: buffers.room,
        now: Some(now()),
    };
    let output = Carried::new(buffers.output);
    let (status, count) = (Carried::new(status), Carried::new(count));
    let first = (Carried::new(status.get()), event.clone());
    let ended = Arc::<AtomicBool>::default();
    let to_end = Arc::clone(&ended);
    let completed = move |completion: &Completion| {
        to_end.store(true, Ordering::Release);
        // SAFETY: the answer is no longer than the buffer, which is still in place.
        unsafe { pointer::copy_out(output.get(), &completion.output) };
        // SAFETY: the words stay in place until the status is stored.
        unsafe { pointer::publish(count.get(), completion.io.information) };
        // SAFETY: as above. After this the caller may free the memory.
        unsafe { pointer::publish(status.get(), word(completion.io.status)) };
        if let Some(event) = event {
            event.set();
        }
    };
    file.pending.start(block, ended, move || {
        let (status, event) = first;
        if let Some(event) = event {
            event.reset();
        }
        // SAFETY: the word stays in place until the call has ended, and it has not begun.
        unsafe { pointer::publish(status.get(), word(NtStatus::PENDING)) };
        Request::start(Arc::clone(&file.volume), parameters, completed)
    })
}

/// A status as a word, sign-extended like an NTSTATUS.
pub(crate) fn word(status: NtStatus) -> usize {
    isize::try_from(status.0.cast_signed())
        .unwrap_or(-1)
        .cast_unsigned()
}
