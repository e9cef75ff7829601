//! A file that is written.

use std::io::{self, Write};

use recording::{NodeId, Recording};

use crate::error::{Error, Result};

/// A file of a recording, open for writing from one place on.
///
/// Whole blocks of 2,048 bytes are on their way to the disc when a write returns. [`NewFile::finish`] sends
/// the last one too; without it that waits, in memory, for the commit. Wrap it in a
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

    /// Leaves a hole of so many bytes, which takes no block; one at the end of a file needs a
    /// [`NewFile::set_len`] after it.
    pub fn skip(&mut self, bytes: u64) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Makes the file shorter, or longer by a hole.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge),
    /// [`ErrorKind::MediumFull`](crate::ErrorKind::MediumFull), or what the drive met.
    pub fn set_len(&mut self, bytes: u64) -> Result<()> {
        Ok(self.recording.truncate(self.node, bytes)?)
    }

    /// Lets the last bytes go after the rest.
    ///
    /// # Errors
    /// What the drive met.
    pub fn finish(self) -> Result<()> {
        Ok(self.recording.finish(self.node)?)
    }

    /// Writes the last bytes of the file.
    pub(crate) fn put_last(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.recording.write_last(self.node, self.at, bytes)?)
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.recording.write(self.node, self.at, bytes);
        written.map_err(Error::from)?;
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    /// Does nothing: a commit is what makes bytes last.
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
