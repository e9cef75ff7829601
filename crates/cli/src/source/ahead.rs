//! Reading ahead: a thread walks and reads, so that the next files are there while the drive takes the last ones.
//!
//! A few batches go round between the two, which bounds the memory.

use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use ecma167::general::Timestamp;
use rustix::fs::{FileType, Statx};
use rustix::io::{Errno, pread};

use super::batch::{BATCH_BYTES, Batch, Event, Key, Place};
use super::found::{Found, attributes};
use super::holes;
use super::walk::Visitor;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;

/// Batches that go round.
const BATCHES: usize = 3;

/// Events of a batch at most.
const EVENTS: usize = 2048;

/// A file is read in pieces of at least so many bytes, but for its last.
const LEAST_PIECE: usize = 1 << 17;

/// The reading side: the visitor of a walk.
pub struct Reader {
    full: Sender<Batch>,
    empty: Receiver<Batch>,
    batch: Batch,
    interrupt: Interrupt,
    now: Timestamp,
    /// Files with several names that were read.
    links: HashSet<Key>,
    /// Whether the last file was empty: the next one then is not opened before it is known to hold anything.
    was_empty: bool,
    depth: usize,
}

/// The receiving side.
pub struct Batches {
    full: Receiver<Batch>,
    empty: Sender<Batch>,
}

/// The two sides. What the reader tells as new bears the time `now`.
pub fn pipe(interrupt: &Interrupt, now: Timestamp) -> (Reader, Batches) {
    let (full, batches) = channel();
    let (back, empty) = channel();
    for _ in 1..BATCHES {
        // The other end stands below.
        let _ = back.send(Batch::new());
    }
    let reader = Reader {
        full,
        empty,
        batch: Batch::new(),
        interrupt: interrupt.clone(),
        now,
        links: HashSet::new(),
        was_empty: false,
        depth: 0,
    };
    let batches = Batches {
        full: batches,
        empty: back,
    };
    (reader, batches)
}

impl Batches {
    /// The next batch; `None` when the reader is done.
    pub fn next(&self) -> Option<Batch> {
        self.full.recv().ok()
    }

    /// Gives a batch back.
    pub fn give_back(&self, mut batch: Batch) {
        batch.clear();
        // A reader that is done needs none.
        let _ = self.empty.send(batch);
    }
}

impl Reader {
    /// Ends the reading: what is left goes out, and how the walk ended.
    pub fn finish(mut self, walked: Outcome) {
        if let Err(failure) = walked {
            self.batch.events.push(Event::Failed(failure));
        }
        // The recorder is gone where it failed, and needs nothing more.
        let _ = self.full.send(self.batch);
    }

    /// Sends the batch on and takes an empty one.
    fn flush(&mut self) -> Outcome {
        let next = self.empty.recv().map_err(|_| gone())?;
        let full = std::mem::replace(&mut self.batch, next);
        self.full.send(full).map_err(|_| gone())
    }

    fn push(&mut self, event: Event) -> Outcome {
        if self.batch.events.len() >= EVENTS {
            self.flush()?;
        }
        self.batch.events.push(event);
        Ok(())
    }

    fn place(&self, found: &Found<'_>) -> Outcome<Place> {
        let name = match found.target_name.map(|name| name.to_str()) {
            None => None,
            Some(Some(name)) => Some(name.to_owned()),
            Some(None) => return Err(Failure::failed("the name is no UTF-8").at(found.path.display())),
        };
        let named = (self.depth == 0).then(|| found.path.to_owned());
        Ok(Place { named, name })
    }

    /// The key of a file with several names, and whether it was read before.
    fn link(&mut self, status: &Statx) -> (Option<Key>, bool) {
        if status.stx_nlink < 2 {
            return (None, false);
        }
        let key = (status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
        (Some(key), !self.links.insert(key))
    }

    fn file(&mut self, found: &Found<'_>) -> Outcome {
        if self.was_empty {
            let status = found.status()?;
            if status.stx_size == 0
                && FileType::from_raw_mode(status.stx_mode.into()) == FileType::RegularFile
            {
                return self.opened(found, None, &status);
            }
        }
        let (file, status) = found.open_file()?;
        self.was_empty = status.stx_size == 0;
        self.opened(found, Some(file.as_fd()), &status)
    }

    fn opened(&mut self, found: &Found<'_>, file: Option<BorrowedFd<'_>>, status: &Statx) -> Outcome {
        let place = self.place(found)?;
        let (key, known) = self.link(status);
        if let Some(key) = key.filter(|_| known) {
            return self.push(Event::Link { place, key });
        }
        let size = status.stx_size;
        self.push(Event::File {
            place,
            attributes: attributes(status, self.now),
            size,
            key,
        })?;
        let Some(file) = file.filter(|_| size > 0) else {
            return Ok(());
        };
        let length = if holes::may_be_sparse(status) {
            self.sparse(found.path, file, size)?
        } else {
            self.copy(found.path, file, 0, size)?
        };
        self.push(Event::End { length })
    }

    /// Reads the parts that hold data, and leaves holes between them.
    fn sparse(&mut self, path: &Path, file: BorrowedFd<'_>, size: u64) -> Outcome<u64> {
        let mut at = 0;
        while let Some((start, end)) =
            holes::next_data(file, at, size).map_err(|error| Failure::host(path, error))?
        {
            at = self.copy(path, file, start, end)?;
            if at < end {
                return Ok(at);
            }
        }
        Ok(size)
    }

    /// Reads from byte `at` to `end`, or to where the file ends now; returns how far it came.
    fn copy(&mut self, path: &Path, file: BorrowedFd<'_>, mut at: u64, end: u64) -> Outcome<u64> {
        while at < end {
            let left = usize::try_from(end - at).unwrap_or(usize::MAX);
            let room = BATCH_BYTES - self.batch.used;
            if room < left.min(LEAST_PIECE) {
                self.flush()?;
                continue;
            }
            self.interrupt.check()?;
            // Pieces end with blocks of the disc.
            let want = if left <= room { left } else { room - room % 2048 };
            let start = self.batch.used;
            let got = fill(file, at, &mut self.batch.bytes[start..start + want])
                .map_err(|error| Failure::host(path, error))?;
            self.batch.used += got;
            let range = start..start + got;
            self.push_data(at, range)?;
            at += got as u64;
            if got < want {
                break;
            }
        }
        Ok(at)
    }

    /// Data stay in the batch that has their bytes.
    fn push_data(&mut self, at: u64, range: std::ops::Range<usize>) -> Outcome {
        self.batch.events.push(Event::Data { at, range });
        Ok(())
    }
}

impl Visitor for Reader {
    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool> {
        self.interrupt.check()?;
        let place = self.place(found)?;
        let attributes = attributes(&found.status()?, self.now);
        self.push(Event::Enter { place, attributes })?;
        self.depth += 1;
        Ok(true)
    }

    fn visit(&mut self, found: &Found<'_>) -> Outcome {
        self.interrupt.check()?;
        if found.kind == FileType::RegularFile {
            return self.file(found);
        }
        let status = found.status()?;
        let place = self.place(found)?;
        let (key, known) = self.link(&status);
        if let Some(key) = key.filter(|_| known) {
            return self.push(Event::Link { place, key });
        }
        let kind = found.disc_kind(&status)?;
        let kind = kind.ok_or_else(|| {
            Failure::failed("a kind of file that UDF does not have").at(found.path.display())
        })?;
        self.push(Event::Other {
            place,
            attributes: attributes(&status, self.now),
            kind,
            key,
        })
    }

    fn leave(&mut self) -> Outcome {
        self.depth -= 1;
        self.push(Event::Leave)
    }

    fn fault(&mut self, _path: &Path, failure: Failure) -> Outcome {
        Err(failure)
    }
}

/// Nobody takes the batches any more; why, the recorder says.
fn gone() -> Failure {
    Failure::failed("the recorder has ended")
}

/// Reads until the buffer is full or the file ends.
fn fill(file: BorrowedFd<'_>, at: u64, buffer: &mut [u8]) -> rustix::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match pread(file, &mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
