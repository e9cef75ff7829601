//! Reads ahead: a thread walks and reads, so that the next files are ready while the drive takes the last
//! ones.
//!
//! A few batches circulate between the two threads, which bounds the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use oncefs::nodes::Attributes;

use super::batch::{BATCH_BYTES, Batch, Destination, Event};
use super::status::Key;
use crate::failure::{Failure, Outcome};

/// Batches in circulation.
const BATCHES: usize = 3;

/// Most events of a batch.
const EVENTS: usize = 2048;

/// How long to wait for a batch at a time.
const PATIENCE: Duration = Duration::from_millis(100);

/// The sending side.
pub struct Outgoing {
    full: Sender<Batch>,
    empty: Receiver<Batch>,
    batch: Batch,
    /// Number of batches sent.
    sent: u64,
    /// Number of files announced.
    announced: u64,
    /// The number of the last file whose data is no longer needed.
    dropped: Arc<AtomicU64>,
    /// Nobody receives them any more.
    closed: Arc<AtomicBool>,
}

/// A point in the events, which can be taken back to while its batch is not sent.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    sent: u64,
    events: usize,
    bytes: usize,
}

/// The receiving side.
pub struct Batches {
    full: Receiver<Batch>,
    empty: Sender<Batch>,
    dropped: Arc<AtomicU64>,
    closed: Arc<AtomicBool>,
}

/// What the receiver gets.
pub enum Next {
    /// A batch.
    Batch(Batch),
    /// Nothing yet: the source is slow.
    Nothing,
    /// The reader is done.
    End,
}

/// The two sides.
pub fn pipe() -> (Outgoing, Batches) {
    let (full, batches) = channel();
    let (back, empty) = channel();
    for _ in 1..BATCHES {
        // The receiving end is in `Batches` below.
        let _ = back.send(Batch::new());
    }
    let outgoing = Outgoing {
        full,
        empty,
        batch: Batch::new(),
        sent: 0,
        announced: 0,
        dropped: Arc::default(),
        closed: Arc::new(AtomicBool::new(false)),
    };
    let batches = Batches {
        full: batches,
        empty: back,
        dropped: Arc::clone(&outgoing.dropped),
        closed: Arc::clone(&outgoing.closed),
    };
    (outgoing, batches)
}

impl Batches {
    /// Waits a moment for the next batch.
    pub fn next(&self) -> Next {
        match self.full.recv_timeout(PATIENCE) {
            Ok(batch) => Next::Batch(batch),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// The number, among announced files, of the last one whose data is no longer needed.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }

    /// Returns a batch for reuse.
    pub fn give_back(&self, mut batch: Batch) {
        batch.clear();
        // A reader that is done needs none.
        let _ = self.empty.send(batch);
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

impl Outgoing {
    /// Fails if the receiver is gone.
    pub fn require_open(&self) -> Outcome {
        if self.closed.load(Ordering::Relaxed) {
            return Err(gone());
        }
        Ok(())
    }

    /// Sends what is left.
    pub fn finish(mut self, last: impl IntoIterator<Item = Event>) {
        self.batch.events.extend(last);
        // The recorder is gone if it failed, and needs nothing more.
        let _ = self.full.send(self.batch);
    }

    /// Sends the batch and takes an empty one.
    pub fn flush(&mut self) -> Outcome {
        let next = self.empty.recv().map_err(|_| gone())?;
        let full = std::mem::replace(&mut self.batch, next);
        self.sent += 1;
        self.full.send(full).map_err(|_| gone())
    }

    /// Announces a file, whose data come next.
    pub fn announce(
        &mut self,
        place: Destination,
        attributes: Attributes,
        size: Option<u64>,
        data: u64,
        key: Option<Key>,
    ) -> Outcome {
        self.announced += 1;
        self.push(Event::File {
            number: self.announced,
            place,
            attributes,
            size,
            data,
            key,
        })
    }

    /// Whether the data of the last file is no longer needed: it may have no end.
    pub fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Relaxed) == self.announced
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) -> Outcome {
        if self.batch.events.len() >= EVENTS {
            self.flush()?;
        }
        self.batch.events.push(event);
        Ok(())
    }

    /// The position of the next event.
    pub fn mark(&mut self) -> Outcome<Mark> {
        if self.batch.events.len() >= EVENTS {
            self.flush()?;
        }
        Ok(Mark {
            sent: self.sent,
            events: self.batch.events.len(),
            bytes: self.batch.used,
        })
    }

    /// Takes back the events since the mark; `false` if some were sent.
    pub fn take_back(&mut self, mark: Mark) -> bool {
        if self.sent != mark.sent {
            return false;
        }
        self.batch.events.truncate(mark.events);
        self.batch.used = mark.bytes;
        true
    }

    /// Free bytes in the batch.
    pub fn room(&self) -> usize {
        BATCH_BYTES - self.batch.used
    }

    /// Lets `fill` put bytes of the last file, from byte `at` on, into `want` bytes of the room, and adds the
    /// event for them. Returns the number of bytes. They stay in the batch of their event.
    pub fn fill<E>(
        &mut self,
        at: u64,
        want: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let start = self.batch.used;
        let got = fill(&mut self.batch.bytes[start..start + want])?;
        if got > 0 {
            self.batch.used += got;
            let range = start..start + got;
            self.batch.events.push(Event::Data { at, range });
        }
        Ok(got)
    }
}

/// The failure when the receiver is gone; the recorder reports the reason.
fn gone() -> Failure {
    Failure::failed("the recorder has ended")
}
