//! Pointers of callers: looked at before they are followed, and followed here alone.
//!
//! What cannot be seen from here stays with the caller, as it does on Windows: that a pointer which is neither null nor
//! misaligned leads to memory of the size that was said, and that buffers of a call under way stay where they are.

use std::sync::atomic::{AtomicUsize, Ordering};

use control::NtStatus;

/// No control code takes or gives more; the rest of a longer buffer is not looked at.
const LONGEST: usize = 4096;

/// No name is longer, in units of its encoding.
const LONGEST_NAME: usize = 32_767;

/// Fails where a pointer is null or not aligned for its type.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), NtStatus> {
    if pointer.is_null() {
        Err(NtStatus::ACCESS_VIOLATION)
    } else if !pointer.is_aligned() {
        Err(NtStatus::DATATYPE_MISALIGNMENT)
    } else {
        Ok(())
    }
}

/// As [`check`], for a pointer that may be null.
pub(crate) fn check_optional<T>(pointer: *const T) -> Result<(), NtStatus> {
    if pointer.is_null() { Ok(()) } else { check(pointer) }
}

/// What a control code can look at of an input buffer, copied; `None` for null.
///
/// # Safety
/// `buffer` is null or leads to `length` bytes.
pub(crate) unsafe fn copy_in(buffer: *const u8, length: u32) -> Option<Vec<u8>> {
    if buffer.is_null() {
        return None;
    }
    let length = usize::try_from(length).unwrap_or(LONGEST).min(LONGEST);
    // SAFETY: not null, and the caller vouches for at least so many bytes, which are copied at once.
    Some(unsafe { std::slice::from_raw_parts(buffer, length) }.to_vec())
}

/// How many bytes of an output buffer are there for an answer.
pub(crate) fn room(buffer: *const u8, length: u32) -> usize {
    if buffer.is_null() {
        return 0;
    }
    usize::try_from(length).unwrap_or(LONGEST).min(LONGEST)
}

/// Copies an answer to an output buffer.
///
/// # Safety
/// `buffer` is null or leads to at least as many bytes as the answer has.
pub(crate) unsafe fn copy_out(buffer: *mut u8, answer: &[u8]) {
    if !buffer.is_null() && !answer.is_empty() {
        // SAFETY: the caller vouches for the room, and the answer is in memory of our own.
        unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), buffer, answer.len()) }
    }
}

/// Writes a value where a pointer is not null.
///
/// # Safety
/// `pointer` is null or leads to room for a value, and [`check`] or [`check_optional`] found nothing wrong with it.
pub(crate) unsafe fn put<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: aligned, as the caller checked, and leading to room, as it vouches.
        unsafe { pointer.write(value) }
    }
}

/// Writes text and the zero behind it, all or nothing.
///
/// # Safety
/// `pointer` is null or leads to room for `length` units.
pub(crate) unsafe fn put_text(pointer: *mut u16, length: u32, text: &str) -> Result<(), NtStatus> {
    if pointer.is_null() {
        return Ok(());
    }
    check(pointer)?;
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    if usize::try_from(length).is_ok_and(|length| units.len() > length) {
        return Err(NtStatus::BUFFER_OVERFLOW);
    }
    // SAFETY: aligned, and leading to room for `length` units, which is no less than there are.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), pointer, units.len()) }
    Ok(())
}

/// The units before the zero that ends a name.
///
/// # Safety
/// `pointer` is null or leads to units that end with a zero.
pub(crate) unsafe fn name<T: Copy + PartialEq + From<u8>>(pointer: *const T) -> Result<Vec<T>, NtStatus> {
    check(pointer)?;
    let mut units = Vec::new();
    for index in 0..=LONGEST_NAME {
        let at = pointer.wrapping_add(index);
        // SAFETY: no unit before it was the zero, so this one belongs to the name too.
        let unit = unsafe { at.read() };
        if unit == T::from(0) {
            return Ok(units);
        }
        units.push(unit);
    }
    Err(NtStatus::OBJECT_NAME_INVALID)
}

/// A word that a call under way writes and its caller may read at the same time.
///
/// # Safety
/// `pointer` is aligned and leads to a word, which lives as long as what is returned is used.
pub(crate) unsafe fn shared_word<'a>(pointer: *mut usize) -> &'a AtomicUsize {
    // SAFETY: as the caller vouches; whoever reads or writes the word from here does it atomically.
    unsafe { AtomicUsize::from_ptr(pointer) }
}

/// Stores a word for all to see that what was written before it is there.
///
/// # Safety
/// As [`shared_word`].
pub(crate) unsafe fn publish(pointer: *mut usize, value: usize) {
    // SAFETY: as the caller vouches.
    unsafe { shared_word(pointer) }.store(value, Ordering::Release);
}

/// A pointer of a caller that a call under way has with it on its thread.
pub(crate) struct Carried<T>(*mut T);

// SAFETY: what it leads to belongs to the call until it has ended, by the rules of overlapped calls; nothing that depends on
// the thread of the caller is behind it.
unsafe impl<T> Send for Carried<T> {}

impl<T> Carried<T> {
    pub(crate) fn new(pointer: *mut T) -> Self {
        Self(pointer)
    }

    /// The pointer again.
    pub(crate) fn get(&self) -> *mut T {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_misaligned_pointers_are_told_apart() {
        let words = [0_u32; 2];
        let inside = words.as_ptr().cast::<u8>().wrapping_add(1).cast::<u32>();
        assert_eq!(check(words.as_ptr()), Ok(()));
        assert_eq!(check(inside), Err(NtStatus::DATATYPE_MISALIGNMENT));
        assert_eq!(check(std::ptr::null::<u32>()), Err(NtStatus::ACCESS_VIOLATION));
        assert_eq!(check_optional(std::ptr::null::<u32>()), Ok(()));
        assert_eq!(check_optional(inside), Err(NtStatus::DATATYPE_MISALIGNMENT));
    }

    #[test]
    fn a_name_without_an_end_is_not_followed_for_ever() {
        let endless = vec![b'a'; LONGEST_NAME + 2];
        // SAFETY: the name is refused before its memory ends.
        let name = unsafe { name(endless.as_ptr()) };
        assert_eq!(name, Err(NtStatus::OBJECT_NAME_INVALID));
    }

    #[test]
    fn text_that_does_not_fit_with_its_zero_is_not_begun() {
        let mut room = [7_u16; 4];
        // SAFETY: the room is as long as said.
        let put = |room: &mut [u16; 4], text| unsafe { put_text(room.as_mut_ptr(), 4, text) };
        assert_eq!(put(&mut room, "four"), Err(NtStatus::BUFFER_OVERFLOW));
        assert_eq!(room, [7; 4]);
        assert_eq!(put(&mut room, "UDF"), Ok(()));
        assert_eq!(room, [0x55, 0x44, 0x46, 0]);
    }
}
