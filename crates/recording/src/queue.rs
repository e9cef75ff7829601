//! Blocks that wait for an address.
//!
//! The drive tells the append point, so nothing that waits here knows where it will stand: an item says what its
//! blocks are, and [`issue`](crate::issue) places and encodes them in one go.

use std::ops::Range;

use ecma167::{BLOCK_SIZE, LogicalSector, VirtualAddress};

use crate::session::anchors_at_session_end;

/// What a run of waiting blocks is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// The start of a session, from its first block up to the anchor at S+256; `start` is S once its first block stands.
    SessionStart {
        start: Option<LogicalSector>,
        count: u32,
    },
    /// Zeros before a node whose logical block would equal its virtual address.
    Filler,
    /// Blocks of the body of a node, by body block number; their bytes wait here.
    Data {
        node: VirtualAddress,
        first: u64,
        count: u32,
    },
    /// The continuation of the allocation descriptors of a node.
    AllocationExtent { node: VirtualAddress, index: usize },
    /// A node: its (extended) file entry.
    Node(VirtualAddress),
    /// Blocks of the body of the VAT.
    Vat { first: u64, count: u32 },
    /// VAT ICBs: at least two, and up to the end of the drive's unit.
    CommitEnd { count: u32 },
    /// The end of session data: anchors from N-256 or before, and VAT ICBs up to N. Where the drive ended a packet inside,
    /// `anchors` are those that stand already.
    SessionEnd { count: u32, anchors: Vec<Range<u32>> },
}

impl Item {
    /// Number of blocks.
    pub fn count(&self) -> u32 {
        match self {
            Item::Filler | Item::AllocationExtent { .. } | Item::Node(_) => 1,
            Item::Data { count, .. }
            | Item::Vat { count, .. }
            | Item::SessionStart { count, .. }
            | Item::CommitEnd { count }
            | Item::SessionEnd { count, .. } => *count,
        }
    }

    /// Whether it is made anew each time the queue is placed.
    fn made_by_placing(&self) -> bool {
        matches!(self, Item::Filler | Item::AllocationExtent { .. })
    }
}

/// Items in the order in which they will stand, with a slot of bytes for each of their blocks.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The items.
    pub items: Vec<Item>,
    /// Their blocks, one after the other.
    pub bytes: Vec<u8>,
}

impl Queue {
    /// Number of blocks that wait.
    pub fn blocks(&self) -> usize {
        self.bytes.len() / BLOCK_SIZE
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Puts an item at the end; its blocks are zero until it is encoded.
    pub fn push(&mut self, item: Item) {
        self.bytes
            .resize(self.bytes.len() + item.count() as usize * BLOCK_SIZE, 0);
        self.items.push(item);
    }

    /// Puts whole blocks of a body at the end.
    pub fn push_data(&mut self, node: VirtualAddress, first: u64, blocks: &[u8]) {
        let added = u32::try_from(blocks.len() / BLOCK_SIZE).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(blocks);
        if let Some(Item::Data {
            node: last,
            first: start,
            count,
        }) = self.items.last_mut()
            && *last == node
            && *start + u64::from(*count) == first
        {
            *count += added;
            return;
        }
        self.items.push(Item::Data {
            node,
            first,
            count: added,
        });
    }

    /// Puts `item` before the item at `index`, whose first block is `block` of the queue.
    pub fn insert(&mut self, index: usize, block: usize, item: Item) {
        let at = block * BLOCK_SIZE;
        let zeros = std::iter::repeat_n(0, item.count() as usize * BLOCK_SIZE);
        self.bytes.splice(at..at, zeros);
        self.items.insert(index, item);
    }

    /// Gives the start or end of a session or commit at `index`, whose first block is `block` of the queue, another count.
    pub fn resize(&mut self, index: usize, block: usize, new: u32) {
        if let Some(
            Item::CommitEnd { count } | Item::SessionEnd { count, .. } | Item::SessionStart { count, .. },
        ) = self.items.get_mut(index)
        {
            let at = block * BLOCK_SIZE;
            let end = at + *count as usize * BLOCK_SIZE;
            *count = new;
            self.bytes
                .splice(at..end, std::iter::repeat_n(0, new as usize * BLOCK_SIZE));
        }
    }

    /// The newest waiting version of block `block` of the body of `node`.
    pub fn find(&self, node: VirtualAddress, block: u64) -> Option<&[u8]> {
        let mut end = self.bytes.len();
        for item in self.items.iter().rev() {
            let start = end - item.count() as usize * BLOCK_SIZE;
            if let Item::Data {
                node: owner,
                first,
                count,
            } = item
                && *owner == node
                && (*first..*first + u64::from(*count)).contains(&block)
            {
                let at = start + usize::try_from(block - first).ok()? * BLOCK_SIZE;
                return self.bytes.get(at..at + BLOCK_SIZE);
            }
            end = start;
        }
        None
    }

    /// Takes out every item that `gone` names, with its blocks.
    pub fn remove(&mut self, gone: impl Fn(&Item) -> bool) {
        if !self.items.iter().any(&gone) {
            return;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        self.items.retain(|item| {
            let end = at + item.count() as usize * BLOCK_SIZE;
            let keep = !gone(item);
            if keep {
                bytes.extend_from_slice(&self.bytes[at..end]);
            }
            at = end;
            keep
        });
        self.bytes = bytes;
    }

    /// Takes out the blocks of a body from body block `blocks` on.
    pub fn truncate_data(&mut self, owner: VirtualAddress, blocks: u64) {
        let mut at = 0;
        for index in (0..self.items.len()).rev() {
            at += self.items[index].count() as usize * BLOCK_SIZE;
            let start = self.bytes.len() - at;
            if let Item::Data { node, first, count } = &mut self.items[index]
                && *node == owner
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
        self.items.retain(|item| item.count() > 0);
    }

    /// Takes out what an earlier placing made for its own addresses.
    pub fn unplace(&mut self) {
        self.remove(Item::made_by_placing);
    }

    /// Takes the first `blocks` blocks out: they are recorded from `start` on.
    ///
    /// The end of a commit or of a session that is not complete stays whole, since its place was wrong.
    pub fn recorded(&mut self, start: LogicalSector, blocks: usize) {
        let mut at = start.0;
        let mut left = blocks;
        let mut dropped = 0;
        let mut kept = Vec::new();
        for mut item in std::mem::take(&mut self.items) {
            let count = item.count() as usize;
            let done = count.min(left);
            left -= done;
            if done < count {
                match &mut item {
                    Item::Data { first, count, .. } | Item::Vat { first, count } => {
                        *first += done as u64;
                        *count -= u32::try_from(done).unwrap_or(*count);
                        dropped += done;
                    }
                    Item::SessionStart { count, .. } => {
                        *count -= u32::try_from(done).unwrap_or(*count);
                        dropped += done;
                    }
                    Item::SessionEnd { count, anchors } if done > 0 => {
                        let recorded = anchors_at_session_end(*count).min(u32::try_from(done).unwrap_or(0));
                        anchors.push(at..at.saturating_add(recorded));
                    }
                    _ => {}
                }
                kept.push(item);
            } else {
                dropped += done;
            }
            at = at.saturating_add(u32::try_from(done).unwrap_or(u32::MAX));
        }
        self.items = kept;
        self.bytes.drain(..(dropped * BLOCK_SIZE).min(self.bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: VirtualAddress = VirtualAddress(5);

    fn block(fill: u8) -> Vec<u8> {
        vec![fill; BLOCK_SIZE]
    }

    #[test]
    fn blocks_that_follow_one_another_become_one_item() {
        let mut queue = Queue::default();
        queue.push_data(NODE, 3, &block(1));
        queue.push_data(NODE, 4, &block(2));
        assert_eq!(
            queue.items,
            [Item::Data {
                node: NODE,
                first: 3,
                count: 2
            }]
        );
    }

    #[test]
    fn the_newest_version_of_a_block_is_found() {
        let mut queue = Queue::default();
        queue.push_data(NODE, 3, &block(1));
        queue.push(Item::Node(NODE));
        queue.push_data(NODE, 3, &block(2));
        assert_eq!(queue.find(NODE, 3), Some(block(2).as_slice()));
        assert_eq!(queue.find(NODE, 4), None);
    }

    #[test]
    fn what_is_recorded_leaves_the_queue_block_by_block() {
        let mut queue = Queue::default();
        queue.push(Item::Node(NODE));
        queue.push_data(NODE, 0, &[block(1), block(2), block(3)].concat());
        queue.recorded(LogicalSector(100), 2);
        assert_eq!(
            queue.items,
            [Item::Data {
                node: NODE,
                first: 1,
                count: 2
            }]
        );
        assert_eq!(queue.bytes, [block(2), block(3)].concat());
    }

    #[test]
    fn the_end_of_a_session_stays_whole_until_all_of_it_is_recorded_and_knows_its_anchors() {
        let end = |anchors| Item::SessionEnd { count: 257, anchors };
        let mut queue = Queue::default();
        queue.push(Item::Node(NODE));
        queue.push(end(Vec::new()));
        queue.recorded(LogicalSector(1000), 100);
        assert_eq!(
            (queue.items.as_slice(), queue.blocks()),
            (
                [end(vec![Range {
                    start: 1001,
                    end: 1100
                }])]
                .as_slice(),
                257
            )
        );
        queue.recorded(LogicalSector(1107), 257);
        assert!(queue.is_empty() && queue.bytes.is_empty());
    }

    #[test]
    fn truncating_a_body_takes_its_waiting_blocks_out() {
        let mut queue = Queue::default();
        queue.push_data(NODE, 0, &[block(1), block(2), block(3)].concat());
        queue.push_data(VirtualAddress(9), 0, &block(4));
        queue.push_data(NODE, 3, &block(5));
        queue.truncate_data(NODE, 1);
        assert_eq!(queue.bytes, [block(1), block(4)].concat());
        assert_eq!(queue.items.len(), 2);
    }

    #[test]
    fn removing_an_item_removes_its_blocks() {
        let mut queue = Queue::default();
        queue.push_data(NODE, 0, &block(1));
        queue.push(Item::Filler);
        queue.push_data(VirtualAddress(9), 0, &block(3));
        queue.unplace();
        assert_eq!(queue.bytes, [block(1), block(3)].concat());
    }
}
