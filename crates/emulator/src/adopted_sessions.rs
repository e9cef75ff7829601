//! The sessions of an image without a side file.

use std::ops::Range;

/// The sessions of an image without a side file, as its contents tell them. The default is one open session.
///
/// What cannot be on a medium, such as sessions that overlap, counts as one open session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdoptedSessions {
    /// The blocks of each closed session, in ascending order.
    pub closed: Vec<Range<u32>>,
    /// The first block of the open session; `None` if the image ends with the last closed one.
    pub open: Option<u32>,
    /// The reserved track at the start of the open session.
    pub reserved: Option<AdoptedReservation>,
}

/// A reserved track, which the closing of its session fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdoptedReservation {
    /// Blocks that were asked for.
    pub blocks: u32,
    /// Blocks that are recorded, from its start on.
    pub recorded: u32,
}
