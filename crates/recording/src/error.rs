//! What keeps a recording from going on.

use drive::DriveError;
use ecma167::{LogicalSector, malformed::Malformed, osta::Revision};
use volume::Loss;

/// Why a change to the volume or a recording failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The medium has not the room; nothing of the request was recorded.
    #[error("medium full: {asked} blocks asked, {free} blocks free beside the room kept back for closing")]
    MediumFull {
        /// Blocks that the request may use.
        free: u64,
        /// Blocks that it needs at most.
        asked: u64,
    },
    /// Nothing can be recorded on this medium, or not any more.
    #[error("read-only: {0}")]
    ReadOnly(ReadOnly),
    /// The medium holds no volume that can be continued.
    #[error("the volume cannot be continued: {0}")]
    Unsupported(&'static str),
    /// A later state of the volume cannot be read, and recording on top of the earlier one would leave it behind:
    /// [`volume::Volume::accept_losses`] does so all the same.
    #[error("a later state of the volume may be on the disc and cannot be read here: {0}")]
    GenerationLost(Box<Loss>),
    /// Only a blank medium is formatted.
    #[error("the medium is not blank: a write-once medium is formatted once")]
    NotBlank,
    /// A recording that was interrupted left links or a damaged block where readers look for the recognition sequence or the anchor
    /// (`ECMA-167 2/8.3`, `ECMA-167 3/8.4.2.1`), and the medium takes no further session.
    #[error(
        "an interrupted recording spoiled the start of the only session that this medium takes: no volume can stand on it any more"
    )]
    OnlySessionSpoiled,
    /// Formatting was interrupted, and what stands already says otherwise than what is asked.
    #[error("formatting was begun with the label '{label}' in UDF {revision}, and can only be completed so")]
    BegunOtherwise {
        /// The name that stands on the medium.
        label: String,
        /// The revision that stands on the medium.
        revision: Revision,
    },
    /// The capacity does not hold a volume.
    #[error("a capacity of {capacity} blocks is too small: a volume with its closing needs {needed}")]
    CapacityTooSmall {
        /// Blocks of the medium.
        capacity: u64,
        /// Blocks of the smallest volume.
        needed: u64,
    },
    /// No such name.
    #[error("not found")]
    NotFound,
    /// The name is taken.
    #[error("exists already")]
    Exists,
    /// Something else stands where a directory is needed.
    #[error("not a directory")]
    NotADirectory,
    /// A directory stands where something else is needed.
    #[error("is a directory")]
    IsADirectory,
    /// The operation is for the body of a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// Only an empty directory is removed.
    #[error("directory not empty")]
    NotEmpty,
    /// A directory cannot move into itself, nor the root anywhere.
    #[error("a directory cannot be moved into itself")]
    IntoItself,
    /// More identifiers than a link count holds (`ECMA-167 4/14.9.6`).
    #[error("too many links: a link count ends at 65,535 (ECMA-167 4/14.9.6)")]
    TooManyLinks,
    /// UDF cannot hold the name.
    #[error("UDF cannot hold this name: {0}")]
    Name(NameFault),
    /// UDF cannot hold the value of an attribute.
    #[error("UDF cannot hold this {0}")]
    Attribute(&'static str),
    /// A body longer than the structures can tell.
    #[error("file too large: its extents do not fit the volume")]
    FileTooLarge,
    /// The volume as it is recorded could not be read.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// A structure in a directory or node is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The drive failed; what was committed before stands.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// The session was closed, and the drive finalized the disc with it: nothing can be added any more.
    #[error(
        "the session is closed and ends with block {vat_icb}, but the drive finalized the disc, which was not asked for"
    )]
    FinalizedUnasked {
        /// The VAT ICB with which the session ends.
        vat_icb: LogicalSector,
    },
    /// A change failed when half of it was done: it has to be abandoned, with all that is not committed.
    #[error("an earlier change failed half-way; what is not committed has to be abandoned")]
    HalfDone,
    /// The drive ended packets faster than structures can be recorded.
    #[error("the drive moved its next writable address {0} times in a row without recording a block")]
    NoProgress(u32),
    /// The drive did not keep what it was given: after a synchronize its next writable address stands elsewhere.
    #[error("the last block of the commit should be {expected}, but the drive continues at {next}")]
    NotLast {
        /// Where the VAT ICB was sent.
        expected: LogicalSector,
        /// The next writable address that the drive reports.
        next: LogicalSector,
    },
}

/// A volume could not be opened for changes; what was given to be opened comes back.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct OpenError<T: core::fmt::Debug> {
    /// Why.
    #[source]
    pub error: Error,
    /// The drive or volume that was given.
    pub given: Box<T>,
}

impl<T: core::fmt::Debug> OpenError<T> {
    pub(crate) fn new(error: Error, given: T) -> OpenError<T> {
        let given = Box::new(given);
        OpenError { error, given }
    }
}

impl<T: core::fmt::Debug> From<OpenError<T>> for Error {
    fn from(failed: OpenError<T>) -> Error {
        failed.error
    }
}

/// Why nothing can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadOnly {
    /// No session can be opened on it any more.
    #[error("the medium is finalized")]
    Finalized,
    /// The drive, or the file behind it, takes no writes.
    #[error("the drive takes no writes")]
    Drive,
    /// Its last track is closed and no further one fits: all that can be done is to close the session.
    #[error("the drive offers no next writable address")]
    NoNextWritableAddress,
    /// A write failed and the drive offers no place to go on.
    #[error("a write failed and the drive offers no next writable address")]
    AfterWriteError,
    /// The volume says that nothing is to be recorded on it any more.
    #[error("the volume is write protected by its domain flags (UDF 2.60 2.1.5.3)")]
    WriteProtected,
    /// The volume has no virtual partition, so nothing can be changed on write-once media.
    #[error("the volume has no virtual partition")]
    NoVirtualPartition,
}

/// Why a name cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// A name has at least one character.
    #[error("it is empty")]
    Empty,
    /// More than a file identifier holds (`UDF 2.60 2.3.4.2`, `2.1.1`).
    #[error(
        "it needs {units} units, and a file identifier holds 254 of 8 bits or 127 of 16 bits (UDF 2.60 2.1.1)"
    )]
    TooLong {
        /// Characters of 8 bits, or units of 16 bits.
        units: usize,
    },
    /// `.` and `..` mean a directory itself and the one above it.
    #[error("it means a directory itself, or the one above it")]
    Reserved,
    /// `/` and NUL separate and end names.
    #[error("it has a character that no name may have")]
    Character,
}
