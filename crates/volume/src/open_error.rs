//! Why a volume could not be opened, with the drive.

use std::fmt;

use drive::Drive;

use crate::error::Error;
use crate::loss::Loss;

/// A volume could not be opened; the drive comes back, since it is still good.
///
/// It says what its [`Error`] says, and has the cause of that, so that nothing is told twice.
#[derive(Debug)]
pub struct OpenError {
    /// Why.
    pub error: Error,
    /// What could not be read on the way.
    pub losses: Vec<Loss>,
    /// The drive that was given.
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
