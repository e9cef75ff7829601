//! A file while its data come.

use recording::{Attributes, NodeId};

use crate::source::batch::Destination;
use crate::source::status::Key;

/// Blocks that are kept free beside a file that is recorded, so that it can be taken back.
pub(super) const TAKE_BACK_BLOCKS: u64 = 16;

/// What is known of a file before its data come.
pub(super) struct Announced {
    pub number: u64,
    pub place: Destination,
    pub attributes: Attributes,
    /// Bytes, as far as that is known.
    pub size: Option<u64>,
    /// Bytes that are no hole.
    pub data: u64,
    pub key: Option<Key>,
}

/// The file that data come for.
pub(super) struct File {
    pub announced: Announced,
    pub node: NodeId,
    /// The name that it has until it is whole, where another file has its own.
    pub beside: Option<String>,
    /// The byte after the last one received.
    pub end: u64,
    /// Bytes that came.
    pub bytes: u64,
}

impl File {
    /// Where it is put.
    pub fn place(&self) -> &Destination {
        &self.announced.place
    }
}
