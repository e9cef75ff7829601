//! A disc by its path as the source of volume handles.

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use control::{DiscIdentity, DiscSource, SourceError};
use drive::Drive;

use crate::{Disc, Error, is_on_network};

impl DiscSource for Disc {
    /// Device and inode of the image; the number of the device where the path is one, whatever node names it.
    fn identity(&self) -> Result<DiscIdentity, SourceError> {
        let metadata = std::fs::metadata(self.path())?;
        let kind = metadata.file_type();
        Ok(if kind.is_block_device() || kind.is_char_device() {
            // No file has number 0.
            DiscIdentity {
                device: metadata.rdev(),
                file: 0,
            }
        } else {
            DiscIdentity {
                device: metadata.dev(),
                file: metadata.ino(),
            }
        })
    }

    fn is_on_network(&self) -> Result<bool, SourceError> {
        Ok(is_on_network(self.path())?)
    }

    fn is_writable(&self) -> bool {
        Disc::is_writable(self)
    }

    fn open_to_read(&self) -> Result<Drive, SourceError> {
        if self.is_stated() && !self.has_side_file() {
            return Ok(self.record()?);
        }
        Ok(self.read()?)
    }

    fn open_to_record(&self) -> Result<Drive, SourceError> {
        Ok(self.answer()?)
    }
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        match error {
            Error::Host { source, .. } => source.into(),
            Error::Drive(error) => Self::Drive(error),
            Error::Image(emulator::Error::InUse(_)) => Self::InUse,
            Error::Image(emulator::Error::Io { source, .. }) => match source.kind() {
                // The file system of the host is mounted read-only.
                ErrorKind::ReadOnlyFilesystem => Self::Denied,
                _ => source.into(),
            },
            other => Self::NotADisc(other.to_string()),
        }
    }
}
