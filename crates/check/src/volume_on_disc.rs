//! A volume on a disc, and the structures that lead to it.

use ecma167::LogicalSector;
use ecma167::recognition::Nsr;

/// The position of an anchor in its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// S+256.
    Start,
    /// S+512, after a reserved track.
    Reserved,
    /// N-256.
    BeforeEnd,
    /// N.
    End,
}

/// One of the volumes on a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The only one.
    Only,
    /// The one with the VAT, next to a plain one.
    Vat,
    /// The plain one of a session.
    Plain,
}

/// A place where an anchor may be: the index of its session among those with data, its sector, and its
/// position.
pub(crate) type AnchorPlace = (usize, LogicalSector, Position);

/// A volume, and the structures that lead to it.
#[derive(Clone, Debug)]
pub(crate) struct VolumeOnDisc {
    pub which: Which,
    /// The session of a plain volume.
    pub session: usize,
    /// The edition that its revision requires.
    pub edition: Option<Nsr>,
    pub places: Vec<AnchorPlace>,
    /// The first sector of its reserve sequence.
    pub reserve: Option<LogicalSector>,
}

/// A closing with a plain volume that was interrupted after its structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InterruptedClosing {
    pub reserve: LogicalSector,
}
