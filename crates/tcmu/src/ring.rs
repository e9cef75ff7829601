//! The ring of commands. Entries are taken in order and completed in any order.

use crate::error::Error;
use crate::layout::{
    CAP_OUT_OF_ORDER, CAP_READ_LENGTH, EntryHeader, FIRST_RESET, FLAG_READ_LENGTH, FLAG_UNKNOWN, HEAD_AT,
    KIND_COMMAND, KIND_PAD, KIND_TASK_MANAGEMENT, MAILBOX_VERSION, Mailbox, RESET_FOR_RESERVATION, Request,
    Response, SENSE_LENGTH, Segment, TAIL_AT, TaskManagement,
};
use crate::region::Region;
use zerocopy::{FromBytes, FromZeros as _, IntoBytes};

/// Bytes of a command block that are read: the longest block of fixed length.
const COMMAND_BLOCK: usize = 16;
/// The most segments of one command; the kernel makes fewer for its largest command.
const MOST_SEGMENTS: u32 = 4096;
/// The most commands that one task management request may name; the kernel has fewer in flight.
const MOST_ABORTED: u32 = 4096;

/// A command of the host.
#[derive(Debug)]
pub(crate) struct Command {
    /// The number that identifies it on completion.
    pub(crate) id: u16,
    /// The command block; bytes after its end are undefined.
    pub(crate) block: [u8; COMMAND_BLOCK],
    /// Offset and length of each part of its data in the shared memory.
    segments: Vec<(u64, usize)>,
}

impl Command {
    /// Bytes that the host sends or accepts.
    pub(crate) fn data_length(&self) -> usize {
        self.segments.iter().map(|segment| segment.1).sum()
    }
}

/// A request of the host.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Execute a command.
    Command(Command),
    /// Abort these commands.
    Abort(Vec<u16>),
    /// Abort all commands and reset the unit.
    Reset,
}

/// The result of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending<'a> {
    /// GOOD, with this number of bytes read.
    Good(usize),
    /// CHECK CONDITION with this sense.
    Check(&'a [u8]),
}

/// The ring in memory shared with the kernel.
#[derive(Debug)]
pub struct Ring {
    region: Region,
    start: u32,
    size: u32,
    /// Position of the next entry to take, in bytes from the start of the ring.
    next: u32,
    /// Position of the entry for the next completion.
    tail: u32,
}

impl Ring {
    pub(crate) fn new(region: Region) -> Result<Self, Error> {
        let outside = Error::Ring("is shorter than its mailbox");
        let mut bytes = [0; size_of::<Mailbox>()];
        region.read(0, &mut bytes).ok_or(outside)?;
        let mailbox = Mailbox::read_from_bytes(&bytes).map_err(|_| Error::Ring("has no mailbox"))?;
        let wanted = CAP_OUT_OF_ORDER | CAP_READ_LENGTH;
        if mailbox.version != MAILBOX_VERSION || mailbox.flags & wanted != wanted {
            return Err(Error::Ring("is of another version"));
        }
        let tail = region.load(TAIL_AT).ok_or(Error::Ring("has no tail"))?;
        if mailbox.ring_size == 0 || tail >= mailbox.ring_size {
            return Err(Error::Ring("has its tail outside"));
        }
        Ok(Self {
            region,
            start: mailbox.ring_offset,
            size: mailbox.ring_size,
            next: tail,
            tail,
        })
    }

    /// The next entry to act on; `None` if the host has no further request.
    pub(crate) fn take(&mut self) -> Result<Option<Entry>, Error> {
        while self.region.load(HEAD_AT) != Some(self.next) {
            let (at, header) = self.entry(self.next)?;
            self.next = self.position_after(self.next, header);
            match header.kind() {
                KIND_COMMAND => return self.command(at, header).map(Some),
                KIND_TASK_MANAGEMENT => {
                    let entry = self.task_management(at)?;
                    self.settle_tail()?;
                    return Ok(Some(entry));
                }
                KIND_PAD => self.settle_tail()?,
                _ => self.refuse(at)?,
            }
        }
        Ok(None)
    }

    /// The header of the entry at `position`, and its offset in the shared memory.
    fn entry(&self, position: u32) -> Result<(u64, EntryHeader), Error> {
        let at = u64::from(self.start) + u64::from(position);
        let header: EntryHeader = self.structure(at)?;
        let length = header.length();
        if length == 0 || length > self.size - position {
            return Err(Error::Ring("has an entry of an impossible length"));
        }
        Ok((at, header))
    }

    fn position_after(&self, position: u32, header: EntryHeader) -> u32 {
        (position + header.length()) % self.size
    }

    fn structure<T: FromBytes + IntoBytes>(&self, at: u64) -> Result<T, Error> {
        let mut structure = T::new_zeroed();
        self.region
            .read(at, structure.as_mut_bytes())
            .ok_or(Error::Ring("points outside the shared memory"))?;
        Ok(structure)
    }

    fn command(&self, at: u64, header: EntryHeader) -> Result<Entry, Error> {
        let after_header = at + size_of::<EntryHeader>() as u64;
        let request: Request = self.structure(after_header)?;
        if request.segments > MOST_SEGMENTS {
            return Err(Error::Ring("has a command with too many segments"));
        }
        let mut segments = Vec::new();
        let first = after_header + size_of::<Request>() as u64;
        for number in 0..u64::from(request.segments) {
            let segment: Segment = self.structure(first + number * size_of::<Segment>() as u64)?;
            let length = usize::try_from(segment.length).unwrap_or(usize::MAX);
            segments.push((segment.offset, length));
        }
        let length = segments
            .iter()
            .try_fold(0usize, |sum, segment| sum.checked_add(segment.1));
        if length.is_none_or(|length| length > self.region.length()) {
            return Err(Error::Ring(
                "has a command with more data than fits the shared memory",
            ));
        }
        Ok(Entry::Command(Command {
            id: header.command_id,
            block: self.structure(request.command_block)?,
            segments,
        }))
    }

    fn task_management(&self, at: u64) -> Result<Entry, Error> {
        let after_header = at + size_of::<EntryHeader>() as u64;
        let request: TaskManagement = self.structure(after_header)?;
        let count = u64::from(request.commands.min(MOST_ABORTED));
        let first = after_header + size_of::<TaskManagement>() as u64;
        if request.kind >= FIRST_RESET && request.kind != RESET_FOR_RESERVATION {
            return Ok(Entry::Reset);
        }
        let commands: Result<Vec<u16>, Error> = (0..count)
            .map(|number| self.structure(first + number * 2))
            .collect();
        Ok(Entry::Abort(commands?))
    }

    /// Answers an entry of unknown kind.
    fn refuse(&mut self, at: u64) -> Result<(), Error> {
        let flags = at + std::mem::offset_of!(EntryHeader, user_flags) as u64;
        self.write(flags, &[FLAG_UNKNOWN])?;
        self.settle_tail()
    }

    /// Moves the tail past entries that need no completion, up to the first command that does.
    fn settle_tail(&mut self) -> Result<(), Error> {
        while self.tail != self.next {
            let (_, header) = self.entry(self.tail)?;
            if header.kind() == KIND_COMMAND {
                break;
            }
            self.tail = self.position_after(self.tail, header);
        }
        self.region
            .store(TAIL_AT, self.tail)
            .ok_or(Error::Ring("has no tail"))
    }

    fn write(&self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        self.region
            .write(at, bytes)
            .ok_or(Error::Ring("points outside the shared memory"))
    }

    /// Copies the data that the host sends with a command into `to`, which must not be longer than the data.
    pub(crate) fn data_of(&self, command: &Command, mut to: &mut [u8]) -> Result<(), Error> {
        for &(offset, length) in &command.segments {
            let (part, rest) = to.split_at_mut(length.min(to.len()));
            self.region
                .read(offset, part)
                .ok_or(Error::Ring("points outside the shared memory"))?;
            to = rest;
        }
        Ok(())
    }

    /// Copies `from` to the data of a command, without the bytes that do not fit.
    pub(crate) fn give(&self, command: &Command, mut from: &[u8]) -> Result<(), Error> {
        for &(offset, length) in &command.segments {
            let (part, rest) = from.split_at(length.min(from.len()));
            self.write(offset, part)?;
            from = rest;
        }
        Ok(())
    }

    /// Completes a command that was taken. The kernel notices when the UIO device is notified.
    pub(crate) fn complete(&mut self, id: u16, ending: Ending<'_>) -> Result<(), Error> {
        self.settle_tail()?;
        if self.tail == self.next {
            return Err(Error::Ring("waits for no completion"));
        }
        let (at, mut header) = self.entry(self.tail)?;
        let mut response = Response::new_zeroed();
        header.command_id = id;
        header.user_flags = 0;
        match ending {
            Ending::Good(read) => {
                // Without a length, the kernel assumes that all of the data was read.
                header.user_flags = FLAG_READ_LENGTH;
                response.read_length = u32::try_from(read).unwrap_or(u32::MAX);
            }
            Ending::Check(sense) => {
                response.status = CHECK_CONDITION;
                let length = sense.len().min(SENSE_LENGTH);
                response.sense[..length].copy_from_slice(&sense[..length]);
            }
        }
        self.write(at, header.as_bytes())?;
        self.write(at + size_of::<EntryHeader>() as u64, response.as_bytes())?;
        self.tail = self.position_after(self.tail, header);
        self.settle_tail()
    }
}

/// The status of a command that failed with sense (`SAM-5 5.3`).
const CHECK_CONDITION: u8 = 0x02;
