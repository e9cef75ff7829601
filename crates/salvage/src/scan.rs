//! The scan: each recorded block is read once, in order.

use std::ops::{ControlFlow, Range};

use drive::{Drive, DriveError};
use ecma167::BLOCK_SIZE;
use mmc::{Lba, SenseKey};

use crate::index::Index;
use crate::recognise::LONGEST;

/// Blocks read at a time: 1 MiB.
const STEP: u32 = 512;

/// How far a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Blocks of 2,048 bytes looked at.
    pub done: u64,
    /// Blocks to look at.
    pub all: u64,
}

/// Why a scan ended early.
#[derive(Debug)]
pub enum ScanError {
    /// The caller stopped it.
    Stopped,
    /// The drive failed.
    Drive(DriveError),
}

impl std::fmt::Display for ScanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Drive(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ScanError {}

impl From<DriveError> for ScanError {
    fn from(error: DriveError) -> Self {
        Self::Drive(error)
    }
}

/// A part of a disc in memory: the bytes that are still to be looked at.
struct Window {
    bytes: Vec<u8>,
    start: u64,
}

impl Index {
    /// Reads every recorded block of a disc and finds what has a tag. With `only`, reads those blocks: what
    /// [`Index::to_read_again`] returned, and what an earlier scan did not reach.
    ///
    /// `watch` hears of each step, and what was found so far, and can end the scan. A scan that ended early
    /// leaves what it found; nothing but [`Index::to_read_again`] may then be asked.
    ///
    /// # Errors
    /// [`ScanError::Stopped`]; errors of the drive. An unreadable block is none.
    pub fn scan(
        &mut self,
        drive: &mut Drive,
        only: Option<&[Range<u32>]>,
        watch: &mut dyn FnMut(Progress, &Self) -> ControlFlow<()>,
    ) -> Result<(), ScanError> {
        let parts = parts(drive, only);
        let all = parts.iter().map(|part| u64::from(part.end - part.start)).sum();
        let mut progress = Progress { done: 0, all };
        for part in parts {
            self.scan_part(drive, part, &mut |blocks, index| {
                progress.done += u64::from(blocks);
                watch(progress, index)
            })?;
        }
        self.finish(drive.recorded_bytes());
        Ok(())
    }

    fn scan_part(
        &mut self,
        drive: &mut Drive,
        part: Range<u32>,
        watch: &mut dyn FnMut(u32, &Self) -> ControlFlow<()>,
    ) -> Result<(), ScanError> {
        let mut window = Window {
            bytes: Vec::with_capacity(STEP as usize * BLOCK_SIZE + LONGEST),
            start: u64::from(part.start) * BLOCK_SIZE as u64,
        };
        let Range { mut start, end } = part;
        let mut unreadable = Vec::new();
        while start < end {
            let next = start.saturating_add(STEP).min(end);
            let kept = window.bytes.len();
            window
                .bytes
                .resize(kept + (next - start) as usize * BLOCK_SIZE, 0);
            // A read that fails may have read some of these.
            self.set_pending(window.blocks());
            drive.read_in_halves(Lba(start), &mut window.bytes[kept..], &mut unreadable)?;
            for (block, sense) in unreadable.drain(..) {
                // Links, gaps and blank blocks cannot be read either.
                if !matches!(sense.key, SenseKey::IllegalRequest | SenseKey::BlankCheck) {
                    self.add_unreadable(block);
                }
            }
            window.look(self, LONGEST);
            self.set_pending(window.blocks());
            if watch(next - start, self).is_break() {
                return Err(ScanError::Stopped);
            }
            start = next;
        }
        if let Some(rest) = rest(drive, end)? {
            window.bytes.extend_from_slice(&rest);
        }
        window.look(self, 0);
        self.set_pending(0..0);
        Ok(())
    }
}

impl Window {
    /// The blocks of its bytes.
    fn blocks(&self) -> Range<u32> {
        let block = |byte: u64| u32::try_from(byte / BLOCK_SIZE as u64).unwrap_or(u32::MAX);
        block(self.start)..block(self.start + self.bytes.len() as u64)
    }

    /// Looks at all but the last `kept` bytes, and drops them.
    fn look(&mut self, index: &mut Index, kept: usize) {
        let until = self.bytes.len().saturating_sub(kept);
        index.look(&self.bytes, self.start, until);
        self.bytes.drain(..until);
        self.start += until as u64;
    }
}

/// The parts of a disc to read.
fn parts(drive: &Drive, only: Option<&[Range<u32>]>) -> Vec<Range<u32>> {
    let medium = drive.medium();
    let candidates = medium.last_recorded_candidates();
    let last = candidates.iter().map(|last| last.0.saturating_add(1)).max();
    let end = last.unwrap_or(0).max(drive.recorded_end().0);
    let recorded = medium.parts_with_data(0..end);
    let Some(only) = only else { return recorded };
    let mut parts = Vec::new();
    for part in recorded {
        let inside = only
            .iter()
            .map(|run| run.start.max(part.start)..run.end.min(part.end));
        parts.extend(inside.filter(|run| run.start < run.end));
    }
    parts
}

/// The bytes of an image after its last whole block, if that is the one before `end`.
fn rest(drive: &mut Drive, end: u32) -> Result<Option<Vec<u8>>, DriveError> {
    let start = u64::from(end) * BLOCK_SIZE as u64;
    let length = drive.recorded_bytes().saturating_sub(start);
    if length == 0 || length >= BLOCK_SIZE as u64 {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    match drive.read_bytes(start, &mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(DriveError::Unreadable { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
