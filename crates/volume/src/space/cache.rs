//! The block cache: bounded, with read-ahead, and without blocks that were unrecorded when they were read.

use std::collections::HashMap;
use std::ops::Range;

use drive::{Drive, DriveError};
use ecma167::{BLOCK_SIZE, LogicalSector};
use mmc::Lba;

/// Blocks per line, which are read ahead at once: 64 KiB.
pub(crate) const LINE_BLOCKS: u32 = 32;
/// Maximum number of lines kept: 4 MiB.
const LINES: usize = 64;
const LINE_BYTES: usize = LINE_BLOCKS as usize * BLOCK_SIZE;

struct Line {
    number: u32,
    /// One bit for each cached block.
    present: u32,
    /// A block in the line is unreadable, so reading the whole line is not tried again.
    broken: bool,
    used: u64,
    bytes: Box<[u8]>,
}

/// Recently read blocks.
///
/// On write-once media a recorded block never changes. Only blocks before the drive's recorded end are kept,
/// so what is appended later cannot make the cache stale.
pub(crate) struct BlockCache {
    lines: Vec<Line>,
    index: HashMap<u32, usize>,
    recent: usize,
    clock: u64,
    single: Box<[u8]>,
}

impl BlockCache {
    pub(crate) fn new() -> Self {
        Self {
            lines: Vec::new(),
            index: HashMap::new(),
            recent: 0,
            clock: 0,
            single: vec![0; BLOCK_SIZE].into_boxed_slice(),
        }
    }

    /// One block, from memory or from the drive.
    pub(crate) fn block(&mut self, drive: &mut Drive, at: LogicalSector) -> Result<&[u8], DriveError> {
        let end = drive.recorded_end().0;
        let number = at.0 / LINE_BLOCKS;
        let inside = at.0 % LINE_BLOCKS;
        let first = at.0 - inside;
        let line_end = first.saturating_add(LINE_BLOCKS).min(end);
        if at.0 >= end || !drive.is_settled(Lba(first)..Lba(line_end)) {
            drive.read(Lba(at.0), &mut self.single)?;
            return Ok(&self.single);
        }
        let line = self.line(number);
        if self.lines[line].present & (1 << inside) == 0 {
            self.fill(drive, line, inside, end)?;
        }
        let start = inside as usize * BLOCK_SIZE;
        Ok(&self.lines[line].bytes[start..start + BLOCK_SIZE])
    }

    /// Drops blocks.
    pub(crate) fn forget(&mut self, range: Range<LogicalSector>) {
        for line in &mut self.lines {
            let first = u64::from(line.number) * u64::from(LINE_BLOCKS);
            for inside in 0..LINE_BLOCKS {
                let at = first + u64::from(inside);
                if at >= u64::from(range.start.0) && at < u64::from(range.end.0) {
                    line.present &= !(1 << inside);
                }
            }
        }
    }

    /// The slot of a line; if all are taken, the least recently used one.
    fn line(&mut self, number: u32) -> usize {
        self.clock += 1;
        let found = match self.lines.get(self.recent) {
            Some(line) if line.number == number => Some(self.recent),
            _ => self.index.get(&number).copied(),
        };
        let slot = found.unwrap_or_else(|| self.claim(number));
        self.lines[slot].used = self.clock;
        self.recent = slot;
        slot
    }

    fn claim(&mut self, number: u32) -> usize {
        let slot = if self.lines.len() < LINES {
            self.lines.push(Line {
                number,
                present: 0,
                broken: false,
                used: 0,
                bytes: vec![0; LINE_BYTES].into_boxed_slice(),
            });
            self.lines.len() - 1
        } else {
            let oldest = self.lines.iter().enumerate().min_by_key(|(_, line)| line.used);
            let slot = oldest.map_or(0, |(slot, _)| slot);
            self.index.remove(&self.lines[slot].number);
            self.lines[slot].number = number;
            self.lines[slot].present = 0;
            self.lines[slot].broken = false;
            slot
        };
        self.index.insert(number, slot);
        slot
    }

    /// Reads a whole line, or only the requested block if some block of the line is unreadable.
    fn fill(&mut self, drive: &mut Drive, line: usize, inside: u32, end: u32) -> Result<(), DriveError> {
        let line = &mut self.lines[line];
        let first = line.number * LINE_BLOCKS;
        let blocks = end.saturating_sub(first).clamp(1, LINE_BLOCKS);
        if !line.broken {
            match drive.read(Lba(first), &mut line.bytes[..blocks as usize * BLOCK_SIZE]) {
                Ok(()) => {
                    line.present = u32::MAX >> (LINE_BLOCKS - blocks);
                    return Ok(());
                }
                Err(DriveError::Unreadable { .. }) => line.broken = true,
                Err(other) => return Err(other),
            }
        }
        let start = inside as usize * BLOCK_SIZE;
        drive.read(Lba(first + inside), &mut line.bytes[start..start + BLOCK_SIZE])?;
        line.present |= 1 << inside;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emulator::{Behaviour, Medium, Recorder, UnrecordedBlocks};

    #[test]
    fn a_block_of_a_reserved_track_is_not_kept_before_it_is_recorded() -> Result<(), DriveError> {
        let folder = tempfile::tempdir().map_err(DriveError::Transport)?;
        let behaviour = Behaviour {
            unrecorded_blocks: UnrecordedBlocks::Zeros,
            ..Behaviour::default()
        };
        let image = folder.path().join("disc.img");
        let recorder = Recorder::create(&image, Medium::DvdPlusR, Some(4000), behaviour);
        let recorder = recorder
            .map_err(std::io::Error::other)
            .map_err(DriveError::Transport)?;
        let mut drive = Drive::open(Box::new(recorder))?;
        let next = drive.reserve(480)?.next.start;
        drive.write(next, &[2; 32 * BLOCK_SIZE])?;
        drive.synchronize()?;
        let mut cache = BlockCache::new();
        let at = LogicalSector(16);
        assert_eq!(cache.block(&mut drive, at)?, [0; BLOCK_SIZE]);
        drive.write(Lba(0), &[1; 480 * BLOCK_SIZE])?;
        drive.synchronize()?;
        assert_eq!(cache.block(&mut drive, at)?, [1; BLOCK_SIZE]);
        Ok(())
    }
}
