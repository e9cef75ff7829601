//! Blocks that wait for an address.
//!
//! The drive determines the append point, so nothing that waits here knows its address: an entry says what
//! its blocks are, and [`issue`](crate::issue) places and encodes them in one go.

use std::ops::Range;

use ecma167::{BLOCK_SIZE, LogicalSector};

use crate::session::anchors_at_session_end;

/// What some of the waiting blocks are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry<I> {
    /// The start of a session: `length` blocks from its first block S on, with `count` still missing; `start`
    /// is S once its first block is recorded.
    SessionStart {
        start: Option<LogicalSector>,
        length: u32,
        count: u32,
    },
    /// Blocks of an item, starting with its block `first`.
    Blocks { item: I, first: u64, count: u32 },
    /// A block that placing inserted before an item.
    Lead(I),
    /// The end of a commit: the same block at least twice, and up to the end of the unit of writing.
    CommitEnd { item: I, count: u32 },
    /// The end of session data: anchors from N-256 or earlier, then blocks of the item up to N. If the drive
    /// ended a packet inside it, `anchors` are those already recorded.
    SessionEnd {
        item: I,
        count: u32,
        anchors: Vec<Range<u32>>,
    },
}

impl<I> Entry<I> {
    /// Number of blocks.
    pub fn count(&self) -> u32 {
        match self {
            Self::Lead(_) => 1,
            Self::Blocks { count, .. }
            | Self::SessionStart { count, .. }
            | Self::CommitEnd { count, .. }
            | Self::SessionEnd { count, .. } => *count,
        }
    }

    /// The item that the blocks belong to, unless they are an end.
    pub fn item(&self) -> Option<&I> {
        match self {
            Self::Blocks { item, .. } | Self::Lead(item) => Some(item),
            _ => None,
        }
    }

    /// Whether it ends a commit or session.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::CommitEnd { .. } | Self::SessionEnd { .. })
    }

    fn bytes(&self) -> usize {
        self.count() as usize * BLOCK_SIZE
    }
}

/// Entries in the order in which they will be recorded, with a slot for the bytes of each block.
#[derive(Debug)]
pub(crate) struct Queue<I> {
    /// The entries.
    pub entries: Vec<Entry<I>>,
    /// Their blocks, one after the other.
    pub bytes: Vec<u8>,
}

impl<I> Default for Queue<I> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            bytes: Vec::new(),
        }
    }
}

impl<I> Queue<I> {
    /// Number of blocks that wait.
    pub fn blocks(&self) -> usize {
        self.bytes.len() / BLOCK_SIZE
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<I: PartialEq> Queue<I> {
    /// Appends an entry; its blocks are zero until it is encoded.
    pub fn push(&mut self, entry: Entry<I>) {
        self.bytes.resize(self.bytes.len() + entry.bytes(), 0);
        self.entries.push(entry);
    }

    /// Appends whole blocks of an item.
    pub fn push_bytes(&mut self, item: I, first: u64, blocks: &[u8]) {
        let added = u32::try_from(blocks.len() / BLOCK_SIZE).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(blocks);
        if let Some(Entry::Blocks {
            item: last,
            first: start,
            count,
        }) = self.entries.last_mut()
            && *last == item
            && *start + u64::from(*count) == first
        {
            *count += added;
            return;
        }
        self.entries.push(Entry::Blocks {
            item,
            first,
            count: added,
        });
    }

    /// Inserts `entry` before the entry at `index`, whose first block is `block` of the queue.
    pub fn insert(&mut self, index: usize, block: usize, entry: Entry<I>) {
        let at = block * BLOCK_SIZE;
        self.bytes.splice(at..at, std::iter::repeat_n(0, entry.bytes()));
        self.entries.insert(index, entry);
    }

    /// Changes the count of the start or end of a session or commit at `index`, whose first block is `block`
    /// of the queue.
    pub fn resize(&mut self, index: usize, block: usize, new: u32) {
        if let Some(
            Entry::CommitEnd { count, .. }
            | Entry::SessionEnd { count, .. }
            | Entry::SessionStart { count, .. },
        ) = self.entries.get_mut(index)
        {
            let at = block * BLOCK_SIZE;
            let end = at + *count as usize * BLOCK_SIZE;
            *count = new;
            self.bytes
                .splice(at..end, std::iter::repeat_n(0, new as usize * BLOCK_SIZE));
        }
    }

    /// The newest waiting version of block `number` of an item.
    pub fn find(&self, item: &I, number: u64) -> Option<&[u8]> {
        let mut end = self.bytes.len();
        for entry in self.entries.iter().rev() {
            let start = end - entry.bytes();
            if let Entry::Blocks {
                item: other,
                first,
                count,
            } = entry
                && other == item
                && (*first..*first + u64::from(*count)).contains(&number)
            {
                let at = start + usize::try_from(number - first).ok()? * BLOCK_SIZE;
                return self.bytes.get(at..at + BLOCK_SIZE);
            }
            end = start;
        }
        None
    }

    /// Removes every entry that `gone` selects, with its blocks. Returns whether there was one.
    pub fn remove(&mut self, gone: impl Fn(&Entry<I>) -> bool) -> bool {
        if !self.entries.iter().any(&gone) {
            return false;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        self.entries.retain(|entry| {
            let end = at + entry.bytes();
            let keep = !gone(entry);
            if keep {
                bytes.extend_from_slice(&self.bytes[at..end]);
            }
            at = end;
            keep
        });
        self.bytes = bytes;
        true
    }

    /// Removes the blocks of an item from its block `blocks` on.
    pub fn truncate(&mut self, item: &I, blocks: u64) {
        let mut at = 0;
        for index in (0..self.entries.len()).rev() {
            at += self.entries[index].bytes();
            let start = self.bytes.len() - at;
            if let Entry::Blocks {
                item: other,
                first,
                count,
            } = &mut self.entries[index]
                && other == item
                && *first + u64::from(*count) > blocks
            {
                let keep = u32::try_from(blocks.saturating_sub(*first))
                    .unwrap_or(u32::MAX)
                    .min(*count);
                let gone = start + keep as usize * BLOCK_SIZE..start + *count as usize * BLOCK_SIZE;
                *count = keep;
                at -= gone.len();
                self.bytes.drain(gone);
            }
        }
        self.entries.retain(|entry| entry.count() > 0);
    }

    /// Removes what an earlier placing inserted for its own addresses.
    pub fn unplace(&mut self) {
        self.remove(|entry| matches!(entry, Entry::Lead(_)));
    }

    /// Removes the first `blocks` blocks: they are recorded from `start` on.
    ///
    /// An incomplete end of a commit or session is kept whole, because it was in the wrong place.
    pub fn recorded(&mut self, start: LogicalSector, blocks: usize) {
        let mut at = start.0;
        let mut left = blocks;
        let mut dropped = 0;
        let mut kept = Vec::new();
        for mut entry in std::mem::take(&mut self.entries) {
            let count = entry.count() as usize;
            let done = count.min(left);
            left -= done;
            if done < count {
                match &mut entry {
                    Entry::Blocks { first, count, .. } => {
                        *first += done as u64;
                        *count -= u32::try_from(done).unwrap_or(*count);
                        dropped += done;
                    }
                    Entry::SessionStart { count, .. } => {
                        *count -= u32::try_from(done).unwrap_or(*count);
                        dropped += done;
                    }
                    Entry::SessionEnd { count, anchors, .. } if done > 0 => {
                        let recorded = anchors_at_session_end(*count).min(u32::try_from(done).unwrap_or(0));
                        anchors.push(at..at.saturating_add(recorded));
                    }
                    _ => {}
                }
                kept.push(entry);
            } else {
                dropped += done;
            }
            at = at.saturating_add(u32::try_from(done).unwrap_or(u32::MAX));
        }
        self.entries = kept;
        self.bytes.drain(..(dropped * BLOCK_SIZE).min(self.bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node or a body with this number.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Item {
        Node(u32),
        Body(u32),
    }

    const NODE: Entry<Item> = Entry::Blocks {
        item: Item::Node(5),
        first: 0,
        count: 1,
    };

    fn block(fill: u8) -> Vec<u8> {
        vec![fill; BLOCK_SIZE]
    }

    fn body(first: u64, count: u32) -> Entry<Item> {
        Entry::Blocks {
            item: Item::Body(5),
            first,
            count,
        }
    }

    #[test]
    fn consecutive_blocks_become_one_entry() {
        let mut queue = Queue::default();
        queue.push_bytes(Item::Body(5), 3, &block(1));
        queue.push_bytes(Item::Body(5), 4, &block(2));
        assert_eq!(queue.entries, [body(3, 2)]);
    }

    #[test]
    fn the_newest_version_of_a_block_is_found() {
        let mut queue = Queue::default();
        queue.push_bytes(Item::Body(5), 3, &block(1));
        queue.push(NODE);
        queue.push_bytes(Item::Body(5), 3, &block(2));
        assert_eq!(queue.find(&Item::Body(5), 3), Some(block(2).as_slice()));
        assert_eq!(queue.find(&Item::Body(5), 4), None);
    }

    #[test]
    fn recorded_blocks_leave_the_queue_one_by_one() {
        let mut queue = Queue::default();
        queue.push(NODE);
        queue.push_bytes(Item::Body(5), 0, &[block(1), block(2), block(3)].concat());
        queue.recorded(LogicalSector(100), 2);
        assert_eq!(queue.entries, [body(1, 2)]);
        assert_eq!(queue.bytes, [block(2), block(3)].concat());
    }

    #[test]
    fn the_end_of_a_session_stays_whole_until_recorded_and_knows_its_anchors() {
        let end = |anchors| Entry::SessionEnd {
            item: Item::Node(9),
            count: 257,
            anchors,
        };
        let mut queue = Queue::default();
        queue.push(NODE);
        queue.push(end(Vec::new()));
        queue.recorded(LogicalSector(1000), 100);
        let anchors = Range {
            start: 1001,
            end: 1100,
        };
        assert_eq!(
            (queue.entries.as_slice(), queue.blocks()),
            ([end(vec![anchors])].as_slice(), 257)
        );
        queue.recorded(LogicalSector(1107), 257);
        assert!(queue.is_empty() && queue.bytes.is_empty());
    }

    #[test]
    fn truncating_an_item_removes_its_waiting_blocks() {
        let mut queue = Queue::default();
        queue.push_bytes(Item::Body(5), 0, &[block(1), block(2), block(3)].concat());
        queue.push_bytes(Item::Body(9), 0, &block(4));
        queue.push_bytes(Item::Body(5), 3, &block(5));
        queue.truncate(&Item::Body(5), 1);
        assert_eq!(queue.bytes, [block(1), block(4)].concat());
        assert_eq!(queue.entries.len(), 2);
    }

    #[test]
    fn what_placing_inserted_is_removed_with_its_blocks() {
        let mut queue = Queue::default();
        queue.push_bytes(Item::Body(5), 0, &block(1));
        queue.push(Entry::Lead(Item::Node(1)));
        queue.push_bytes(Item::Body(9), 0, &block(3));
        queue.unplace();
        assert_eq!(queue.bytes, [block(1), block(3)].concat());
    }
}
