//! Reads entries: the ICBs of nodes and of stream directories.

use ecma167::file::{FileEntry, FileType};
use ecma167::{LogicalBlock, MalformedKind, RecordedAddress};

use super::versions::STRATEGY_4096;
use crate::error::{CorruptKind, Error, Unsupported};
use crate::node::{Node, NodeKind};
use crate::space::Space;

/// The only ICB strategy of write-once volumes with a VAT (`ECMA-167 4/A.5`).
const STRATEGY_4: u16 = 4;

impl Space {
    /// The node with its ICB at an address.
    pub(crate) fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        let entry = self.newest_entry(address)?;
        Node::of(address, entry)
    }

    /// The stream directory with its ICB at an address, as a directory node (`ECMA-167 4/9.2`).
    pub(crate) fn stream_directory(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        let entry = self.newest_entry(address)?;
        match entry.icb_tag.file_type {
            FileType::STREAM_DIRECTORY => Ok(Node {
                address,
                kind: NodeKind::Directory,
                entry,
            }),
            _ => Err(Error::corrupt(CorruptKind::NotAStreamDirectory, address)),
        }
    }

    pub(crate) fn newest_entry(&mut self, address: RecordedAddress) -> Result<FileEntry, Error> {
        let first = self.entry(address)?;
        let entry = self.newest_version(first, address)?;
        match entry.icb_tag.strategy_type.get() {
            STRATEGY_4 | STRATEGY_4096 => Ok(entry),
            other => Err(Unsupported::Strategy(other).into()),
        }
    }

    /// The entry at an address.
    pub(crate) fn entry(&mut self, address: RecordedAddress) -> Result<FileEntry, Error> {
        self.in_either_copy(address, |space| {
            let sector = space.resolve(address)?;
            let block = space
                .maps()
                .get(address.partition)
                .and_then(|map| map.partition()?.block(sector));
            decode(space.sector(sector)?, address, block)
        })
    }

    /// The node in a block of the partition below the virtual one, read as that of `address` although the VAT
    /// does not say so.
    pub(crate) fn node_at(
        &mut self,
        address: RecordedAddress,
        physical: LogicalBlock,
    ) -> Result<Node, Error> {
        let Some(ground) = self.maps().ground() else {
            return Err(Error::corrupt(
                CorruptKind::PartitionReference(address.partition.0),
                address,
            ));
        };
        let sector = ground.partition.sector(physical)?;
        let entry = decode(self.sector(sector)?, address, Some(physical))?;
        match entry.icb_tag.strategy_type.get() {
            STRATEGY_4 => Node::of(address, entry),
            other => Err(Unsupported::Strategy(other).into()),
        }
    }
}

/// Decodes an entry. One reached through the VAT should contain its virtual address (`UDF 2.60 2.2.1.3`), but
/// some writers record the logical block.
fn decode(
    block: &[u8],
    address: RecordedAddress,
    physical: Option<LogicalBlock>,
) -> Result<FileEntry, Error> {
    let decoded = match FileEntry::decode(block, Some(address.block)) {
        Err(fault) if matches!(fault.kind, MalformedKind::TagLocation { .. }) => match physical {
            Some(physical) => FileEntry::decode(block, Some(physical.0)).map_err(|_| fault),
            None => Err(fault),
        },
        other => other,
    };
    decoded.map_err(|fault| Error::corrupt(fault, address))
}
