//! The nodes in memory, by virtual address, with their memory and the blocks they owe.
//!
//! Only [`Cache::change`] changes a node, so memory and room are accounted in one place.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

use super::node::CachedNode;

/// Memory of the nodes, in bytes, above which some are evicted or recorded early. Memory that cannot be
/// evicted, such as the names of a directory in use, may exceed this; trimming then waits for growth by half
/// of it.
const BOUND: usize = 12 << 20;

/// The most recently used nodes stay: the path from the root to where the caller works.
const KEPT: u64 = 256;

/// Blocks that nodes still have to record, and their memory.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    owed: u64,
    weight: usize,
}

impl Account {
    fn of(node: &CachedNode) -> Self {
        Self {
            owed: node.owed(),
            weight: node.weight(),
        }
    }

    /// Replaces what is accounted for a node.
    fn replace(&mut self, before: Self, after: Self) {
        self.owed = (self.owed + after.owed).saturating_sub(before.owed);
        self.weight = (self.weight + after.weight).saturating_sub(before.weight);
    }
}

fn has_grown(kept: &mut usize, weight: usize) -> bool {
    *kept = weight.min(*kept);
    weight > BOUND.max(*kept + BOUND / 2)
}

/// A node with its account.
struct Slot {
    node: CachedNode,
    account: Account,
}

/// The nodes that are open, changed or read to be changed. Boxed, so that a growing table moves only
/// pointers.
#[derive(Default)]
pub(crate) struct Cache {
    nodes: HashMap<VirtualAddress, Box<Slot>>,
    /// The sum over all nodes.
    account: Account,
    /// The least memory since the last trim, in bytes: what could not be evicted.
    kept: usize,
    /// The least memory since clean nodes were last evicted, in bytes.
    kept_dirty: usize,
    /// Counts operations, to find the nodes used last.
    clock: u64,
}

impl Cache {
    /// The node at an address.
    pub fn get(&self, address: VirtualAddress) -> Option<&CachedNode> {
        self.nodes.get(&address).map(|slot| &slot.node)
    }

    /// Whether a node is in memory; marks it as used now.
    pub fn touch(&mut self, address: VirtualAddress) -> bool {
        self.clock += 1;
        let Some(slot) = self.nodes.get_mut(&address) else {
            return false;
        };
        slot.node.used = self.clock;
        true
    }

    /// Adds a node and marks it as used now.
    pub fn insert(&mut self, address: VirtualAddress, mut node: CachedNode) {
        node.used = self.clock;
        let account = Account::of(&node);
        self.account.replace(Account::default(), account);
        self.nodes.insert(address, Box::new(Slot { node, account }));
    }

    /// Changes a node; `None` if it is not in memory.
    pub fn change<R>(
        &mut self,
        address: VirtualAddress,
        change: impl FnOnce(&mut CachedNode) -> R,
    ) -> Option<R> {
        let slot = self.nodes.get_mut(&address)?;
        let result = change(&mut slot.node);
        let after = Account::of(&slot.node);
        self.account.replace(slot.account, after);
        slot.account = after;
        Some(result)
    }

    /// Evicts a node in whatever state.
    pub fn evict(&mut self, address: VirtualAddress) {
        if let Some(slot) = self.nodes.remove(&address) {
            self.account.replace(slot.account, Account::default());
        }
    }

    /// Evicts all nodes.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.account = Account::default();
    }

    /// Blocks that the dirty nodes still have to record.
    pub fn owed(&self) -> u64 {
        self.account.owed
    }

    /// Whether the nodes take more than half of their memory limit.
    pub fn is_half_full(&self) -> bool {
        self.account.weight > BOUND / 2
    }

    /// Whether memory has grown since the last trim.
    pub fn is_heavy(&mut self) -> bool {
        has_grown(&mut self.kept, self.account.weight)
    }

    /// Whether memory has grown since clean nodes were last evicted.
    pub fn is_heavy_with_clean(&mut self) -> bool {
        has_grown(&mut self.kept_dirty, self.account.weight)
    }

    /// Records how much memory is left after trimming.
    pub fn note_trimmed(&mut self) {
        self.kept = self.account.weight;
    }

    /// Records how much memory is left after clean nodes were evicted. The rest may still be recorded and
    /// then evicted.
    pub fn note_clean_evicted(&mut self) {
        self.kept_dirty = self.account.weight;
    }

    /// The addresses of the nodes that are `wanted`, ascending.
    pub fn addresses(&self, wanted: impl Fn(&CachedNode) -> bool) -> Vec<VirtualAddress> {
        let chosen = self.nodes.iter().filter(|(_, slot)| wanted(&slot.node));
        let mut addresses: Vec<_> = chosen.map(|(address, _)| *address).collect();
        addresses.sort_unstable();
        addresses
    }

    /// As [`Cache::addresses`], only nodes not used recently.
    pub fn idle_addresses(&self, wanted: impl Fn(&CachedNode) -> bool) -> Vec<VirtualAddress> {
        let oldest = self.clock.saturating_sub(KEPT);
        self.addresses(|node| node.used <= oldest && wanted(node))
    }
}
