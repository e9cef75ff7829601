//! Changes to names and attributes. Each is either refused before anything changes, or has room for all of
//! it.

use ecma167::BLOCK_SIZE;
use volume::NodeKind;

use crate::Recording;
use crate::attributes::{Attributes, Changes};
use crate::error::Error;
use crate::tree::{NewNode, NodeId, path_to};

/// The most blocks that a new name costs: the node, the entry across a block border, the directory's node,
/// VAT blocks.
pub(crate) const CREATE_BLOCKS: u64 = 6;

impl Recording {
    /// Creates a node under a free name. For a symbolic link use [`Recording::symlink`].
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Name`], [`Error::NotADirectory`], [`Error::MediumFull`];
    /// [`Error::NoTarget`] for a symbolic link.
    pub fn create(
        &mut self,
        parent: NodeId,
        name: &str,
        kind: NodeKind,
        attributes: &Attributes,
    ) -> Result<NodeId, Error> {
        if kind == NodeKind::SymbolicLink {
            return Err(Error::NoTarget);
        }
        self.require_free_name(parent, name)?;
        self.prepare_adding((parent, name), 0)?;
        let (mut disc, tree) = self.parts();
        tree.create(&mut disc, (parent, name), kind.into(), attributes)
    }

    /// Creates a symbolic link to a path, absolute or relative, with `/` between components.
    ///
    /// # Errors
    /// As [`Recording::create`]; [`Error::Attribute`] for a target that UDF cannot hold.
    pub fn symlink(
        &mut self,
        parent: NodeId,
        name: &str,
        target: &str,
        attributes: &Attributes,
    ) -> Result<NodeId, Error> {
        self.require_free_name(parent, name)?;
        let path = path_to(target)?;
        self.prepare_adding((parent, name), path.len().div_ceil(BLOCK_SIZE) as u64)?;
        let (mut disc, tree) = self.parts();
        let new = NewNode {
            kind: NodeKind::SymbolicLink,
            path: &path,
        };
        tree.create(&mut disc, (parent, name), new, attributes)
    }

    /// Gives a node that is not a directory one more name.
    ///
    /// # Errors
    /// As [`Recording::create`]; [`Error::IsADirectory`], [`Error::TooManyLinks`].
    pub fn link(&mut self, node: NodeId, parent: NodeId, name: &str) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        tree.require_linkable(&mut disc, node)?;
        let extra = tree.plain_extra_of_name(node.0);
        self.require_free_name(parent, name)?;
        self.prepare_adding((parent, name), extra)?;
        let (mut disc, tree) = self.parts();
        tree.link(&mut disc, node, (parent, name))
    }

    /// Removes a name of a node that is not a directory, and the node with its last name. An
    /// [open](Self::open_node) node can still be read and written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::IsADirectory`], [`Error::MediumFull`].
    pub fn unlink(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        let node = tree.require_unlinkable(&mut disc, parent, name)?;
        self.prepare_removing((parent, name), node)?;
        let (mut disc, tree) = self.parts();
        tree.unlink(&mut disc, (parent, name), node)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotADirectory`], [`Error::NotEmpty`], [`Error::MediumFull`].
    pub fn remove_directory(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        let node = tree.require_removable(&mut disc, parent, name)?;
        self.prepare_removing((parent, name), node)?;
        let (mut disc, tree) = self.parts();
        tree.remove_directory(&mut disc, (parent, name), node)
    }

    /// Renames a node, also over an existing name, as `rename(2)` does.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::IntoItself`], [`Error::NotEmpty`], [`Error::IsADirectory`],
    /// [`Error::NotADirectory`], [`Error::Name`], [`Error::MediumFull`].
    pub fn rename(&mut self, from: NodeId, name: &str, to: NodeId, new_name: &str) -> Result<(), Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        let Some(rename) = tree.require_renamable(&mut disc, (from, name), (to, new_name))? else {
            return Ok(());
        };
        let (mut disc, tree) = self.parts();
        let others = tree.changed_by_removing(&mut disc, from, name)?
            + tree.changed_by_removing(&mut disc, to, new_name)?
            + tree.changed_by_adding(&mut disc, to, new_name)?;
        self.prepare_change((2 + others as u64) * CREATE_BLOCKS)?;
        let (mut disc, tree) = self.parts();
        tree.rename(&mut disc, (from, name), (to, new_name), &rename)
    }

    /// Changes mode, owners and times.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MediumFull`].
    pub fn set_attributes(&mut self, node: NodeId, changes: &Changes) -> Result<(), Error> {
        self.prepare_change(1)?;
        let (mut disc, tree) = self.parts();
        tree.set_attributes(&mut disc, node, changes)
    }

    /// Makes room for a new name, and for so many blocks more.
    fn prepare_adding(&mut self, (parent, name): (NodeId, &str), more: u64) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        let others = tree.changed_by_adding(&mut disc, parent, name)?;
        self.prepare_change((1 + others as u64) * CREATE_BLOCKS + more)
    }

    /// Makes room to remove a name of a node. What was kept back for the node may be used.
    fn prepare_removing(&mut self, (parent, name): (NodeId, &str), node: NodeId) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        let others = tree.changed_by_removing(&mut disc, parent, name)?;
        let freed = tree.freed_by_removing(&mut disc, node)?;
        self.prepare_freeing((1 + others as u64) * CREATE_BLOCKS, freed)
    }

    fn require_free_name(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.require_free_name(&mut disc, parent, name)
    }
}
