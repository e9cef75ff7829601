//! A file open for writing.

use std::io::{self, Write};

use recording::{NodeId, Recording};

use crate::error::Result;

/// A file of a recording, open for writing. Writes are sequential.
///
/// A write returns after its whole blocks of 2,048 bytes are queued for the disc. [`NewFile::finish`] queues
/// the last, partial block too; without it that block stays in memory until the commit. Wrap the file in a
/// [`BufWriter`](std::io::BufWriter) for many small writes.
pub struct NewFile<'r> {
    recording: &'r mut Recording,
    node: NodeId,
    at: u64,
}

impl<'r> NewFile<'r> {
    pub(crate) fn new(recording: &'r mut Recording, node: NodeId, at: u64) -> Self {
        Self { recording, node, at }
    }

    /// Leaves a hole of `bytes` bytes, which takes no blocks. A hole at the end of a file also needs
    /// [`NewFile::set_len`].
    pub fn skip(&mut self, bytes: u64) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Truncates the file to `bytes` bytes, or extends it with a hole.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if UDF cannot represent the size.
    /// - [`ErrorKind::MediumFull`](crate::ErrorKind::MediumFull) if the medium has too little free space.
    pub fn set_len(&mut self, bytes: u64) -> Result<()> {
        Ok(self.recording.truncate(self.node, bytes)?)
    }

    /// Sends the last bytes to the disc.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn finish(mut self) -> Result<()> {
        self.end()
    }

    /// As [`NewFile::finish`].
    pub(crate) fn end(&mut self) -> Result<()> {
        Ok(self.recording.finish(self.node)?)
    }

    /// Writes the next bytes of the file.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.recording.write(self.node, self.at, bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes the last bytes of the file.
    pub(crate) fn put_last(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.recording.write_last(self.node, self.at, bytes)?)
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes)?;
        Ok(bytes.len())
    }

    /// Does nothing: only a commit makes bytes permanent.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for NewFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFile")
            .field("node", &self.node)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
