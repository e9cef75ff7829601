//! Why a volume could not be opened, with the drive.

use std::fmt;

use drive::Drive;

use crate::error::Error;
use crate::loss::Loss;

/// A volume could not be opened. Contains the drive, which is still usable.
///
/// Displays its [`Error`] and has that error's cause, so that nothing is reported twice.
#[derive(Debug)]
pub struct OpenError {
    /// Why.
    pub error: Error,
    /// What could not be read before the error.
    pub losses: Vec<Loss>,
    /// The drive passed to open.
    pub drive: Box<Drive>,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
