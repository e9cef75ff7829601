//! The one interface to a recorder.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::sense::Sense;

/// The data phase of a command.
#[derive(Debug)]
pub enum Data<'a> {
    /// No data phase.
    None,
    /// From the drive to the host; the drive may fill fewer bytes.
    In(&'a mut [u8]),
    /// From the drive to a file of the host, bypassing the memory of this program. Only for a transport that
    /// [fills files](Transport::fills_files).
    ToFile(FilePart<'a>),
    /// From the host to the drive.
    Out(&'a [u8]),
}

impl Data<'_> {
    /// The same data again, for a command that may be repeated.
    pub fn reborrow(&mut self) -> Data<'_> {
        match self {
            Self::None => Data::None,
            Self::In(bytes) => Data::In(bytes),
            Self::ToFile(part) => Data::ToFile(*part),
            Self::Out(bytes) => Data::Out(bytes),
        }
    }
}

/// A part of a file of the host to be filled.
#[derive(Clone, Copy, Debug)]
pub struct FilePart<'a> {
    /// The file. Its position is ignored, and undefined afterwards.
    pub file: &'a File,
    /// Offset of the part in the file, in bytes.
    pub offset: u64,
    /// Length of the part in bytes.
    pub bytes: usize,
}

impl FilePart<'_> {
    /// Fills the part from byte `offset` of another file, inside the kernel if possible. The position of
    /// `source` is undefined afterwards.
    ///
    /// # Errors
    /// `UnexpectedEof` if `source` ends too early; errors of reading and writing, which cannot be told apart.
    pub fn fill_from(&self, mut source: &File, offset: u64) -> io::Result<()> {
        let (mut file, bytes) = (self.file, self.bytes as u64);
        source.seek(SeekFrom::Start(offset))?;
        file.seek(SeekFrom::Start(self.offset))?;
        if io::copy(&mut source.take(bytes), &mut file)? < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The drive answered CHECK CONDITION with this sense.
    #[error("{0}")]
    Check(Sense),
    /// The command did not reach the drive, or its answer did not come back.
    #[error("the drive cannot be reached: {0}")]
    Transport(#[from] io::Error),
}

impl Failure {
    /// The sense, if the drive returned any.
    #[must_use]
    pub fn sense(&self) -> Option<Sense> {
        match self {
            Self::Check(sense) => Some(*sense),
            Self::Transport(_) => None,
        }
    }
}

impl From<Sense> for Failure {
    fn from(sense: Sense) -> Self {
        Self::Check(sense)
    }
}

/// Executes one command block on one drive.
pub trait Transport: Send {
    /// Sends `command` with its data phase and returns the number of bytes moved.
    ///
    /// # Errors
    /// The sense of a CHECK CONDITION, or the error that kept the command from reaching the drive.
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure>;

    /// Whether READ can move its blocks to a file of the host, as [`Data::ToFile`]. If it cannot for one
    /// command, that fails with [`io::ErrorKind::Unsupported`], and reading to memory then reports the
    /// reason.
    fn fills_files(&self) -> bool {
        false
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        (**self).execute(command, data)
    }

    fn fills_files(&self) -> bool {
        (**self).fills_files()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_a_part_of_a_file_leaves_the_bytes_around_it() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("from"), "0123456789").expect("a file");
        std::fs::write(path("to"), "abcdefghij").expect("a file");
        let from = File::open(path("from")).expect("the file");
        let to = File::options().write(true).open(path("to")).expect("the file");
        let part = |offset, bytes| FilePart {
            file: &to,
            offset,
            bytes,
        };
        assert!(part(2, 3).fill_from(&from, 4).is_ok());
        assert!(part(9, 4).fill_from(&from, 0).is_ok());
        assert_eq!(std::fs::read(path("to")).expect("the file"), b"ab456fghi0123");
        let short = part(0, 3).fill_from(&from, 8);
        assert!(short.is_err_and(|error| error.kind() == io::ErrorKind::UnexpectedEof));
    }
}
