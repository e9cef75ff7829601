//! A file open for reading.

use std::io::{self, Read, Seek, SeekFrom};

use ecma167::RecordedAddress;
use recording::OpenVolume;
use volume::{Body, Copying, NodeKind};

use crate::error::{AtPath as _, Error, Result};
use crate::metadata::Metadata;
use crate::turn::Turn;

/// A file or a stream of a volume, open for reading.
///
/// Every read goes to the disc. Wrap the file in a [`BufReader`](std::io::BufReader) for many small reads.
pub struct File<'v> {
    turn: &'v Turn,
    metadata: Metadata,
    /// Where its bytes are recorded; `None` in a volume that may change.
    body: Option<Body>,
    at: u64,
}

impl<'v> File<'v> {
    /// Opens the regular file whose ICB is at `address`.
    pub(crate) fn open(turn: &'v Turn, address: RecordedAddress, path: &str) -> Result<Self> {
        let mut open = turn.lock();
        let node = open.node(address).at(path)?;
        let not_a_file = match node.kind {
            NodeKind::File => None,
            NodeKind::Directory => Some(recording::Error::IsADirectory),
            _ => Some(recording::Error::NotAFile),
        };
        if let Some(error) = not_a_file {
            return Err(error).at(path);
        }
        let body = open.body(address).at(path)?;
        drop(open);
        Ok(Self::new(turn, Metadata::new(node), body))
    }

    pub(crate) fn new(turn: &'v Turn, metadata: Metadata, body: Option<Body>) -> Self {
        Self {
            turn,
            metadata,
            body,
            at: 0,
        }
    }

    /// Returns the metadata of the file.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Copies the rest of the file to `to`, a file of the host, and returns the number of bytes copied. Each
    /// byte keeps its offset. From an image, the kernel copies large extents. A hole beyond the end of `to`
    /// stays a hole.
    ///
    /// # Errors
    /// Fails if the volume cannot be read or `to` cannot be written.
    pub fn copy_to_file(&mut self, to: &std::fs::File) -> Result<u64> {
        let start = self.at;
        let mut copying = Copying::new(to, start)?;
        while self.copy_piece(&mut copying)? > 0 {
            self.at = copying.at();
        }
        self.at = copying.at();
        copying.finish()?;
        Ok(self.at - start)
    }

    /// Copies a piece; other files get their turn after each.
    fn copy_piece(&self, copying: &mut Copying<'_>) -> Result<usize> {
        match (&mut *self.turn.lock(), &self.body) {
            (OpenVolume::Reading(volume), Some(body)) => Ok(volume.copy_piece(body, copying, usize::MAX)?),
            (open, body) => {
                let address = self.metadata.node().address;
                let read = |at, piece: &mut [u8]| open.read(address, body.as_ref(), at, piece);
                Ok(copying.piece(usize::MAX, read)?)
            }
        }
    }

    /// Reads from byte `offset` until `out` is full, and returns the number of bytes read. It is smaller than
    /// `out` only at the end of the file, where it may be 0, and before a block that cannot be read. The
    /// position of the file does not matter.
    ///
    /// # Errors
    /// Fails if the block at `offset` cannot be read.
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let address = self.metadata.node().address;
        let read = self.turn.lock().read(address, self.body.as_ref(), offset, out);
        read.map_err(Error::from)
    }
}

impl Read for File<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(self.at, out)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for File<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.metadata.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File")
            .field("metadata", &self.metadata)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
