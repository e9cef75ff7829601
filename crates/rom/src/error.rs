//! Why a plain volume cannot be built.

use ecma167::LogicalSector;
use ecma167::TooLong;
use ecma167::osta::cs0::EncodeError;
use iso9660::TooLarge;
use iso9660::names::FinderError;

/// Why a plain volume cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The volume cannot be read.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// A directory is in two directories, but can name only one as its parent.
    #[error("{path}: the directory has another name elsewhere")]
    DirectoryTwice {
        /// One of its names, with the path above it.
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
    /// A structure of ISO 9660 exceeds its numeric fields.
    #[error("a structure of ISO 9660 is too large")]
    TooLarge(#[from] TooLarge),
    /// Names that ISO 9660 cannot distinguish.
    #[error("ISO 9660 cannot distinguish the names of a directory")]
    Names(#[from] FinderError),
    /// The volume changed between two passes.
    #[error("the volume changed while it was read")]
    Changed,
    /// The drive continues elsewhere than the fixed place of these blocks.
    #[error("the drive continues at block {at} instead of block {wanted}")]
    Moved {
        /// Where the drive continues.
        at: LogicalSector,
        /// Where the block belongs.
        wanted: LogicalSector,
    },
}
