//! Copies bodies to files of the host, a piece at a time.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::body::{Body, Extent, ExtentKind};
use crate::error::Error;
use crate::volume::Volume;

/// The most bytes of a piece.
const PIECE: usize = 1 << 20;

/// A copy of a body to a file of the host. Each byte keeps its offset, and a hole beyond the end of that file
/// stays a hole. The caller asks for one piece after another, with [`Volume::copy_piece`] or
/// [`Copying::piece`], until one has no bytes.
#[derive(Debug)]
pub struct Copying<'f> {
    to: &'f File,
    /// Where the next piece begins.
    at: u64,
    /// The end of the file of the host.
    end: u64,
    buffer: Vec<u8>,
}

/// Why a piece was not copied.
#[derive(Debug)]
pub enum CopyError<E> {
    /// The body could not be read.
    Read(E),
    /// The file of the host could not be written.
    Write(io::Error),
}

impl<'f> Copying<'f> {
    /// Begins a copy to `to` at byte `at`.
    ///
    /// # Errors
    /// Errors of the host.
    pub fn new(to: &'f File, at: u64) -> io::Result<Self> {
        Ok(Self {
            to,
            at,
            end: to.metadata()?.len(),
            buffer: Vec::new(),
        })
    }

    /// The offset of the first byte not copied yet.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Skips the bytes before `at`, which read as zeros if the file of the host had nothing there.
    pub fn skip_to(&mut self, at: u64) {
        self.at = self.at.max(at);
    }

    /// Copies at most `most` bytes, which `read` reads from an offset on. Returns their number; 0 at the end.
    ///
    /// # Errors
    /// The errors of `read` and of the host. Nothing of the piece counts as copied.
    pub fn piece<E>(
        &mut self,
        most: usize,
        read: impl FnOnce(u64, &mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, CopyError<E>> {
        let most = most.min(PIECE);
        if self.buffer.len() < most {
            self.buffer.resize(most, 0);
        }
        let piece = &mut self.buffer[..most];
        let got = read(self.at, piece).map_err(CopyError::Read)?;
        self.to
            .write_all_at(&piece[..got], self.at)
            .map_err(CopyError::Write)?;
        self.advance(got);
        Ok(got)
    }

    /// Ends the copy: bytes skipped at the end become a hole of the file.
    ///
    /// # Errors
    /// Errors of the host.
    pub fn finish(self) -> io::Result<()> {
        if self.at > self.end {
            self.to.set_len(self.at)?;
        }
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes as u64;
        self.end = self.end.max(self.at);
    }
}

impl Volume {
    /// Copies the next bytes of a body, at most `most` of them, and leaves holes out. Returns their number; 0
    /// at the end. From an image, the kernel copies large extents.
    ///
    /// # Errors
    /// As [`Volume::read_readable`], or an error of the host. Nothing of the piece counts as copied: the
    /// caller can [skip](Copying::skip_to) the unreadable block and go on.
    pub fn copy_piece(
        &mut self,
        body: &Body,
        copying: &mut Copying<'_>,
        most: usize,
    ) -> Result<usize, CopyError<Error>> {
        let end = loop {
            match run(body, copying.at) {
                None => return Ok(0),
                Some(run) if run.is_hole && copying.at >= copying.end => copying.at = run.end,
                Some(run) => break run.end,
            }
        };
        let want = usize::try_from(end - copying.at).unwrap_or(PIECE);
        let want = want.min(most).min(PIECE);
        match self.space.copy_to_file(body, copying.at, want, copying.to) {
            Ok(0) => {}
            // Reading gets the bytes before the damage.
            Err(error) if error.is_damage() => {}
            Err(error) => return Err(CopyError::Read(error)),
            Ok(copied) => {
                copying.advance(copied);
                return Ok(copied);
            }
        }
        copying.piece(want, |at, piece| self.read_readable(body, at, piece))
    }
}

/// Bytes of a body that are alike: data, or a hole.
struct Run {
    end: u64,
    is_hole: bool,
}

/// The run that begins at a byte of a body; `None` at its end. Joins extents with data until they suffice for
/// a piece, so that small extents do not cost a read each.
fn run(body: &Body, at: u64) -> Option<Run> {
    let extents = match body {
        Body::Embedded(bytes) => {
            let end = bytes.len() as u64;
            return (at < end).then_some(Run { end, is_hole: false });
        }
        Body::Extents(extents) => extents,
    };
    let after = |extent: &Extent| extent.offset.saturating_add(extent.length);
    let is_hole = |extent: &Extent| extent.kind == ExtentKind::NotRecorded;
    let extents = &extents[extents.partition_point(|extent| after(extent) <= at)..];
    let is_first_hole = is_hole(extents.first()?);
    let enough = at.saturating_add(PIECE as u64);
    let alike = extents
        .iter()
        .take_while(|extent| is_hole(extent) == is_first_hole && extent.offset < enough);
    Some(Run {
        end: after(alike.last()?),
        is_hole: is_first_hole,
    })
}

impl<E: fmt::Display> fmt::Display for CopyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for CopyError<E> {
    /// The source of the cause, because this error already displays the message of the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => error.source(),
            Self::Write(error) => error.source(),
        }
    }
}
