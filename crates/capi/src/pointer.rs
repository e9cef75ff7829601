//! Pointers of callers: checked before they are followed, and followed only here.
//!
//! As on Windows, callers answer for what cannot be checked: that a pointer neither null nor misaligned
//! points to memory of the stated size, and that the buffers of a running call stay in place.

use std::sync::atomic::{AtomicUsize, Ordering};

use control::NtStatus;

/// No control code reads or writes more bytes; the rest of a longer buffer is ignored.
const LONGEST: usize = 4096;

/// The longest name, in units of its encoding.
const LONGEST_NAME: usize = 32_767;

/// Fails if a pointer is null or misaligned for its type.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), NtStatus> {
    if pointer.is_null() {
        Err(NtStatus::ACCESS_VIOLATION)
    } else if !pointer.is_aligned() {
        Err(NtStatus::DATATYPE_MISALIGNMENT)
    } else {
        Ok(())
    }
}

/// Like [`check`], for a pointer that may be null.
pub(crate) fn check_optional<T>(pointer: *const T) -> Result<(), NtStatus> {
    if pointer.is_null() { Ok(()) } else { check(pointer) }
}

/// Copies the part of an input buffer that a control code can use; `None` if null.
///
/// # Safety
/// `buffer` is null or points to `length` bytes.
pub(crate) unsafe fn copy_in(buffer: *const u8, length: u32) -> Option<Vec<u8>> {
    if buffer.is_null() {
        return None;
    }
    let length = usize::try_from(length).unwrap_or(LONGEST).min(LONGEST);
    // SAFETY: not null, and the caller vouches for at least this many bytes, which are copied at once.
    Some(unsafe { std::slice::from_raw_parts(buffer, length) }.to_vec())
}

/// The room for an answer in an output buffer, in bytes.
pub(crate) fn room(buffer: *const u8, length: u32) -> usize {
    if buffer.is_null() {
        return 0;
    }
    usize::try_from(length).unwrap_or(LONGEST).min(LONGEST)
}

/// Copies an answer to an output buffer.
///
/// # Safety
/// `buffer` is null or points to at least as many bytes as the answer has.
pub(crate) unsafe fn copy_out(buffer: *mut u8, answer: &[u8]) {
    if !buffer.is_null() && !answer.is_empty() {
        // SAFETY: the caller vouches for the room, and the answer is in memory of our own.
        unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), buffer, answer.len()) }
    }
}

/// Writes a value, unless the pointer is null.
///
/// # Safety
/// `pointer` is null or points to room for a value, and passed [`check`] or [`check_optional`].
pub(crate) unsafe fn put<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: aligned, as the caller checked, and points to room, as it vouches.
        unsafe { pointer.write(value) }
    }
}

/// Writes text and a terminating zero, all or nothing.
///
/// # Safety
/// `pointer` is null or points to room for `length` units.
pub(crate) unsafe fn put_text(pointer: *mut u16, length: u32, text: &str) -> Result<(), NtStatus> {
    if pointer.is_null() {
        return Ok(());
    }
    check(pointer)?;
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    if usize::try_from(length).is_ok_and(|length| units.len() > length) {
        return Err(NtStatus::BUFFER_OVERFLOW);
    }
    // SAFETY: aligned, and points to room for `length` units, which are enough.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), pointer, units.len()) }
    Ok(())
}

/// The units of a name before its terminating zero.
///
/// # Safety
/// `pointer` is null or points to units that end with a zero.
pub(crate) unsafe fn name<T: Copy + PartialEq + From<u8>>(pointer: *const T) -> Result<Vec<T>, NtStatus> {
    check(pointer)?;
    let mut units = Vec::new();
    for index in 0..=LONGEST_NAME {
        let at = pointer.wrapping_add(index);
        // SAFETY: no unit before it was zero, so this one belongs to the name too.
        let unit = unsafe { at.read() };
        if unit == T::from(0) {
            return Ok(units);
        }
        units.push(unit);
    }
    Err(NtStatus::OBJECT_NAME_INVALID)
}

/// A word that a running call writes and its caller may read at the same time.
///
/// # Safety
/// `pointer` is aligned and points to a word that outlives the returned reference.
pub(crate) unsafe fn shared_word<'a>(pointer: *mut usize) -> &'a AtomicUsize {
    // SAFETY: by the contract of this function; all accesses from here are atomic.
    unsafe { AtomicUsize::from_ptr(pointer) }
}

/// Stores a word so that whoever reads it sees everything written before it.
///
/// # Safety
/// As [`shared_word`].
pub(crate) unsafe fn publish(pointer: *mut usize, value: usize) {
    // SAFETY: by the contract of this function.
    unsafe { shared_word(pointer) }.store(value, Ordering::Release);
}

/// A pointer of a caller, carried to the thread of a running call.
pub(crate) struct Carried<T>(*mut T);

// SAFETY: by the rules of overlapped calls its target belongs to the call until the end, and does not depend
// on the caller's thread.
unsafe impl<T> Send for Carried<T> {}

impl<T> Carried<T> {
    pub(crate) fn new(pointer: *mut T) -> Self {
        Self(pointer)
    }

    /// The pointer.
    pub(crate) fn get(&self) -> *mut T {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_misaligned_pointers_have_different_errors() {
        let words = [0_u32; 2];
        let inside = words.as_ptr().cast::<u8>().wrapping_add(1).cast::<u32>();
        assert_eq!(check(words.as_ptr()), Ok(()));
        assert_eq!(check(inside), Err(NtStatus::DATATYPE_MISALIGNMENT));
        assert_eq!(check(std::ptr::null::<u32>()), Err(NtStatus::ACCESS_VIOLATION));
        assert_eq!(check_optional(std::ptr::null::<u32>()), Ok(()));
        assert_eq!(check_optional(inside), Err(NtStatus::DATATYPE_MISALIGNMENT));
    }

    #[test]
    fn a_name_without_an_end_is_refused() {
        let endless = vec![b'a'; LONGEST_NAME + 2];
        // SAFETY: the name is refused before its memory ends.
        let name = unsafe { name(endless.as_ptr()) };
        assert_eq!(name, Err(NtStatus::OBJECT_NAME_INVALID));
    }

    #[test]
    fn text_is_not_written_unless_its_zero_fits() {
        let mut room = [7_u16; 4];
        // SAFETY: the room has this length.
        let put = |room: &mut [u16; 4], text| unsafe { put_text(room.as_mut_ptr(), 4, text) };
        assert_eq!(put(&mut room, "four"), Err(NtStatus::BUFFER_OVERFLOW));
        assert_eq!(room, [7; 4]);
        assert_eq!(put(&mut room, "UDF"), Ok(()));
        assert_eq!(room, [0x55, 0x44, 0x46, 0]);
    }
}
