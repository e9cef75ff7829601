//! Bytes by offset: a file, or memory.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;

/// Something that can be read at any offset.
pub trait Bytes {
    /// The number of bytes.
    fn length(&self) -> u64;

    /// Fills `out` from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` at the end, or an error of the host.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

/// An open file or block device with its length.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    length: u64,
}

impl OpenFile {
    /// Determines the length of an open file.
    ///
    /// # Errors
    /// An error of the host.
    pub fn over(file: File) -> io::Result<Self> {
        // The metadata of a block device have no length.
        let length = (&file).seek(SeekFrom::End(0))?;
        Ok(Self { file, length })
    }

    /// The file.
    #[must_use]
    pub fn into_file(self) -> File {
        self.file
    }
}

impl Bytes for OpenFile {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }
}

impl Bytes for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let rest = usize::try_from(offset).ok().and_then(|from| self.get(from..));
        let part = rest.and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// `N` bytes at an offset; `None` if they are unreadable or past the end.
pub(crate) fn peek<const N: usize>(bytes: &dyn Bytes, offset: u64) -> Option<[u8; N]> {
    let mut out = [0; N];
    let end = offset.checked_add(N as u64)?;
    if end > bytes.length() {
        return None;
    }
    bytes.read_at(offset, &mut out).ok()?;
    Some(out)
}

/// Up to `most` bytes at an offset, fewer only at the end; `None` if they cannot be read.
pub(crate) fn read_up_to(bytes: &dyn Bytes, offset: u64, most: usize) -> Option<Vec<u8>> {
    let rest = bytes.length().saturating_sub(offset);
    let count = usize::try_from(rest).unwrap_or(usize::MAX).min(most);
    let mut out = vec![0; count];
    bytes.read_at(offset, &mut out).ok()?;
    Some(out)
}

/// Numbers in the bytes of a structure. `None` past its end.
pub(crate) trait Fields {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]>;

    fn le16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn le32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn le64(&self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    fn be16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    fn be32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    fn be64(&self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_be_bytes)
    }
}

impl Fields for [u8] {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.get(at..at.checked_add(N)?)?.try_into().ok()
    }
}
