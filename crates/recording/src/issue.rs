//! Sending what waits, and what is done when the drive does not take it.
//!
//! At the moment of issue the drive is asked for its next writable address, everything that waits is
//! [placed](crate::place) from there on and encoded, and goes out. When the drive continues somewhere else (a packet ended, a write failed and the drive
//! went on behind it), what is not recorded yet is placed and encoded anew: no address is ever computed ahead.
//! The order of the queue makes that safe: whatever refers to a physical block stands behind it.

use drive::{AppendPoint, Drive, DriveError, Medium};
use ecma167::{BLOCK_SIZE, LogicalSector, VirtualAddress};
use mmc::{Lba, Profile};

use crate::{
    Recording,
    error::{Error, ReadOnly},
    queue::Item,
    session::{SESSION_START_BLOCKS, Sequences, blocks_without_harm},
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
    least_end_of_track(medium, append.track_start)
}

/// As [`least_end`], of the track that starts at `start`.
pub(crate) fn least_end_of_track(medium: &Medium, start: Lba) -> LogicalSector {
    let least = if medium.profile == Profile::CdR {
        SHORTEST_TRACK_BLOCKS - RUN_OUT_BLOCKS
    } else {
        0
    };
    LogicalSector(start.0.saturating_add(least))
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
        let append = match drive.prepare_recording().and_then(|()| drive.append_point()) {
            Err(DriveError::ReadOnly(drive::ReadOnly::NoNextWritableAddress)) => {
                return Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress));
            }
            // What names those blocks is on its way: others in their place would be taken for them.
            Err(lost @ DriveError::Lost { .. }) => {
                self.failed = true;
                return Err(lost.into());
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
                Err(error) if error.is_host_full() => {
                    // The disc is as it was: what waits goes out once there is room.
                    self.run = None;
                    return Err(error.into());
                }
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
            return self.take_up_session_start(failed);
        }
        self.failed = true;
        Err(error.into())
    }

    /// Where the start of a session was being recorded from `failed` on: goes on with what is left of it, or in a further
    /// session where the failed block is one that readers look for.
    fn take_up_session_start(&mut self, failed: LogicalSector) -> Result<(), Error> {
        let Some(Item::SessionStart { start, .. }) = self.disc.queue.items.first() else {
            return Ok(());
        };
        let first = start.unwrap_or(failed);
        let next = self.point()?.next;
        let anew = self.leave_damaged_session(first, next)?;
        if anew {
            // It waits already.
            self.session_is_new = false;
            self.disc.queue.resize(0, 0, SESSION_START_BLOCKS);
        } else {
            // What the failed write did record of its sequences is not known.
            self.sequences = self.found_sequences;
        }
        if let Some(Item::SessionStart { start, .. }) = self.disc.queue.items.first_mut() {
            *start = (!anew).then_some(first);
        }
        Ok(())
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
        let session = self.session_that_begins(point);
        let bytes = &self.disc.queue.bytes[..blocks * BLOCK_SIZE];
        send(self.disc.volume.drive_mut(), point.next, bytes, session)
    }

    /// S of the session whose start waits, and its sequences, where the links of a packet could lie on it.
    fn session_that_begins(&self, point: Point) -> Option<(LogicalSector, Sequences)> {
        if !self.disc.volume.drive().medium().packets_may_end {
            return None;
        }
        match self.disc.queue.items.first()? {
            Item::SessionStart { start, .. } => Some((start.unwrap_or(point.next), self.sequences)),
            _ => None,
        }
    }

    /// Sends whole units of the body of `node`, from its block `first` on, past an empty queue. Returns how many blocks
    /// are recorded: fewer than asked where the drive goes on elsewhere.
    pub(crate) fn send_straight(
        &mut self,
        node: VirtualAddress,
        first: u64,
        bytes: &[u8],
    ) -> (usize, Result<(), Error>) {
        let point = match self.straight_point(bytes.len() / BLOCK_SIZE) {
            Ok(point) => point,
            Err(error) => return (0, Err(error)),
        };
        let (sent, outcome) = send(self.disc.volume.drive_mut(), point.next, bytes, None);
        let recorded = u32::try_from(sent).unwrap_or(u32::MAX);
        let placed = self.place_body(node, first, recorded, point.next);
        self.note_recorded(point.next, sent);
        let went_on = match outcome {
            Ok(()) => Ok(()),
            Err(DriveError::NotNextWritable { .. }) => {
                self.run = None;
                Ok(())
            }
            Err(error) if error.is_host_full() => {
                self.run = None;
                Err(error.into())
            }
            Err(error) => {
                let failed = LogicalSector(point.next.0.saturating_add(recorded));
                self.go_on_behind(failed, error, 1)
            }
        };
        (sent, placed.and(went_on))
    }

    /// The append point, if so many blocks fit there.
    fn straight_point(&mut self, blocks: usize) -> Result<Point, Error> {
        self.require_health()?;
        let point = self.point()?;
        if blocks as u64 > point.free {
            let (free, asked) = (point.free, blocks as u64);
            return Err(Error::MediumFull { free, asked });
        }
        Ok(point)
    }

    fn note_recorded(&mut self, start: LogicalSector, sent: usize) {
        let moved = u32::try_from(sent).unwrap_or(u32::MAX);
        if let Some(point) = &mut self.run {
            point.next.0 += moved;
            point.free = point.free.saturating_sub(sent as u64);
        }
        if sent > 0 {
            self.medium_changed = true;
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
}

/// Sends blocks from `start` on; returns how many the drive took. No command ends where the links of its packet would lie on
/// the start of `session`.
fn send(
    drive: &mut Drive,
    start: LogicalSector,
    bytes: &[u8],
    session: Option<(LogicalSector, Sequences)>,
) -> (usize, Result<(), DriveError>) {
    let mut sent = 0;
    let mut rest = bytes;
    while rest.len() >= BLOCK_SIZE {
        let at = LogicalSector(start.0.saturating_add(u32::try_from(sent).unwrap_or(u32::MAX)));
        let most = drive.transfer_limit().min(rest.len()).max(BLOCK_SIZE) / BLOCK_SIZE;
        let blocks = match &session {
            Some((first, sequences)) => blocks_without_harm(*first, sequences, at, most),
            None => most,
        };
        let (chunk, behind) = rest.split_at(blocks * BLOCK_SIZE);
        if let Err(error) = drive.write(lba_of(at), chunk) {
            return (sent, Err(error));
        }
        sent += blocks;
        rest = behind;
    }
    (sent, Ok(()))
}
