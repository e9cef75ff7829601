//! What was sent to the drive since the last acknowledgement.

use std::ops::Range;

use drive::Drive;
use ecma167::{BLOCK_SIZE, LogicalSector};
use mmc::Lba;

use crate::error::Error;

/// Blocks per read when reading back after a write error.
const READ_BACK_BLOCKS: u32 = 512;

/// The blocks that were sent but not acknowledged, and what is known about them.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    ranges: Vec<Range<u32>>,
    /// Whether the drive ended a packet between two of them.
    packet_ended: bool,
    /// Whether a write failed, so that everything sent has to be read back.
    doubtful: bool,
    /// Whether a write failed and nothing can be recorded after it.
    failed: bool,
}

impl Sent {
    /// Records that `count` blocks were sent from `start` on.
    pub fn note(&mut self, start: LogicalSector, count: u32) {
        let end = start.0.saturating_add(count);
        match self.ranges.last_mut().filter(|last| last.end == start.0) {
            Some(last) => last.end = end,
            None => self.ranges.push(start.0..end),
        }
    }

    /// Their number.
    pub fn blocks(&self) -> u64 {
        self.ranges.iter().map(|range| range.len() as u64).sum()
    }

    /// The last of them.
    pub fn last(&self) -> Option<LogicalSector> {
        let last = self.ranges.last()?;
        Some(LogicalSector(last.end.saturating_sub(1)))
    }

    /// Their addresses.
    pub fn ranges(&self) -> &[Range<u32>] {
        &self.ranges
    }

    /// Marks all of them as acknowledged.
    pub fn clear(&mut self) {
        self.ranges.clear();
        self.packet_ended = false;
    }

    /// Records that the drive did not continue at the address of the next block.
    pub fn note_packet_end(&mut self) {
        self.packet_ended = true;
    }

    /// Whether that happened.
    pub fn has_packet_ended(&self) -> bool {
        self.packet_ended
    }

    /// Records that a write failed and the drive continued after it.
    pub fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Records that nothing more can be recorded.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// Whether nothing more can be recorded.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// A drive that failed to write one block may have lost others that it accepted before: they are read
    /// before they are acknowledged.
    pub fn read_back_where_doubtful(&mut self, drive: &mut Drive) -> Result<(), Error> {
        if !self.doubtful {
            return Ok(());
        }
        let mut bytes = vec![0; READ_BACK_BLOCKS as usize * BLOCK_SIZE];
        for range in &self.ranges {
            let mut at = range.start;
            while at < range.end {
                let count = (range.end - at).min(READ_BACK_BLOCKS);
                if let Err(error) = drive.read(Lba(at), &mut bytes[..count as usize * BLOCK_SIZE]) {
                    self.failed = true;
                    return Err(error.into());
                }
                at += count;
            }
        }
        self.doubtful = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_blocks_form_one_range_and_a_jump_starts_another() {
        let mut sent = Sent::default();
        sent.note(LogicalSector(10), 4);
        sent.note(LogicalSector(14), 2);
        sent.note(LogicalSector(23), 1);
        assert_eq!(sent.ranges, [10..16, 23..24]);
        assert_eq!((sent.blocks(), sent.last()), (7, Some(LogicalSector(23))));
    }
}
