//! Nodes outside the virtual partition: files whose entries are in the write-once partition itself, where
//! directories name their blocks.
//!
//! Both volumes of a disc share the entry of such a file. In memory it has a number like any other node, from
//! 2^31 on, where no VAT of a disc has entries; such a number is never recorded. When the file changes, its
//! entry is recorded in another block, and its name gets that block.

use ecma167::{LogicalBlock, VirtualAddress};
use hashbrown::{HashMap, HashSet};

/// The first number of a node outside the virtual partition.
pub(crate) const FIRST_OUTSIDE: u32 = 1 << 31;

/// A virtual address that no VAT of a continued volume has.
pub(crate) const NOWHERE: VirtualAddress = VirtualAddress(FIRST_OUTSIDE - 1);

/// Whether a number belongs to a node outside the virtual partition.
pub(crate) fn is_outside(address: VirtualAddress) -> bool {
    address.0 >= FIRST_OUTSIDE
}

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// Created since the last commit, without a block.
    Unplaced,
    /// Created since the last commit, in this block, which is recorded or about to be.
    New(LogicalBlock),
    /// Part of the last commit, in this block, which is recorded or about to be.
    At(LogicalBlock),
    /// It has a VAT entry after all.
    Within(VirtualAddress),
    /// It is removed.
    Gone,
}

/// Where a node is named: the directory, and the place in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NamedIn {
    pub directory: VirtualAddress,
    /// Byte offset of the file identifier descriptor; it changes when the directory is laid out afresh.
    pub offset: u64,
}

/// Where a node is, in 4 bytes, because a million of them are in memory.
#[derive(Clone, Copy, Debug)]
struct Packed(u32);

impl Packed {
    const VALUE: u32 = (1 << 30) - 1;
    const NEW: u32 = 0 << 30;
    const AT: u32 = 1 << 30;
    const WITHIN: u32 = 2 << 30;
    const OTHER: u32 = 3 << 30;
    const UNPLACED: u32 = Self::OTHER;
    const GONE: u32 = Self::OTHER | 1;

    /// A block or entry above 2^30, which is 2 TiB of a disc, counts as gone.
    fn of(whereabouts: Whereabouts) -> Self {
        let with = |tag: u32, value: u32| {
            if value <= Self::VALUE {
                tag | value
            } else {
                Self::GONE
            }
        };
        Self(match whereabouts {
            Whereabouts::Unplaced => Self::UNPLACED,
            Whereabouts::New(block) => with(Self::NEW, block.0),
            Whereabouts::At(block) => with(Self::AT, block.0),
            Whereabouts::Within(entry) => with(Self::WITHIN, entry.0),
            Whereabouts::Gone => Self::GONE,
        })
    }

    fn get(self) -> Whereabouts {
        let value = self.0 & Self::VALUE;
        match self.0 & !Self::VALUE {
            Self::NEW => Whereabouts::New(LogicalBlock(value)),
            Self::AT => Whereabouts::At(LogicalBlock(value)),
            Self::WITHIN => Whereabouts::Within(VirtualAddress(value)),
            _ if self.0 == Self::UNPLACED => Whereabouts::Unplaced,
            _ => Whereabouts::Gone,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct OutsideNode {
    packed: Packed,
    directory: VirtualAddress,
    /// In units of 4 bytes, to which file identifier descriptors are padded.
    place: u32,
}

/// All nodes outside the virtual partition that were created or found.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    nodes: Vec<OutsideNode>,
    /// Blocks of nodes recorded since opening, ascending: a disc grows at its end.
    recorded: Vec<(LogicalBlock, u32)>,
    /// Blocks of nodes that the disc already had.
    met: HashMap<LogicalBlock, u32>,
    /// Nodes that have a VAT entry.
    within: HashMap<VirtualAddress, u32>,
    /// The committed state of nodes that changed since the last commit.
    committed: HashMap<u32, OutsideNode>,
    /// The first node created or found since the last commit.
    first_new: usize,
    /// The unique IDs of all nodes that had names when all were met, except directories.
    all: Option<HashSet<u32>>,
}

fn address_of(index: u32) -> VirtualAddress {
    VirtualAddress(FIRST_OUTSIDE.saturating_add(index))
}

impl Outside {
    /// A number for a new node that will be named in a directory; `None` if there are too many.
    pub fn allocate(&mut self, directory: VirtualAddress) -> Option<VirtualAddress> {
        self.push(OutsideNode {
            packed: Packed::of(Whereabouts::Unplaced),
            directory,
            place: 0,
        })
    }

    /// The number of the node whose block a name states.
    pub fn meet(&mut self, block: LogicalBlock, name: NamedIn) -> Option<VirtualAddress> {
        let recorded = self.recorded.binary_search_by_key(&block, |(block, _)| *block);
        if let Ok(found) = recorded {
            return Some(address_of(self.recorded[found].1));
        }
        if let Some(index) = self.met.get(&block) {
            return Some(address_of(*index));
        }
        let address = self.push(OutsideNode {
            packed: Packed::of(Whereabouts::At(block)),
            directory: name.directory,
            place: place_of(name.offset),
        })?;
        self.met.insert(block, address.0 - FIRST_OUTSIDE);
        Some(address)
    }

    /// Whether all nodes that directories name were met.
    pub fn knows_all(&self) -> bool {
        self.all.is_some()
    }

    /// Notes that all nodes that directories name were met, and the unique IDs of all that are no
    /// directories, in the virtual partition too.
    pub fn note_all(&mut self, unique_ids: HashSet<u32>) {
        self.all = Some(unique_ids);
    }

    /// Whether a node with this unique ID may have a name.
    pub fn may_have(&self, unique_id: u32) -> bool {
        self.all.as_ref().is_none_or(|all| all.contains(&unique_id))
    }

    /// Whether a node with this unique ID is known to have a name.
    pub fn is_known(&self, unique_id: u32) -> bool {
        self.all.as_ref().is_some_and(|all| all.contains(&unique_id))
    }

    /// Notes the unique ID of a node that got a name again.
    pub fn note(&mut self, unique_id: u32) {
        if let Some(all) = &mut self.all {
            all.insert(unique_id);
        }
    }

    /// Forgets the unique ID of a node that lost its last name.
    pub fn forget(&mut self, unique_id: u32) {
        if let Some(all) = &mut self.all {
            all.remove(&unique_id);
        }
    }

    /// The node in this block, if it has a name.
    pub fn at(&self, block: LogicalBlock) -> Option<VirtualAddress> {
        let index = match self.recorded.binary_search_by_key(&block, |(block, _)| *block) {
            Ok(found) => self.recorded[found].1,
            Err(_) => *self.met.get(&block)?,
        };
        let whereabouts = self.nodes[index as usize].packed.get();
        let is_there = matches!(whereabouts, Whereabouts::At(at) | Whereabouts::New(at) if at == block);
        is_there.then(|| address_of(index))
    }

    /// Names the node in this block again, after its last name was removed.
    pub fn name_again(&mut self, block: LogicalBlock, name: NamedIn) -> Option<VirtualAddress> {
        let address = self.push(OutsideNode {
            packed: Packed::of(Whereabouts::New(block)),
            directory: name.directory,
            place: place_of(name.offset),
        })?;
        self.recorded.retain(|(at, _)| *at != block);
        self.met.insert(block, address.0 - FIRST_OUTSIDE);
        Some(address)
    }

    fn push(&mut self, node: OutsideNode) -> Option<VirtualAddress> {
        let index = u32::try_from(self.nodes.len())
            .ok()
            .filter(|index| *index < FIRST_OUTSIDE)?;
        if self.nodes.len() == self.nodes.capacity() {
            self.nodes.reserve_exact(grown(self.nodes.len()));
        }
        self.nodes.push(node);
        Some(address_of(index))
    }

    fn index_of(&self, address: VirtualAddress) -> Option<u32> {
        let index = address.0.checked_sub(FIRST_OUTSIDE)?;
        ((index as usize) < self.nodes.len()).then_some(index)
    }

    /// Where a node is.
    pub fn whereabouts(&self, address: VirtualAddress) -> Whereabouts {
        self.index_of(address)
            .map_or(Whereabouts::Gone, |index| self.nodes[index as usize].packed.get())
    }

    /// Where a node is named.
    pub fn name_of(&self, address: VirtualAddress) -> Option<NamedIn> {
        let node = self.nodes[self.index_of(address)? as usize];
        Some(NamedIn {
            directory: node.directory,
            offset: u64::from(node.place) * 4,
        })
    }

    /// The number of the node with a VAT entry, if the node was once outside.
    pub fn of_entry(&self, entry: VirtualAddress) -> Option<VirtualAddress> {
        self.within.get(&entry).map(|index| address_of(*index))
    }

    /// Changes what is known about a node, and keeps its committed state.
    fn change(&mut self, address: VirtualAddress, change: impl FnOnce(&mut OutsideNode)) {
        let Some(index) = self.index_of(address) else {
            return;
        };
        let node = &mut self.nodes[index as usize];
        let before = *node;
        change(node);
        if matches!(before.packed.get(), Whereabouts::At(_) | Whereabouts::Within(_)) {
            self.committed.entry(index).or_insert(before);
        }
    }

    /// Sets where a node is named.
    pub fn set_name(&mut self, address: VirtualAddress, name: NamedIn) {
        self.change(address, |node| {
            node.directory = name.directory;
            node.place = place_of(name.offset);
        });
    }

    /// Sets the block of a node. May be called again with another block.
    pub fn place(&mut self, address: VirtualAddress, at: LogicalBlock) {
        let Some(index) = self.index_of(address) else {
            return;
        };
        self.change(address, |node| {
            node.packed = Packed::of(match node.packed.get() {
                Whereabouts::At(_) => Whereabouts::At(at),
                _ => Whereabouts::New(at),
            });
        });
        // Nodes from this block on are placed anew.
        let kept = self.recorded.partition_point(|(block, _)| *block < at);
        self.recorded.truncate(kept);
        if self.recorded.len() == self.recorded.capacity() {
            self.recorded.reserve_exact(grown(self.recorded.len()));
        }
        self.recorded.push((at, index));
    }

    /// Gives a node a VAT entry.
    pub fn move_within(&mut self, address: VirtualAddress, entry: VirtualAddress) {
        self.change(address, |node| {
            node.packed = Packed::of(Whereabouts::Within(entry))
        });
        if let Some(index) = self.index_of(address) {
            self.within.insert(entry, index);
        }
    }

    /// Removes a node, and returns its VAT entry if it had one.
    pub fn free(&mut self, address: VirtualAddress) -> Option<VirtualAddress> {
        let entry = match self.whereabouts(address) {
            Whereabouts::Within(entry) => Some(entry),
            _ => None,
        };
        self.change(address, |node| node.packed = Packed::of(Whereabouts::Gone));
        entry
    }

    /// Records that all changes are now in the volume.
    pub fn commit(&mut self) {
        self.committed.clear();
        for node in &mut self.nodes[self.first_new..] {
            if let Whereabouts::New(at) = node.packed.get() {
                node.packed = Packed::of(Whereabouts::At(at));
            }
        }
        self.first_new = self.nodes.len();
    }

    /// Returns to the last commit.
    pub fn abandon(&mut self) {
        for (index, node) in self.committed.drain() {
            self.nodes[index as usize] = node;
        }
        for node in &mut self.nodes[self.first_new..] {
            if !matches!(node.packed.get(), Whereabouts::At(_)) {
                node.packed = Packed::of(Whereabouts::Gone);
            }
        }
        self.first_new = self.nodes.len();
        let nodes = &self.nodes;
        self.within
            .retain(|entry, index| nodes[*index as usize].packed.get() == Whereabouts::Within(*entry));
    }
}

/// How much a vector grows by: doubling would take twice the memory that a disc of many files needs.
fn grown(length: usize) -> usize {
    1024.max(length / 32)
}

fn place_of(offset: u64) -> u32 {
    u32::try_from(offset / 4).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECTORY: VirtualAddress = VirtualAddress(1);

    fn name(offset: u64) -> NamedIn {
        NamedIn {
            directory: DIRECTORY,
            offset,
        }
    }

    #[test]
    fn a_node_is_found_by_its_latest_block() {
        let mut outside = Outside::default();
        let [a, b] = [(); 2].map(|()| outside.allocate(DIRECTORY).unwrap());
        outside.place(a, LogicalBlock(10));
        outside.place(b, LogicalBlock(11));
        // A packet ended: both are placed anew.
        outside.place(a, LogicalBlock(17));
        outside.place(b, LogicalBlock(18));
        assert_eq!(outside.meet(LogicalBlock(17), name(0)), Some(a));
        assert_eq!(outside.meet(LogicalBlock(18), name(0)), Some(b));
        assert_eq!(outside.whereabouts(b), Whereabouts::New(LogicalBlock(18)));
    }

    #[test]
    fn a_block_found_twice_on_the_disc_is_one_node() {
        let mut outside = Outside::default();
        let met = outside.meet(LogicalBlock(5), name(40)).unwrap();
        assert_eq!(outside.meet(LogicalBlock(5), name(40)), Some(met));
        assert_eq!(outside.name_of(met), Some(name(40)));
    }

    #[test]
    fn abandoning_restores_the_last_commit() {
        let mut outside = Outside::default();
        let old = outside.meet(LogicalBlock(5), name(40)).unwrap();
        let moved = outside.meet(LogicalBlock(6), name(80)).unwrap();
        let new = outside.allocate(DIRECTORY).unwrap();
        outside.place(old, LogicalBlock(90));
        outside.set_name(old, name(400));
        outside.move_within(moved, VirtualAddress(7));
        outside.place(new, LogicalBlock(91));
        outside.abandon();
        assert_eq!(outside.whereabouts(old), Whereabouts::At(LogicalBlock(5)));
        assert_eq!(outside.name_of(old), Some(name(40)));
        assert_eq!(outside.whereabouts(moved), Whereabouts::At(LogicalBlock(6)));
        assert_eq!(outside.whereabouts(new), Whereabouts::Gone);
        assert_eq!(outside.of_entry(VirtualAddress(7)), None);
    }

    #[test]
    fn what_was_committed_stays() {
        let mut outside = Outside::default();
        let new = outside.allocate(DIRECTORY).unwrap();
        outside.place(new, LogicalBlock(9));
        let within = outside.allocate(DIRECTORY).unwrap();
        outside.move_within(within, VirtualAddress(7));
        outside.commit();
        outside.place(new, LogicalBlock(20));
        outside.abandon();
        assert_eq!(outside.whereabouts(new), Whereabouts::At(LogicalBlock(9)));
        assert_eq!(outside.of_entry(VirtualAddress(7)), Some(within));
    }
}
