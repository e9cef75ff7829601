//! A commit: data, directories, nodes and the VAT, then one VAT ICB as the last block of the drive's unit.
//!
//! Before that block the volume is the old generation, after it the new one.

use ecma167::general::Timestamp;
use ecma167::{LogicalSector, VirtualAddress};
use track::{Acknowledged, End};

use crate::Recording;
use crate::error::Error;
use crate::tree::Piece;

/// What a commit recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The VAT ICB that makes it the volume.
    pub vat_icb: LogicalSector,
    /// Blocks recorded since the previous commit, without link blocks; 0 if there was nothing to do.
    pub blocks: u64,
}

impl Recording {
    /// Whether anything changed since the last commit.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.tree.is_changed() || !self.track.is_empty() || !self.track.sent().is_empty()
    }

    /// Makes every change part of the volume, and waits until the drive has recorded it.
    ///
    /// # Errors
    /// Whatever the drive reports; the volume is then still the previous generation.
    pub fn commit(&mut self, now: Timestamp) -> Result<Commit, Error> {
        self.require_health()?;
        self.set_time(now);
        if !self.is_dirty() {
            return self.nothing_recorded();
        }
        self.enqueue_changes()?;
        self.end_with(End::Commit)
    }

    fn nothing_recorded(&self) -> Result<Commit, Error> {
        let vat_icb = self.vat_icb;
        Ok(Commit { vat_icb, blocks: 0 })
    }

    /// Records what waits and the end of a commit or session, and makes the new generation the volume. If
    /// that fails, VAT and end leave the queue again: the next request brings its own.
    pub(crate) fn end_with(&mut self, end: End) -> Result<Commit, Error> {
        let drive = self.volume.drive_mut();
        let ended = self.track.end_with(drive, &mut self.tree, Piece::VatIcb, end);
        if ended.is_err() {
            self.track.remove(|piece| *piece == Piece::Vat);
        }
        ended?;
        self.acknowledge()
    }

    /// Queues everything that changed, the VAT's body last.
    pub(crate) fn enqueue_changes(&mut self) -> Result<(), Error> {
        // Directories name the blocks of nodes outside the virtual partition, so those are placed first.
        let (outside, within) = self.tree.dirty_nodes();
        for nodes in [outside, within] {
            for address in &nodes {
                self.enqueue_body(*address)?;
            }
            // Ascending, so that a node's block always follows its virtual address.
            for address in nodes {
                self.enqueue_node(address)?;
            }
        }
        self.enqueue_vat()
    }

    /// Queues the dirty blocks of a node's body.
    pub(crate) fn enqueue_body(&mut self, address: VirtualAddress) -> Result<(), Error> {
        for node in self.tree.dirty_nodes_named_in(address) {
            self.enqueue_blocks(node)?;
            self.enqueue_node(node)?;
        }
        self.enqueue_blocks(address)
    }

    fn enqueue_blocks(&mut self, address: VirtualAddress) -> Result<(), Error> {
        let (disc, tree) = self.parts();
        tree.forget_recorded_names(&disc, address);
        if !self.tree.has_dirty_blocks(address) {
            return Ok(());
        }
        let (mut disc, tree) = self.parts();
        tree.gather_directory(&mut disc, address)?;
        // One block at a time: if recording fails, those not yet queued are still dirty.
        while let Some((number, block)) = self.tree.take_dirty(address) {
            self.track.push_bytes(Piece::Body(address), number, &block[..]);
            self.issue_full_chunks()?;
        }
        Ok(())
    }

    /// Queues a node.
    pub(crate) fn enqueue_node(&mut self, address: VirtualAddress) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        tree.record_node(&mut disc, address)?;
        self.track.push(Piece::Node(address), 0);
        self.issue_full_chunks()
    }

    fn enqueue_vat(&mut self) -> Result<(), Error> {
        let previous = self.tree.form().logical_block(self.vat_icb)?;
        let (mut disc, tree) = self.parts();
        tree.finish_vat(&mut disc, Some(previous))?;
        self.enqueue_vat_body()
    }

    fn enqueue_vat_body(&mut self) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        for number in tree.blocks_of_vat(&mut disc)? {
            self.track.push(Piece::Vat, number);
            self.issue_full_chunks()?;
        }
        Ok(())
    }

    pub(crate) fn issue_full_units(&mut self) -> Result<(), Error> {
        let drive = self.volume.drive_mut();
        self.track.issue_full_units(drive, &mut self.tree)
    }

    pub(crate) fn issue_full_chunks(&mut self) -> Result<(), Error> {
        let drive = self.volume.drive_mut();
        self.track.issue_full_chunks(drive, &mut self.tree)
    }

    /// Waits until the drive has recorded what was sent, and makes the new generation the volume.
    fn acknowledge(&mut self) -> Result<Commit, Error> {
        let Some(Acknowledged { last, blocks }) = self.track.acknowledge(self.volume.drive_mut())? else {
            return self.nothing_recorded();
        };
        self.vat_icb = last;
        self.tree.committed();
        let (disc, tree) = self.parts();
        tree.evict_clean(&disc);
        let icb = self.tree.form().logical_block(last)?;
        self.volume.reload_vat(icb)?;
        Ok(Commit {
            vat_icb: last,
            blocks,
        })
    }

    /// Drops every change since the last commit. If blocks of those changes already follow its VAT ICB, the
    /// VAT is recorded again after them, because other readers only find it at the end.
    ///
    /// # Errors
    /// Whatever the drive reports; oncefs still finds the last commit.
    pub fn abandon(&mut self) -> Result<Commit, Error> {
        self.tree.abandon();
        self.track.abandon();
        if self.track.sent().is_empty() {
            return self.nothing_recorded();
        }
        self.record_vat_again()
    }

    /// Records the VAT of the last commit again, as the last block on the disc.
    pub(crate) fn record_vat_again(&mut self) -> Result<Commit, Error> {
        self.require_health()?;
        self.enqueue_committed_vat()?;
        self.end_with(End::Commit)
    }

    /// Queues the VAT of the last commit. In the session of that commit its ICB is a further copy of the same
    /// generation. In a later session it is a VAT of its own whose previous VAT is the committed one.
    /// Otherwise the chain of previous VATs would skip the session between.
    pub(crate) fn enqueue_committed_vat(&mut self) -> Result<(), Error> {
        let medium = self.volume.drive().medium();
        if self.track.is_acknowledged_in_session(medium) {
            self.enqueue_vat_body()
        } else {
            self.enqueue_vat()
        }
    }
}
