//! The path of a disc as the source of volume handles.

use disc::{Disc, DiscIdentity, Error};
use drive::Drive;

use crate::{DiscSource, SourceError};

impl DiscSource for Disc {
    fn identity(&self) -> Result<DiscIdentity, SourceError> {
        Ok(Disc::identity(self)?)
    }

    fn is_on_network(&self) -> Result<bool, SourceError> {
        Ok(disc::is_on_network(self.path())?)
    }

    fn is_writable(&self) -> bool {
        Disc::is_writable(self)
    }

    fn open_to_read(&self) -> Result<Drive, SourceError> {
        // An image with only a stated medium answers like the recorder that would record on it.
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
            Error::NotUdf { .. } | Error::Elsewhere { .. } => Self::NoVolume(Box::new(error)),
            error if error.is_denied() => Self::Denied,
            error if error.is_unproven() => Self::Unproven(Box::new(error)),
            other => Self::NotADisc(Box::new(other)),
        }
    }
}
