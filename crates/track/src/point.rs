//! Where a run of writes goes on.

use drive::{AppendPoint, Medium};
use ecma167::LogicalSector;
use mmc::{Lba, Profile};

/// Blocks that a track of a CD has at least, with its run-out: the drive pads a shorter one with zeros when it is
/// closed, after what was to be its last block.
pub const SHORTEST_TRACK_BLOCKS: u32 = 300;

/// Unreadable blocks at the end of a closed track of a CD.
const RUN_OUT_BLOCKS: u32 = 2;

/// The append point of the run of writes that is going on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// Where the next block goes.
    pub next: LogicalSector,
    /// Blocks that the drive takes, and that may be recorded.
    pub free: u64,
    /// The least address after the last block of a commit or session.
    pub least_end: LogicalSector,
}

/// The drive's address of a logical sector: with blocks of 2048 bytes both count the same blocks.
pub(crate) fn lba_of(sector: LogicalSector) -> Lba {
    Lba(sector.0)
}

/// The least address after the last block of what the track that starts at `start` is to end with: some drives close the
/// track of a CD whenever they synchronize, and any track may be closed without its session.
pub(crate) fn least_end(medium: &Medium, start: Lba) -> LogicalSector {
    let least = if medium.profile == Profile::CdR {
        SHORTEST_TRACK_BLOCKS - RUN_OUT_BLOCKS
    } else {
        0
    };
    LogicalSector(start.0.saturating_add(least))
}

impl Point {
    /// Where the drive appends, on a track that ends before `end`; what it is to end with ends at `least_end` or after.
    pub fn new(append: &AppendPoint, least_end: LogicalSector, end: LogicalSector) -> Self {
        let next = LogicalSector(append.address.0);
        let before_end = u64::from(end.0.saturating_sub(next.0));
        Self {
            next,
            free: u64::from(append.free_blocks).min(before_end),
            least_end,
        }
    }
}
