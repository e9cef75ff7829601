//! Memory shared with the kernel: the only place with `unsafe`.
//!
//! The kernel writes to it at any time, so there are never references into it. Bytes are copied in and out
//! after a check of their position, and the two words with which kernel and process pass entries to each
//! other are atomic.
#![allow(unsafe_code)]

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::io;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file mapped as shared memory, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Region {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to no thread, and `Region` has no other shared state.
unsafe impl Send for Region {}

impl Region {
    /// Maps the first `length` bytes of `file` for reading and writing.
    pub(crate) fn map(file: impl AsFd, length: usize) -> io::Result<Self> {
        let (access, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        // SAFETY: the kernel chooses the address, so the mapping replaces nothing in this process.
        let start = unsafe { mmap(std::ptr::null_mut(), length, access, flags, file, 0) }?;
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length })
    }

    /// Its length in bytes.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// A pointer to `length` bytes at `offset`, or `None` if they are not inside the mapping.
    fn place(&self, offset: u64, length: usize) -> Option<NonNull<u8>> {
        let offset = usize::try_from(offset).ok()?;
        let end = offset.checked_add(length)?;
        if end > self.length {
            return None;
        }
        // SAFETY: `offset` is at most the length of the mapping.
        Some(unsafe { self.start.add(offset) })
    }

    /// Copies bytes out; `None` if they are not inside the mapping.
    pub(crate) fn read(&self, offset: u64, to: &mut [u8]) -> Option<()> {
        let from = self.place(offset, to.len())?;
        // SAFETY: `place` has checked that the bytes are in the mapping; `to` is separate memory. The kernel
        // may change bytes meanwhile, and any value is valid.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.as_mut_ptr(), to.len()) };
        Some(())
    }

    /// Copies bytes in; `None` if their position is not inside the mapping.
    pub(crate) fn write(&self, offset: u64, from: &[u8]) -> Option<()> {
        let to = self.place(offset, from.len())?;
        // SAFETY: as in `read`, in the other direction.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.as_ptr(), from.len()) };
        Some(())
    }

    fn word(&self, offset: u64) -> Option<&AtomicU32> {
        if !offset.is_multiple_of(4) {
            return None;
        }
        let place = self.place(offset, 4)?;
        // SAFETY: the four bytes are in the mapping, aligned because mappings start at a page, and live as
        // long as `self`; the kernel and this process access such words only atomically.
        Some(unsafe { AtomicU32::from_ptr(place.as_ptr().cast()) })
    }

    /// The word at `offset`. Everything that the other side wrote before it is now visible.
    pub(crate) fn load(&self, offset: u64) -> Option<u32> {
        Some(self.word(offset)?.load(Ordering::Acquire))
    }

    /// Sets the word at `offset`. Everything written before becomes visible to the other side.
    pub(crate) fn store(&self, offset: u64, value: u32) -> Option<()> {
        self.word(offset)?.store(value, Ordering::Release);
        Some(())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: this is exactly the mapping, and no reference into it remains.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region() -> Region {
        let file = tempfile::tempfile().expect("a temporary file");
        file.set_len(4096).expect("4096 bytes");
        Region::map(&file, 4096).expect("a mapping")
    }

    #[test]
    fn bytes_written_can_be_read_back() {
        let region = region();
        assert_eq!(region.write(4092, &[1, 2, 3, 4]), Some(()));
        let mut bytes = [0; 4];
        assert_eq!(region.read(4092, &mut bytes), Some(()));
        assert_eq!(bytes, [1, 2, 3, 4]);
        assert_eq!(region.load(4092), Some(u32::from_ne_bytes([1, 2, 3, 4])));
    }

    #[test]
    fn nothing_outside_is_accessible() {
        let region = region();
        for (offset, length) in [(4093, 4), (4097, 0), (u64::MAX, 1), (u64::MAX - 1, 4), (0, 4097)] {
            assert_eq!(
                region.read(offset, &mut vec![0; length]),
                None,
                "{offset} {length}"
            );
            assert_eq!(region.write(offset, &vec![0; length]), None, "{offset} {length}");
        }
        assert_eq!(region.load(4096), None);
        assert_eq!(region.store(2, 1), None);
    }
}
