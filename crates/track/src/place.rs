//! The one place where blocks get their addresses, and with them their final bytes.

use ecma167::{BLOCK_SIZE, LogicalSector};

use crate::error::Error;
use crate::point::Point;
use crate::queue::Entry;
use crate::session::{anchors_at_session_end, session_end_blocks};
use crate::source::{Run, Source};
use crate::track::Track;
use crate::unit::blocks_of_end;

/// Minimum number of blocks at the end of a commit.
const COMMIT_END_BLOCKS: u32 = 2;

impl<I: Clone + PartialEq> Track<I> {
    /// Assigns an address to every waiting block, from the append point on.
    pub(crate) fn place<S>(&mut self, source: &mut S, point: Point) -> Result<(), S::Error>
    where
        S: Source<Item = I>,
    {
        self.queue.unplace();
        let (mut at, mut index, mut block) = (point.next, 0, 0);
        while let Some(entry) = self.queue.entries.get(index).cloned() {
            if let Entry::Blocks { item, .. } = &entry {
                for lead in source.lead(item, at)? {
                    let run = Run {
                        item: &lead,
                        first: 0,
                        count: 1,
                    };
                    source.place(run, at)?;
                    self.queue.insert(index, block, Entry::Lead(lead));
                    at = after(at, 1)?;
                    index += 1;
                    block += 1;
                }
            }
            let count = self.blocks_at(&entry, at, point.least_end);
            if count != entry.count() {
                self.queue.resize(index, block, count);
            }
            if let Entry::Blocks { item, first, count } = &entry {
                let (first, count) = (*first, *count);
                source.place(Run { item, first, count }, at)?;
            }
            at = after(at, count)?;
            block += count as usize;
            index += 1;
        }
        Ok(())
    }

    /// The number of blocks of an entry placed at `at`.
    fn blocks_at(&mut self, entry: &Entry<I>, at: LogicalSector, least_end: LogicalSector) -> u32 {
        match entry {
            Entry::SessionStart { start, length, .. } => {
                let first = start.unwrap_or(at);
                if start.is_none() {
                    self.session_start.place(first, self.form);
                }
                first.0.saturating_add(*length).saturating_sub(at.0)
            }
            Entry::CommitEnd { .. } => blocks_of_end(at, COMMIT_END_BLOCKS, least_end, self.unit),
            Entry::SessionEnd { anchors, .. } => session_end_blocks(at, anchors, least_end, self.unit),
            Entry::Blocks { count, .. } => *count,
            Entry::Lead(_) => 1,
        }
    }

    /// Encodes every waiting block for its address.
    pub(crate) fn encode<S>(&mut self, source: &mut S, start: LogicalSector) -> Result<(), S::Error>
    where
        S: Source<Item = I>,
    {
        let mut at = start;
        let mut slots = self.queue.bytes.chunks_exact_mut(BLOCK_SIZE);
        for entry in &self.queue.entries {
            for (number, slot) in (0..entry.count()).zip(&mut slots) {
                match entry {
                    Entry::SessionStart { start, .. } => {
                        let first = start.unwrap_or(LogicalSector(at.0 - number));
                        let sequences = self.session_start.sequences();
                        let encoded =
                            self.descriptors
                                .session_start_block((first, self.form), sequences, at, slot);
                        encoded.map_err(Error::DescriptorTooLong)?;
                    }
                    Entry::Blocks { item, first, .. } => {
                        source.encode(item, first + u64::from(number), at, slot)?;
                    }
                    Entry::SessionEnd { count, .. } if number < anchors_at_session_end(*count) => {
                        self.descriptors.anchor(self.session_start.sequences(), at, slot);
                    }
                    Entry::Lead(item) | Entry::CommitEnd { item, .. } | Entry::SessionEnd { item, .. } => {
                        source.encode(item, 0, at, slot)?;
                    }
                }
                at.0 += 1;
            }
        }
        Ok(())
    }
}

fn after(at: LogicalSector, blocks: u32) -> Result<LogicalSector, Error> {
    let end = at.0.checked_add(blocks).ok_or(Error::AfterLastSector)?;
    Ok(LogicalSector(end))
}
