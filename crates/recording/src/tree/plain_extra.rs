//! What files add to a plain volume beyond the share that each name has: copies, allocation extents, records
//! for further extents, zeros for long holes.
//!
//! The VAT states the sum. What each file adds is known once its node was read or recorded.

use std::collections::HashMap;

use ecma167::LogicalSector;
use rom::{Copying, ExtraBlocks, Run};
use volume::ExtraRoom;

use super::form::Form;
use super::node::CachedNode;

/// The extra blocks of a plain volume, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct PlainExtra {
    /// Whether the disc gets a plain volume, and of which kind.
    copying: Option<Copying>,
    /// Blocks by the unique ID of the file.
    of_files: HashMap<u64, u64>,
    /// The room for all of them.
    room: ExtraRoom,
    /// Whether that includes the files of earlier recordings.
    has_all: bool,
    /// The room and whether it had all, in the last generation that the drive has recorded in full.
    committed: (ExtraRoom, bool),
}

/// What a file would take with a write, in blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    of_file: u64,
    zeros: u32,
}

impl PlainExtra {
    /// For a disc that gets a plain volume, or none. `stated` is what its VAT states.
    pub fn of(copying: Option<Copying>, stated: Option<ExtraRoom>) -> Self {
        let mut extra = Self {
            copying,
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
        let blocks = self.added_by(node, form).with_names(names_of(node));
        if blocks > 0 {
            self.of_files.insert(node.entry.unique_id, blocks);
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
        self.add(
            node.entry.unique_id,
            extra.with_names(names_of(node)),
            extra.zeros,
        );
    }

    /// What a file adds after a write of `length` bytes at byte `offset`: to be kept back before the write,
    /// and [noted](Self::expect) with it. `None` if it adds what it did before.
    pub fn growth(&self, node: &CachedNode, form: Form, written: (u64, u64)) -> Option<Growth> {
        let extra = after_write(node, form, written, self.copying?)?;
        Some(Growth {
            of_file: extra.with_names(names_of(node)),
            zeros: extra.zeros,
        })
    }

    /// What a further name of a file adds, in blocks.
    pub fn growth_by_name(&self, node: &CachedNode, form: Form) -> u64 {
        self.added_by(node, form).of_name
    }

    /// Blocks that `growth` of a file takes beyond those kept back for it.
    pub fn beyond(&self, node: &CachedNode, growth: Option<Growth>) -> u64 {
        let Some(growth) = growth else {
            return 0;
        };
        let zeros = growth.zeros.saturating_sub(self.room.zeros);
        growth.of_file.saturating_sub(self.kept_for(node)) + u64::from(zeros)
    }

    /// Notes what a write is expected to add, until the node is recorded.
    pub fn expect(&mut self, node: &CachedNode, growth: Growth) {
        self.forget(node);
        self.add(node.entry.unique_id, growth.of_file, growth.zeros);
    }

    /// Blocks kept back for a file alone.
    pub fn kept_for(&self, node: &CachedNode) -> u64 {
        self.of_files.get(&node.entry.unique_id).copied().unwrap_or(0)
    }

    /// Learns from a plain volume what all files add.
    pub fn learn_all(&mut self, copying: Copying, room: ExtraRoom) {
        self.copying = Some(copying);
        self.room = room;
        self.has_all = true;
    }

    fn add(&mut self, unique_id: u64, of_file: u64, zeros: u32) {
        if of_file > 0 {
            self.of_files.insert(unique_id, of_file);
            self.room.of_files = self.room.of_files.saturating_add(of_file);
        }
        self.room.zeros = self.room.zeros.max(zeros);
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
        self.copying.is_some()
    }

    /// What the VAT is to state: nothing without a plain volume, nor if files are missing in the sum.
    pub fn to_state(&self) -> Option<ExtraRoom> {
        (self.is_kept() && self.has_all).then_some(self.room)
    }

    fn added_by(&self, node: &CachedNode, form: Form) -> ExtraBlocks {
        match self.copying {
            Some(copying) if !node.is_in_one_run() => ExtraBlocks::of(node.runs(form), copying),
            _ => ExtraBlocks::default(),
        }
    }
}

/// How many names a file has.
fn names_of(node: &CachedNode) -> u16 {
    node.entry.file_link_count.max(1)
}

/// What a file takes after a write; `None` if that is what it took before. Blocks that are not recorded yet
/// are expected in one run with those before them; [`PlainExtra::note`] corrects this.
fn after_write(
    node: &CachedNode,
    form: Form,
    (offset, length): (u64, u64),
    copying: Copying,
) -> Option<ExtraBlocks> {
    /// No other run is adjacent to it.
    const SOMEWHERE: LogicalSector = LogicalSector(u32::MAX);
    let before = node.body.length();
    let after = before.max(offset.saturating_add(length));
    // Writing inside a run divides it in three.
    let count = node.run_count() + if offset == before { 0 } else { 2 };
    if !node.may_have_holes()
        && offset <= before
        && let Some(extra) = ExtraBlocks::of_scattered(after, count, copying)
    {
        return Some(extra);
    }
    let is_first = node.run_count() == 0 && offset <= before;
    if offset == before || is_first {
        return None;
    }
    let mut runs = node.runs(form);
    let run = |at, bytes| Run { at, bytes };
    if offset > before {
        runs.push(run(None, offset - before));
        if length > 0 {
            runs.push(run(Some(SOMEWHERE), length));
        }
        return Some(ExtraBlocks::of(runs, copying));
    }
    // The new blocks are later on the disc than those that follow them in the file.
    runs.push(run(Some(SOMEWHERE), length));
    runs.push(run(Some(LogicalSector(0)), 1));
    Some(ExtraBlocks {
        zeros: 0,
        ..ExtraBlocks::of(runs, copying)
    })
}
