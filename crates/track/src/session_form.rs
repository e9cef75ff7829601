//! Where the structures at the start of a session are.

use ecma167::volume::{ANCHOR_SECTOR, MINIMUM_SEQUENCE_SECTORS};

/// Offset in blocks of the main sequence in an ordinary session; the reserve sequence follows.
pub const MAIN_SEQUENCE: u32 = 32;

/// Offset in blocks of the anchor if a track is reserved before it (`UDF 2.60 2.2.3`, `6.10.1.2`).
const RESERVED_TRACK_ANCHOR: u32 = 512;

/// Offset in blocks of the main sequence of a plain volume, if its session begins with the recognition
/// sequence: the blocks before it do not depend on a state of the disc, and a drive may leave some there when
/// it ends a run of writes.
pub const LATE_MAIN_SEQUENCE: u32 = 128;

/// Blocks of a reserved track up to the end of the recognition sequence: whole units of DVD and BD.
pub(crate) const RECOGNITION_BLOCKS: u32 = 32;

/// The contents of the reserved track at the start of a session while the session is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReservedStart {
    /// Nothing.
    #[default]
    Blank,
    /// The recognition sequence, so that readers look for an anchor.
    Recognition,
}

impl ReservedStart {
    /// The first block of the track that belongs to the closing of the session.
    #[must_use]
    pub const fn first_of_closing(self) -> u32 {
        match self {
            Self::Blank => 0,
            Self::Recognition => LATE_MAIN_SEQUENCE,
        }
    }
}

/// How a session starts. Its first block is S.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionForm {
    /// The recognition sequence is at S+16, the main sequence at S+32, the anchor at S+256.
    #[default]
    Ordinary,
    /// A reserved track comes first and is recorded when the session is closed. The track after it has the
    /// anchor at S+512, followed by the sequences.
    AfterReservedTrack,
}

impl SessionForm {
    /// Blocks from S to the anchor.
    #[must_use]
    pub const fn anchor(self) -> u32 {
        match self {
            Self::Ordinary => ANCHOR_SECTOR,
            Self::AfterReservedTrack => RESERVED_TRACK_ANCHOR,
        }
    }

    /// Blocks from S to the main sequence, which is followed by the reserve sequence.
    #[must_use]
    pub const fn main_sequence(self) -> u32 {
        match self {
            Self::Ordinary => MAIN_SEQUENCE,
            Self::AfterReservedTrack => RESERVED_TRACK_ANCHOR + 1,
        }
    }

    /// Blocks from S to the end of the structures at the start of the session.
    #[must_use]
    pub const fn start_blocks(self) -> u32 {
        match self {
            Self::Ordinary => ANCHOR_SECTOR + 1,
            Self::AfterReservedTrack => RESERVED_TRACK_ANCHOR + 1 + 2 * MINIMUM_SEQUENCE_SECTORS,
        }
    }
}
