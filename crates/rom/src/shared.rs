//! File entries that both volumes of a disc have.
//!
//! A file of one name, all of whose bytes are in blocks of its own, is recorded once: its entry has the form of the plain volume
//! and is outside the virtual partition, and the directories of both volumes name its block.

use ecma167::general::TagVersion;
use ecma167::osta::Revision;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector};
use volume::{Node, NodeKind};

use crate::allocation::Allocation;
use crate::data::{Data, Run};
use crate::entry::{self, EntryBody};
use crate::error::Error;
use crate::options::{Bridge, Options, Scattered};

/// How file entries of a plain volume are recorded.
#[derive(Clone, Copy, Debug)]
pub struct SharedEntries {
    bridge: Bridge,
    version: TagVersion,
    partition_start: LogicalSector,
}

impl SharedEntries {
    /// Of a plain volume of that revision, with or without a bridge, whose partition starts there.
    #[must_use]
    pub fn new(revision: Revision, bridge: Bridge, partition_start: LogicalSector) -> Self {
        Self {
            bridge,
            version: TagVersion::of(revision),
            partition_start,
        }
    }

    /// Of a plain volume with these options.
    pub(crate) fn of(options: &Options) -> Self {
        Self::new(options.revision, options.bridge, options.partition_start)
    }

    /// Whether both volumes can have one entry for a node whose body is in these runs: a file of one name, without extended
    /// attributes and streams, in no more extents than readers follow.
    #[must_use]
    pub fn can_have(&self, node: &Node, runs: &[Run]) -> bool {
        let entry = &node.entry;
        node.kind == NodeKind::File
            && entry.file_link_count == 1
            && entry.stream_directory_icb.length().bytes() == 0
            && entry.extended_attribute_icb.length().bytes() == 0
            && Data::of_runs(runs.to_vec(), self.bridge, Scattered::Copied).is_whole()
    }

    /// The block of the entry of such a node, for the place `at`.
    ///
    /// # Errors
    /// More extents than an entry holds.
    pub fn encode(&self, node: &Node, runs: &[Run], at: LogicalBlock) -> Result<[u8; BLOCK_SIZE], Error> {
        let nowhere = LogicalSector(0);
        let data = Data::of_runs(runs.to_vec(), self.bridge, Scattered::Copied);
        let extents = data.extents(nowhere, nowhere);
        let body = EntryBody::Extents(Allocation {
            extents: &extents,
            partition_start: self.partition_start,
            // They all fit.
            continued_at: at,
        });
        entry::encode(node, &body, self.version, at)
    }
}
