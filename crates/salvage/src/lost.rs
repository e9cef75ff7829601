//! Nodes that no name leads to, and earlier versions of nodes.

use ecma167::{LogicalBlock, RecordedAddress};
use volume::{Error, Node, Volume};

use crate::index::Index;

/// A node that no name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostNode {
    /// The address by which a name would name it.
    pub address: RecordedAddress,
    /// Its block of the partition below; `None` if the address leads to it.
    pub(crate) block: Option<LogicalBlock>,
    /// Its first byte on the disc: that of its entry, or of its first name if the entry is lost.
    pub byte: u64,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Whether the newest VAT has it no more: it was deleted.
    pub is_deleted: bool,
    /// The name that an earlier version of a directory gives it.
    pub name: Option<String>,
}

/// An earlier version of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    pub(crate) address: RecordedAddress,
    /// The block of its entry in the partition below.
    pub block: LogicalBlock,
}

impl LostNode {
    /// The index of its entry.
    pub(crate) fn index_in(&self, index: &Index) -> Option<u32> {
        let unit = u32::try_from(self.byte / 512).ok()?;
        u32::try_from(index.node_at(unit)?).ok()
    }

    /// Reads it.
    ///
    /// # Errors
    /// As [`Volume::node`].
    pub fn node(&self, volume: &mut Volume) -> Result<Node, Error> {
        match self.block {
            Some(block) => volume.node_at(self.address, block),
            None => volume.node(self.address),
        }
    }
}

impl Version {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Volume::node_at`].
    pub fn node(&self, volume: &mut Volume) -> Result<Node, Error> {
        volume.node_at(self.address, self.block)
    }
}
