//! Reading nodes that are looked at or changed, the one way to change them, and evicting them.

use ecma167::{LogicalBlock, VirtualAddress};
use hashbrown::HashSet;
use volume::Node;

use super::body::{Blocks, Body};
use super::disc::Disc;
use super::extent_map::ExtentMap;
use super::form::Form;
use super::node::CachedNode;
use super::{Piece, Tree};
use crate::error::Error;

/// Dirty blocks of a body in use that are worth recording early.
const WORTH_RECORDING: u64 = 64;

impl Tree {
    /// The node of that address, read from the disc where it is not in memory yet.
    pub fn load(&mut self, disc: &mut Disc<'_>, address: VirtualAddress) -> Result<&CachedNode, Error> {
        if !self.cache.touch(address) {
            let at = self.vat.get(disc, address)?.ok_or(Error::NotFound)?;
            let node = read_node(disc, self.form, address, at)?;
            self.cache.insert(address, node);
        }
        self.cache.get(address).ok_or(Error::NotFound)
    }

    /// Takes a new node in.
    pub fn adopt(&mut self, address: VirtualAddress, node: CachedNode) {
        self.cache.touch(address);
        self.cache.insert(address, node);
        self.changed = true;
    }

    /// Changes a node, which has to be recorded again then.
    pub fn edit<R>(
        &mut self,
        disc: &mut Disc<'_>,
        address: VirtualAddress,
        change: impl FnOnce(&mut CachedNode) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.load(disc, address)?;
        let (result, dirty) = self.change(address, |node| {
            let result = change(node);
            node.dirty = !node.unnamed;
            (result, node.dirty)
        })?;
        self.changed |= dirty;
        result
    }

    /// Changes a node that is in memory.
    pub fn change<R>(
        &mut self,
        address: VirtualAddress,
        change: impl FnOnce(&mut CachedNode) -> R,
    ) -> Result<R, Error> {
        self.cache.change(address, change).ok_or(Error::NotFound)
    }

    /// Evicts all nodes that are clean and do not wait to be recorded.
    pub fn evict_clean(&mut self, disc: &Disc<'_>) {
        let clean = self.cache.addresses(|node| !node.dirty && !node.unnamed);
        self.evict(disc, clean);
    }

    /// As [`Tree::evict_clean`], of those that were not used lately, where memory has to be trimmed.
    pub fn trim_clean(&mut self, disc: &Disc<'_>) {
        if self.cache.is_heavy_with_clean() {
            self.evict_idle(disc);
            self.cache.note_clean_evicted();
        }
    }

    /// As [`Tree::evict_clean`], of those that were not used lately.
    pub fn evict_idle(&mut self, disc: &Disc<'_>) {
        let clean = self.cache.idle_addresses(|node| !node.dirty && !node.unnamed);
        self.evict(disc, clean);
    }

    fn evict(&mut self, disc: &Disc<'_>, clean: Vec<VirtualAddress>) {
        let waiting: HashSet<VirtualAddress> = disc.track.items().filter_map(Piece::node).collect();
        for address in clean {
            if !waiting.contains(&address) {
                self.cache.evict(address);
            }
        }
    }

    /// Whether memory has to be trimmed.
    pub fn is_heavy(&mut self) -> bool {
        self.cache.is_heavy()
    }

    /// Whether trimming has to go on.
    pub fn is_half_full(&self) -> bool {
        self.cache.is_half_full()
    }

    /// Memory was trimmed as far as it goes.
    pub fn note_trimmed(&mut self) {
        self.cache.note_trimmed();
    }

    /// The nodes that have to be recorded, ascending.
    pub fn dirty_nodes(&self) -> Vec<VirtualAddress> {
        self.cache.addresses(|node| node.dirty)
    }

    /// Those of them that were not used lately, directories or not.
    pub fn idle_dirty_nodes(&self, directories: bool) -> Vec<VirtualAddress> {
        self.cache
            .idle_addresses(|node| node.dirty && node.is_directory() == directories)
    }

    /// The nodes with much to record in their bodies, such as a directory that grows and grows.
    pub fn large_dirty_bodies(&self) -> Vec<VirtualAddress> {
        let is_large =
            |node: &CachedNode| (node.dirty || node.unnamed) && node.body.dirty_blocks() >= WORTH_RECORDING;
        self.cache.addresses(is_large)
    }

    /// A node is about to be recorded, and clean then.
    pub fn record_node(&mut self, disc: &mut Disc<'_>, address: VirtualAddress) -> Result<(), Error> {
        self.vat.prepare(disc, address)?;
        self.cache.change(address, |node| node.dirty = false);
        Ok(())
    }
}

/// Reads a node.
fn read_node(
    disc: &mut Disc<'_>,
    form: Form,
    address: VirtualAddress,
    at: LogicalBlock,
) -> Result<CachedNode, Error> {
    let node = disc.volume.node_at(form.address_of(address), at)?;
    let body = read_body(disc, form, &node)?;
    let entry = ecma167::file::FileEntry {
        allocation_descriptors: Vec::new(),
        ..node.entry
    };
    Ok(CachedNode {
        entry,
        body,
        index: None,
        continuations: Vec::new(),
        dirty: false,
        unnamed: false,
        used: 0,
    })
}

fn read_body(disc: &mut Disc<'_>, form: Form, node: &Node) -> Result<Body, Error> {
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
