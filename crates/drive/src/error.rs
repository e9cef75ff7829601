//! The errors of a drive, grouped by what the caller can do about them.

use std::io;

use mmc::{Lba, Sense};

use crate::disposition::{Disposition, SaysOfDisc};

/// Why a drive did not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriveError {
    /// A command failed with sense that has no variant of its own.
    #[error("{command} failed{}: {sense}", Location(*at))]
    Sense {
        /// The command's name in `MMC-6`.
        command: &'static str,
        /// The sense.
        sense: Sense,
        /// The first block of the command, if it has one.
        at: Option<Lba>,
    },
    /// The drive does not write at this address now (5/21/02); ask for its next writable address.
    #[error("{at} is not the next writable address")]
    NotNextWritable {
        /// The address of the write.
        at: Lba,
    },
    /// The drive continues before the end of the blocks that it has taken: it lost some, or its next writable
    /// address does not advance.
    #[error(
        "the drive took everything before {sent} but now reports {next} as its next writable address: it lost blocks, \
         or the address cannot be trusted"
    )]
    Lost {
        /// The block after the last one taken.
        sent: Lba,
        /// The next writable address that it reports.
        next: Lba,
    },
    /// At the last snapshot the drive reported less data than is recorded, so the data read may not be the
    /// last state of the disc.
    #[error(
        "the drive first reported {seen} as its next writable address and now {next}, \
         but {seen} is recorded: open the drive again"
    )]
    Overlooked {
        /// The next writable address that it reported first.
        seen: Lba,
        /// The one that it reports now.
        next: Lba,
    },
    /// A close succeeded, but the drive then reports another state of the disc.
    #[error("the drive reported success, but it did not {}: it now says that {says}", asked.words())]
    NotClosed {
        /// What was asked for.
        asked: Disposition,
        /// The state that the drive reports.
        says: SaysOfDisc,
    },
    /// The drive refuses to reserve a track. It does not know the command (5/20/00), takes no more
    /// reservations (5/72/05) or has no room (5/24/00). Nothing was recorded.
    #[error("the drive cannot reserve a track: {sense}")]
    NotReserved {
        /// The sense.
        sense: Sense,
    },
    /// RESERVE TRACK succeeded, but the drive does not report such a track.
    #[error(
        "the drive reported success, but no reserved track of {asked} blocks with another track after it"
    )]
    NoReservedTrack {
        /// Blocks requested.
        asked: u32,
    },
    /// Closing a track succeeded, but the drive reports that the track takes data.
    #[error("the drive reported success, but it says that track {number} is open")]
    TrackNotClosed {
        /// The track.
        number: u16,
    },
    /// The block cannot be read, because it is damaged, a link block, or unrecorded.
    #[error("{at} cannot be read: {sense}")]
    Unreadable {
        /// The first block of the command, or the one that the drive named.
        at: Lba,
        /// The sense.
        sense: Sense,
    },
    /// There was no medium in the drive when it was opened.
    #[error("no medium in the drive")]
    NoMedium,
    /// The medium was removed while the drive was open.
    #[error("the medium was removed")]
    MediumRemoved,
    /// The medium may have been replaced while the drive was open; open the drive again.
    #[error("the medium was changed")]
    MediumChanged,
    /// Recording is impossible.
    #[error("{0}")]
    ReadOnly(ReadOnly),
    /// The drive remained busy beyond the time limit.
    #[error("the drive did not become ready: {sense}")]
    NotReady {
        /// The last sense.
        sense: Sense,
    },
    /// The disc needs one more complete session before it can be finalized (CD-R, DVD-R).
    #[error("finalizing this disc requires one more complete session")]
    NeedsSession,
    /// An open session must be closed first.
    #[error("a session is still open")]
    SessionOpen,
    /// The drive or the medium cannot do this.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// The length of a request is not a positive multiple of 2048 bytes, or too long for one command.
    #[error("one request cannot move {bytes} bytes as whole blocks")]
    Length {
        /// The length in bytes.
        bytes: usize,
    },
    /// The drive returned a reply that is too short or contradicts itself.
    #[error("the reply to {command} is invalid")]
    Reply {
        /// The command's name in `MMC-6`.
        command: &'static str,
    },
    /// A command did not reach the drive, or its answer the host: the drive hangs, was reset or is gone.
    #[error("{command} failed{}: {source}", Location(*at))]
    Unanswered {
        /// The command's name in `MMC-6`.
        command: &'static str,
        /// The first block of the command, if it has one.
        at: Option<Lba>,
        /// The error of the host.
        source: io::Error,
    },
    /// The file or device for the drive cannot be accessed.
    #[error("the drive cannot be reached: {0}")]
    Transport(#[source] io::Error),
}

impl DriveError {
    /// Whether the host's file system with the image of the disc is full. The command has recorded nothing
    /// then, and can be repeated once there is room.
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

/// Why recording is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ReadOnly {
    /// An image without a side file, so nothing is known of the drive's state.
    #[error("a bare image is read-only, because its medium is unknown")]
    BareImage,
    /// The disc is shown as it was at an earlier time.
    #[error("an earlier state of the disc is shown, which can only be read")]
    EarlierState,
    /// The disc is finalized.
    #[error("the disc is finalized")]
    Finalized,
    /// The drive refuses writes (7/27).
    #[error("the medium is write protected")]
    WriteProtected,
    /// The drive does not record this kind of medium, or not now.
    #[error("the drive does not record this medium")]
    NotARecorder,
    /// No track reports a next writable address.
    #[error("the drive reports no next writable address")]
    NoNextWritableAddress,
    /// The track that takes data contains some, but its next writable address is its start.
    #[error("the drive reports the start of a track with data as its next writable address")]
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
