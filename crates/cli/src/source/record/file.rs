//! A file while its data arrive.

use oncefs::nodes::{Attributes, NodeId};

use crate::source::batch::Destination;
use crate::source::status::Key;

/// Blocks kept free while a file is recorded, so that it can be removed again.
pub(super) const TAKE_BACK_BLOCKS: u64 = 16;

/// What is known of a file before its data arrive.
pub(super) struct Announced {
    pub number: u64,
    pub place: Destination,
    pub attributes: Attributes,
    /// Size in bytes, if known.
    pub size: Option<u64>,
    /// Bytes outside holes.
    pub data: u64,
    pub key: Option<Key>,
}

/// The file whose data arrive.
pub(super) struct File {
    pub announced: Announced,
    pub node: NodeId,
    /// Its temporary name, if another file has its name.
    pub beside: Option<String>,
    /// The byte after the last one received.
    pub end: u64,
    /// Bytes received.
    pub bytes: u64,
}

impl File {
    /// Where it goes.
    pub fn place(&self) -> &Destination {
        &self.announced.place
    }
}
