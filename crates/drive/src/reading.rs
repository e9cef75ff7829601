//! How to read blocks: how often to repeat a failed read, what not to read, and who hears of each read.

use std::fmt;
use std::ops::Range;

use mmc::{BLOCK_SIZE, Lba, Sense};

use crate::error::DriveError;

/// The outcome of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadOutcome {
    /// The blocks were read.
    Read,
    /// The one block cannot be read.
    Unreadable,
}

/// Receives the blocks of each read that settles whether they are readable.
type Listener = Box<dyn FnMut(Range<Lba>, ReadOutcome) + Send>;

/// How a drive reads.
#[derive(Default)]
pub struct Reading {
    retries: u32,
    /// Blocks that count as unreadable, in ascending order.
    left_out: Vec<Range<u32>>,
    /// Blocks that were blank in the state shown.
    blank: Range<u32>,
    listener: Option<Listener>,
    /// Asked before a read is repeated.
    stop: Option<Box<dyn Fn() -> bool + Send>>,
}

impl Reading {
    /// Reads every block once, without a listener.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Repeats the read of a single block that fails this many times. A failed read of several blocks is not
    /// repeated: its blocks are read in parts.
    #[must_use]
    pub fn retrying(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Repeats no read once `stop` returns `true`. The listener learns nothing of that block: more attempts
    /// might have read it.
    #[must_use]
    pub fn stopping_if(mut self, stop: impl Fn() -> bool + Send + 'static) -> Self {
        self.stop = Some(Box::new(stop));
        self
    }

    /// Treats these blocks as unreadable, without a command to the drive.
    #[must_use]
    pub fn leaving_out(mut self, mut blocks: Vec<Range<u32>>) -> Self {
        blocks.sort_unstable_by_key(|range| range.start);
        self.left_out = blocks;
        self
    }

    /// Treats these blocks as unreadable too from now on.
    pub(crate) fn leave_out(&mut self, blocks: &[Range<u32>]) {
        self.left_out.extend_from_slice(blocks);
        self.left_out.sort_unstable_by_key(|range| range.start);
        self.left_out.dedup_by(|next, last| {
            let is_continued = next.start <= last.end;
            if is_continued {
                last.end = last.end.max(next.end);
            }
            is_continued
        });
    }

    /// Passes the blocks that were read, and each unreadable one, to `listener`.
    #[must_use]
    pub fn telling(mut self, listener: impl FnMut(Range<Lba>, ReadOutcome) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Reads whole blocks by `read`.
    pub(crate) fn read(
        &mut self,
        at: Lba,
        out: &mut [u8],
        read: impl FnMut(&mut [u8]) -> Result<(), DriveError>,
    ) -> Result<(), DriveError> {
        self.read_part(at, 0, out, read)
    }

    /// Reads bytes by `read`, from byte `inside` of block `at` on.
    pub(crate) fn read_part(
        &mut self,
        at: Lba,
        inside: usize,
        out: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> Result<(), DriveError>,
    ) -> Result<(), DriveError> {
        let bytes = inside + out.len();
        if let Some(first) = self.first_blank(at, bytes) {
            return Err(DriveError::Unreadable {
                at: first,
                sense: Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(first),
            });
        }
        if let Some(first) = self.first_left_out(at, bytes) {
            return Err(DriveError::Unreadable {
                at: first,
                sense: Sense::UNRECOVERED_READ_ERROR.at(first),
            });
        }
        let mut left = self.retries;
        loop {
            match read(out) {
                Ok(()) => {
                    self.note_read(at, bytes);
                    return Ok(());
                }
                Err(error @ DriveError::Unreadable { .. }) if bytes <= BLOCK_SIZE && left > 0 => {
                    if self.stop.as_ref().is_some_and(|stop| stop()) {
                        return Err(error);
                    }
                    left -= 1;
                }
                Err(error) => {
                    if bytes <= BLOCK_SIZE && matches!(error, DriveError::Unreadable { .. }) {
                        self.tell(at, bytes, ReadOutcome::Unreadable);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Whether any of the blocks is left out or blank.
    pub(crate) fn leaves_out(&self, at: Lba, bytes: usize) -> bool {
        self.first_left_out(at, bytes).is_some() || self.first_blank(at, bytes).is_some()
    }

    /// Shows these blocks as blank.
    pub(crate) fn blank(&mut self, blocks: Range<u32>) {
        self.blank = blocks;
    }

    /// Reads as `other` says, except that the same blocks stay blank.
    pub(crate) fn replace(&mut self, other: Self) {
        let blank = std::mem::take(&mut self.blank);
        *self = Self { blank, ..other };
    }

    /// Notes that bytes from the start of a block on were read.
    pub(crate) fn note_read(&mut self, at: Lba, bytes: usize) {
        self.tell(at, bytes, ReadOutcome::Read);
    }

    fn first_blank(&self, at: Lba, bytes: usize) -> Option<Lba> {
        let first = self.blank.start.max(at.0);
        (first < self.blank.end.min(end(at, bytes).0)).then_some(Lba(first))
    }

    fn first_left_out(&self, at: Lba, bytes: usize) -> Option<Lba> {
        let end = end(at, bytes);
        let next = self.left_out.partition_point(|range| range.end <= at.0);
        let range = self.left_out.get(next).filter(|range| range.start < end.0)?;
        Some(Lba(range.start.max(at.0)))
    }

    fn tell(&mut self, at: Lba, bytes: usize, outcome: ReadOutcome) {
        if let Some(listener) = &mut self.listener {
            listener(at..end(at, bytes), outcome);
        }
    }
}

/// The block after the last of some bytes.
fn end(at: Lba, bytes: usize) -> Lba {
    let blocks = u32::try_from(bytes.div_ceil(BLOCK_SIZE)).unwrap_or(u32::MAX);
    Lba(at.0.saturating_add(blocks))
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("retries", &self.retries)
            .field("left_out", &self.left_out)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    fn unreadable(at: u32) -> DriveError {
        DriveError::Unreadable {
            at: Lba(at),
            sense: Sense::UNRECOVERED_READ_ERROR,
        }
    }

    #[test]
    fn a_single_block_is_read_again_as_often_as_asked() {
        let mut reading = Reading::new().retrying(2);
        let mut tried = 0;
        let mut read = |fails: u32, blocks: usize| {
            tried = 0;
            let mut out = vec![0; blocks * BLOCK_SIZE];
            let done = reading.read(Lba(7), &mut out, |_| {
                tried += 1;
                if tried <= fails {
                    Err(unreadable(7))
                } else {
                    Ok(())
                }
            });
            (done.is_ok(), tried)
        };
        assert_eq!(read(0, 1), (true, 1));
        assert_eq!(read(2, 1), (true, 3));
        assert_eq!(read(9, 1), (false, 3));
        assert_eq!(read(9, 2), (false, 1), "several blocks are read in parts");
    }

    #[test]
    fn no_read_is_repeated_once_the_caller_stops() {
        let told = Arc::new(Mutex::new(0));
        let listener = Arc::clone(&told);
        let tried = Arc::new(Mutex::new(0));
        let asked = Arc::clone(&tried);
        let count = |number: &Mutex<u32>| *number.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reading = Reading::new()
            .retrying(1_000_000)
            .stopping_if(move || count(&asked) == 3)
            .telling(move |_, _| *listener.lock().unwrap_or_else(PoisonError::into_inner) += 1);
        let done = reading.read(Lba(7), &mut [0; BLOCK_SIZE], |_| {
            *tried.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            Err(unreadable(7))
        });
        assert!(matches!(done, Err(DriveError::Unreadable { at: Lba(7), .. })));
        assert_eq!((count(&tried), count(&told)), (3, 0));
    }

    #[test]
    fn blocks_that_are_left_out_are_never_read() {
        let mut reading = Reading::new().leaving_out(vec![20..22, 5..6]);
        let mut read = |at, blocks: usize| {
            let mut out = vec![0; blocks * BLOCK_SIZE];
            match reading.read(Lba(at), &mut out, |_| Ok(())) {
                Err(DriveError::Unreadable { at, .. }) => Some(at.0),
                _ => None,
            }
        };
        assert_eq!(read(0, 5), None);
        assert_eq!(read(0, 6), Some(5));
        assert_eq!(read(6, 14), None);
        assert_eq!(read(6, 15), Some(20));
        assert_eq!(read(21, 4), Some(21));
        assert_eq!(read(22, 4), None);
    }

    #[test]
    fn what_was_read_and_what_was_not_is_reported() {
        let outcomes = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&outcomes);
        let mut reading = Reading::new().telling(move |blocks, outcome| {
            let mut outcomes = listener.lock().unwrap_or_else(PoisonError::into_inner);
            outcomes.push((blocks.start.0, blocks.end.0, outcome));
        });
        let mut two = [0; 2 * BLOCK_SIZE];
        let mut one = [0; BLOCK_SIZE];
        reading.read(Lba(3), &mut two, |_| Ok(())).expect("blocks");
        assert!(reading.read(Lba(3), &mut two, |_| Err(unreadable(4))).is_err());
        assert!(reading.read(Lba(4), &mut one, |_| Err(unreadable(4))).is_err());
        let outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(
            outcomes[..],
            [(3, 5, ReadOutcome::Read), (4, 5, ReadOutcome::Unreadable)]
        );
    }
}
