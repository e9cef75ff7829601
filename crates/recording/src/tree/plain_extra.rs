//! What the files recorded since opening add to a plain volume beyond the share that each name has: copies,
//! allocation extents, records for further extents, zeros for long holes.

use std::collections::HashMap;

use rom::{Bridge, ExtraBlocks};

use super::form::Form;
use super::node::CachedNode;

/// The extra blocks of a plain volume, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct PlainExtra {
    /// Whether the disc gets a plain volume, and of which kind.
    bridge: Option<Bridge>,
    /// Blocks by the unique ID of the file.
    of_files: HashMap<u64, u64>,
    /// Their sum.
    blocks: u64,
    /// The longest run of zeros.
    zeros: u32,
}

impl PlainExtra {
    /// For a disc that gets a plain volume, or none.
    pub fn of(bridge: Option<Bridge>) -> Self {
        Self {
            bridge,
            ..Self::default()
        }
    }

    /// Notes a file whose extents are recorded.
    pub fn note(&mut self, node: &CachedNode, form: Form) {
        let Some(bridge) = self.bridge else { return };
        let extra = if node.is_in_one_run() {
            ExtraBlocks::default()
        } else {
            ExtraBlocks::of(node.runs(form), bridge)
        };
        self.forget(node);
        if extra.of_file > 0 {
            self.of_files.insert(node.entry.unique_id, extra.of_file);
            self.blocks += extra.of_file;
        }
        self.zeros = self.zeros.max(extra.zeros);
    }

    /// Forgets a file that is removed.
    pub fn forget(&mut self, node: &CachedNode) {
        let known = self.of_files.remove(&node.entry.unique_id);
        self.blocks -= known.unwrap_or(0);
    }

    /// All of them, in blocks.
    pub fn blocks(&self) -> u64 {
        self.blocks + u64::from(self.zeros)
    }
}
