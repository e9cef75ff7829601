//! Looking up nodes by name and address, and working in a directory.

use ecma167::file::{FileCharacteristics, FileEntry, FileIdentifier, FileType, LongAd, path_component};
use ecma167::osta::unique_id;
use ecma167::{LogicalBlock, RecordedAddress, VirtualAddress};
use volume::{CorruptKind, TARGET_BYTES};

use super::Tree;
use super::directory::{Directory, Entry};
use super::index::Index;
use super::node::CachedNode;
use super::outside::{NamedIn, Whereabouts};
use super::overlay::Overlay;
use super::unplaced::readdressed;
use crate::error::{Error, Unsupported};

/// A node of the volume: its virtual address, which is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) VirtualAddress);

/// What is known about a node.
#[derive(Clone, Debug)]
pub struct Status {
    /// File entry without allocation descriptors; its lengths are up to date.
    pub entry: FileEntry,
    /// Information length in bytes.
    pub length: u64,
}

/// Levels of directories that are followed upwards; a longer path is circular.
const MOST_LEVELS: u32 = 1 << 16;

impl Tree {
    pub fn root(&self) -> NodeId {
        NodeId(self.root)
    }

    pub fn status(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<Status, Error> {
        let node = self.load(disc, node.0)?;
        Ok(Status {
            entry: node.entry.clone(),
            length: node.body.length(),
        })
    }

    pub fn is_directory(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<bool, Error> {
        Ok(self.load(disc, node.0)?.is_directory())
    }

    /// The node at an address that [`Tree::address`] returned.
    pub fn node_of(&self, address: RecordedAddress) -> Result<NodeId, Error> {
        if address.partition != self.form.virtual_partition {
            return Err(Unsupported::OutsideVirtualPartition.into());
        }
        let address = VirtualAddress(address.block);
        Ok(NodeId(self.outside.of_entry(address).unwrap_or(address)))
    }

    /// The address by which directories name a node. For a node outside the virtual partition it is a number
    /// that no VAT has.
    pub fn address(&self, node: NodeId) -> RecordedAddress {
        self.form.address_of(node.0)
    }

    /// The node that an entry at a byte offset of a directory names.
    fn named(&mut self, directory: NodeId, offset: u64, entry: &Entry) -> Result<NodeId, Error> {
        let address = entry.icb.address();
        if address.partition != self.form.physical || entry.directory {
            return self.node_of(address);
        }
        let name = NamedIn {
            directory: directory.0,
            offset,
        };
        let met = self.outside.meet(LogicalBlock(address.block), name);
        Ok(NodeId(met.ok_or(Error::NoVirtualAddress)?))
    }

    pub fn lookup(
        &mut self,
        disc: &mut Overlay<'_>,
        directory: NodeId,
        name: &str,
    ) -> Result<Option<NodeId>, Error> {
        let found = self.in_directory(disc, directory.0, |directory| directory.find(name))?;
        let Some((offset, found)) = found else {
            return Ok(None);
        };
        let entry = Entry {
            name: String::new(),
            icb: found.icb,
            directory: found.characteristics.contains(FileCharacteristics::DIRECTORY),
        };
        self.named(directory, offset, &entry).map(Some)
    }

    pub fn entries(&mut self, disc: &mut Overlay<'_>, directory: NodeId) -> Result<Vec<Entry>, Error> {
        let entries = self.in_directory(disc, directory.0, |directory| directory.entries())?;
        let numbered = entries.into_iter().map(|(offset, mut entry)| {
            // An entry that cannot be changed is listed all the same.
            if let Ok(node) = self.named(directory, offset, &entry) {
                entry.icb = readdressed(entry.icb, self.address(node));
            }
            entry
        });
        Ok(numbered.collect())
    }

    /// Makes the name of a node outside the virtual partition state its number, until the node is recorded
    /// anew.
    pub(super) fn name_by_number(
        &mut self,
        disc: &mut Overlay<'_>,
        node: VirtualAddress,
    ) -> Result<(), Error> {
        let recorded = match self.outside.whereabouts(node) {
            Whereabouts::New(block) | Whereabouts::At(block) => Some(self.form.address_outside(block)),
            Whereabouts::Unplaced => None,
            Whereabouts::Within(_) | Whereabouts::Gone => return Ok(()),
        };
        let Some(name) = self.outside.name_of(node) else {
            return Ok(());
        };
        let offset = self.lay_out_directory(disc, name.directory, |directory| {
            directory.name_by_number(node, recorded, name.offset)
        })?;
        let offset = offset.ok_or(Error::NotFound)?;
        self.outside.set_name(node, NamedIn { offset, ..name });
        Ok(())
    }

    /// The target path of a symbolic link.
    pub fn symlink_target(&mut self, disc: &mut Overlay<'_>, node: NodeId) -> Result<String, Error> {
        let link = self.load(disc, node.0)?;
        if link.entry.icb_tag.file_type != FileType::SYMBOLIC_LINK {
            return Err(volume::Error::NotASymbolicLink.into());
        }
        let length = link.body.length().min(TARGET_BYTES + 1);
        if length > TARGET_BYTES {
            return Err(volume::Error::corrupt(CorruptKind::Name, self.form.address_of(node.0)).into());
        }
        let mut components = vec![0; usize::try_from(length).unwrap_or(0)];
        let read = self.read(disc, node, 0, &mut components)?;
        Ok(path_component::decode(&components[..read])?)
    }

    /// Reads from a body at byte `offset`. Returns the number of bytes read, fewer than requested only at its
    /// end.
    pub fn read(
        &mut self,
        disc: &mut Overlay<'_>,
        node: NodeId,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let body = &self.load(disc, node.0)?.body;
        disc.read(Some(node.0), body, offset, out)
    }

    /// Fails if `to` is `node` or below it: follows the path from `to` up to the root.
    pub(super) fn require_outside(
        &mut self,
        disc: &mut Overlay<'_>,
        node: NodeId,
        to: NodeId,
    ) -> Result<(), Error> {
        let mut at = to;
        for _ in 0..MOST_LEVELS {
            if at == node {
                return Err(Error::IntoItself);
            }
            if at == self.root() {
                return Ok(());
            }
            at = self.parent_of(disc, at)?;
        }
        Err(Error::IntoItself)
    }

    /// The directory that contains a directory.
    pub(super) fn parent_of(&mut self, disc: &mut Overlay<'_>, directory: NodeId) -> Result<NodeId, Error> {
        let parent = self.in_directory(disc, directory.0, |directory| directory.parent())?;
        self.node_of(parent.address())
    }

    /// The parent's entry for a directory in `parent`.
    pub(super) fn parent_entry(
        &mut self,
        disc: &mut Overlay<'_>,
        parent: NodeId,
    ) -> Result<FileIdentifier, Error> {
        let unique_id = self.load(disc, parent.0)?.entry.unique_id;
        Ok(FileIdentifier::parent(
            self.icb(parent, unique_id::low_half(unique_id)),
        ))
    }

    /// The ICB of a node as an entry states it.
    pub(super) fn icb(&self, node: NodeId, unique_id: u32) -> LongAd {
        let icb = LongAd::icb(self.form.address_of(node.0));
        // From UDF 2.00 on a file identifier descriptor repeats the unique ID (UDF 2.60 2.3.4.3).
        if self.form.extended() {
            icb.with_unique_id(unique_id)
        } else {
            icb
        }
    }

    /// Loads a directory and reads its names, unless that is done.
    fn read_index(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        let node = self.load(disc, address)?;
        if !node.is_directory() {
            return Err(Error::NotADirectory);
        }
        if node.index.is_some() {
            return Ok(());
        }
        self.change(address, |node| -> Result<(), Error> {
            node.index = Some(Index::build(disc, address, &node.body)?);
            Ok(())
        })?
    }

    /// Works in a directory without changing it.
    pub(super) fn in_directory<R>(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with_directory(disc, address, work, |_| ())
    }

    /// Works in a directory and changes it.
    pub(super) fn edit_directory<R>(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let now = self.now;
        let result = self.with_directory(disc, address, work, |node| {
            node.dirty = true;
            node.entry.modification_time = now;
            node.entry.attribute_time = now;
        });
        self.changed = true;
        result
    }

    /// Works in a directory and changes how it is recorded, but nothing that a user sees.
    pub(super) fn lay_out_directory<R>(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let result = self.with_directory(disc, address, work, |node| node.dirty = true);
        self.changed = true;
        result
    }

    /// Works in a directory and updates its node, even if the work fails half-way.
    fn with_directory<R>(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        work: impl FnOnce(&mut Directory<'_, '_>) -> Result<R, Error>,
        note: impl FnOnce(&mut CachedNode),
    ) -> Result<R, Error> {
        self.read_index(disc, address)?;
        let form = self.form;
        self.change(address, |node| -> Result<R, Error> {
            let embed = node.room_for_body();
            let index = node.index.as_mut().ok_or(Error::NotADirectory)?;
            let result = work(&mut Directory {
                disc,
                node: address,
                body: &mut node.body,
                index,
                form,
                embed,
            });
            note(node);
            result
        })?
    }
}
