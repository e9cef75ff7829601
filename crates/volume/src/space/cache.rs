//! The block cache: bounded, with read-ahead, and without blocks that were unrecorded when they were read.

use std::collections::HashMap;
use std::ops::Range;

use drive::{Drive, DriveError};
use ecma167::{BLOCK_SIZE, BlockSize, LogicalSector};
use mmc::Lba;

/// Blocks per line, which are read ahead at once: 64 KiB of blocks of 2,048 bytes.
pub(crate) const LINE_BLOCKS: u32 = 32;
/// Maximum number of bytes kept in lines.
const BYTES: usize = 4 << 20;

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
    size: BlockSize,
}

impl BlockCache {
    pub(crate) fn new(size: BlockSize) -> Self {
        Self {
            lines: Vec::new(),
            index: HashMap::new(),
            recent: 0,
            clock: 0,
            single: vec![0; size.as_usize()].into_boxed_slice(),
            size,
        }
    }

    /// One block, from memory or from the drive.
    pub(crate) fn block(&mut self, drive: &mut Drive, at: LogicalSector) -> Result<&[u8], DriveError> {
        let end = self.end(drive);
        let number = at.0 / LINE_BLOCKS;
        let inside = at.0 % LINE_BLOCKS;
        let first = at.0 - inside;
        let line_end = first.saturating_add(LINE_BLOCKS).min(end);
        if at.0 >= end || !self.is_settled(drive, first..line_end) {
            read(drive, self.size, at.0, &mut self.single)?;
            return Ok(&self.single);
        }
        let line = self.line(number);
        if self.lines[line].present & (1 << inside) == 0 {
            self.fill(drive, line, inside, end)?;
        }
        let start = inside as usize * self.size.as_usize();
        Ok(&self.lines[line].bytes[start..start + self.size.as_usize()])
    }

    /// The first block that is not kept: the recorded end of the drive.
    fn end(&self, drive: &Drive) -> u32 {
        if self.size.is_optical() {
            return drive.recorded_end().0;
        }
        let blocks = drive.recorded_bytes() / u64::from(self.size.bytes());
        u32::try_from(blocks).unwrap_or(u32::MAX)
    }

    /// Whether no block of a range changes any more.
    fn is_settled(&self, drive: &Drive, range: Range<u32>) -> bool {
        if self.size.is_optical() {
            return drive.is_settled(Lba(range.start)..Lba(range.end));
        }
        let byte = |block: u32| u64::from(block) * u64::from(self.size.bytes());
        let lba = |block: u64| Lba(u32::try_from(block).unwrap_or(u32::MAX));
        let sector = BLOCK_SIZE as u64;
        drive.is_settled(lba(byte(range.start) / sector)..lba(byte(range.end).div_ceil(sector)))
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
        let line_bytes = LINE_BLOCKS as usize * self.size.as_usize();
        let slot = if self.lines.len() < (BYTES / line_bytes).clamp(4, 64) {
            self.lines.push(Line {
                number,
                present: 0,
                broken: false,
                used: 0,
                bytes: vec![0; line_bytes].into_boxed_slice(),
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
        let length = self.size.as_usize();
        let line = &mut self.lines[line];
        let first = line.number * LINE_BLOCKS;
        let blocks = end.saturating_sub(first).clamp(1, LINE_BLOCKS);
        if !line.broken {
            match read(
                drive,
                self.size,
                first,
                &mut line.bytes[..blocks as usize * length],
            ) {
                Ok(()) => {
                    line.present = u32::MAX >> (LINE_BLOCKS - blocks);
                    return Ok(());
                }
                Err(DriveError::Unreadable { .. }) => line.broken = true,
                Err(other) => return Err(other),
            }
        }
        let start = inside as usize * length;
        read(
            drive,
            self.size,
            first + inside,
            &mut line.bytes[start..start + length],
        )?;
        line.present |= 1 << inside;
        Ok(())
    }
}

/// Fills `out`, which is whole blocks, from block `at` on.
fn read(drive: &mut Drive, size: BlockSize, at: u32, out: &mut [u8]) -> Result<(), DriveError> {
    if size.is_optical() {
        return drive.read(Lba(at), out);
    }
    drive.read_bytes(u64::from(at) * u64::from(size.bytes()), out)
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
        let mut cache = BlockCache::new(BlockSize::OPTICAL);
        let at = LogicalSector(16);
        assert_eq!(cache.block(&mut drive, at)?, [0; BLOCK_SIZE]);
        drive.write(Lba(0), &[1; 480 * BLOCK_SIZE])?;
        drive.synchronize()?;
        assert_eq!(cache.block(&mut drive, at)?, [1; BLOCK_SIZE]);
        Ok(())
    }
}
