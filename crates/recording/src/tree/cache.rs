//! The nodes that are in memory, by virtual address, and what they weigh and owe.
//!
//! A node is changed by [`Cache::change`] alone: memory and room are accounted there and nowhere else.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

use super::node::CachedNode;

/// Memory of the nodes, in bytes, beyond which some are evicted or recorded early. What cannot be evicted, as the names of a
/// directory that is in use, may take more; then so much again as half of this.
const BOUND: usize = 12 << 20;

/// The nodes used last stay: the path from the root to where the caller works.
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

    /// What is accounted for a node changes.
    fn replace(&mut self, before: Self, after: Self) {
        self.owed = (self.owed + after.owed).saturating_sub(before.owed);
        self.weight = (self.weight + after.weight).saturating_sub(before.weight);
    }
}

fn has_grown(kept: &mut usize, weight: usize) -> bool {
    *kept = weight.min(*kept);
    weight > BOUND.max(*kept + BOUND / 2)
}

/// A node, and what is accounted for it.
struct Slot {
    node: CachedNode,
    account: Account,
}

/// The nodes that are open, changed or read to be changed. Boxed: a table that grows then moves pointers.
#[derive(Default)]
pub(crate) struct Cache {
    nodes: HashMap<VirtualAddress, Box<Slot>>,
    /// Of all of them.
    account: Account,
    /// The least that they weighed since memory was last trimmed: what could not be evicted.
    kept: usize,
    /// The least that they weighed since clean ones were last evicted.
    kept_dirty: usize,
    /// Counts operations, to know which nodes were used last.
    clock: u64,
}

impl Cache {
    /// The node of that address.
    pub fn get(&self, address: VirtualAddress) -> Option<&CachedNode> {
        self.nodes.get(&address).map(|slot| &slot.node)
    }

    /// Whether there is one; it counts as used now.
    pub fn touch(&mut self, address: VirtualAddress) -> bool {
        self.clock += 1;
        let Some(slot) = self.nodes.get_mut(&address) else {
            return false;
        };
        slot.node.used = self.clock;
        true
    }

    /// Takes a node in, used now.
    pub fn insert(&mut self, address: VirtualAddress, mut node: CachedNode) {
        node.used = self.clock;
        let account = Account::of(&node);
        self.account.replace(Account::default(), account);
        self.nodes.insert(address, Box::new(Slot { node, account }));
    }

    /// The way to change a node; `None` where there is none of that address.
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

    /// Evicts a node, whatever it is.
    pub fn evict(&mut self, address: VirtualAddress) {
        if let Some(slot) = self.nodes.remove(&address) {
            self.account.replace(slot.account, Account::default());
        }
    }

    /// Evicts all.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.account = Account::default();
    }

    /// Blocks that the dirty nodes still have to record.
    pub fn owed(&self) -> u64 {
        self.account.owed
    }

    /// Whether the nodes take more than half of the memory that they may take.
    pub fn is_half_full(&self) -> bool {
        self.account.weight > BOUND / 2
    }

    /// Whether memory has grown since it was last trimmed.
    pub fn is_heavy(&mut self) -> bool {
        has_grown(&mut self.kept, self.account.weight)
    }

    /// Whether memory has grown since clean nodes were last evicted.
    pub fn is_heavy_with_clean(&mut self) -> bool {
        has_grown(&mut self.kept_dirty, self.account.weight)
    }

    /// Notes what is left when memory was trimmed.
    pub fn note_trimmed(&mut self) {
        self.kept = self.account.weight;
    }

    /// Notes what is left when clean nodes were evicted. What is left may still be recorded and evicted then.
    pub fn note_clean_evicted(&mut self) {
        self.kept_dirty = self.account.weight;
    }

    /// The addresses of those nodes that are wanted, ascending.
    pub fn addresses(&self, wanted: impl Fn(&CachedNode) -> bool) -> Vec<VirtualAddress> {
        let chosen = self.nodes.iter().filter(|(_, slot)| wanted(&slot.node));
        let mut addresses: Vec<_> = chosen.map(|(address, _)| *address).collect();
        addresses.sort_unstable();
        addresses
    }

    /// As [`Cache::addresses`], of nodes that were not used lately.
    pub fn idle_addresses(&self, wanted: impl Fn(&CachedNode) -> bool) -> Vec<VirtualAddress> {
        let oldest = self.clock.saturating_sub(KEPT);
        self.addresses(|node| node.used <= oldest && wanted(node))
    }
}
