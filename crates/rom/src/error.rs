//! Why a plain volume cannot be made.

use ecma167::LogicalSector;
use ecma167::TooLong;
use ecma167::osta::cs0::EncodeError;
use iso9660::TooLarge;
use iso9660::names::FinderError;

/// A plain volume cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The volume cannot be read.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// A directory is in two directories: only its first name could have a parent.
    #[error("{path}: the directory has another name elsewhere")]
    DirectoryTwice {
        /// One of its names, with those of the directories above it.
        path: String,
    },
    /// More blocks than the disc has.
    #[error("the plain volume would take more blocks than the disc has")]
    TooManyBlocks,
    /// A name that cannot be recorded.
    #[error("{name}: the name cannot be recorded")]
    Name {
        /// The name.
        name: String,
        /// Why.
        #[source]
        source: EncodeError,
    },
    /// A structure is longer than its field or block.
    #[error("a structure of the plain volume is too long")]
    TooLong(#[from] TooLong),
    /// A structure of ISO 9660 is longer than its numbers say.
    #[error("a structure of ISO 9660 is too large")]
    TooLarge(#[from] TooLarge),
    /// Names that cannot be told apart.
    #[error("names of a directory cannot be told apart in ISO 9660")]
    Names(#[from] FinderError),
    /// The volume changed between two walks.
    #[error("the volume changed while it was read")]
    Changed,
    /// The drive goes on elsewhere than where these blocks belong.
    #[error("the drive goes on at block {at}, and block {wanted} was to follow")]
    Moved {
        /// Where the drive goes on.
        at: LogicalSector,
        /// Where the block belongs.
        wanted: LogicalSector,
    },
}
