//! Nodes that a generation removed or recorded again in another block.

use std::ops::Range;

use ecma167::{LogicalBlock, RecordedAddress};

use super::comparison::Comparison;
use super::tree::When;
use crate::error::Error;
use crate::node::NodeKind;
use crate::structures::damaged;
use crate::uses::BlockUse;

/// A node as the generation before had it. A later one may have parts of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The address by which directories name it. A node keeps its virtual address as long as it lives.
    pub address: RecordedAddress,
    /// What it was.
    pub kind: NodeKind,
    /// The path that it had, if the step went past it: of a file that is recorded again under the same name
    /// it is unknown.
    pub path: Option<String>,
    /// The blocks of the medium with its entry and its body.
    pub blocks: Vec<(BlockUse, Range<u32>)>,
}

impl Comparison<'_> {
    /// Passes to `hear` the nodes that the last step retired: their VAT entry changed or was freed, or,
    /// outside the virtual partition, their name was removed. Such a node may still have another name.
    /// Streams are left out. Returns how many cannot be read.
    ///
    /// Only [`Comparison::advance`] knows the names of removed nodes.
    ///
    /// # Errors
    /// Errors of the drive. Damage is counted.
    pub fn retired(&mut self, hear: &mut dyn FnMut(&Retired)) -> Result<u64, Error> {
        let mut missed = 0;
        let partition = self.state.volume.virtual_partition();
        if let Some(partition) = partition {
            for block in self.state.table.changed() {
                let Some(before) = self.state.table.before(block) else {
                    continue;
                };
                let address = RecordedAddress { partition, block };
                let path = self.path_before(address);
                missed += self.retire(address, Some(LogicalBlock(before)), path, hear)?;
            }
        }
        let mut outside: Vec<(RecordedAddress, String)> = self.state.went.drain().collect();
        outside.retain(|(address, _)| Some(address.partition) != partition);
        outside.sort_unstable_by_key(|(address, _)| (address.partition.0, address.block));
        for (address, path) in outside {
            missed += self.retire(address, None, Some(path), hear)?;
        }
        Ok(missed)
    }

    fn path_before(&self, address: RecordedAddress) -> Option<String> {
        if let Some(path) = self.state.went.get(&address) {
            return Some(path.clone());
        }
        let directory = self.state.tree.at(address)?;
        // A directory that moved in the step is the same one.
        let path = self.state.tree.path(directory, When::Now);
        Some(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// Passes one node; returns 1 if it cannot be read.
    fn retire(
        &mut self,
        address: RecordedAddress,
        block: Option<LogicalBlock>,
        path: Option<String>,
        hear: &mut dyn FnMut(&Retired),
    ) -> Result<u64, Error> {
        let volume = &mut *self.state.volume;
        let node = match block {
            Some(block) => volume.node_at(address, block),
            None => volume.node(address),
        };
        let Some(node) = damaged(node)? else {
            return Ok(1);
        };
        let sector = match block {
            Some(block) => {
                let ground = volume.space.maps().ground();
                ground.and_then(|ground| ground.partition.sector(block).ok())
            }
            None => damaged(volume.resolve(address))?,
        };
        let mut blocks = Vec::new();
        if let Some(sector) = sector {
            blocks.push((BlockUse::Entry, volume.blocks_at(sector, 1)));
        }
        let found = volume.space.body_with_continuations(&node.entry, address);
        let Some((body, continuations)) = damaged(found)? else {
            return Ok(1);
        };
        for address in continuations {
            if let Some(sector) = damaged(volume.resolve(address))? {
                blocks.push((BlockUse::Continuation, volume.blocks_at(sector, 1)));
            }
        }
        let what = match node.kind {
            NodeKind::Directory => BlockUse::Directory,
            _ => BlockUse::Data,
        };
        blocks.extend(volume.blocks_of_body(&body)?.into_iter().map(|run| (what, run)));
        hear(&Retired {
            address,
            kind: node.kind,
            path,
            blocks,
        });
        Ok(0)
    }
}
