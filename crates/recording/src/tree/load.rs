//! Reading nodes to look at or change them, changing them, and evicting them.

use ecma167::file::FileEntry;
use ecma167::file::extended_attribute::{self, Attribute};
use ecma167::{LogicalBlock, RecordedAddress, VirtualAddress};
use hashbrown::HashSet;
use volume::{Node, NodeKind};

use super::body::{Blocks, Body};
use super::extent_map::ExtentMap;
use super::form::Form;
use super::node::CachedNode;
use super::outside::{Whereabouts, is_outside};
use super::overlay::Overlay;
use super::{Piece, Tree};
use crate::error::{Error, Unsupported};

/// The fewest dirty blocks of a body in use for which early recording pays.
const WORTH_RECORDING: u64 = 64;

impl Tree {
    /// The node at an address, read from the disc unless it is in memory.
    pub fn load(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<&CachedNode, Error> {
        if !self.cache.touch(address) {
            let node = self.read_node(disc, address)?;
            self.plain_extra.learn(&node, self.form);
            self.cache.insert(address, node);
        }
        self.cache.get(address).ok_or(Error::NotFound)
    }

    /// Adds a new node.
    pub fn adopt(&mut self, address: VirtualAddress, node: CachedNode) {
        self.cache.touch(address);
        self.cache.insert(address, node);
        self.changed = true;
    }

    /// Changes a node and marks it to be recorded again.
    pub fn edit<R>(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
        change: impl FnOnce(&mut CachedNode) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.load(disc, address)?;
        let (result, dirty, was_dirty) = self.change(address, |node| {
            let was_dirty = node.dirty;
            let result = change(node);
            node.dirty = !node.unnamed;
            (result, node.dirty, was_dirty)
        })?;
        self.changed |= dirty;
        let result = result?;
        if dirty && !was_dirty && is_outside(address) {
            self.name_by_number(disc, address)?;
        }
        Ok(result)
    }

    /// Changes a node that is in memory.
    pub fn change<R>(
        &mut self,
        address: VirtualAddress,
        change: impl FnOnce(&mut CachedNode) -> R,
    ) -> Result<R, Error> {
        self.cache.change(address, change).ok_or(Error::NotFound)
    }

    /// Evicts all nodes that are clean and have nothing in the queue.
    pub fn evict_clean(&mut self, disc: &Overlay<'_>) {
        let clean = self.cache.addresses(|node| !node.dirty && !node.unnamed);
        self.evict(disc, clean);
    }

    /// As [`Tree::evict_clean`], only nodes not used recently, and only if memory must be trimmed.
    pub fn trim_clean(&mut self, disc: &Overlay<'_>) {
        if self.cache.is_heavy_with_clean() {
            self.evict_idle(disc);
            self.cache.note_clean_evicted();
        }
    }

    /// As [`Tree::evict_clean`], only nodes not used recently.
    pub fn evict_idle(&mut self, disc: &Overlay<'_>) {
        let clean = self.cache.idle_addresses(|node| !node.dirty && !node.unnamed);
        self.evict(disc, clean);
    }

    fn evict(&mut self, disc: &Overlay<'_>, clean: Vec<VirtualAddress>) {
        let waiting: HashSet<VirtualAddress> = disc.track.items().filter_map(Piece::node).collect();
        for address in clean {
            if !waiting.contains(&address) {
                self.cache.evict(address);
            }
        }
    }

    /// Whether memory must be trimmed.
    pub fn is_heavy(&mut self) -> bool {
        self.cache.is_heavy()
    }

    /// Whether trimming must continue.
    pub fn is_half_full(&self) -> bool {
        self.cache.is_half_full()
    }

    /// Records that memory was trimmed as far as possible.
    pub fn note_trimmed(&mut self) {
        self.cache.note_trimmed();
    }

    /// The nodes to be recorded, ascending: those outside the virtual partition, then all others.
    pub fn dirty_nodes(&self) -> (Vec<VirtualAddress>, Vec<VirtualAddress>) {
        let dirty = self.cache.addresses(|node| node.dirty);
        dirty.into_iter().partition(|address| is_outside(*address))
    }

    /// The nodes to be recorded that were not used recently, either directories or others.
    pub fn idle_dirty_nodes(&self, directories: bool) -> Vec<VirtualAddress> {
        self.cache
            .idle_addresses(|node| node.dirty && node.is_directory() == directories)
    }

    /// The nodes with much to record in their bodies, such as a directory that keeps growing.
    pub fn large_dirty_bodies(&self) -> Vec<VirtualAddress> {
        let is_large =
            |node: &CachedNode| (node.dirty || node.unnamed) && node.body.dirty_blocks() >= WORTH_RECORDING;
        self.cache.addresses(is_large)
    }

    /// Marks a node as clean that is about to be recorded.
    pub fn record_node(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        if is_outside(address) {
            self.settle_outside(disc, address)?;
        }
        if let Some(entry) = self.entry_of(address) {
            self.vat.prepare(disc, entry)?;
        }
        self.cache.change(address, |node| node.dirty = false);
        Ok(())
    }

    /// The VAT entry of a node; `None` for one outside the virtual partition.
    pub fn entry_of(&self, address: VirtualAddress) -> Option<VirtualAddress> {
        if !is_outside(address) {
            return Some(address);
        }
        match self.outside.whereabouts(address) {
            Whereabouts::Within(entry) => Some(entry),
            _ => None,
        }
    }

    /// Gives a node a VAT entry if it cannot stay outside the virtual partition: it has several names,
    /// attributes or streams, or the disc has no plain volume to share it with.
    fn settle_outside(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        let stays = self.cache.get(address).is_some_and(CachedNode::can_stay_outside);
        if stays && self.form.shared.is_some() {
            return Ok(());
        }
        self.move_within(disc, address)
    }

    /// Gives a node a VAT entry if it has none.
    pub(super) fn move_within(
        &mut self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
    ) -> Result<(), Error> {
        if self.entry_of(address).is_some() {
            return Ok(());
        }
        let entry = self.vat.allocate(disc)?;
        self.outside.move_within(address, entry);
        self.change(address, |node| node.outside = false)
    }

    /// The dirty nodes whose names in a directory wait for their blocks.
    pub fn dirty_nodes_named_in(&self, directory: VirtualAddress) -> Vec<VirtualAddress> {
        let index = self.cache.get(directory).and_then(|node| node.index.as_ref());
        let named = index.into_iter().flat_map(|index| index.unplaced().nodes());
        named
            .filter(|node| self.cache.get(*node).is_some_and(|node| node.dirty))
            .collect()
    }

    /// Drops the names of a directory that waited for blocks which can no longer change.
    pub fn forget_recorded_names(&mut self, disc: &Overlay<'_>, directory: VirtualAddress) {
        let index = self.cache.get(directory).and_then(|node| node.index.as_ref());
        let waits = index.is_some_and(|index| index.unplaced().nodes().next().is_some());
        // Searches the whole queue, so only if names wait.
        if !waits || disc.track.items().any(|piece| *piece == Piece::Body(directory)) {
            return;
        }
        self.cache.change(directory, |node| {
            if let (Body::Blocks(blocks), Some(index)) = (&node.body, &mut node.index) {
                index
                    .unplaced_mut()
                    .keep(|block| blocks.dirty.contains_key(&block));
            }
        });
    }

    /// Reads a node.
    fn read_node(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<CachedNode, Error> {
        let (named, at, outside) = match self.entry_of(address) {
            Some(entry) => {
                let at = self.vat.get(disc, entry)?.ok_or(Error::NotFound)?;
                (self.form.address_of(entry), at, false)
            }
            None => match self.outside.whereabouts(address) {
                Whereabouts::New(at) | Whereabouts::At(at) => (self.form.address_outside(at), at, true),
                _ => return Err(Error::NotFound),
            },
        };
        self.read_node_at(disc, named, at, outside)
    }

    /// Reads the node that is named by an address and recorded at `at`.
    pub(super) fn read_node_at(
        &mut self,
        disc: &mut Overlay<'_>,
        named: RecordedAddress,
        at: LogicalBlock,
        outside: bool,
    ) -> Result<CachedNode, Error> {
        let node = disc.volume.node_at(named, at)?;
        if outside && (node.kind == NodeKind::Directory || node.entry.file_link_count > 1) {
            // Its other names cannot be found.
            return Err(Unsupported::OutsideVirtualPartition.into());
        }
        let body = read_body(disc, self.form, &node)?;
        let mut entry = FileEntry {
            allocation_descriptors: Vec::new(),
            ..node.entry
        };
        if outside && self.form.shared.is_some() {
            forget_form_of_plain_volume(&mut entry, self.form);
        }
        Ok(CachedNode {
            entry,
            body,
            index: None,
            continuations: Vec::new(),
            outside,
            dirty: false,
            unnamed: false,
            used: 0,
        })
    }
}

/// In memory an entry has the form of the volume with the VAT, with its creation time as a field.
fn forget_form_of_plain_volume(entry: &mut FileEntry, form: Form) {
    let attributes = extended_attribute::decode(&entry.extended_attributes, None);
    let is_ours = attributes.is_ok_and(|attributes| {
        attributes
            .iter()
            .all(|attribute| matches!(attribute, Attribute::CreationTime(_)))
    });
    if is_ours {
        entry.extended_attributes = Vec::new();
        entry.extended = form.extended();
    }
}

fn read_body(disc: &mut Overlay<'_>, form: Form, node: &Node) -> Result<Body, Error> {
    match disc.volume.body(node)? {
        volume::Body::Embedded(bytes) => Ok(Body::Embedded(bytes)),
        volume::Body::Extents(extents) => {
            let map = ExtentMap::of(form, &extents)?;
            Ok(Body::Blocks(Blocks {
                length: node.entry.information_length,
                map,
                ..Blocks::default()
            }))
        }
    }
}
