//! The nodes that are held in memory, by virtual address.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

use crate::node::PendingNode;

/// The nodes that are open, changed or read to be changed. Boxed: a table that grows then moves pointers.
#[derive(Default)]
pub(crate) struct Nodes {
    nodes: HashMap<VirtualAddress, Box<PendingNode>>,
    /// The least that they weighed since some were last let go: what could not be.
    kept: usize,
}

impl Nodes {
    /// The node of that address.
    pub fn get(&self, address: &VirtualAddress) -> Option<&PendingNode> {
        self.nodes.get(address).map(|node| &**node)
    }

    /// The node of that address, to be changed.
    pub fn get_mut(&mut self, address: &VirtualAddress) -> Option<&mut PendingNode> {
        self.nodes.get_mut(address).map(|node| &mut **node)
    }

    /// Whether there is one.
    pub fn contains(&self, address: &VirtualAddress) -> bool {
        self.nodes.contains_key(address)
    }

    /// Takes a node in.
    pub fn insert(&mut self, address: VirtualAddress, node: PendingNode) {
        self.nodes.insert(address, Box::new(node));
    }

    /// Lets a node go.
    pub fn remove(&mut self, address: &VirtualAddress) {
        self.nodes.remove(address);
    }

    /// Lets all go.
    pub fn clear(&mut self) {
        self.nodes.clear();
    }

    /// Notes what is left when some were let go.
    pub fn keep(&mut self, weight: usize) {
        self.kept = weight;
    }

    /// What could not be let go, of all that weighs `weight` now.
    pub fn kept(&mut self, weight: usize) -> usize {
        self.kept = self.kept.min(weight);
        self.kept
    }

    /// All nodes, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut PendingNode> {
        self.nodes.values_mut().map(|node| &mut **node)
    }

    /// The addresses of those nodes that are wanted, ascending.
    pub fn addresses(&self, wanted: impl Fn(&PendingNode) -> bool) -> Vec<VirtualAddress> {
        let chosen = self.nodes.iter().filter(|(_, node)| wanted(node));
        let mut addresses: Vec<_> = chosen.map(|(address, _)| *address).collect();
        addresses.sort_unstable();
        addresses
    }
}
