//! Changes to the pending tree: names, directories, links and attributes.

use ecma167::{
    RecordedAddress, VirtualAddress,
    file::{FileCharacteristics, FileIdentifier, FileType, LongAd, path_component},
    general::Timestamp,
};
use volume::{CorruptKind, TARGET_BYTES};

use crate::{
    Recording,
    attributes::{Attributes, Changes, Kind},
    directory::{Directory, Entry, Index, named_entry, require_name},
    error::Error,
    node::PendingNode,
};

/// A node of the volume: its virtual address, which no other node ever gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) VirtualAddress);

/// What is known of a node.
#[derive(Clone, Debug)]
pub struct Status {
    /// File entry without allocation descriptors; its lengths are up to date.
    pub entry: ecma167::file::FileEntry,
    /// Information length in bytes.
    pub length: u64,
}

impl Recording {
    /// The root directory.
    pub fn root(&self) -> NodeId {
        NodeId(self.root)
    }

    /// What is known of a node, pending changes included.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the node is gone; what reading it reports.
    pub fn status(&mut self, node: NodeId) -> Result<Status, Error> {
        self.relieve_of_clean();
        let pending = self.load(node.0)?;
        Ok(Status {
            entry: pending.entry.clone(),
            length: pending.body.length(),
        })
    }

    /// The address by which directories name a node; it stands for the node as long as the volume does.
    pub fn address(&self, node: NodeId) -> RecordedAddress {
        self.form.address_of(node.0)
    }

    /// The node that an address of a directory names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where it is outside the virtual partition.
    pub fn node_of(&self, address: RecordedAddress) -> Result<NodeId, Error> {
        if address.partition != self.form.virtual_partition {
            return Err(Error::Unsupported(
                "an entry names an ICB outside the virtual partition",
            ));
        }
        Ok(NodeId(VirtualAddress(address.block)))
    }

    /// Whether a node is a directory.
    ///
    /// # Errors
    /// As [`Recording::status`].
    pub fn is_directory(&mut self, node: NodeId) -> Result<bool, Error> {
        Ok(self.load(node.0)?.is_directory())
    }

    /// The node of that name in a directory.
    ///
    /// # Errors
    /// [`Error::NotADirectory`]; what reading the directory reports.
    pub fn lookup(&mut self, directory: NodeId, name: &str) -> Result<Option<NodeId>, Error> {
        self.relieve_of_clean();
        let found = self.in_directory(directory.0, |directory| directory.find(name))?;
        found.map(|(_, entry)| self.target(&entry)).transpose()
    }

    /// The node at a path from the root; components are separated by `/`, empty ones and `.` are passed over.
    ///
    /// # Errors
    /// As [`Recording::lookup`].
    pub fn lookup_path(&mut self, path: &str) -> Result<Option<NodeId>, Error> {
        let mut node = self.root();
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            match self.lookup(node, name)? {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The path that a symbolic link says, pending changes included (`ECMA-167 4/14.16`).
    ///
    /// # Errors
    /// [`volume::Error::NotASymbolicLink`], path components that do not decode; as [`Recording::read`].
    pub fn symlink_target(&mut self, node: NodeId) -> Result<String, Error> {
        let status = self.status(node)?;
        if status.entry.icb_tag.file_type != FileType::SYMBOLIC_LINK {
            return Err(volume::Error::NotASymbolicLink.into());
        }
        let length = usize::try_from(status.length.min(TARGET_BYTES + 1)).unwrap_or(usize::MAX);
        if length as u64 > TARGET_BYTES {
            return Err(volume::Error::corrupt(CorruptKind::Name, self.address(node)).into());
        }
        let mut components = vec![0; length];
        let read = self.read(node, 0, &mut components)?;
        Ok(path_component::decode(&components[..read])?)
    }

    /// The entries of a directory, the parent's left out.
    ///
    /// # Errors
    /// As [`Recording::lookup`].
    pub fn entries(&mut self, directory: NodeId) -> Result<Vec<Entry>, Error> {
        self.in_directory(directory.0, |directory| directory.entries())
    }

    /// The node that an entry of [`Recording::entries`] names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the entry names something outside the virtual partition.
    pub fn entry_node(&self, entry: &Entry) -> Result<NodeId, Error> {
        self.node_of(entry.icb.address())
    }

    /// Makes a new node under a free name.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Name`], [`Error::NotADirectory`], [`Error::MediumFull`].
    pub fn create(
        &mut self,
        parent: NodeId,
        name: &str,
        kind: &Kind,
        attributes: &Attributes,
    ) -> Result<NodeId, Error> {
        self.require_free_name(parent, name)?;
        self.prepare_change(CREATE_BLOCKS)?;
        let directory = *kind == Kind::Directory;
        if directory {
            self.require_link(parent)?;
        }
        let unique_id = self.next_unique_id();
        let node = PendingNode::new(kind, attributes, self.form, unique_id)?;
        self.whole(|this| {
            let address = this.vat.allocate(&mut this.disc)?;
            this.adopt(address, node);
            if directory {
                this.count_link(parent.0, 1)?;
                this.counts.directories = this.counts.directories.saturating_add(1);
                let parent = this.parent_entry(parent)?;
                this.lay_out_directory(address, |directory| directory.insert(parent))?;
            } else {
                this.counts.files = this.counts.files.saturating_add(1);
            }
            let icb = this.icb(NodeId(address), low_unique_id(unique_id));
            this.insert(parent, name, characteristics_of(directory), icb)?;
            Ok(NodeId(address))
        })
    }

    /// Gives a node, which is not a directory, one more name.
    ///
    /// # Errors
    /// As [`Recording::create`]; [`Error::IsADirectory`], [`Error::TooManyLinks`].
    pub fn link(&mut self, node: NodeId, parent: NodeId, name: &str) -> Result<(), Error> {
        let linked = self.load(node.0)?;
        if linked.is_directory() {
            return Err(Error::IsADirectory);
        }
        if linked.unnamed {
            return Err(Error::NotFound);
        }
        self.require_free_name(parent, name)?;
        self.prepare_change(CREATE_BLOCKS)?;
        self.require_link(node)?;
        // A further name gets a unique ID of its own, while the node keeps its first (UDF 2.60 2.3.4.3).
        let unique_id = self.next_unique_id();
        self.whole(|this| {
            this.count_link(node.0, 1)?;
            // Every name counts as a file (UDF 2.60 2.2.6.4).
            this.counts.files = this.counts.files.saturating_add(1);
            let icb = this.icb(node, low_unique_id(unique_id));
            this.insert(parent, name, characteristics_of(false), icb)
        })
    }

    /// Removes a name of something that is not a directory, and the node with its last name; one that is [held](Self::hold) can
    /// still be read and written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::IsADirectory`], [`Error::MediumFull`].
    pub fn unlink(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        let node = self.lookup(parent, name)?.ok_or(Error::NotFound)?;
        if self.load(node.0)?.is_directory() {
            return Err(Error::IsADirectory);
        }
        self.prepare_change(CREATE_BLOCKS)?;
        self.whole(|this| {
            this.remove_entry(parent, name)?;
            this.drop_name(node)
        })
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotADirectory`], [`Error::NotEmpty`], [`Error::MediumFull`].
    pub fn remove_directory(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        let node = self.lookup(parent, name)?.ok_or(Error::NotFound)?;
        self.require_empty(node)?;
        self.prepare_change(CREATE_BLOCKS)?;
        self.whole(|this| {
            this.remove_entry(parent, name)?;
            this.drop_directory(parent, node)
        })
    }

    /// Renames, over an existing name too, as `rename(2)` does.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::IntoItself`], [`Error::NotEmpty`], [`Error::IsADirectory`],
    /// [`Error::NotADirectory`], [`Error::Name`], [`Error::MediumFull`].
    pub fn rename(&mut self, from: NodeId, name: &str, to: NodeId, new_name: &str) -> Result<(), Error> {
        let node = self.lookup(from, name)?.ok_or(Error::NotFound)?;
        require_name(new_name)?;
        let directory = self.load(node.0)?.is_directory();
        let existing = self.lookup(to, new_name)?;
        if existing == Some(node) {
            // Two names of one node: nothing changes, as rename(2) has it.
            return Ok(());
        }
        if directory {
            self.require_outside(node, to)?;
            self.in_directory(node.0, |directory| directory.parent())?;
        }
        if let Some(existing) = existing {
            self.require_replaceable(directory, existing)?;
        }
        if directory && from != to && existing.is_none() {
            self.require_link(to)?;
        }
        self.prepare_change(2 * CREATE_BLOCKS)?;
        self.whole(|this| {
            if let Some(existing) = existing {
                this.remove_entry(to, new_name)?;
                if directory {
                    this.drop_directory(to, existing)?;
                } else {
                    this.drop_name(existing)?;
                }
            }
            let entry = this.remove_entry(from, name)?;
            // A hidden name stays so.
            let hidden = entry.characteristics & FileCharacteristics::EXISTENCE;
            let icb = this.icb(node, entry.icb.unique_id());
            this.insert(to, new_name, characteristics_of(directory) | hidden, icb)?;
            if directory && from != to {
                this.move_parent(node, from, to)?;
            }
            let now = this.now;
            this.edit(node.0, |node| {
                node.entry.attribute_time = now;
                Ok(())
            })
        })
    }

    /// What a directory's move to another parent changes in the three of them.
    fn move_parent(&mut self, node: NodeId, from: NodeId, to: NodeId) -> Result<(), Error> {
        self.count_link(from.0, -1)?;
        self.count_link(to.0, 1)?;
        let parent = self.parent_entry(to)?;
        self.lay_out_directory(node.0, |directory| directory.set_parent(parent.icb))
    }

    /// Does a change that goes through several nodes. Where it fails half-way, since something could not be read, the
    /// pending tree contradicts itself and cannot be committed any more; nor where a panic goes through it.
    fn whole<R>(&mut self, change: impl FnOnce(&mut Self) -> Result<R, Error>) -> Result<R, Error> {
        let before = std::mem::replace(&mut self.half_done, true);
        let result = change(self);
        self.half_done = before || result.is_err();
        result
    }

    /// Fails where one more name for a node would exceed its link count.
    fn require_link(&mut self, node: NodeId) -> Result<(), Error> {
        match self.load(node.0)?.entry.file_link_count {
            u16::MAX => Err(Error::TooManyLinks),
            _ => Ok(()),
        }
    }

    /// Changes mode, owners and times.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MediumFull`].
    pub fn set_attributes(&mut self, node: NodeId, changes: &Changes) -> Result<(), Error> {
        self.prepare_change(1)?;
        self.edit(node.0, |node| {
            node.change(changes);
            Ok(())
        })
    }

    fn require_free_name(&mut self, parent: NodeId, name: &str) -> Result<(), Error> {
        require_name(name)?;
        match self.lookup(parent, name)? {
            Some(_) => Err(Error::Exists),
            None => Ok(()),
        }
    }

    fn require_empty(&mut self, node: NodeId) -> Result<(), Error> {
        match self.in_directory(node.0, |directory| Ok(directory.index.len()))? {
            0 => Ok(()),
            _ => Err(Error::NotEmpty),
        }
    }

    fn require_replaceable(&mut self, directory: bool, existing: NodeId) -> Result<(), Error> {
        match (directory, self.load(existing.0)?.is_directory()) {
            (true, true) => self.require_empty(existing),
            (true, false) => Err(Error::NotADirectory),
            (false, true) => Err(Error::IsADirectory),
            (false, false) => Ok(()),
        }
    }

    /// Fails when `to` is `node` or lies below it: the way up from `to` is followed to the root.
    fn require_outside(&mut self, node: NodeId, to: NodeId) -> Result<(), Error> {
        let mut at = to;
        for _ in 0..MOST_LEVELS {
            if at == node {
                return Err(Error::IntoItself);
            }
            if at == self.root() {
                return Ok(());
            }
            let parent = self.in_directory(at.0, |directory| directory.parent())?;
            at = self.node_of(parent.address())?;
        }
        Err(Error::IntoItself)
    }

    fn parent_entry(&mut self, parent: NodeId) -> Result<FileIdentifier, Error> {
        let unique_id = self.load(parent.0)?.entry.unique_id;
        Ok(FileIdentifier::parent(self.icb(parent, low_unique_id(unique_id))))
    }

    fn insert(
        &mut self,
        parent: NodeId,
        name: &str,
        characteristics: FileCharacteristics,
        icb: LongAd,
    ) -> Result<(), Error> {
        let entry = named_entry(name, characteristics, icb)?;
        self.edit_directory(parent.0, |directory| directory.insert_named(entry, Some(name)))
    }

    fn remove_entry(&mut self, parent: NodeId, name: &str) -> Result<FileIdentifier, Error> {
        self.edit_directory(parent.0, |directory| directory.remove(name))
    }

    /// Takes one name from a node that is not a directory.
    fn drop_name(&mut self, node: NodeId) -> Result<(), Error> {
        self.counts.files = self.counts.files.saturating_sub(1);
        if self.load(node.0)?.entry.file_link_count > 1 {
            let now = self.now;
            self.edit(node.0, |node| {
                node.entry.attribute_time = now;
                Ok(())
            })?;
            return self.count_link(node.0, -1);
        }
        self.forget(node.0)
    }

    fn drop_directory(&mut self, parent: NodeId, node: NodeId) -> Result<(), Error> {
        self.count_link(parent.0, -1)?;
        self.counts.directories = self.counts.directories.saturating_sub(1);
        self.forget(node.0)
    }

    fn count_link(&mut self, node: VirtualAddress, change: i16) -> Result<(), Error> {
        self.edit(node, |node| {
            let count = node.entry.file_link_count;
            // A disc may state too few: that is no reason to stop half-way.
            node.entry.file_link_count = if change < 0 {
                count.saturating_add_signed(change)
            } else {
                count.checked_add_signed(change).ok_or(Error::TooManyLinks)?
            };
            Ok(())
        })
    }

    fn icb(&self, node: NodeId, unique_id: u32) -> LongAd {
        let icb = LongAd::icb(self.form.address_of(node.0));
        // From UDF 2.00 on a file identifier descriptor repeats the unique ID (UDF 2.60 2.3.4.3).
        if self.form.extended() {
            icb.with_unique_id(unique_id)
        } else {
            icb
        }
    }

    fn target(&self, entry: &FileIdentifier) -> Result<NodeId, Error> {
        self.node_of(entry.icb.address())
    }

    /// Loads a directory and reads its names, where that is not done yet.
    fn read_index(&mut self, address: VirtualAddress) -> Result<(), Error> {
        let node = self.load(address)?;
        if !node.is_directory() {
            return Err(Error::NotADirectory);
        }
        if node.index.is_some() {
            return Ok(());
        }
        let before = self.settle_before(address);
        if let Some(node) = self.nodes.get_mut(&address) {
            node.index = Some(Index::build(&mut self.disc, address, &node.body)?);
        }
        self.settle_after(address, before);
        Ok(())
    }

    /// Works in a directory without changing it.
    fn in_directory<R>(
        &mut self,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.read_index(address)?;
        let Some(node) = self.nodes.get_mut(&address) else {
            return Err(Error::NotFound);
        };
        let embed = node.room();
        let Some(index) = &mut node.index else {
            return Err(Error::NotADirectory);
        };
        let disc = &mut self.disc;
        work(&mut Directory {
            disc,
            node: address,
            body: &mut node.body,
            index,
            version: self.form.version,
            embed,
        })
    }

    /// Works in a directory and changes it.
    pub(crate) fn edit_directory<R>(
        &mut self,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let result = self.lay_out_directory(address, work);
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(&address) {
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
        }
        result
    }

    /// Works in a directory and changes how it is recorded, but nothing that a user sees.
    pub(crate) fn lay_out_directory<R>(
        &mut self,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.read_index(address)?;
        let before = self.settle_before(address);
        let result = self.in_directory(address, work);
        if let Some(node) = self.nodes.get_mut(&address) {
            node.dirty = true;
        }
        self.changed = true;
        self.settle_after(address, before);
        result
    }
}

/// Levels of directories that are followed upwards; a longer way goes round in a circle.
const MOST_LEVELS: u32 = 1 << 16;

/// Blocks that a new name costs at most: the node, the entry over a block border, the directory's node, VAT blocks.
pub(crate) const CREATE_BLOCKS: u64 = 6;

/// The characteristics of a new name.
fn characteristics_of(directory: bool) -> FileCharacteristics {
    if directory {
        FileCharacteristics::DIRECTORY
    } else {
        FileCharacteristics::empty()
    }
}

/// The low half of a unique ID, as a file identifier descriptor repeats it.
fn low_unique_id(unique_id: u64) -> u32 {
    u32::try_from(unique_id & 0xFFFF_FFFF).unwrap_or(0)
}

impl Attributes {
    /// Attributes with one time for all four times.
    pub fn at(mode: u32, now: Timestamp) -> Attributes {
        Attributes {
            mode,
            uid: 0,
            gid: 0,
            accessed: now,
            modified: now,
            changed: now,
            created: now,
        }
    }
}
