//! Nodes of earlier generations become current again: in the blocks where they are recorded, if nothing else
//! uses their addresses.

use ecma167::file::{FileCharacteristics, FileEntry, LongAd};
use ecma167::osta::unique_id;
use ecma167::{LogicalBlock, RecordedAddress, VirtualAddress};
use hashbrown::HashSet;
use volume::{ExtraRoom, Node};

use super::body::Body;
use super::directory::named_entry;
use super::node::CachedNode;
use super::outside::{NamedIn, Outside};
use super::overlay::Overlay;
use super::vat::PendingVat;
use super::{Counts, NodeId, Tree};
use crate::error::Error;

/// How a node of an earlier generation got its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Everything that it had is there.
    Whole,
    /// It is a new node, without the streams that it had.
    WithoutStreams,
    /// It is a new file, whose data is still to be copied. Its blocks belong to a later version in part.
    Empty {
        node: NodeId,
        /// Whether it had no streams.
        has_all: bool,
    },
}

/// A node of an earlier generation that is no directory.
pub(crate) struct OldNode {
    pub node: Node,
    /// The block of its entry.
    pub at: LogicalBlock,
    /// The addresses of its stream directory and its streams, each with its block.
    pub streams: Vec<(VirtualAddress, LogicalBlock)>,
}

impl Tree {
    /// Makes the VAT of an earlier generation current, with at least as many entries as now.
    pub fn roll_back(
        &mut self,
        disc: &mut Overlay<'_>,
        vat: PendingVat,
        counts: Counts,
        extra_room: Option<ExtraRoom>,
    ) -> Result<(), Error> {
        self.atomically(|tree| {
            let entries = tree.vat.entries;
            tree.cache.clear();
            tree.outside = Outside::default();
            tree.plain_extra.begin_at(extra_room);
            tree.vat = vat;
            tree.vat.extend(disc, entries)?;
            tree.numbers.counts = counts;
            tree.changed = true;
            Ok(())
        })
    }

    /// Whether all nodes that directories name were met.
    pub fn knows_all(&self) -> bool {
        self.outside.knows_all()
    }

    /// Notes that all nodes were met, and the unique IDs of those that are no directories.
    pub fn note_all(&mut self, unique_ids: HashSet<u32>) {
        self.outside.note_all(unique_ids);
    }

    /// Meets all nodes that a directory names. Adds the unique IDs of those that are no directories, and
    /// returns the others.
    pub fn meet_all_in(
        &mut self,
        disc: &mut Overlay<'_>,
        directory: NodeId,
        unique_ids: &mut HashSet<u32>,
    ) -> Result<Vec<NodeId>, Error> {
        let mut directories = Vec::new();
        for entry in self.entries(disc, directory)? {
            let node = self.node_of(entry.icb.address())?;
            if entry.directory {
                directories.push(node);
            } else if self.entry_of(node.0).is_none() && self.form.extended() {
                unique_ids.insert(entry.icb.unique_id());
            } else {
                // Below UDF 2.00 names have no ID, and later one of their own if they are not the first.
                let unique_id = self.load(disc, node.0)?.entry.unique_id;
                unique_ids.insert(unique_id::low_half(unique_id));
            }
        }
        Ok(directories)
    }

    /// Gives a node of an earlier generation a free name.
    ///
    /// If nothing names it any more, it becomes current as it is. If it is current under another name, this
    /// is one more name. Otherwise its address belongs to a later version, and a new node takes its place.
    pub fn restore(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        hidden: FileCharacteristics,
        old: &OldNode,
    ) -> Result<Again, Error> {
        let unique_id = unique_id::low_half(old.node.entry.unique_id);
        if old.node.address.partition == self.form.physical {
            if let Some(node) = self.outside.at(old.at) {
                self.link(disc, NodeId(node), (parent, name))?;
                return Ok(Again::Whole);
            }
            if !self.outside.may_have(unique_id) {
                self.name_outside_again(disc, (parent, name), hidden, old)?;
                return Ok(Again::Whole);
            }
            return self.restore_as_new(disc, (parent, name), hidden, old);
        }
        let address = VirtualAddress(old.node.address.block);
        match self.vat.get(disc, address)? {
            Some(at) if at == old.at => {
                let node = self.node_of(old.node.address)?;
                self.link(disc, node, (parent, name))?;
                Ok(Again::Whole)
            }
            None if !self.outside.is_known(unique_id) && self.are_free(disc, address, old)? => {
                self.atomically(|tree| tree.restore_in_place(disc, (parent, name), hidden, old))?;
                Ok(Again::Whole)
            }
            _ => self.restore_as_new(disc, (parent, name), hidden, old),
        }
    }

    /// Whether the addresses of a node and its streams are in the VAT and not used.
    fn are_free(
        &self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        old: &OldNode,
    ) -> Result<bool, Error> {
        let streams = old.streams.iter().map(|(stream, _)| *stream);
        for address in std::iter::once(address).chain(streams) {
            if address.0 >= self.vat.entries || self.vat.get(disc, address)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn restore_in_place(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        hidden: FileCharacteristics,
        old: &OldNode,
    ) -> Result<(), Error> {
        let address = VirtualAddress(old.node.address.block);
        let node = std::iter::once((address, old.at));
        for (address, at) in node.chain(old.streams.iter().copied()) {
            self.vat.prepare(disc, address)?;
            self.vat.place(address, at);
        }
        self.numbers.add_file();
        self.outside.note(unique_id::low_half(old.node.entry.unique_id));
        let icb = self.icb(NodeId(address), unique_id::low_half(old.node.entry.unique_id));
        self.insert(disc, (parent, name), hidden, icb)?;
        self.gain_extra(disc, address)?;
        if old.node.entry.file_link_count != 1 {
            self.edit(disc, address, |node| {
                node.entry.file_link_count = 1;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn name_outside_again(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        hidden: FileCharacteristics,
        old: &OldNode,
    ) -> Result<(), Error> {
        self.atomically(|tree| {
            tree.numbers.add_file();
            tree.outside.note(unique_id::low_half(old.node.entry.unique_id));
            let icb = LongAd::icb(tree.form.address_outside(old.at));
            let icb = icb.with_unique_id(unique_id::low_half(old.node.entry.unique_id));
            let entry = named_entry(name, hidden, icb)?;
            let offset = tree.edit_directory(disc, parent.0, |directory| {
                directory.insert_named(entry, Some(name))
            })?;
            let name = NamedIn {
                directory: parent.0,
                offset,
            };
            let node = tree.outside.name_again(old.at, name);
            let node = node.ok_or(Error::NoVirtualAddress)?;
            tree.gain_extra(disc, node)
        })
    }

    /// Keeps room back for what a file that came back adds to a plain volume.
    fn gain_extra(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        if self.plain_extra.is_kept() {
            self.load(disc, address)?;
            if let Some(node) = self.cache.get(address) {
                self.plain_extra.gain(node, self.form);
            }
        }
        Ok(())
    }

    /// Names a new node with the attributes of an old one, and with its body if that is in the entry.
    fn restore_as_new(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        hidden: FileCharacteristics,
        old: &OldNode,
    ) -> Result<Again, Error> {
        let mut node = self.read_node_at(disc, old.node.address, old.at, false)?;
        let has_all = old.streams.is_empty() && has_no_streams(&node.entry);
        let is_to_be_copied = matches!(node.body, Body::Blocks(_));
        if is_to_be_copied {
            node.body = Body::Embedded(Vec::new());
        }
        let address = self.name_new(disc, (parent, name), hidden, node)?;
        Ok(match (is_to_be_copied, has_all) {
            (true, has_all) => Again::Empty {
                node: NodeId(address),
                has_all,
            },
            (false, true) => Again::Whole,
            (false, false) => Again::WithoutStreams,
        })
    }

    /// Leaves out the virtual addresses and unique IDs of nodes that an interrupted recording left, so that
    /// those recorded next have others even if they are interrupted too.
    pub fn leave_out(
        &mut self,
        disc: &mut Overlay<'_>,
        entries: u32,
        next_unique_id: u64,
    ) -> Result<(), Error> {
        self.numbers.unique_id = self.numbers.unique_id.max(next_unique_id);
        self.vat.extend(disc, entries)
    }

    /// Names a new node with the attributes and the data of one that no generation names. Returns it, and
    /// whether it has all that was there, which excludes streams.
    pub fn link_unnamed(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        (address, at): (RecordedAddress, LogicalBlock),
    ) -> Result<(NodeId, bool), Error> {
        let node = self.read_node_at(disc, address, at, false)?;
        let has_all = has_no_streams(&node.entry);
        let address = self.name_new(disc, (parent, name), FileCharacteristics::empty(), node)?;
        Ok((NodeId(address), has_all))
    }

    /// Gives a node that was read from the disc a new address and unique ID, and its only name.
    fn name_new(
        &mut self,
        disc: &mut Overlay<'_>,
        (parent, name): (NodeId, &str),
        hidden: FileCharacteristics,
        mut node: CachedNode,
    ) -> Result<VirtualAddress, Error> {
        let unique_id = self.numbers.next_unique_id();
        node.entry.object_size = node.body.length();
        node.entry.information_length = node.body.length();
        node.entry.stream_directory_icb = LongAd::default();
        node.entry.extended_attribute_icb = LongAd::default();
        node.entry.unique_id = unique_id;
        node.entry.file_link_count = 1;
        node.dirty = true;
        self.atomically(|tree| {
            let address = tree.vat.allocate(disc)?;
            tree.adopt(address, node);
            tree.numbers.add_file();
            let icb = tree.icb(NodeId(address), unique_id::low_half(unique_id));
            tree.insert(disc, (parent, name), hidden, icb)?;
            Ok(address)
        })
    }
}

/// Whether an entry names neither streams nor a file of extended attributes.
fn has_no_streams(entry: &FileEntry) -> bool {
    entry.stream_directory_icb == LongAd::default() && entry.extended_attribute_icb == LongAd::default()
}
