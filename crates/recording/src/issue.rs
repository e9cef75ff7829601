//! The one place where blocks get their addresses.
//!
//! At the moment of issue the drive is asked for its next writable address, everything that waits is placed from there
//! on and encoded, and goes out. When the drive continues somewhere else (a packet ended, a write failed and the drive
//! went on behind it), what is not recorded yet is placed and encoded anew: no address is ever computed ahead.
//! The order of the queue makes that safe: whatever refers to a physical block stands behind it.

use drive::{AppendPoint, DriveError, Medium};
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, VirtualAddress};
use mmc::{Lba, Profile};

use crate::{
    Recording,
    body::Body,
    error::{Error, ReadOnly},
    queue::Item,
    session::{SESSION_START_BLOCKS, Sequences, anchors_at_session_end, session_end_blocks},
};

/// How often in a row the drive may move its next writable address without recording anything.
pub(crate) const IDLE_TRIES: u32 = 8;

/// How many write errors one issue survives.
const WRITE_ERRORS: u32 = 3;

/// Blocks sent at most before the drive is given the next ones: one command where the transfer limit allows.
const CHUNK_BLOCKS: usize = 512;

/// Blocks that a track of a CD has at least, with [`RUN_OUT_BLOCKS`]: the drive pads a shorter one with zeros when it is
/// closed, behind what was to be its last block.
pub(crate) const SHORTEST_TRACK_BLOCKS: u32 = 300;

/// Unreadable blocks at the end of a closed track of a CD.
pub(crate) const RUN_OUT_BLOCKS: u32 = 2;

/// The append point of the run of writes that is going on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// Where the next block goes.
    pub next: LogicalSector,
    /// Blocks that the drive and the partition still take.
    pub free: u64,
    /// The least address behind the last block of a commit or session.
    pub least_end: LogicalSector,
}

/// The drive's address of a logical sector: with blocks of 2048 bytes both count the same blocks.
pub(crate) fn lba_of(sector: LogicalSector) -> Lba {
    Lba(sector.0)
}

/// The least address behind the last block of what a track is to end with: some drives close the track of a CD whenever
/// they synchronize, and any track may be closed without its session.
pub(crate) fn least_end(medium: &Medium, append: &AppendPoint) -> LogicalSector {
    let least = if medium.profile == Profile::CdR {
        SHORTEST_TRACK_BLOCKS - RUN_OUT_BLOCKS
    } else {
        0
    };
    LogicalSector(append.track_start.0.saturating_add(least))
}

/// At least `least` blocks from `at` on, not ending before `least_end`, up to the end of a unit of the drive.
pub(crate) fn blocks_of_end(at: LogicalSector, least: u32, least_end: LogicalSector, unit: u32) -> u32 {
    let end = at.0.saturating_add(least).max(least_end.0);
    end.checked_next_multiple_of(unit).unwrap_or(end) - at.0
}

impl Recording {
    /// Blocks that are gathered before they are sent.
    pub(crate) fn chunk_blocks(&self) -> usize {
        CHUNK_BLOCKS
    }

    /// The append point; the drive is asked at the start of each run of writes.
    pub(crate) fn point(&mut self) -> Result<Point, Error> {
        if let Some(point) = self.run {
            return Ok(point);
        }
        let drive = self.disc.volume.drive_mut();
        drive.prepare_recording()?;
        let append = match drive.append_point() {
            Err(DriveError::ReadOnly(drive::ReadOnly::NoNextWritableAddress)) => {
                return Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress));
            }
            append => append?,
        };
        let next = LogicalSector(append.address.0);
        let behind = u64::from(self.partition_end.0.saturating_sub(next.0));
        let point = Point {
            next,
            free: u64::from(append.free_blocks).min(behind),
            least_end: least_end(drive.medium(), &append),
        };
        self.run = Some(point);
        Ok(point)
    }

    /// Puts an item into the queue; the first one of a session is preceded by the session's start.
    pub(crate) fn enqueue(&mut self, item: Item) {
        self.start_session_if_new();
        self.disc.queue.push(item);
    }

    /// Before the first item of a new session: the structures at its start.
    pub(crate) fn start_session_if_new(&mut self) {
        if std::mem::take(&mut self.session_is_new) {
            self.disc.queue.push(Item::SessionStart {
                start: None,
                count: SESSION_START_BLOCKS,
            });
        }
    }

    /// Sends what waits: everything, or the whole units of the drive that are full.
    pub(crate) fn issue(&mut self, everything: bool) -> Result<(), Error> {
        let mut idle = 0;
        let mut write_errors = 0;
        while !self.disc.queue.is_empty() {
            self.require_health()?;
            let point = self.point()?;
            self.place(point)?;
            let blocks = self.ready_blocks(point.next, everything);
            if blocks == 0 {
                return Ok(());
            }
            if blocks as u64 > point.free {
                return Err(Error::MediumFull {
                    free: point.free,
                    asked: blocks as u64,
                });
            }
            self.encode(point.next)?;
            let (sent, outcome) = self.send(point, blocks);
            self.note_recorded(point.next, sent);
            idle = if sent > 0 { 0 } else { idle + 1 };
            match outcome {
                Ok(()) if !everything => return Ok(()),
                Ok(()) => {}
                Err(DriveError::NotNextWritable { .. }) if idle < IDLE_TRIES => self.run = None,
                Err(DriveError::NotNextWritable { .. }) => return Err(Error::NoProgress(idle)),
                Err(error) => {
                    write_errors += 1;
                    self.go_on_behind(
                        LogicalSector(point.next.0 + u32::try_from(sent).unwrap_or(0)),
                        error,
                        write_errors,
                    )?;
                }
            }
        }
        Ok(())
    }

    /// After a failed write: goes on where the drive says, if that lies behind the failed block, else turns read-only.
    fn go_on_behind(
        &mut self,
        failed: LogicalSector,
        error: DriveError,
        write_errors: u32,
    ) -> Result<(), Error> {
        self.run = None;
        let moved = self.disc.volume.drive_mut().refresh().is_ok()
            && self.point().is_ok_and(|point| point.next > failed);
        if moved && write_errors <= WRITE_ERRORS {
            self.doubtful = true;
            return Ok(());
        }
        self.failed = true;
        Err(error.into())
    }

    pub(crate) fn require_health(&self) -> Result<(), Error> {
        if self.failed {
            Err(Error::ReadOnly(ReadOnly::AfterWriteError))
        } else if self.half_done {
            Err(Error::HalfDone)
        } else {
            Ok(())
        }
    }

    /// How many of the waiting blocks go out now.
    fn ready_blocks(&self, start: LogicalSector, everything: bool) -> usize {
        let blocks = self.disc.queue.blocks();
        if everything {
            return blocks;
        }
        let unit = self.unit as usize;
        blocks.saturating_sub((start.0 as usize % unit + blocks) % unit)
    }

    fn send(&mut self, point: Point, blocks: usize) -> (usize, Result<(), DriveError>) {
        let drive = self.disc.volume.drive_mut();
        let limit = (drive.transfer_limit() / BLOCK_SIZE).max(1);
        let mut sent = 0;
        while sent < blocks {
            let count = limit.min(blocks - sent);
            let at = LogicalSector(point.next.0 + u32::try_from(sent).unwrap_or(u32::MAX));
            let bytes = &self.disc.queue.bytes[sent * BLOCK_SIZE..(sent + count) * BLOCK_SIZE];
            if let Err(error) = drive.write(lba_of(at), bytes) {
                return (sent, Err(error));
            }
            sent += count;
        }
        (sent, Ok(()))
    }

    fn note_recorded(&mut self, start: LogicalSector, sent: usize) {
        let moved = u32::try_from(sent).unwrap_or(u32::MAX);
        if let Some(point) = &mut self.run {
            point.next.0 += moved;
            point.free = point.free.saturating_sub(sent as u64);
        }
        if sent > 0 {
            self.recorded_since_commit += sent as u64;
            match self.sent.last_mut().filter(|last| last.end == start.0) {
                Some(last) => last.end += moved,
                None => self.sent.push(start.0..start.0 + moved),
            }
            if let Some(Item::SessionStart { start: first, count }) = self.disc.queue.items.first_mut()
                && moved < *count
            {
                first.get_or_insert(start);
                // Links may stand where its descriptors belong, so that anchors go on naming those that were read.
                self.sequences = self.found_sequences;
            }
        }
        self.disc.queue.recorded(start, sent);
    }

    /// Gives every waiting block its address, from the append point on.
    fn place(&mut self, point: Point) -> Result<(), Error> {
        self.disc.queue.unplace();
        let (mut at, mut index, mut block) = (point.next, 0, 0);
        while let Some(item) = self.disc.queue.items.get(index).cloned() {
            if let Item::Node(node) = item {
                let made = self.make_room_for_node(node, at, index, block)?;
                index += made;
                block += made;
                at.0 = at.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX));
            }
            let count = self.place_item(&item, at, point.least_end, index, block)?;
            at.0 = at.0.checked_add(count).ok_or(Error::FileTooLarge)?;
            block += count as usize;
            index += 1;
        }
        Ok(())
    }

    /// Inserts what has to stand right before a node: its allocation extent descriptors, the last one first so that
    /// each refers to a block behind it, and a filler where its block would equal its virtual address.
    fn make_room_for_node(
        &mut self,
        node: VirtualAddress,
        at: LogicalSector,
        index: usize,
        block: usize,
    ) -> Result<usize, Error> {
        let needed = self
            .nodes
            .get(&node)
            .map_or(0, |pending| pending.continuations_needed());
        let first = self.logical_block(at)?;
        let mut made = 0;
        let mut continuations = vec![LogicalBlock(0); needed];
        for number in (0..needed).rev() {
            self.disc.queue.insert(
                index + made,
                block + made,
                Item::AllocationExtent { node, index: number },
            );
            continuations[number] =
                LogicalBlock(first.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX)));
            made += 1;
        }
        // Linux takes any ICB whose tag location equals its block for a VAT when it guesses where that is.
        if first.0.saturating_add(u32::try_from(made).unwrap_or(u32::MAX)) == node.0 {
            self.disc.queue.insert(index + made, block + made, Item::Filler);
            made += 1;
        }
        if let Some(pending) = self.nodes.get_mut(&node) {
            pending.continuations = continuations;
        }
        Ok(made)
    }

    fn place_item(
        &mut self,
        item: &Item,
        at: LogicalSector,
        least_end: LogicalSector,
        index: usize,
        block: usize,
    ) -> Result<u32, Error> {
        let count = match item {
            Item::SessionStart { start, .. } => {
                let first = start.unwrap_or(at);
                if start.is_none() {
                    self.sequences = Sequences::of_session(first);
                }
                first.0.saturating_add(SESSION_START_BLOCKS).saturating_sub(at.0)
            }
            Item::CommitEnd { .. } => blocks_of_end(at, 2, least_end, self.unit),
            Item::SessionEnd { anchors, .. } => session_end_blocks(at, anchors, least_end, self.unit),
            _ => item.count(),
        };
        if count != item.count() {
            self.disc.queue.resize(index, block, count);
        }
        match item {
            Item::Data { node, first, count } => {
                let at = self.logical_block(at)?;
                if let Some(Body::Blocks(blocks)) = self.nodes.get_mut(node).map(|pending| &mut pending.body)
                {
                    blocks.place(*first, *count, at);
                }
            }
            Item::Vat { first, count } => {
                let at = self.logical_block(at)?;
                self.vat.body.place(*first, *count, at);
            }
            Item::Node(node) => {
                let at = self.logical_block(at)?;
                self.vat.place(*node, at);
            }
            _ => {}
        }
        Ok(count)
    }

    /// The logical block of the write-once partition at a logical sector.
    pub(crate) fn logical_block(&self, at: LogicalSector) -> Result<LogicalBlock, Error> {
        let block = at.0.checked_sub(self.partition_start.0);
        block.map(LogicalBlock).ok_or(Error::Unsupported(
            "the drive appends before the start of the partition",
        ))
    }

    /// Encodes every waiting block for its address.
    fn encode(&mut self, start: LogicalSector) -> Result<(), Error> {
        let mut bytes = std::mem::take(&mut self.disc.queue.bytes);
        let items = std::mem::take(&mut self.disc.queue.items);
        let mut at = start;
        let mut slots = bytes.chunks_exact_mut(BLOCK_SIZE);
        let mut result = Ok(());
        'items: for item in &items {
            for number in 0..item.count() {
                let Some(slot) = slots.next() else { break 'items };
                result = self.encode_block(item, number, at, slot);
                if result.is_err() {
                    break 'items;
                }
                at.0 += 1;
            }
        }
        self.disc.queue.bytes = bytes;
        self.disc.queue.items = items;
        result
    }

    fn encode_block(
        &mut self,
        item: &Item,
        number: u32,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Error> {
        match item {
            Item::Filler => {}
            Item::SessionStart { start, .. } => {
                let first = start.unwrap_or(LogicalSector(at.0 - number));
                self.descriptors
                    .session_start_block(first, &self.sequences, at, slot)?;
            }
            Item::Data { node, first, .. } => {
                if let Some(index) = self.nodes.get(node).and_then(|pending| pending.index.as_ref()) {
                    index.stamp(first + u64::from(number), slot, self.logical_block(at)?);
                }
            }
            Item::AllocationExtent { node, index } => {
                let at = self.logical_block(at)?;
                if let Some(pending) = self.nodes.get(node) {
                    slot.copy_from_slice(&pending.encode_continuation(*index, self.form, at)?);
                }
            }
            Item::Node(node) => {
                let at = self.logical_block(at)?;
                if let Some(pending) = self.nodes.get_mut(node) {
                    slot.copy_from_slice(&pending.encode(*node, self.form, at)?);
                }
            }
            Item::Vat { first, .. } => {
                if let Some(block) = self.vat.body.dirty.get(&(first + u64::from(number))) {
                    slot.copy_from_slice(&block[..]);
                }
            }
            Item::CommitEnd { .. } => self.encode_vat_icb(at, slot)?,
            Item::SessionEnd { count, .. } if number < anchors_at_session_end(*count) => {
                slot.copy_from_slice(&self.sequences.anchor(self.form.version, at));
            }
            Item::SessionEnd { .. } => self.encode_vat_icb(at, slot)?,
        }
        Ok(())
    }

    fn encode_vat_icb(&mut self, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        let at = self.logical_block(at)?;
        self.last_vat_icb = at;
        slot.copy_from_slice(&self.vat.encode_icb(self.form, at)?);
        Ok(())
    }
}
