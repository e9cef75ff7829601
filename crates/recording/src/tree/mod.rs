//! The tree while it is open for changes: nodes, names, bodies, the VAT, counts and unique IDs.
//!
//! It knows what a file, a directory and a VAT are, and learns the address of a block when a [`track`] places
//! it. It reads through an [`Overlay`], a parameter of each call.

mod body;
mod cache;
mod data;
mod directory;
mod extent_map;
mod form;
mod index;
mod load;
mod lookup;
mod name;
mod name_table;
mod names;
mod node;
mod numbered;
mod numbers;
mod open_nodes;
mod opening;
mod outside;
mod overlay;
mod piece;
mod plain_extra;
mod restore;
mod scatter;
mod source;
mod unplaced;
mod vat;

pub use directory::Entry;
pub use lookup::{NodeId, Status};
pub use name::require_name;

pub(crate) use body::{Blocks, Body};
pub(crate) use data::{LONGEST, Put};
pub(crate) use form::Form;
pub(crate) use node::{CachedNode, NewNode, continuations_of, path_to};
pub(crate) use numbers::{Counts, Numbers};
pub(crate) use outside::Outside;
pub(crate) use overlay::Overlay;
pub(crate) use piece::{Piece, PlainPart};
pub(crate) use restore::{Again, OldNode};
pub(crate) use vat::{PendingVat, VatLayout, VatStatement};

use ecma167::general::Timestamp;
use ecma167::{LogicalBlock, VirtualAddress};
use rom::Copying;
use volume::ExtraRoom;

use self::cache::Cache;
use self::open_nodes::OpenNodes;
use self::plain_extra::PlainExtra;
use crate::error::Error;

/// What a commit makes part of the volume, besides its nodes.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub vat: PendingVat,
    pub numbers: Numbers,
}

/// The tree of a volume that is open for changes.
pub(crate) struct Tree {
    form: Form,
    root: VirtualAddress,
    cache: Cache,
    open: OpenNodes,
    outside: Outside,
    vat: PendingVat,
    numbers: Numbers,
    plain_extra: PlainExtra,
    /// The last generation that the drive has recorded in full.
    committed: Generation,
    now: Timestamp,
    changed: bool,
    /// Whether a change failed half-way; only [`Tree::abandon`] clears this.
    half_done: bool,
}

impl Tree {
    /// The tree of a committed generation.
    pub fn new(form: Form, root: VirtualAddress, committed: Generation, now: Timestamp) -> Self {
        Self {
            form,
            root,
            cache: Cache::default(),
            open: OpenNodes::default(),
            outside: Outside::default(),
            vat: committed.vat.clone(),
            numbers: committed.numbers,
            plain_extra: PlainExtra::default(),
            committed,
            now,
            changed: false,
            half_done: false,
        }
    }

    /// For a disc that gets a plain volume, or none. `stated` is what its VAT states of the room for it.
    pub fn with_plain_volume(mut self, copying: Option<Copying>, stated: Option<ExtraRoom>) -> Self {
        self.plain_extra = PlainExtra::of(copying, stated);
        self
    }

    /// Blocks that files add to a plain volume beyond their share by number.
    pub fn plain_extra(&self) -> u64 {
        self.plain_extra.blocks()
    }

    /// Blocks kept back for a file of the plain volume alone, if it was read or written.
    pub fn plain_extra_of(&self, node: VirtualAddress) -> u64 {
        self.cache
            .get(node)
            .map_or(0, |node| self.plain_extra.kept_for(node))
    }

    /// Blocks that a further name of a file adds to a plain volume.
    pub fn plain_extra_of_name(&self, node: VirtualAddress) -> u64 {
        let node = self.cache.get(node);
        node.map_or(0, |node| self.plain_extra.growth_by_name(node, self.form))
    }

    /// Learns from a plain volume what all files add to it.
    pub fn learn_plain_extra(&mut self, copying: Copying, room: ExtraRoom) {
        self.plain_extra.learn_all(copying, room);
    }

    /// The form of the volume.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Sets the time that changes to directories and bodies get.
    pub fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Whether anything changed since the last generation.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Entries of the VAT.
    pub fn vat_entries(&self) -> u32 {
        self.vat.entries
    }

    /// The most blocks that become dirty in extending the VAT to `entries` entries.
    pub fn blocks_to_extend_vat(&self, entries: u32) -> u64 {
        self.vat.blocks_to_extend(entries)
    }

    /// Fails if a change broke off half-way.
    pub fn require_whole(&self) -> Result<(), Error> {
        if self.half_done {
            return Err(Error::HalfDone);
        }
        Ok(())
    }

    /// Records that the pending changes are now the volume.
    pub fn committed(&mut self) {
        self.vat.body.dirty.clear();
        self.outside.commit();
        self.plain_extra.commit();
        self.changed = false;
        self.committed = Generation {
            vat: self.vat.clone(),
            numbers: self.numbers,
        };
    }

    /// Returns to the last generation.
    pub fn abandon(&mut self) {
        self.half_done = false;
        self.changed = false;
        self.cache.clear();
        self.outside.abandon();
        self.plain_extra.abandon();
        self.vat = self.committed.vat.clone();
        self.numbers = self.committed.numbers;
    }

    /// The time that changes get.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Fills in what the VAT states besides its entries.
    pub fn finish_vat(
        &mut self,
        disc: &mut Overlay<'_>,
        previous: Option<LogicalBlock>,
    ) -> Result<(), Error> {
        let statement = VatStatement {
            counts: self.numbers.counts,
            previous,
            unique_id: self.numbers.unique_id,
            now: self.now,
        };
        self.vat.finish(disc, self.form, &statement)
    }

    /// The blocks of the VAT to record: all of it if it was embedded in its ICB, and those to gather if it
    /// has more extents than an ICB can hold.
    pub fn blocks_of_vat(&mut self, disc: &mut Overlay<'_>) -> Result<Vec<u64>, Error> {
        self.vat.gather(disc)?;
        Ok(self.vat.body.dirty.keys().copied().collect())
    }

    /// Files and directories, including names of files that are not committed.
    pub fn counts(&self) -> Counts {
        self.numbers.counts
    }

    /// Blocks that recording what is dirty takes now, without the VAT.
    pub fn owed(&self) -> u64 {
        self.cache.owed()
    }

    /// Blocks that recording the VAT takes now, including what it states besides its entries.
    pub fn owed_by_vat(&self) -> u64 {
        self.vat.owed()
    }

    /// Blocks of the VAT that are dirty although nothing changed, because it was embedded in its ICB.
    pub fn dirty_blocks_of_vat(&self) -> u64 {
        self.vat.body.dirty.len() as u64
    }

    /// Whether the VAT's ICB may be unable to hold its body as it would be recorded now.
    pub fn is_vat_scattered(&self) -> bool {
        self.vat.is_scattered()
    }

    /// Makes a change to several nodes. If it fails half-way, because something could not be read, or if it
    /// panics, the tree contradicts itself and cannot be committed.
    fn atomically<R>(&mut self, change: impl FnOnce(&mut Self) -> Result<R, Error>) -> Result<R, Error> {
        let before = std::mem::replace(&mut self.half_done, true);
        let result = change(self);
        self.half_done = before || result.is_err();
        result
    }
}
