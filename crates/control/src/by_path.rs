//! A disc by its path as the source of volume handles.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use control::{DiscIdentity, DiscSource, SourceError};
use drive::Drive;

use crate::device::{Host, Node};
use crate::{Disc, Error, is_on_network};

impl DiscSource for Disc {
    /// Device and inode of the image, also behind a loop device; the number of the whole drive where the path is a device,
    /// whatever node names it.
    fn identity(&self) -> Result<DiscIdentity, SourceError> {
        let metadata = std::fs::metadata(self.path())?;
        let of_file = |metadata: Metadata| DiscIdentity {
            device: metadata.dev(),
            file: metadata.ino(),
        };
        let Some(node) = Node::of(&metadata) else {
            return Ok(of_file(metadata));
        };
        let host = Host::default();
        let whole = host.whole(node);
        if let Some(behind) = host
            .backing_file(whole)
            .and_then(|image| std::fs::metadata(image).ok())
        {
            return Ok(of_file(behind));
        }
        // No file has number 0.
        Ok(DiscIdentity {
            device: whole.number(),
            file: 0,
        })
    }

    fn is_on_network(&self) -> Result<bool, SourceError> {
        Ok(is_on_network(self.path())?)
    }

    fn is_writable(&self) -> bool {
        Disc::is_writable(self)
    }

    fn open_to_read(&self) -> Result<Drive, SourceError> {
        if self.is_stated() && !self.medium_is_known() {
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
            Error::InUse(_) | Error::Mounted { .. } => Self::InUse,
            Error::Image(emulator::Error::Io { source, .. }) => match source.kind() {
                // The file system of the host is mounted read-only.
                ErrorKind::ReadOnlyFilesystem => Self::Denied,
                _ => source.into(),
            },
            Error::Image(emulator::Error::SideFileFixed(_)) => Self::Denied,
            error @ (Error::LaterGeneration { .. }
            | Error::Image(
                emulator::Error::Unproven { .. }
                | emulator::Error::NotASideFile(_)
                | emulator::Error::SideFile { .. },
            )) => Self::Unproven(error.to_string()),
            other => Self::NotADisc(other.to_string()),
        }
    }
}
