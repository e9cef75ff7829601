//! How many blocks the state shown uses.

use crate::error::Error;
use crate::runs::Runs;
use crate::uses::{BlockUse, Used};
use crate::volume::Volume;

/// The most runs of blocks that are kept: 48 MB.
const MOST_RUNS: usize = 1 << 20;

/// What the state shown uses of the medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// Blocks of 2,048 bytes with files, directories, streams, the file set or the VAT.
    pub blocks: u32,
    /// Nodes and directories that cannot be read; what they use is not counted.
    pub unreadable: u64,
    /// Whether more is used, because there is more to count than this crate keeps in memory.
    pub is_more: bool,
}

impl Volume {
    /// Counts the blocks that the state shown uses. Reads all directories and nodes, but no file data. A
    /// block that several files use counts once; allocation extent descriptors do not count.
    ///
    /// # Errors
    /// Errors of the drive. Damage is counted.
    pub fn in_use(&mut self) -> Result<InUse, Error> {
        let mut runs = Runs::of_at_most(MOST_RUNS);
        let mut found = InUse::default();
        self.uses(&mut |used| match used {
            Used::Blocks(BlockUse::Continuation, _) => {}
            Used::Blocks(_, blocks) => found.is_more |= !runs.add(blocks),
            Used::Unreadable { .. } | Used::UnreadableNode { .. } => found.unreadable += 1,
            Used::More => found.is_more = true,
            Used::Name { .. } | Used::Enter | Used::Leave => {}
        })?;
        found.blocks = runs.iter().map(|run| run.end - run.start).sum();
        Ok(found)
    }
}
