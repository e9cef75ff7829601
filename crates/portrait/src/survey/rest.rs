//! Paints recorded blocks that nothing names, by what they look like.

use std::ops::Range;

use volume::{Error, Looks, Volume};

use super::painter::Painter;
use crate::kind::Kind;

/// The most blocks that are read: 32 MiB. Further ones count as named by no generation.
const MOST_READ: u32 = 1 << 14;
/// The most unreadable blocks, because a drive takes seconds for each.
const MOST_IN_VAIN: u32 = 64;
/// Unreadable blocks between two packets of a CD (`MMC-6`, link blocks). They are not read.
const CD_LINK_BLOCKS: u32 = 7;

impl Painter {
    /// Looks at the blocks before `end` that were recorded and are not painted yet.
    pub fn paint_rest(&mut self, volume: &mut Volume, end: u32) -> Result<(), Error> {
        let is_cd = volume.drive().medium().profile.is_cd();
        let (mut left, mut in_vain) = (MOST_READ, MOST_IN_VAIN);
        for part in volume.drive().medium().parts_with_data(0..end) {
            for gap in self.canvas.gaps(part) {
                if is_cd && gap.end - gap.start == CD_LINK_BLOCKS {
                    self.canvas.fill(gap, Kind::Gap, None);
                    continue;
                }
                let read = gap.start..gap.end.min(gap.start.saturating_add(left));
                let came_to = self.look(volume, read, &mut in_vain)?;
                left = left.saturating_sub(came_to - gap.start);
                let rest = came_to..gap.end;
                self.not_looked_at += u64::from(rest.end - rest.start);
                self.canvas.fill(rest, Kind::Unnamed, None);
            }
        }
        Ok(())
    }

    /// Paints blocks by their looks; returns the block that it came to.
    fn look(&mut self, volume: &mut Volume, blocks: Range<u32>, in_vain: &mut u32) -> Result<u32, Error> {
        if *in_vain == 0 {
            return Ok(blocks.start);
        }
        let mut came_to = blocks.start;
        volume.look_at(blocks, &mut |at, looks| {
            let kind = match looks {
                Looks::Zeros => Kind::Padding,
                Looks::Recognition => Kind::Recognition,
                Looks::Anchor => Kind::Anchor,
                Looks::Descriptor => Kind::Descriptors,
                Looks::VatIcb => Kind::Copies,
                Looks::Entry | Looks::Other => Kind::Unnamed,
                Looks::Unreadable => Kind::Unreadable,
                Looks::NotRecorded => Kind::Gap,
            };
            self.canvas.fill(at..at.saturating_add(1), kind, None);
            came_to = at.saturating_add(1);
            if matches!(looks, Looks::Unreadable | Looks::NotRecorded) {
                *in_vain = in_vain.saturating_sub(1);
            }
            *in_vain > 0
        })?;
        Ok(came_to)
    }
}
