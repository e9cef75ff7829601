//! Sends what waits, and handles a drive that does not accept it.
//!
//! At the moment of issue the drive is asked for its next writable address. Everything that waits is
//! [placed](crate::place) from there on, encoded and sent. If the drive continues elsewhere (a packet ended,
//! or a write failed and the drive moved past it), whatever is not recorded yet is placed and encoded again:
//! no address is ever computed ahead. The order of the queue makes that safe: anything that refers to a
//! physical block waits after that block.

use drive::{Drive, DriveError};
use ecma167::{BLOCK_SIZE, LogicalSector};

use crate::descriptors::Sequences;
use crate::error::Error;
use crate::point::{Point, lba_of};
use crate::queue::Entry;
use crate::session::blocks_without_harm;
use crate::session_form::SessionForm;
use crate::source::{Run, Source};
use crate::track::Track;

/// How many times in a row the drive may move its next writable address without recording a block.
const IDLE_TRIES: u32 = 8;

/// Number of blocks gathered before they are sent: one command if the transfer limit allows.
pub const CHUNK_BLOCKS: usize = 512;

/// S and form of a session whose start is being sent, and its sequences.
type SessionThatBegins = ((LogicalSector, SessionForm), Sequences);

/// Which of the waiting blocks to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Everything,
    /// The full units of writing.
    FullUnits,
}

impl<I: Clone + PartialEq> Track<I> {
    /// Sends everything that waits.
    ///
    /// # Errors
    /// [`Error::MediumFull`] before the first block; [`Error::NoProgress`], [`Error::ReadOnly`]; errors from
    /// the source and the drive.
    pub fn issue<S: Source<Item = I>>(&mut self, drive: &mut Drive, source: &mut S) -> Result<(), S::Error> {
        self.send_share(drive, source, Share::Everything)
    }

    /// Sends the waiting blocks that fill whole units of writing.
    ///
    /// # Errors
    /// As [`Track::issue`].
    pub fn issue_full_units<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
    ) -> Result<(), S::Error> {
        self.send_share(drive, source, Share::FullUnits)
    }

    /// Like [`Track::issue_full_units`], if enough blocks wait to be worth a command.
    ///
    /// # Errors
    /// As [`Track::issue`].
    pub fn issue_full_chunks<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
    ) -> Result<(), S::Error> {
        if self.queue.blocks() >= CHUNK_BLOCKS {
            self.issue_full_units(drive, source)
        } else {
            Ok(())
        }
    }

    fn send_share<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
        share: Share,
    ) -> Result<(), S::Error> {
        let mut idle = 0;
        let mut write_errors = 0;
        while !self.queue.is_empty() {
            self.require_health()?;
            self.reserve_before_session(drive, source)?;
            if self.queue.is_empty() {
                return Ok(());
            }
            let point = self.point(drive)?;
            self.place(source, point)?;
            let blocks = self.ready_blocks(point.next, share);
            if blocks == 0 {
                return Ok(());
            }
            require_room(point, blocks)?;
            self.encode(source, point.next)?;
            let session = self.session_that_begins(drive, point);
            let bytes = &self.queue.bytes[..blocks * BLOCK_SIZE];
            let (sent, outcome) = send(drive, point.next, bytes, session);
            self.note_recorded(point.next, sent);
            idle = if sent > 0 { 0 } else { idle + 1 };
            match outcome {
                Ok(()) if share == Share::FullUnits => return Ok(()),
                Ok(()) => {}
                Err(DriveError::NotNextWritable { .. }) if idle < IDLE_TRIES => self.note_packet_end(),
                Err(DriveError::NotNextWritable { .. }) => return Err(Error::NoProgress(idle).into()),
                Err(error) => {
                    write_errors += 1;
                    self.after_write_error(drive, sector_after(point.next, sent), error, write_errors)?;
                }
            }
        }
        Ok(())
    }

    /// Sends whole units of an item, starting with its block `first`, past an empty queue. Returns the number
    /// of blocks recorded: fewer than requested if the drive continues elsewhere.
    ///
    /// # Errors
    /// As [`Track::issue`].
    pub fn send_straight<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
        item: &I,
        first: u64,
        bytes: &[u8],
    ) -> (usize, Result<(), S::Error>) {
        let point = match self.straight_point(drive, bytes.len() / BLOCK_SIZE) {
            Ok(point) => point,
            Err(error) => return (0, Err(error.into())),
        };
        let (sent, outcome) = send(drive, point.next, bytes, None);
        let count = u32::try_from(sent).unwrap_or(u32::MAX);
        let placed = source.place(Run { item, first, count }, point.next);
        self.note_recorded(point.next, sent);
        let went_on = match outcome {
            Ok(()) => Ok(()),
            Err(DriveError::NotNextWritable { .. }) => {
                self.note_packet_end();
                Ok(())
            }
            Err(error) => self.after_write_error(drive, sector_after(point.next, sent), error, 1),
        };
        (sent, placed.and(went_on.map_err(S::Error::from)))
    }

    /// The append point, if this many blocks fit there.
    fn straight_point(&mut self, drive: &mut Drive, blocks: usize) -> Result<Point, Error> {
        self.require_health()?;
        let point = self.point(drive)?;
        require_room(point, blocks)?;
        Ok(point)
    }

    /// The drive continues elsewhere and must be asked where.
    fn note_packet_end(&mut self) {
        self.run = None;
        self.sent.note_packet_end();
    }

    /// Handles a write that failed at `failed`: continues where the drive says, if that is later on the disc;
    /// otherwise turns the track read-only.
    fn after_write_error(
        &mut self,
        drive: &mut Drive,
        failed: LogicalSector,
        error: DriveError,
        write_errors: u32,
    ) -> Result<(), Error> {
        self.run = None;
        if error.is_host_full() {
            // The disc is unchanged: the waiting blocks are sent once there is space.
            return Err(error.into());
        }
        if self.write_errors > 0 {
            let moved = drive.refresh().is_ok() && self.point(drive).is_ok_and(|point| point.next > failed);
            if moved && write_errors <= self.write_errors {
                self.sent.doubt();
                return self.take_up_session_start(drive, failed);
            }
        }
        self.sent.fail();
        Err(error.into())
    }

    /// The number of waiting blocks to send now.
    fn ready_blocks(&self, start: LogicalSector, share: Share) -> usize {
        let blocks = self.queue.blocks();
        if share == Share::Everything {
            return blocks;
        }
        let unit = self.unit as usize;
        blocks.saturating_sub((start.0 as usize % unit + blocks) % unit)
    }

    /// S of the session whose start waits, and its sequences, if the links of a packet could fall on it.
    fn session_that_begins(&self, drive: &Drive, point: Point) -> Option<SessionThatBegins> {
        if !drive.medium().packets_may_end {
            return None;
        }
        match self.queue.entries.first()? {
            Entry::SessionStart { start, .. } => {
                let first = start.unwrap_or(point.next);
                Some(((first, self.form), *self.session_start.sequences()))
            }
            _ => None,
        }
    }

    fn note_recorded(&mut self, start: LogicalSector, sent: usize) {
        let moved = u32::try_from(sent).unwrap_or(u32::MAX);
        if let Some(point) = &mut self.run {
            point.next.0 += moved;
            point.free = point.free.saturating_sub(sent as u64);
        }
        if sent > 0 {
            self.medium_changed = true;
            self.sent.note(start, moved);
            if let Some(Entry::SessionStart {
                start: first, count, ..
            }) = self.queue.entries.first_mut()
                && moved < *count
            {
                first.get_or_insert(start);
                self.session_start.distrust();
            }
        }
        self.queue.recorded(start, sent);
    }
}

fn require_room(point: Point, blocks: usize) -> Result<(), Error> {
    let (free, asked) = (point.free, blocks as u64);
    if asked > free {
        return Err(Error::MediumFull { free, asked });
    }
    Ok(())
}

fn sector_after(start: LogicalSector, blocks: usize) -> LogicalSector {
    LogicalSector(start.0.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX)))
}

/// Sends blocks from `start` on; returns how many the drive took. No command ends at a block where the links
/// of its packet would fall on the start of `session`.
pub(crate) fn send(
    drive: &mut Drive,
    start: LogicalSector,
    bytes: &[u8],
    session: Option<SessionThatBegins>,
) -> (usize, Result<(), DriveError>) {
    let mut sent = 0;
    let mut rest = bytes;
    while rest.len() >= BLOCK_SIZE {
        let at = sector_after(start, sent);
        let most = drive.transfer_limit().min(rest.len()).max(BLOCK_SIZE) / BLOCK_SIZE;
        let blocks = match &session {
            Some((session, sequences)) => blocks_without_harm(*session, sequences, at, most),
            None => most,
        };
        let (chunk, after) = rest.split_at(blocks * BLOCK_SIZE);
        if let Err(error) = drive.write(lba_of(at), chunk) {
            return (sent, Err(error));
        }
        sent += blocks;
        rest = after;
    }
    (sent, Ok(()))
}
