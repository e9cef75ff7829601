//! The nodes that are open, changed or read to be changed: loading them, changing them, and letting them go.
//!
//! Memory is bounded by what is dirty: beyond [`BOUND`] clean nodes are let go, and then dirty ones are recorded
//! early. Nobody sees those before a VAT names them, so a power cut loses nothing that was acknowledged.

use ecma167::{BLOCK_SIZE, LogicalBlock, VirtualAddress};
use volume::{CorruptKind, Extent, ExtentKind, Node};

use crate::{
    Recording,
    body::{Blocks, Body},
    disc::Disc,
    error::Error,
    extent_map::ExtentMap,
    node::{Form, PendingNode},
    queue::Item,
};

/// Memory of pending nodes, in bytes, beyond which some are let go or recorded early. What cannot be let go, as the names
/// of a directory that is in use, may take more; then so much again as half of this.
const BOUND: usize = 12 << 20;

/// Dirty blocks of a body in use that are worth recording early.
const WORTH_RECORDING: u64 = 64;

/// The nodes used last stay: the path from the root to where the caller works.
const KEPT: u64 = 256;

/// What a node owes and weighs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    owed: u64,
    weight: usize,
}

impl Load {
    fn of(node: &PendingNode) -> Self {
        Self {
            owed: node.owed(),
            weight: node.weight(),
        }
    }
}

impl Recording {
    /// The pending node of that address, read from the disc where it is not pending yet.
    pub(crate) fn load(&mut self, address: VirtualAddress) -> Result<&mut PendingNode, Error> {
        self.clock += 1;
        if !self.nodes.contains(&address) {
            let at = self.vat.get(&mut self.disc, address)?.ok_or(Error::NotFound)?;
            let node = read_node(&mut self.disc, self.form, address, at)?;
            self.weight += node.weight();
            self.nodes.insert(address, node);
        }
        let node = self.nodes.get_mut(&address).ok_or(Error::NotFound)?;
        node.used = self.clock;
        Ok(node)
    }

    /// Takes a new node in.
    pub(crate) fn adopt(&mut self, address: VirtualAddress, mut node: PendingNode) {
        self.clock += 1;
        node.used = self.clock;
        self.owed += node.owed();
        self.weight += node.weight();
        self.changed = true;
        self.nodes.insert(address, node);
    }

    /// Changes a node.
    pub(crate) fn edit<R>(
        &mut self,
        address: VirtualAddress,
        change: impl FnOnce(&mut PendingNode) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.load(address)?;
        let Some(node) = self.nodes.get_mut(&address) else {
            return Err(Error::NotFound);
        };
        let before = Load::of(node);
        let result = change(node);
        node.dirty = !node.unnamed;
        self.changed |= node.dirty;
        let after = Load::of(node);
        self.settle(before, after);
        result
    }

    /// What a node owes and weighs, to be given to [`Recording::settle_after`] when the change is done.
    pub(crate) fn settle_before(&self, address: VirtualAddress) -> Load {
        self.nodes.get(&address).map_or(Load::default(), Load::of)
    }

    /// Counts what a change made the node owe and weigh.
    pub(crate) fn settle_after(&mut self, address: VirtualAddress, before: Load) {
        let after = self.settle_before(address);
        self.settle(before, after);
    }

    fn settle(&mut self, before: Load, after: Load) {
        self.owed = (self.owed + after.owed).saturating_sub(before.owed);
        self.weight = (self.weight + after.weight).saturating_sub(before.weight);
    }

    /// Takes what waits of a node out of the queue.
    pub(crate) fn drop_queued(&mut self, address: VirtualAddress) {
        self.disc.queue.remove(|item| match item {
            Item::Data { node, .. } | Item::AllocationExtent { node, .. } | Item::Node(node) => {
                *node == address
            }
            _ => false,
        });
    }

    /// Lets go of a node, whatever it is.
    pub(crate) fn let_go(&mut self, address: VirtualAddress) {
        let before = self.settle_before(address);
        self.nodes.remove(&address);
        self.settle_after(address, before);
    }

    /// Lets go of what is clean and nobody waits for.
    pub(crate) fn let_clean_go(&mut self, kept: u64) {
        self.note_queued();
        let oldest = self.clock.saturating_sub(kept);
        let clean = self
            .nodes
            .addresses(|node| !node.dirty && !node.queued && !node.unnamed && node.used <= oldest);
        clean.into_iter().for_each(|address| self.let_go(address));
    }

    fn note_queued(&mut self) {
        self.nodes.values_mut().for_each(|node| node.queued = false);
        for item in &self.disc.queue.items {
            if let Item::Data { node, .. } | Item::Node(node) | Item::AllocationExtent { node, .. } = item
                && let Some(node) = self.nodes.get_mut(node)
            {
                node.queued = true;
            }
        }
    }

    /// Before a change that takes at most so many blocks: makes room for it on the medium and in memory.
    pub(crate) fn prepare_change(&mut self, blocks: u64) -> Result<(), Error> {
        self.require(blocks)?;
        self.recover()?;
        self.relieve()
    }

    /// Keeps memory bounded where nodes are only looked at: nothing is recorded.
    pub(crate) fn relieve_of_clean(&mut self) {
        if self.is_heavy() {
            self.let_clean_go(KEPT);
            self.nodes.keep(self.weight);
        }
    }

    /// Whether memory has grown since what can be let go of was.
    fn is_heavy(&mut self) -> bool {
        self.weight > BOUND.max(self.nodes.kept(self.weight) + BOUND / 2)
    }

    /// Keeps memory bounded: lets clean nodes go, then records dirty ones early, files before directories.
    pub(crate) fn relieve(&mut self) -> Result<(), Error> {
        if !self.is_heavy() {
            return Ok(());
        }
        self.let_clean_go(KEPT);
        for directories in [false, true] {
            if self.weight > BOUND / 2 {
                self.record_early(directories)?;
            }
        }
        if self.weight > BOUND / 2 {
            self.record_bodies_early()?;
        }
        self.nodes.keep(self.weight);
        Ok(())
    }

    /// Records what is dirty in the bodies of nodes that are in use, such as a directory that grows and grows.
    fn record_bodies_early(&mut self) -> Result<(), Error> {
        let in_use = self
            .nodes
            .addresses(|node| (node.dirty || node.unnamed) && node.body.dirty_blocks() >= WORTH_RECORDING);
        in_use
            .into_iter()
            .try_for_each(|address| self.enqueue_body(address))
    }

    fn record_early(&mut self, directories: bool) -> Result<(), Error> {
        let oldest = self.clock.saturating_sub(KEPT);
        let early = self
            .nodes
            .addresses(|node| node.dirty && node.used <= oldest && node.is_directory() == directories);
        for address in early {
            self.enqueue_body(address)?;
            self.enqueue_node(address)?;
        }
        self.issue(false)?;
        self.let_clean_go(KEPT);
        Ok(())
    }
}

/// Reads a node that is to be changed.
fn read_node(
    disc: &mut Disc,
    form: Form,
    address: VirtualAddress,
    at: LogicalBlock,
) -> Result<PendingNode, Error> {
    let node = disc.volume.node_at(form.address_of(address), at)?;
    let body = read_body(disc, form, &node)?;
    let entry = ecma167::file::FileEntry {
        allocation_descriptors: Vec::new(),
        ..node.entry
    };
    Ok(PendingNode {
        entry,
        body,
        index: None,
        continuations: Vec::new(),
        dirty: false,
        unnamed: false,
        queued: false,
        used: 0,
    })
}

fn read_body(disc: &mut Disc, form: Form, node: &Node) -> Result<Body, Error> {
    match disc.volume.body(node)? {
        volume::Body::Embedded(bytes) => Ok(Body::Embedded(bytes)),
        volume::Body::Extents(extents) => {
            let map = extent_map(form, &extents)?;
            Ok(Body::Blocks(Blocks {
                length: node.entry.information_length,
                map,
                ..Blocks::default()
            }))
        }
    }
}

/// The recorded extents of a body as runs in the write-once partition.
pub(crate) fn extent_map(form: Form, extents: &[Extent]) -> Result<ExtentMap, Error> {
    let mut map = ExtentMap::default();
    let mut first = 0;
    for extent in extents {
        let count = extent.length.div_ceil(BLOCK_SIZE as u64);
        if let ExtentKind::Recorded(address) = extent.kind {
            if address.partition != form.physical {
                return Err(Error::Unsupported(
                    "a body stands outside the write-once partition",
                ));
            }
            let count = u32::try_from(count).map_err(|_| Error::FileTooLarge)?;
            if address.block.checked_add(count).is_none() {
                return Err(volume::Error::corrupt(CorruptKind::OutsidePartition, address).into());
            }
            map.set(first, count, LogicalBlock(address.block));
        }
        first += count;
    }
    Ok(map)
}
