//! The form in which a volume records, as its descriptors state it.

use ecma167::general::TagVersion;
use ecma167::osta::Revision;
use ecma167::{LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress};

use rom::SharedEntries;

use crate::error::{Error, Unsupported};

/// The form of what is recorded, and where its partition is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Revision of the volume.
    pub revision: Revision,
    /// Version in descriptor tags.
    pub version: TagVersion,
    /// Serial number in descriptor tags: 0, except on volumes of other programs.
    pub serial: u16,
    /// The partition reference of the write-once partition.
    pub physical: PartitionReference,
    /// The partition reference of the virtual partition over it.
    pub virtual_partition: PartitionReference,
    /// The first sector of the write-once partition.
    pub partition_start: LogicalSector,
    /// How new files are recorded so that the plain volume of the disc shares their entries; `None` on a disc
    /// without one.
    pub shared: Option<SharedEntries>,
}

impl Form {
    /// Whether nodes are extended file entries, with creation time (UDF 2.00 and later).
    pub fn extended(&self) -> bool {
        self.revision >= Revision::V2_00
    }

    /// The recorded address of a node.
    pub fn address_of(&self, node: VirtualAddress) -> RecordedAddress {
        RecordedAddress {
            partition: self.virtual_partition,
            block: node.0,
        }
    }

    /// The recorded address of a block of the write-once partition.
    pub fn address_outside(&self, block: LogicalBlock) -> RecordedAddress {
        RecordedAddress {
            partition: self.physical,
            block: block.0,
        }
    }

    /// The sector of a logical block of the write-once partition.
    pub fn sector(&self, block: LogicalBlock) -> LogicalSector {
        LogicalSector(self.partition_start.0.saturating_add(block.0))
    }

    /// The logical block of the write-once partition at a logical sector.
    pub fn logical_block(&self, at: LogicalSector) -> Result<LogicalBlock, Error> {
        let block = at.0.checked_sub(self.partition_start.0);
        block
            .map(LogicalBlock)
            .ok_or(Error::Unsupported(Unsupported::AppendsBeforePartition))
    }
}
