//! Errors that stop a track.

use drive::DriveError;
use ecma167::LogicalSector;
use ecma167::malformed::TooLong;

/// Why something was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The track has too little room.
    #[error("medium full: {asked} blocks asked, {free} blocks free")]
    MediumFull {
        /// Blocks still free.
        free: u64,
        /// Blocks requested.
        asked: u64,
    },
    /// Nothing can be recorded, or nothing more.
    #[error("read-only: {0}")]
    ReadOnly(ReadOnly),
    /// The drive kept ending packets before structures could be recorded; the number of attempts.
    #[error("the drive moved its next writable address {0} times in a row without recording a block")]
    NoProgress(u32),
    /// The drive did not keep what it was sent: after a synchronize its next writable address is not the
    /// expected one.
    #[error("the last block should be {expected}, but the drive continues at {next}")]
    NotLast {
        /// The address that the last block was sent to.
        expected: LogicalSector,
        /// The next writable address that the drive reports.
        next: LogicalSector,
    },
    /// A volume descriptor does not fit one block.
    #[error("a volume descriptor does not fit one block")]
    DescriptorTooLong(#[source] TooLong),
    /// The waiting blocks would end after the last possible address.
    #[error("what waits ends after the last logical sector")]
    AfterLastSector,
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
}

/// Why nothing can be recorded on a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadOnly {
    /// No further session can be opened on the medium.
    #[error("the medium is finalized")]
    Finalized,
    /// The last track is closed and no further track fits.
    #[error("the drive offers no next writable address")]
    NoNextWritableAddress,
    /// A write failed and the drive offers no address to continue at.
    #[error("a write failed and the drive offers no next writable address")]
    AfterWriteError,
}

impl From<ReadOnly> for Error {
    fn from(why: ReadOnly) -> Self {
        Self::ReadOnly(why)
    }
}
