//! Memory that is shared with the kernel: the one place with `unsafe`.
//!
//! The kernel writes to it at any time. So nobody gets a reference into it: bytes are copied in and out, after their place
//! is checked, and the two words by which kernel and process hand entries to each other are atomic.
#![allow(unsafe_code)]

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::io;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file mapped shared, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Region {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to no thread, and `Region` has no shared state of its own beside it.
unsafe impl Send for Region {}

impl Region {
    /// Maps the first `length` bytes of `file` for reading and writing.
    pub(crate) fn map(file: impl AsFd, length: usize) -> io::Result<Self> {
        let (access, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        // SAFETY: the kernel chooses the place, so nothing else of this process is replaced.
        let start = unsafe { mmap(std::ptr::null_mut(), length, access, flags, file, 0) }?;
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length })
    }

    /// Bytes of it.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// The bytes at `offset` for `length`, where they lie inside.
    fn place(&self, offset: u64, length: usize) -> Option<NonNull<u8>> {
        let offset = usize::try_from(offset).ok()?;
        let end = offset.checked_add(length)?;
        if end > self.length {
            return None;
        }
        // SAFETY: `offset` is at most the length of the mapping.
        Some(unsafe { self.start.add(offset) })
    }

    /// Copies bytes out; `None` where they do not lie inside.
    pub(crate) fn read(&self, offset: u64, to: &mut [u8]) -> Option<()> {
        let from = self.place(offset, to.len())?;
        // SAFETY: `place` has found the bytes to lie in the mapping; `to` is memory of its own. What the kernel changes
        // meanwhile are bytes of any value.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.as_mut_ptr(), to.len()) };
        Some(())
    }

    /// Copies bytes in; `None` where their place does not lie inside.
    pub(crate) fn write(&self, offset: u64, from: &[u8]) -> Option<()> {
        let to = self.place(offset, from.len())?;
        // SAFETY: as in `read`, the other way round.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.as_ptr(), from.len()) };
        Some(())
    }

    fn word(&self, offset: u64) -> Option<&AtomicU32> {
        if !offset.is_multiple_of(4) {
            return None;
        }
        let place = self.place(offset, 4)?;
        // SAFETY: four bytes of the mapping, aligned since mappings start at a page, alive as long as `self`; the kernel
        // and this process use such words by atomic accesses only.
        Some(unsafe { AtomicU32::from_ptr(place.as_ptr().cast()) })
    }

    /// The word at `offset`; what the other side wrote before it is seen from now on.
    pub(crate) fn load(&self, offset: u64) -> Option<u32> {
        Some(self.word(offset)?.load(Ordering::Acquire))
    }

    /// Sets the word at `offset`; the other side sees all that was written before.
    pub(crate) fn store(&self, offset: u64, value: u32) -> Option<()> {
        self.word(offset)?.store(value, Ordering::Release);
        Some(())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, and nobody has a reference into it any more.
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
    fn what_is_written_can_be_read() {
        let region = region();
        assert_eq!(region.write(4092, &[1, 2, 3, 4]), Some(()));
        let mut bytes = [0; 4];
        assert_eq!(region.read(4092, &mut bytes), Some(()));
        assert_eq!(bytes, [1, 2, 3, 4]);
        assert_eq!(region.load(4092), Some(u32::from_ne_bytes([1, 2, 3, 4])));
    }

    #[test]
    fn nothing_outside_is_reached() {
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
