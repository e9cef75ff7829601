//! Nodes that somebody has open: with its last name such a node leaves the volume, and its body stays here until nobody has it.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

use crate::{Recording, error::Error, queue::Item, tree::NodeId};

/// How often each node is held.
#[derive(Debug, Default)]
pub(crate) struct Held(HashMap<VirtualAddress, u64>);

impl Held {
    fn contains(&self, address: VirtualAddress) -> bool {
        self.0.contains_key(&address)
    }
}

impl Recording {
    /// Holds a node that is not a directory: it can be read and written, also when its last name is removed, until it is let go as
    /// often as it was held. A node without a name is in no commit.
    ///
    /// # Errors
    /// [`Error::IsADirectory`], or as [`Recording::status`].
    pub fn hold(&mut self, node: NodeId) -> Result<(), Error> {
        if self.load(node.0)?.is_directory() {
            return Err(Error::IsADirectory);
        }
        *self.held.0.entry(node.0).or_default() += 1;
        Ok(())
    }

    /// Lets a node go that was held.
    pub fn let_go_of(&mut self, node: NodeId) {
        let Some(count) = self.held.0.get_mut(&node.0) else {
            return;
        };
        *count -= 1;
        if *count > 0 {
            return;
        }
        self.held.0.remove(&node.0);
        if self.nodes.get(&node.0).is_some_and(|node| node.unnamed) {
            self.drop_queued(node.0);
            self.let_go(node.0);
        }
    }

    /// Removes a node that has no name left from the volume, and from memory unless it is held.
    pub(crate) fn forget(&mut self, address: VirtualAddress) -> Result<(), Error> {
        self.changed = true;
        if self.held.contains(address) {
            self.load(address)?;
            self.disc.queue.remove(|item| match item {
                Item::AllocationExtent { node, .. } | Item::Node(node) => *node == address,
                _ => false,
            });
            let before = self.settle_before(address);
            if let Some(node) = self.nodes.get_mut(&address) {
                node.unnamed = true;
                node.dirty = false;
                node.entry.file_link_count = 0;
            }
            self.settle_after(address, before);
        } else {
            self.drop_queued(address);
            self.let_go(address);
        }
        self.vat.free(&mut self.disc, address)
    }
}
