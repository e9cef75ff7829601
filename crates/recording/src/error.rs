//! Why a recording cannot continue.

use drive::DriveError;
use ecma167::LogicalSector;
use ecma167::malformed::{Malformed, TooLong};
use ecma167::osta::Revision;
use ecma167::osta::cs0::EncodeError;
use volume::Loss;

/// Why a change to the volume or a recording failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The medium lacks the room; nothing of the request was recorded.
    #[error("medium full: {asked} blocks asked, {free} blocks free beside the room kept back for closing")]
    MediumFull {
        /// Blocks that the request may use.
        free: u64,
        /// The most blocks that it needs.
        asked: u64,
    },
    /// Nothing can be recorded on this medium, or no longer.
    #[error("read-only: {0}")]
    ReadOnly(ReadOnly),
    /// The medium contains no volume that can be continued.
    #[error("the volume cannot be continued: {0}")]
    Unsupported(Unsupported),
    /// A later generation of the volume cannot be read. Recording on top of the earlier one would lose it,
    /// which [`volume::Volume::accept_losses`] permits.
    #[error("a later state of the volume may be on the disc and cannot be read here: {0}")]
    GenerationLost(Box<Loss>),
    /// Only a blank medium can be formatted.
    #[error("the medium is not blank: a write-once medium is formatted once")]
    NotBlank,
    /// An interrupted recording left links or a damaged block where readers look for the recognition sequence
    /// or the anchor (`ECMA-167 2/8.3`, `ECMA-167 3/8.4.2.1`), and the medium takes no further session.
    #[error(
        "an interrupted recording spoiled the start of the only session of this medium: it can hold no volume"
    )]
    OnlySessionSpoiled,
    /// An interrupted format recorded other options than those requested now.
    #[error("formatting began with the label '{label}' in UDF {revision}; complete it with these")]
    BegunOtherwise {
        /// The label on the medium.
        label: String,
        /// The revision on the medium.
        revision: Revision,
    },
    /// The plain volume cannot be built.
    #[error("no plain volume can be made: {0}")]
    Rom(#[source] rom::Error),
    /// A further session would lack its plain volume, because something of it cannot be read. The session was
    /// not begun.
    #[error("no further session begins, because its plain volume needs what cannot be read: {0}")]
    PlainVolumeUnreadable(#[source] volume::Error),
    /// The capacity is too small for a volume.
    #[error("a capacity of {capacity} blocks is too small: a volume with its closing needs {needed}")]
    CapacityTooSmall {
        /// Blocks of the medium.
        capacity: u64,
        /// Blocks of the smallest volume.
        needed: u64,
    },
    /// The name does not exist.
    #[error("not found")]
    NotFound,
    /// The name is taken.
    #[error("exists already")]
    Exists,
    /// A directory is required.
    #[error("not a directory")]
    NotADirectory,
    /// A directory is not allowed here.
    #[error("is a directory")]
    IsADirectory,
    /// The operation needs a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// Only an empty directory can be removed.
    #[error("directory not empty")]
    NotEmpty,
    /// A directory cannot move into itself, and the root cannot move at all.
    #[error("a directory cannot be moved into itself")]
    IntoItself,
    /// More names than a link count can state (`ECMA-167 4/14.9.6`).
    #[error("too many links: a link count ends at 65,535 (ECMA-167 4/14.9.6)")]
    TooManyLinks,
    /// UDF cannot hold the name.
    #[error("UDF cannot hold this name: {0}")]
    Name(NameFault),
    /// UDF cannot hold the value of an attribute.
    #[error(transparent)]
    Attribute(#[from] AttributeFault),
    /// A body would be longer than 2^32 blocks.
    #[error("file too large: no body is longer than 2^32 blocks")]
    FileTooLarge,
    /// A directory has more entries than a recording can look up by name.
    #[error("directory too long: its entries take more than 16 GiB")]
    DirectoryTooLong,
    /// A symbolic link was requested without a target.
    #[error("a symbolic link needs a target")]
    NoTarget,
    /// All virtual addresses are in use (`UDF 2.60 2.2.11`).
    #[error("too many nodes: the volume has no virtual address left")]
    NoVirtualAddress,
    /// A directory would name a file outside the virtual partition that has no block yet. Nothing of the
    /// commit is in the volume.
    #[error("a directory cannot name a file that is not recorded; abandon what is not committed")]
    UnplacedNode,
    /// A structure does not fit into its field or block.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// A volume descriptor does not fit one block.
    #[error("a volume descriptor does not fit one block")]
    DescriptorTooLong(#[source] TooLong),
    /// The blocks that wait would end after the last logical sector address.
    #[error("what waits ends after the last logical sector")]
    AfterLastSector,
    /// The recorded volume could not be read.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// A structure in a directory or node is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The drive failed; the last commit is still the volume.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// The session was closed, and the drive finalized the disc with it: nothing more can be added.
    #[error("the session is closed and ends with block {vat_icb}, but the drive finalized the disc unasked")]
    FinalizedUnasked {
        /// The VAT ICB with which the session ends.
        vat_icb: LogicalSector,
    },
    /// A change failed half-way: everything that is not committed must be abandoned.
    #[error("an earlier change failed half-way; abandon what is not committed")]
    HalfDone,
    /// The drive ended packets faster than structures could be recorded.
    #[error("the drive moved its next writable address {0} times in a row without recording a block")]
    NoProgress(u32),
    /// The drive did not keep what it was sent: after a synchronize its next writable address is elsewhere.
    #[error("the last block of the commit should be {expected}, but the drive continues at {next}")]
    NotLast {
        /// Where the VAT ICB was sent.
        expected: LogicalSector,
        /// The next writable address that the drive reports.
        next: LogicalSector,
    },
}

/// A volume could not be opened for changes; the error returns what the caller passed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct OpenError<T: std::fmt::Debug> {
    /// Why.
    #[source]
    pub error: Error,
    /// The drive or volume that was given.
    pub given: Box<T>,
}

impl<T: std::fmt::Debug> OpenError<T> {
    pub(crate) fn new(error: Error, given: T) -> OpenError<T> {
        let given = Box::new(given);
        OpenError { error, given }
    }
}

impl<T: std::fmt::Debug> From<OpenError<T>> for Error {
    fn from(failed: OpenError<T>) -> Error {
        failed.error
    }
}

/// Why nothing can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadOnly {
    /// No further session can be opened.
    #[error("the medium is finalized")]
    Finalized,
    /// The drive, or the image file, takes no writes.
    #[error("the drive takes no writes")]
    Drive,
    /// Its last track is closed and no further one fits: the session can only be closed.
    #[error("the drive offers no next writable address")]
    NoNextWritableAddress,
    /// A write failed, and the drive offers no address to continue at.
    #[error("a write failed and the drive offers no next writable address")]
    AfterWriteError,
    /// The volume declares that nothing more may be recorded on it.
    #[error("the volume is write protected by its domain flags (UDF 2.60 2.1.5.3)")]
    WriteProtected,
    /// The volume has no virtual partition, so nothing on write-once media can be changed.
    #[error("the volume has no virtual partition: it was recorded as a whole, and can only be read")]
    NoVirtualPartition,
}

impl From<track::Error> for Error {
    fn from(error: track::Error) -> Self {
        match error {
            track::Error::MediumFull { free, asked } => Self::MediumFull { free, asked },
            track::Error::ReadOnly(why) => Self::ReadOnly(why.into()),
            track::Error::NoProgress(times) => Self::NoProgress(times),
            track::Error::NotLast { expected, next } => Self::NotLast { expected, next },
            track::Error::DescriptorTooLong(why) => Self::DescriptorTooLong(why),
            track::Error::AfterLastSector => Self::AfterLastSector,
            track::Error::Drive(error) => Self::Drive(error),
        }
    }
}

impl From<rom::Error> for Error {
    fn from(error: rom::Error) -> Self {
        match error {
            rom::Error::Volume(error) => Self::Volume(error),
            error => Self::Rom(error),
        }
    }
}

impl From<track::ReadOnly> for ReadOnly {
    fn from(why: track::ReadOnly) -> Self {
        match why {
            track::ReadOnly::Finalized => Self::Finalized,
            track::ReadOnly::NoNextWritableAddress => Self::NoNextWritableAddress,
            track::ReadOnly::AfterWriteError => Self::AfterWriteError,
        }
    }
}

/// What a recording cannot continue, or cannot record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// The medium takes no further session.
    #[error("the medium has a single session, and a plain volume that was not formatted takes one more")]
    NoFurtherSession,
    /// The disc has plain volumes of another kind.
    #[error("the disc has plain volumes {}, and keeps that kind", if *bridge { "with ISO 9660 (--rom bridge)" } else { "without ISO 9660 (--rom udf)" })]
    OtherPlainVolume {
        /// Whether ISO 9660 leads to the files of those that it has.
        bridge: bool,
    },
    /// No track can be reserved on this medium.
    #[error("no track can be reserved on this medium, and a volume for readers without VAT begins with one")]
    NoReservedTrack,
    /// Volumes with a virtual partition are not formatted in this revision.
    #[error("a virtual partition is recorded in UDF 1.50, 2.00, 2.01, 2.50 and 2.60")]
    Revision,
    /// The volume requires a writer of a later revision (`UDF 2.60 2.2.6.4`).
    #[error("only revisions above UDF 2.60 may change it")]
    LaterRevision,
    /// There are other partition maps than those of a volume on write-once media.
    #[error("its partition maps are not one type 1 map and one virtual map over it")]
    PartitionMaps,
    /// There is no partition under the virtual one.
    #[error("no type 1 partition map under its virtual partition")]
    NoType1,
    /// A partition reference leads to no partition map.
    #[error("a partition reference without a partition map")]
    PartitionReference,
    /// The root directory is not reached through the VAT.
    #[error("its root directory is not in the virtual partition")]
    RootOutsideVirtualPartition,
    /// An earlier generation has its root directory at another address.
    #[error("its root directory was at another address in that state")]
    OtherRoot,
    /// A node is not reached through the VAT.
    #[error("an entry names an ICB outside the virtual partition")]
    OutsideVirtualPartition,
    /// A body is outside the partition in which data is recorded.
    #[error("a body is outside the write-once partition")]
    BodyOutsidePartition,
    /// The first entry of a directory is not that of its parent (`UDF 2.60 2.3.4`).
    #[error("a directory does not begin with the entry of its parent")]
    NoParentEntry,
    /// Parts of the VAT are not recorded.
    #[error("a virtual allocation table with holes")]
    VatWithHoles,
    /// The drive's next writable address is in no partition.
    #[error("the drive appends before the start of the partition")]
    AppendsBeforePartition,
    /// No session had an intact recognition sequence and anchor.
    #[error("a drive that ends a packet at the recognition sequence or anchor of each session")]
    BreaksSessionStarts,
}

impl From<Unsupported> for Error {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

/// Which attribute cannot be recorded, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeFault {
    /// The label of a volume.
    #[error("UDF cannot hold this label: it has room for 126 characters of Latin-1, or 63 of others")]
    Label(#[source] EncodeError),
    /// The device numbers of a special file.
    #[error("UDF cannot hold this device")]
    Device(#[source] TooLong),
    /// The target path of a symbolic link.
    #[error("UDF cannot hold this symbolic link target")]
    SymbolicLinkTarget(#[source] EncodeError),
}

/// Why a name cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// A name has at least one character.
    #[error("it is empty")]
    Empty,
    /// More than a file identifier can hold (`UDF 2.60 2.3.4.2`, `2.1.1`).
    #[error(
        "it needs {units} units, and a file identifier holds 254 of 8 bits or 127 of 16 bits (UDF 2.60 2.1.1)"
    )]
    TooLong {
        /// Characters of 8 bits, or units of 16 bits.
        units: usize,
    },
    /// `.` and `..` mean a directory itself and its parent.
    #[error("it means a directory itself, or its parent")]
    Reserved,
    /// `/` separates names and NUL ends them.
    #[error("it has a character that no name may have")]
    Character,
}
