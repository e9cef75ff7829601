//! The one way to a recorder.

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

/// Executes one command block on one drive.
pub trait Transport: Send {
    /// Sends `command` with its data phase and returns the bytes moved.
    ///
    /// # Errors
    /// The sense of a CHECK CONDITION, or what kept the command from reaching the drive.
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, std::io::Error>;
}
