//! Changes to names: what each does to directories, nodes, counts and links. The caller makes room first.

use ecma167::VirtualAddress;
use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};
use ecma167::osta::unique_id;
use volume::NodeKind;

use super::directory::named_entry;
use super::node::{CachedNode, NewNode};
use super::outside::NamedIn;
use super::overlay::Overlay;
use super::{NodeId, Tree, require_name};
use crate::attributes::{Attributes, Changes};
use crate::error::Error;

/// What a rename will do, found out before room is made for it.
pub(crate) struct Rename {
    node: NodeId,
    directory: bool,
    existing: Option<NodeId>,
}

impl Tree {
    /// Fails if a new node cannot have a name.
    pub fn require_free_name(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<(), Error> {
        require_name(name)?;
        match self.lookup(disc, parent, name)? {
            Some(_) => Err(Error::Exists),
            None => Ok(()),
        }
    }

    /// The most other entries of a directory that change if one is added under a name. Fails if they cannot.
    pub fn changed_by_adding(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<usize, Error> {
        self.in_directory(disc, parent.0, |directory| directory.recorded_before_adding(name))
    }

    /// The most other entries of a directory that change if the one that shows a name is removed.
    pub fn changed_by_removing(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<usize, Error> {
        self.in_directory(disc, parent.0, |directory| {
            directory.recorded_after_removing(name)
        })
    }

    /// Creates a node under a free name.
    pub fn create(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        new: NewNode<'_>,
        attributes: &Attributes,
    ) -> Result<NodeId, Error> {
        let directory = new.kind == NodeKind::Directory;
        if directory {
            self.require_link(disc, parent)?;
        }
        let unique_id = self.numbers.next_unique_id();
        let mut node = CachedNode::new(new, attributes, self.form, unique_id)?;
        self.atomically(|tree| {
            let address = tree.address_for(disc, parent, &mut node)?;
            tree.adopt(address, node);
            if directory {
                tree.count_link(disc, parent.0, 1)?;
                tree.numbers.add_directory();
                let parent = tree.parent_entry(disc, parent)?;
                tree.lay_out_directory(disc, address, |directory| directory.insert(parent))?;
            } else {
                tree.numbers.add_file();
            }
            let icb = tree.icb(NodeId(address), unique_id::low_half(unique_id));
            tree.insert(disc, (parent, name), characteristics_of(directory), icb)?;
            Ok(NodeId(address))
        })
    }

    /// Fails if a node cannot have one more name: it is a directory, or has lost its last name.
    pub fn require_linkable(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        let linked = self.load(disc, node.0)?;
        if linked.is_directory() {
            return Err(Error::IsADirectory);
        }
        if linked.unnamed {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// Gives a node one more name, which must be free.
    pub fn link(
        &mut self,
        disc: &mut Overlay<'_>,
        node: NodeId,
        (parent, name): (NodeId, &str),
    ) -> Result<(), Error> {
        self.require_link(disc, node)?;
        // A further name gets a unique ID of its own; the node keeps its first (UDF 2.60 2.3.4.3).
        let unique_id = self.numbers.next_unique_id();
        self.atomically(|tree| {
            tree.count_link(disc, node.0, 1)?;
            // Its first name may be removed: then the ID of its name would no longer tell its own.
            tree.move_within(disc, node.0)?;
            tree.numbers.add_file();
            let icb = tree.icb(node, unique_id::low_half(unique_id));
            tree.insert(disc, (parent, name), characteristics_of(false), icb)?;
            if let Some(linked) = tree.cache.get(node.0).filter(|_| tree.plain_extra.is_kept()) {
                tree.plain_extra.note(linked, tree.form);
            }
            Ok(())
        })
    }

    /// The node whose name is to be removed; fails for a directory.
    pub fn require_unlinkable(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<NodeId, Error> {
        let node = self.lookup(disc, parent, name)?.ok_or(Error::NotFound)?;
        if self.is_directory(disc, node)? {
            return Err(Error::IsADirectory);
        }
        Ok(node)
    }

    /// Blocks that are no longer kept back for a plain volume once a node has lost its last name.
    pub fn freed_by_removing(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<u64, Error> {
        let is_last = self.load(disc, node.0)?.entry.file_link_count <= 1;
        Ok(if is_last { self.plain_extra_of(node.0) } else { 0 })
    }

    /// Removes a name of a node that is not a directory.
    pub fn unlink(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        node: NodeId,
    ) -> Result<(), Error> {
        self.atomically(|tree| {
            tree.remove_entry(disc, parent, name)?;
            tree.drop_name(disc, node)
        })
    }

    /// The directory to be removed; fails unless it is empty.
    pub fn require_removable(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<NodeId, Error> {
        let node = self.lookup(disc, parent, name)?.ok_or(Error::NotFound)?;
        self.require_empty(disc, node)?;
        Ok(node)
    }

    /// Removes an empty directory.
    pub fn remove_directory(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        node: NodeId,
    ) -> Result<(), Error> {
        self.atomically(|tree| {
            tree.remove_entry(disc, parent, name)?;
            tree.drop_directory(disc, parent, node)
        })
    }

    /// Finds out what a rename will do. `None` if both names lead to the same node: then nothing changes, as
    /// in rename(2).
    pub fn require_renamable(
        &mut self,
        disc: &mut Overlay<'_>,
        (from, name): (NodeId, &str),
        (to, new_name): (NodeId, &str),
    ) -> Result<Option<Rename>, Error> {
        let node = self.lookup(disc, from, name)?.ok_or(Error::NotFound)?;
        require_name(new_name)?;
        let directory = self.is_directory(disc, node)?;
        let existing = self.lookup(disc, to, new_name)?;
        if existing == Some(node) {
            return Ok(None);
        }
        if directory {
            self.require_outside(disc, node, to)?;
            self.in_directory(disc, node.0, |directory| directory.parent())?;
        }
        if let Some(existing) = existing {
            self.require_replaceable(disc, directory, existing)?;
        }
        if directory && from != to && existing.is_none() {
            self.require_link(disc, to)?;
        }
        Ok(Some(Rename {
            node,
            directory,
            existing,
        }))
    }

    /// Renames a node, also over an existing name.
    pub fn rename(
        &mut self,
        disc: &mut Overlay<'_>,
        (from, name): (NodeId, &str),
        (to, new_name): (NodeId, &str),
        rename: &Rename,
    ) -> Result<(), Error> {
        let Rename {
            node,
            directory,
            existing,
        } = *rename;
        self.atomically(|tree| {
            if let Some(existing) = existing {
                tree.remove_entry(disc, to, new_name)?;
                if directory {
                    tree.drop_directory(disc, to, existing)?;
                } else {
                    tree.drop_name(disc, existing)?;
                }
            }
            let entry = tree.remove_entry(disc, from, name)?;
            // A hidden name stays hidden.
            let hidden = entry.characteristics & FileCharacteristics::EXISTENCE;
            let icb = tree.icb(node, entry.icb.unique_id());
            tree.insert(disc, (to, new_name), characteristics_of(directory) | hidden, icb)?;
            if directory && from != to {
                tree.move_parent(disc, node, from, to)?;
            }
            tree.note_attribute_change(disc, node)
        })
    }

    /// Changes mode, owners and times.
    pub fn set_attributes(
        &mut self,
        disc: &mut Overlay<'_>,
        node: NodeId,
        changes: &Changes,
    ) -> Result<(), Error> {
        self.edit(disc, node.0, |node| {
            node.change(changes);
            Ok(())
        })
    }

    fn note_attribute_change(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        let now = self.now;
        self.edit(disc, node.0, |node| {
            node.entry.attribute_time = now;
            Ok(())
        })
    }

    /// Updates a moved directory and both its parents.
    fn move_parent(
        &mut self,
        disc: &mut Overlay<'_>,
        node: NodeId,
        from: NodeId,
        to: NodeId,
    ) -> Result<(), Error> {
        self.count_link(disc, from.0, -1)?;
        self.count_link(disc, to.0, 1)?;
        let parent = self.parent_entry(disc, to)?;
        self.lay_out_directory(disc, node.0, |directory| directory.set_parent(parent.icb))
    }

    /// Fails if one more name would exceed a node's link count.
    fn require_link(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        match self.load(disc, node.0)?.entry.file_link_count {
            u16::MAX => Err(Error::TooManyLinks),
            _ => Ok(()),
        }
    }

    fn require_empty(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        match self.in_directory(disc, node.0, |directory| Ok(directory.index.len()))? {
            0 => Ok(()),
            _ => Err(Error::NotEmpty),
        }
    }

    fn require_replaceable(
        &mut self,
        disc: &mut Overlay<'_>,
        directory: bool,
        existing: NodeId,
    ) -> Result<(), Error> {
        match (directory, self.is_directory(disc, existing)?) {
            (true, true) => self.require_empty(disc, existing),
            (true, false) => Err(Error::NotADirectory),
            (false, true) => Err(Error::IsADirectory),
            (false, false) => Ok(()),
        }
    }

    pub(super) fn insert(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        characteristics: FileCharacteristics,
        icb: LongAd,
    ) -> Result<(), Error> {
        let entry = named_entry(name, characteristics, icb)?;
        let offset = self.edit_directory(disc, parent.0, |directory| {
            directory.insert_named(entry, Some(name))
        })?;
        let name = NamedIn {
            directory: parent.0,
            offset,
        };
        self.outside.set_name(VirtualAddress(icb.address().block), name);
        Ok(())
    }

    /// The number of a new node. A file on a disc with a plain volume is recorded outside the virtual
    /// partition, so that both volumes share its entry.
    fn address_for(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        node: &mut CachedNode,
    ) -> Result<VirtualAddress, Error> {
        if self.form.shared.is_none() || !node.is_file() {
            return self.vat.allocate(disc);
        }
        node.outside = true;
        self.outside.allocate(parent.0).ok_or(Error::NoVirtualAddress)
    }

    fn remove_entry(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
        name: &str,
    ) -> Result<FileIdentifier, Error> {
        self.edit_directory(disc, parent.0, |directory| directory.remove(name))
    }

    /// Removes one name of a node that is not a directory.
    fn drop_name(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<(), Error> {
        self.numbers.remove_file();
        if self.load(disc, node.0)?.entry.file_link_count > 1 {
            self.note_attribute_change(disc, node)?;
            return self.count_link(disc, node.0, -1);
        }
        self.forget(disc, node.0)
    }

    fn drop_directory(&mut self, disc: &mut Overlay<'_>, parent: NodeId, node: NodeId) -> Result<(), Error> {
        self.count_link(disc, parent.0, -1)?;
        self.numbers.remove_directory();
        self.forget(disc, node.0)
    }

    fn count_link(&mut self, disc: &mut Overlay<'_>, node: VirtualAddress, change: i16) -> Result<(), Error> {
        self.edit(disc, node, |node| {
            let count = node.entry.file_link_count;
            // A disc may state too few links, which is no reason to stop half-way.
            node.entry.file_link_count = if change < 0 {
                count.saturating_add_signed(change)
            } else {
                count.checked_add_signed(change).ok_or(Error::TooManyLinks)?
            };
            Ok(())
        })
    }
}

/// The file characteristics of a new name.
fn characteristics_of(directory: bool) -> FileCharacteristics {
    if directory {
        FileCharacteristics::DIRECTORY
    } else {
        FileCharacteristics::empty()
    }
}
