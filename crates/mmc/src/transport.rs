//! The one way to a recorder.

use crate::Sense;

/// Bytes in a logical block of the drive on every medium this project knows.
pub const BLOCK_SIZE: usize = 2048;

/// A logical block address of the drive: user data blocks of 2048 bytes, counted from the start of the disc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lba(pub u32);

impl core::fmt::Display for Lba {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "block {}", self.0)
    }
}

/// The data phase of a command.
#[derive(Debug)]
pub enum Data<'a> {
    /// No data phase.
    None,
    /// From the drive to the host; the drive may fill less.
    In(&'a mut [u8]),
    /// From the host to the drive.
    Out(&'a [u8]),
}

impl Data<'_> {
    /// The same data, for a command that may be sent again.
    pub fn reborrow(&mut self) -> Data<'_> {
        match self {
            Self::None => Data::None,
            Self::In(bytes) => Data::In(bytes),
            Self::Out(bytes) => Data::Out(bytes),
        }
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The drive answered CHECK CONDITION with this sense.
    #[error("{0}")]
    Check(Sense),
    /// The command did not reach the drive, or its answer did not come back.
    #[error("the drive cannot be reached: {0}")]
    Transport(#[from] std::io::Error),
}

impl Failure {
    /// The sense, where the drive answered with one.
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
    /// Sends `command` with its data phase and returns the bytes moved.
    ///
    /// # Errors
    /// The sense of a CHECK CONDITION, or what kept the command from reaching the drive.
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure>;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        (**self).execute(command, data)
    }
}
