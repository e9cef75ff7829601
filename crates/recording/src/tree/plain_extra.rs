//! What files add to a plain volume beyond the share that each name has: copies, allocation extents, records
//! for further extents, zeros for long holes.
//!
//! The VAT states the sum. What each file adds is known once its node was read or recorded.

use std::collections::HashMap;

use rom::{Bridge, ExtraBlocks};
use volume::ExtraRoom;

use super::form::Form;
use super::node::CachedNode;

/// The extra blocks of a plain volume, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct PlainExtra {
    /// Whether the disc gets a plain volume, and of which kind.
    bridge: Option<Bridge>,
    /// Blocks by the unique ID of the file.
    of_files: HashMap<u64, u64>,
    /// The room for all of them.
    room: ExtraRoom,
    /// Whether that includes the files of earlier recordings.
    has_all: bool,
    /// The room and whether it had all, in the last generation that the drive has recorded in full.
    committed: (ExtraRoom, bool),
}

impl PlainExtra {
    /// For a disc that gets a plain volume, or none. `stated` is what its VAT states.
    pub fn of(bridge: Option<Bridge>, stated: Option<ExtraRoom>) -> Self {
        let mut extra = Self {
            bridge,
            ..Self::default()
        };
        extra.begin_at(stated);
        extra.commit();
        extra
    }

    /// Continues with another generation, whose VAT states this.
    pub fn begin_at(&mut self, stated: Option<ExtraRoom>) {
        self.of_files.clear();
        self.room = stated.unwrap_or_default();
        self.has_all = stated.is_some();
    }

    /// Notes that what was noted is recorded in full.
    pub fn commit(&mut self) {
        self.committed = (self.room, self.has_all);
    }

    /// Returns to the last generation.
    pub fn abandon(&mut self) {
        self.of_files.clear();
        (self.room, self.has_all) = self.committed;
    }

    /// Learns what a file that was read from the disc adds: the sum contains it.
    pub fn learn(&mut self, node: &CachedNode, form: Form) {
        if !self.has_all || node.is_in_one_run() || self.of_files.contains_key(&node.entry.unique_id) {
            return;
        }
        let extra = self.added_by(node, form);
        if extra.of_file > 0 {
            self.of_files.insert(node.entry.unique_id, extra.of_file);
        }
    }

    /// Notes a file whose extents are recorded.
    pub fn note(&mut self, node: &CachedNode, form: Form) {
        self.forget(node);
        self.gain(node, form);
    }

    /// Notes a file that comes back as it is recorded.
    pub fn gain(&mut self, node: &CachedNode, form: Form) {
        let extra = self.added_by(node, form);
        if extra.of_file > 0 {
            self.of_files.insert(node.entry.unique_id, extra.of_file);
            self.room.of_files = self.room.of_files.saturating_add(extra.of_file);
        }
        self.room.zeros = self.room.zeros.max(extra.zeros);
    }

    /// Forgets a file that is removed.
    pub fn forget(&mut self, node: &CachedNode) {
        let known = self.of_files.remove(&node.entry.unique_id);
        self.room.of_files = self.room.of_files.saturating_sub(known.unwrap_or(0));
    }

    /// All of them, in blocks.
    pub fn blocks(&self) -> u64 {
        self.room.blocks()
    }

    /// Whether the disc gets a plain volume.
    pub fn is_kept(&self) -> bool {
        self.bridge.is_some()
    }

    /// What the VAT is to state: nothing without a plain volume, nor if files are missing in the sum.
    pub fn to_state(&self) -> Option<ExtraRoom> {
        (self.is_kept() && self.has_all).then_some(self.room)
    }

    fn added_by(&self, node: &CachedNode, form: Form) -> ExtraBlocks {
        match self.bridge {
            Some(bridge) if !node.is_in_one_run() => ExtraBlocks::of(node.runs(form), bridge),
            _ => ExtraBlocks::default(),
        }
    }
}
