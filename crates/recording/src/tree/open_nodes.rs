//! How often each node is open.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

/// How often each node is open; of one that is not, nothing.
#[derive(Debug, Default)]
pub(crate) struct OpenNodes(HashMap<VirtualAddress, u64>);

impl OpenNodes {
    /// Whether somebody has a node open.
    pub fn contains(&self, address: VirtualAddress) -> bool {
        self.0.contains_key(&address)
    }

    /// Somebody opens a node.
    pub fn open(&mut self, address: VirtualAddress) {
        *self.0.entry(address).or_default() += 1;
    }

    /// Somebody closes a node; whether it was the last who had it open.
    pub fn close(&mut self, address: VirtualAddress) -> bool {
        let Some(count) = self.0.get_mut(&address) else {
            return false;
        };
        *count -= 1;
        let is_last = *count == 0;
        if is_last {
            self.0.remove(&address);
        }
        is_last
    }
}
