//! A file open for reading.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;

use ecma167::RecordedAddress;
use recording::OpenVolume;
use volume::{Body, Extent, ExtentKind, NodeKind};

use crate::error::{At as _, Error, Result};
use crate::metadata::Metadata;
use crate::turn::Turn;

/// Bytes copied at once.
const PIECE: usize = 1 << 20;

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
        let old_end = to.metadata()?.len();
        let mut buffer = Vec::new();
        loop {
            let (end, is_hole) = self.run();
            if is_hole && self.at >= old_end {
                self.at = end;
                continue;
            }
            let want = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            let moved = match self.copy_in_kernel(to, want)? {
                0 => self.copy_by_memory(to, want, &mut buffer)?,
                moved => moved,
            };
            if moved == 0 {
                break;
            }
            self.at += moved as u64;
        }
        if self.at > to.metadata()?.len() {
            to.set_len(self.at)?;
        }
        Ok(self.at - start)
    }

    /// Returns the end of the data or of the hole at the position, and whether it is a hole. The end of data
    /// in many extents is that of one of them.
    fn run(&self) -> (u64, bool) {
        let after = |extent: &Extent| {
            extent
                .offset
                .saturating_add(extent.length)
                .min(self.metadata.len())
        };
        let is_hole = |extent: &Extent| extent.kind == ExtentKind::NotRecorded;
        let Some(Body::Extents(extents)) = &self.body else {
            return (u64::MAX, false);
        };
        let extents = &extents[extents.partition_point(|extent| after(extent) <= self.at)..];
        let Some(first) = extents.first() else {
            return (u64::MAX, false);
        };
        let enough = self.at.saturating_add(PIECE as u64);
        let alike = extents
            .iter()
            .take_while(|extent| is_hole(extent) == is_hole(first) && extent.offset < enough);
        (alike.last().map_or(u64::MAX, after), is_hole(first))
    }

    fn copy_in_kernel(&self, to: &std::fs::File, want: usize) -> Result<usize> {
        match (&mut *self.turn.lock(), &self.body) {
            (OpenVolume::Reading(volume), Some(body)) => Ok(volume.copy_to_file(body, self.at, want, to)?),
            _ => Ok(0),
        }
    }

    fn copy_by_memory(&self, to: &std::fs::File, want: usize, buffer: &mut Vec<u8>) -> Result<usize> {
        buffer.resize(PIECE, 0);
        let piece = &mut buffer[..want.min(PIECE)];
        let read = self.read_at(self.at, piece)?;
        to.write_all_at(&piece[..read], self.at)?;
        Ok(read)
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
