//! What keeps a track from going on.

use drive::DriveError;
use ecma167::LogicalSector;
use ecma167::malformed::TooLong;

/// Why something was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The track has not the room.
    #[error("medium full: {asked} blocks asked, {free} blocks free")]
    MediumFull {
        /// Blocks that it still takes.
        free: u64,
        /// Blocks that were to be recorded.
        asked: u64,
    },
    /// Nothing can be recorded, or not any more.
    #[error("read-only: {0}")]
    ReadOnly(ReadOnly),
    /// The drive ended packets faster than structures can be recorded.
    #[error("the drive moved its next writable address {0} times in a row without recording a block")]
    NoProgress(u32),
    /// The drive did not keep what it was given: after a synchronize its next writable address is another.
    #[error("the last block should be {expected}, but the drive continues at {next}")]
    NotLast {
        /// Where the last block was sent.
        expected: LogicalSector,
        /// The next writable address that the drive reports.
        next: LogicalSector,
    },
    /// A volume descriptor does not fit one block.
    #[error("a volume descriptor does not fit one block")]
    DescriptorTooLong(#[source] TooLong),
    /// What waits would end after the last address that there is.
    #[error("what waits ends after the last logical sector")]
    AfterLastSector,
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
}

/// Why nothing can be recorded on a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadOnly {
    /// No session can be opened on the medium any more.
    #[error("the medium is finalized")]
    Finalized,
    /// The last track is closed and no further one fits.
    #[error("the drive offers no next writable address")]
    NoNextWritableAddress,
    /// A write failed and the drive offers no place to go on.
    #[error("a write failed and the drive offers no next writable address")]
    AfterWriteError,
}

impl From<ReadOnly> for Error {
    fn from(why: ReadOnly) -> Self {
        Self::ReadOnly(why)
    }
}
