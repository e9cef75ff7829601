//! What ends a life early.

use drive::DriveError;
use volume::OpenError;

/// Why a life did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The engine failed; unless something went wrong in the drive, that is a defect.
    #[error("the engine failed: {0}")]
    Recording(#[from] recording::Error),
    /// The recorder could not be set up.
    #[error("the recorder failed: {0}")]
    Emulator(#[from] emulator::Error),
    /// The host has no room in memory for the disc.
    #[error("the host failed: {0}")]
    Host(#[from] std::io::Error),
    /// The engine disagrees with the model: always a defect.
    #[error("{0}")]
    Contradiction(String),
}

impl From<volume::Error> for Broken {
    fn from(error: volume::Error) -> Self {
        Self::Recording(error.into())
    }
}

impl From<OpenError> for Broken {
    fn from(failed: OpenError) -> Self {
        failed.error.into()
    }
}

impl<T: std::fmt::Debug> From<recording::OpenError<T>> for Broken {
    fn from(failed: recording::OpenError<T>) -> Self {
        failed.error.into()
    }
}

impl From<DriveError> for Broken {
    fn from(error: DriveError) -> Self {
        Self::Recording(error.into())
    }
}

impl Broken {
    /// Whether the request was refused for lack of room, or of another track.
    #[must_use]
    pub fn is_medium_full(&self) -> bool {
        use recording::{Error, ReadOnly};
        matches!(
            self,
            Self::Recording(Error::MediumFull { .. } | Error::ReadOnly(ReadOnly::NoNextWritableAddress))
        )
    }
}
