//! How often each node is open.

use ecma167::VirtualAddress;
use hashbrown::HashMap;

/// How often each open node is open.
#[derive(Debug, Default)]
pub(crate) struct OpenNodes(HashMap<VirtualAddress, u64>);

impl OpenNodes {
    /// Whether a node is open.
    pub fn contains(&self, address: VirtualAddress) -> bool {
        self.0.contains_key(&address)
    }

    /// Opens a node once more.
    pub fn open(&mut self, address: VirtualAddress) {
        *self.0.entry(address).or_default() += 1;
    }

    /// Closes a node once. Returns whether it is no longer open.
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
