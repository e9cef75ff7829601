//! A commit: data, directories, nodes, VAT, and as the last block of the drive's unit one VAT ICB.
//!
//! Before that block the old generation is the volume, after it the new one.

use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, VirtualAddress, general::Timestamp};

use mmc::Lba;

use crate::{
    Recording,
    body::{Block, Body},
    error::{Error, ReadOnly},
    issue::Point,
    queue::Item,
    recording::Committed,
    vat::VatStatement,
};

/// Runs beyond which the body of a directory is laid out afresh, in one extent and without its deleted entries.
const SCATTERED_RUNS: usize = 100;

/// Blocks up to which that is done; a longer directory gets allocation extent descriptors instead.
const LAID_OUT_AFRESH: u64 = 4096;

/// Blocks that are read back at once after a write error.
const READ_BACK_BLOCKS: u32 = 512;

/// What a commit recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The VAT ICB that makes it the volume.
    pub vat_icb: LogicalSector,
    /// Blocks recorded since the commit before, without link blocks; 0 when there was nothing to do.
    pub blocks: u64,
}

impl Recording {
    /// Whether anything changed since the last commit.
    pub fn is_dirty(&self) -> bool {
        self.changed || !self.disc.queue.is_empty() || self.recorded_since_commit > 0
    }

    /// Makes every change part of the volume, and waits until the drive has recorded it.
    ///
    /// # Errors
    /// What the drive reports; the generation before stays the volume then.
    pub fn commit(&mut self, now: Timestamp) -> Result<Commit, Error> {
        self.require_health()?;
        self.now = now;
        if !self.is_dirty() {
            return Ok(Commit {
                vat_icb: self.committed.vat_icb,
                blocks: 0,
            });
        }
        self.enqueue_changes()?;
        self.issue_up_to(Item::CommitEnd { count: 0 })?;
        self.acknowledge()
    }

    /// Records what waits and the end of a commit or session. Where that fails, VAT and end leave the queue again: what is
    /// asked for next has its own.
    pub(crate) fn issue_up_to(&mut self, end: Item) -> Result<(), Error> {
        self.enqueue(end);
        let issued = self.issue(true);
        if issued.is_err() {
            self.disc.queue.remove(|item| {
                matches!(
                    item,
                    Item::Vat { .. } | Item::CommitEnd { .. } | Item::SessionEnd { .. }
                )
            });
        }
        issued
    }

    /// Puts everything that changed into the queue, the VAT's body last.
    pub(crate) fn enqueue_changes(&mut self) -> Result<(), Error> {
        let dirty = self.nodes.addresses(|node| node.dirty);
        for address in &dirty {
            self.enqueue_body(*address)?;
        }
        // Ascending: a node's block then always lies behind its virtual address.
        for address in dirty {
            self.enqueue_node(address)?;
        }
        self.enqueue_vat()
    }

    /// Puts the dirty blocks of a node's body into the queue.
    pub(crate) fn enqueue_body(&mut self, address: VirtualAddress) -> Result<(), Error> {
        let node = self.nodes.get(&address);
        if node.is_none_or(|node| node.body.dirty_blocks() == 0) {
            return Ok(());
        }
        self.gather_scattered(address)?;
        // One block after the other: where recording fails, those that do not wait yet are still dirty.
        while let Some((number, block)) = self.take_dirty(address) {
            self.start_session_if_new();
            self.disc.queue.push_data(address, number, &block[..]);
            self.issue_full_chunks()?;
        }
        Ok(())
    }

    fn take_dirty(&mut self, address: VirtualAddress) -> Option<(u64, Block)> {
        let before = self.settle_before(address);
        let taken = match &mut self.nodes.get_mut(&address)?.body {
            Body::Blocks(blocks) => blocks.dirty.pop_first(),
            Body::Embedded(_) => None,
        };
        self.settle_after(address, before);
        taken
    }

    fn gather_scattered(&mut self, address: VirtualAddress) -> Result<(), Error> {
        let Some(node) = self.nodes.get(&address) else {
            return Ok(());
        };
        let Body::Blocks(blocks) = &node.body else {
            return Ok(());
        };
        let scattered =
            blocks.map.runs().len() + 2 * blocks.dirty.len() > SCATTERED_RUNS && blocks.map.runs().len() > 1;
        if !node.is_directory() || !scattered || blocks.count() > LAID_OUT_AFRESH {
            return Ok(());
        }
        self.lay_out_directory(address, |directory| directory.lay_out_afresh())?;
        // Only now: what waited was read to lay it out.
        self.disc.queue.truncate_data(address, 0);
        Ok(())
    }

    /// Puts a node into the queue.
    pub(crate) fn enqueue_node(&mut self, address: VirtualAddress) -> Result<(), Error> {
        self.vat.prepare(&mut self.disc, address)?;
        let before = self.settle_before(address);
        if let Some(node) = self.nodes.get_mut(&address) {
            node.dirty = false;
            node.queued = true;
        }
        self.settle_after(address, before);
        self.enqueue(Item::Node(address));
        self.issue_full_chunks()
    }

    fn enqueue_vat(&mut self) -> Result<(), Error> {
        let statement = VatStatement {
            files: self.counts.files,
            directories: self.counts.directories,
            previous: Some(self.committed.icb),
            unique_id: self.unique_id,
            now: self.now,
        };
        self.vat.finish(&mut self.disc, self.form, &statement)?;
        self.enqueue_vat_body()
    }

    /// Puts the dirty blocks of the VAT into the queue; of one that stood embedded in its ICB that is all of it, of one in more extents
    /// than an ICB holds what has to be gathered.
    pub(crate) fn enqueue_vat_body(&mut self) -> Result<(), Error> {
        self.vat.gather(&mut self.disc)?;
        let numbers: Vec<u64> = self.vat.body.dirty.keys().copied().collect();
        for number in numbers {
            self.enqueue(Item::Vat {
                first: number,
                count: 1,
            });
            self.issue_full_chunks()?;
        }
        Ok(())
    }

    pub(crate) fn issue_full_chunks(&mut self) -> Result<(), Error> {
        if self.disc.queue.blocks() >= self.chunk_blocks() {
            self.issue(false)
        } else {
            Ok(())
        }
    }

    /// Waits until the drive has recorded what was sent, and takes the new generation for the volume.
    pub(crate) fn acknowledge(&mut self) -> Result<Commit, Error> {
        self.synchronize()?;
        self.read_back_after_write_error()?;
        let vat_icb = self.sector_of(self.last_vat_icb);
        match self.point() {
            Ok(Point { next, .. }) if next <= vat_icb => {
                return Err(Error::NotLast {
                    expected: vat_icb,
                    next,
                });
            }
            // The track that ended with this commit was the last that fits: what it ends with stands.
            Ok(_) | Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress)) => {}
            Err(error) => return Err(error),
        }
        let blocks = std::mem::take(&mut self.recorded_since_commit);
        self.sent.clear();
        self.vat.body.dirty.clear();
        self.changed = false;
        self.committed = Committed {
            vat: self.vat.clone(),
            vat_icb,
            icb: self.last_vat_icb,
            counts: self.counts,
            unique_id: self.unique_id,
        };
        self.let_clean_go(0);
        self.disc.volume.reload_vat(self.last_vat_icb)?;
        Ok(Commit { vat_icb, blocks })
    }

    /// A drive that failed to write one block may have lost others that it had taken before: what was sent since the last
    /// commit is read before it is acknowledged.
    fn read_back_after_write_error(&mut self) -> Result<(), Error> {
        if !self.doubtful {
            return Ok(());
        }
        let drive = self.disc.volume.drive_mut();
        let mut bytes = vec![0; READ_BACK_BLOCKS as usize * BLOCK_SIZE];
        for range in &self.sent {
            let mut at = range.start;
            while at < range.end {
                let count = (range.end - at).min(READ_BACK_BLOCKS);
                if let Err(error) = drive.read(Lba(at), &mut bytes[..count as usize * BLOCK_SIZE]) {
                    self.failed = true;
                    return Err(error.into());
                }
                at += count;
            }
        }
        self.doubtful = false;
        Ok(())
    }

    /// Lets the drive record what it has; the run of writes ends with it.
    pub(crate) fn synchronize(&mut self) -> Result<(), Error> {
        self.run = None;
        if let Err(error) = self.disc.volume.drive_mut().synchronize() {
            // Where only the host has no room it can be tried again.
            self.failed |= !error.is_host_full();
            return Err(error.into());
        }
        Ok(())
    }

    /// Drops every change since the last commit. Where blocks of them stand behind its VAT ICB already, the VAT is
    /// recorded again behind those, since other readers find it at the end only.
    ///
    /// # Errors
    /// What the drive reports; oncefs finds the last commit all the same.
    pub fn abandon(&mut self) -> Result<Commit, Error> {
        self.half_done = false;
        self.nodes.clear();
        self.owed = 0;
        self.weight = 0;
        self.changed = false;
        self.disc
            .queue
            .items
            .retain(|item| matches!(item, Item::SessionStart { .. }));
        let start = self.disc.queue.items.first().map_or(0, Item::count);
        self.disc.queue.bytes.truncate(start as usize * BLOCK_SIZE);
        if let Some(Item::SessionStart { start: None, .. }) = self.disc.queue.items.first() {
            self.disc.queue.remove(|_| true);
            self.session_is_new = true;
        }
        self.vat = self.committed.vat.clone();
        self.counts = self.committed.counts;
        self.unique_id = self.committed.unique_id;
        if self.recorded_since_commit == 0 {
            return Ok(Commit {
                vat_icb: self.committed.vat_icb,
                blocks: 0,
            });
        }
        self.record_vat_again()
    }

    /// Records the VAT of the last commit again, as the last block of the disc.
    pub(crate) fn record_vat_again(&mut self) -> Result<Commit, Error> {
        self.require_health()?;
        self.enqueue_committed_vat()?;
        self.issue_up_to(Item::CommitEnd { count: 0 })?;
        self.acknowledge()
    }

    /// Puts the VAT of the last commit into the queue. In the session of that commit its ICB is a further copy, of the same
    /// generation. In a later session it is a VAT of its own with the committed one before it: else the chain of previous VATs
    /// would leave out the session between.
    pub(crate) fn enqueue_committed_vat(&mut self) -> Result<(), Error> {
        if self.committed_in_this_session() {
            self.enqueue_vat_body()
        } else {
            self.enqueue_vat()
        }
    }

    /// Whether the last commit stands in the session that takes data.
    pub(crate) fn committed_in_this_session(&self) -> bool {
        let session = self.disc.volume.drive().medium().recordable_session();
        let start = session.map(|session| session.start.0);
        !self.session_is_new && start.is_none_or(|start| start <= self.committed.vat_icb.0)
    }

    /// The logical sector of a logical block of the write-once partition.
    pub(crate) fn sector_of(&self, block: LogicalBlock) -> LogicalSector {
        LogicalSector(self.partition_start.0.saturating_add(block.0))
    }
}
