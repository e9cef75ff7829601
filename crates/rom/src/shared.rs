//! File entries that both volumes of a disc share.
//!
//! A file with one name, whose bytes are all in blocks of its own, is recorded once. Its entry has the form
//! of the plain volume and is outside the virtual partition, and the directories of both volumes name its
//! block.

use ecma167::osta::Revision;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector};
use volume::{Node, NodeKind, Scattered};

use crate::allocation::Allocation;
use crate::data::{Data, Runs};
use crate::entry::{self, EntryBody};
use crate::error::Error;
use crate::options::{Bridge, Copying, Options};
use crate::tags::Tags;

/// How the file entries of a plain volume are recorded.
#[derive(Clone, Copy, Debug)]
pub struct SharedEntries {
    bridge: Bridge,
    tags: Tags,
    partition_start: LogicalSector,
}

impl SharedEntries {
    /// For a plain volume of a revision, with or without a bridge, whose partition starts at a sector and
    /// whose tags have a serial number.
    #[must_use]
    pub fn new(
        revision: Revision,
        bridge: Bridge,
        partition_start: LogicalSector,
        serial_number: u16,
    ) -> Self {
        Self {
            bridge,
            tags: Tags::new(revision, serial_number),
            partition_start,
        }
    }

    /// For a plain volume with these options.
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            bridge: options.bridge,
            tags: options.tags(),
            partition_start: options.partition_start,
        }
    }

    /// A file with a hole has an entry of its own, whatever the medium.
    fn copying(&self) -> Copying {
        Copying {
            bridge: self.bridge,
            capacity: 0,
        }
    }

    /// The block of a node's entry, to be recorded at `at`, if both volumes can share it; `runs` is the body
    /// of the node. They share the entry of a file with one name, without extended attributes and streams,
    /// whose bytes are all in blocks of its own, with no more extents than readers follow.
    ///
    /// # Errors
    /// The entry does not fit a block.
    pub fn encode(
        &self,
        node: &Node,
        runs: Runs,
        at: LogicalBlock,
    ) -> Result<Option<[u8; BLOCK_SIZE]>, Error> {
        let entry = &node.entry;
        let is_alone = node.kind == NodeKind::File
            && entry.file_link_count == 1
            && entry.stream_directory_icb.length().bytes() == 0
            && entry.extended_attribute_icb.length().bytes() == 0;
        if !is_alone {
            return Ok(None);
        }
        let data = Data::of_runs(runs, self.copying(), Scattered::Copied);
        if !data.is_whole() {
            return Ok(None);
        }
        let nowhere = LogicalSector(0);
        let extents = data.extents(nowhere, nowhere);
        let body = EntryBody::Extents(Allocation {
            extents: &extents,
            partition_start: self.partition_start,
            // All descriptors fit the entry.
            continued_at: at,
        });
        entry::encode(node, &body, self.tags, at).map(Some)
    }
}
