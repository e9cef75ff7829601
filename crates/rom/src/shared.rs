//! File entries that both volumes of a disc share.
//!
//! A file with one name, whose bytes are all in blocks of its own, is recorded once. Its entry has the form
//! of the plain volume and is outside the virtual partition, and the directories of both volumes name its
//! block.

use ecma167::general::TagVersion;
use ecma167::osta::Revision;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector};
use volume::{Node, NodeKind};

use crate::allocation::Allocation;
use crate::data::{Data, Run};
use crate::entry::{self, EntryBody};
use crate::error::Error;
use crate::options::{Bridge, Options, Scattered};

/// How the file entries of a plain volume are recorded.
#[derive(Clone, Copy, Debug)]
pub struct SharedEntries {
    bridge: Bridge,
    version: TagVersion,
    partition_start: LogicalSector,
}

impl SharedEntries {
    /// For a plain volume of a revision, with or without a bridge, whose partition starts at a sector.
    #[must_use]
    pub fn new(revision: Revision, bridge: Bridge, partition_start: LogicalSector) -> Self {
        Self {
            bridge,
            version: TagVersion::of(revision),
            partition_start,
        }
    }

    /// For a plain volume with these options.
    pub(crate) fn of(options: &Options) -> Self {
        Self::new(options.revision, options.bridge, options.partition_start)
    }

    /// Whether both volumes can share the entry of a node whose body has these runs: a file with one name,
    /// without extended attributes and streams, with no more extents than readers follow.
    #[must_use]
    pub fn can_have(&self, node: &Node, runs: &[Run]) -> bool {
        let entry = &node.entry;
        node.kind == NodeKind::File
            && entry.file_link_count == 1
            && entry.stream_directory_icb.length().bytes() == 0
            && entry.extended_attribute_icb.length().bytes() == 0
            && Data::of_runs(runs.to_vec(), self.bridge, Scattered::Copied).is_whole()
    }

    /// The block of such a node's entry, to be recorded at `at`.
    ///
    /// # Errors
    /// More extents than an entry can hold.
    pub fn encode(&self, node: &Node, runs: &[Run], at: LogicalBlock) -> Result<[u8; BLOCK_SIZE], Error> {
        let nowhere = LogicalSector(0);
        let data = Data::of_runs(runs.to_vec(), self.bridge, Scattered::Copied);
        let extents = data.extents(nowhere, nowhere);
        let body = EntryBody::Extents(Allocation {
            extents: &extents,
            partition_start: self.partition_start,
            // All descriptors fit the entry.
            continued_at: at,
        });
        entry::encode(node, &body, self.version, at)
    }
}
