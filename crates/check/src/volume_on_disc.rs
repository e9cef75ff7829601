//! A volume of a disc, and what leads to it.

use ecma167::LogicalSector;
use ecma167::recognition::Nsr;

/// Where in its session an anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// S+256.
    Start,
    /// S+512, for a reserved track.
    Reserved,
    /// N-256.
    BeforeEnd,
    /// N.
    End,
}

/// Which of the volumes of a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Its only one.
    Only,
    /// The one with the VAT, where there is a plain one too.
    Vat,
    /// The plain one of a session.
    Plain,
}

/// Where an anchor may be: its session, by its place among the sessions with data, and where in it.
pub(crate) type AnchorPlace = (usize, LogicalSector, Position);

/// A volume, and what leads to it.
#[derive(Clone, Debug)]
pub(crate) struct VolumeOnDisc {
    pub which: Which,
    /// The session of a plain volume.
    pub session: usize,
    /// The edition that its revision has.
    pub edition: Option<Nsr>,
    pub places: Vec<AnchorPlace>,
    /// Where its reserve sequence begins.
    pub reserve: Option<LogicalSector>,
}

/// A closing with a plain volume that was interrupted after its structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InterruptedClosing {
    pub reserve: LogicalSector,
}
