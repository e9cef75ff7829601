//! Where a run of writes continues.

use drive::{AppendPoint, Medium};
use ecma167::LogicalSector;
use mmc::{Lba, Profile};

/// Minimum length of a CD track in blocks, including its run-out: the drive pads a shorter track with zeros
/// when it is closed, after what was meant to be its last block.
pub const SHORTEST_TRACK_BLOCKS: u32 = 300;

/// Unreadable blocks at the end of a closed track of a CD.
const RUN_OUT_BLOCKS: u32 = 2;

/// The append point of the current run of writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// Address of the next block.
    pub next: LogicalSector,
    /// Number of blocks that the drive takes and that may be recorded.
    pub free: u64,
    /// The lowest permitted address after the last block of a commit or session.
    pub least_end: LogicalSector,
}

/// The drive's address of a logical sector: both number the same blocks of 2048 bytes.
pub(crate) fn lba_of(sector: LogicalSector) -> Lba {
    Lba(sector.0)
}

/// The lowest permitted address after the last block of an end in the track that starts at `start`: some
/// drives close a CD track on every synchronize, and any track may be closed without its session.
pub(crate) fn least_end(medium: &Medium, start: Lba) -> LogicalSector {
    let least = if medium.profile == Profile::CdR {
        SHORTEST_TRACK_BLOCKS - RUN_OUT_BLOCKS
    } else {
        0
    };
    LogicalSector(start.0.saturating_add(least))
}

impl Point {
    /// The append point on a track that ends before `end`; its ends finish at `least_end` or later.
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
