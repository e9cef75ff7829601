//! What can go wrong with a drive, by what its caller can do about it.

use std::io;

use mmc::{Lba, Sense};

use crate::disposition::{Disposition, SaysOfDisc};

/// A drive did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The drive answered a command with sense that has no variant of its own.
    #[error("{command} failed{}: {sense}", Location(*at))]
    Sense {
        /// The command's name in `MMC-6`.
        command: &'static str,
        /// What the drive said.
        sense: Sense,
        /// The first block of the command, where it has one.
        at: Option<Lba>,
    },
    /// The drive does not write here now; it has to be asked for its next writable address (5/21/02).
    #[error("{at} is not the next writable address")]
    NotNextWritable {
        /// Where the write was to go.
        at: Lba,
    },
    /// The drive goes on before the end of what it has taken: it lost that, or its next writable address does not follow.
    #[error(
        "the drive took everything before {sent} and says now that its next writable address is {next}: it lost blocks, or tells no \
         address that can be relied on"
    )]
    Lost {
        /// The block behind the last one that it took.
        sent: Lba,
        /// The next writable address that it reports.
        next: Lba,
    },
    /// When the medium was looked at the drive told of less than is recorded: what was read may not be the
    /// last state of the disc.
    #[error(
        "the drive said at first that its next writable address is {seen} and says now that it is {next}, \
         and {seen} is recorded: it has to be opened anew"
    )]
    Overlooked {
        /// The next writable address that it reported first.
        seen: Lba,
        /// The one that it reports now.
        next: Lba,
    },
    /// A close succeeded, and the drive says something else of the disc afterwards.
    #[error("the drive reported success, but it did not {}: it says now that {says}", asked.words())]
    NotClosed {
        /// What was asked for.
        asked: Disposition,
        /// What the drive says of the disc.
        says: SaysOfDisc,
    },
    /// The drive refuses to reserve a track: it does not know the command (5/20/00), takes no more reservations (5/72/05) or has no
    /// room (5/24/00). Nothing was recorded.
    #[error("the drive reserves no track: {sense}")]
    NotReserved {
        /// What the drive said.
        sense: Sense,
    },
    /// RESERVE TRACK succeeded, and the drive does not tell of such a track.
    #[error(
        "the drive reported success, but it tells of no reserved track of {asked} blocks and one after it"
    )]
    NoReservedTrack {
        /// Blocks that were asked for.
        asked: u32,
    },
    /// Closing a track succeeded, and the drive says that it takes data.
    #[error("the drive reported success, but it says that track {number} is open")]
    TrackNotClosed {
        /// The track.
        number: u16,
    },
    /// The block cannot be read: damaged, a link block, or never recorded.
    #[error("{at} cannot be read: {sense}")]
    Unreadable {
        /// The first block of the command, or the one that the drive named.
        at: Lba,
        /// What the drive said.
        sense: Sense,
    },
    /// No medium was in the drive when it was opened.
    #[error("no medium in the drive")]
    NoMedium,
    /// The medium was taken out while the drive was open.
    #[error("the medium was removed")]
    MediumRemoved,
    /// The medium may have been replaced while the drive was open; the drive has to be opened anew.
    #[error("the medium was changed")]
    MediumChanged,
    /// Nothing can be recorded here.
    #[error("{0}")]
    ReadOnly(ReadOnly),
    /// The drive stayed busy for as long as it may.
    #[error("the drive did not become ready: {sense}")]
    NotReady {
        /// What the drive said last.
        sense: Sense,
    },
    /// The disc has to end in one more complete session before it can be finalized (CD-R, DVD-R).
    #[error("finalizing this disc takes one more complete session")]
    NeedsSession,
    /// A session is open that has to be closed first.
    #[error("a session is still open")]
    SessionOpen,
    /// The drive or the medium cannot do this.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// A request with a length that is no positive multiple of 2048 bytes, or longer than one command takes.
    #[error("{bytes} bytes cannot be moved in whole blocks by one request")]
    Length {
        /// The length asked for.
        bytes: usize,
    },
    /// The drive sent a reply that is too short or contradicts itself.
    #[error("the reply to {command} makes no sense")]
    Reply {
        /// The command's name in `MMC-6`.
        command: &'static str,
    },
    /// A command did not reach the drive, or its answer did not come back: a drive that hangs, was reset or is gone.
    #[error("{command} failed{}: {source}", Location(*at))]
    Unanswered {
        /// The command's name in `MMC-6`.
        command: &'static str,
        /// The first block of the command, where it has one.
        at: Option<Lba>,
        /// What the host says.
        source: io::Error,
    },
    /// What stands for the drive cannot be reached.
    #[error("the drive cannot be reached: {0}")]
    Transport(#[source] io::Error),
}

impl DriveError {
    /// Whether the file system of the host that holds the image of the disc is full. Nothing of the command was recorded then,
    /// and once there is room it can be sent again.
    #[must_use]
    pub fn is_host_full(&self) -> bool {
        let (Self::Unanswered { source, .. } | Self::Transport(source)) = self else {
            return false;
        };
        matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    }
}

/// Why nothing can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReadOnly {
    /// An image without a side file: what a drive would know of it is not known.
    #[error("a bare image is read-only, since nothing says which medium it stands for")]
    BareImage,
    /// The disc is finalized.
    #[error("the disc is finalized")]
    Finalized,
    /// The drive refuses writes (7/27).
    #[error("the medium is write protected")]
    WriteProtected,
    /// The drive does not record: not this kind of medium, or not now.
    #[error("the drive does not record this medium")]
    NotARecorder,
    /// No track reports a next writable address.
    #[error("the drive reports no next writable address")]
    NoNextWritableAddress,
    /// The track that takes data holds some already, and its next writable address is its start.
    #[error("the drive says that it writes next at the start of a track that holds data already")]
    NextWritableAddressStays,
}

struct Location(Option<Lba>);

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(at) => write!(f, " at {at}"),
            None => Ok(()),
        }
    }
}
