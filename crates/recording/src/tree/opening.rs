//! Open nodes: such a node leaves the volume with its last name, and its body stays in memory until nobody
//! has it open.

use ecma167::VirtualAddress;
use ecma167::osta::unique_id;

use super::outside::is_outside;
use super::overlay::Overlay;
use super::{NodeId, Piece, Tree};
use crate::error::Error;

impl Tree {
    /// Opens a node once more.
    pub fn open_node(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        if self.load(disc, node.0)?.is_directory() {
            return Err(Error::IsADirectory);
        }
        self.open.open(node.0);
        Ok(())
    }

    /// Closes a node once.
    pub fn close_node(&mut self, disc: &mut Overlay<'_>, node: NodeId) {
        let is_last = self.open.close(node.0);
        if is_last && self.cache.get(node.0).is_some_and(|node| node.unnamed) {
            self.drop_node(disc, node.0);
        }
    }

    /// Removes a node without a name from the volume, and from memory unless it is open.
    pub(super) fn forget(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        self.changed = true;
        if let Some(node) = self.cache.get(address) {
            self.plain_extra.forget(node);
            self.outside.forget(unique_id::low_half(node.entry.unique_id));
        }
        if self.open.contains(address) {
            self.load(disc, address)?;
            disc.track.remove(|piece| match piece {
                Piece::AllocationExtent { node, .. } | Piece::Node(node) => *node == address,
                _ => false,
            });
            self.change(address, |node| {
                node.unnamed = true;
                node.dirty = false;
                node.entry.file_link_count = 0;
            })?;
        } else {
            self.drop_node(disc, address);
        }
        if !is_outside(address) {
            return self.vat.free(disc, address);
        }
        match self.outside.free(address) {
            Some(entry) => self.vat.free(disc, entry),
            None => Ok(()),
        }
    }

    /// Removes a node from memory, and its pieces from the queue.
    fn drop_node(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) {
        disc.track.remove(|piece| piece.node() == Some(address));
        self.cache.evict(address);
    }
}
