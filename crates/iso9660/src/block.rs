//! Logical blocks, and bytes gathered into whole ones.

use std::collections::VecDeque;

/// The size of a logical block, which is a sector here (`ECMA-119 6.2.2`).
pub const BLOCK_BYTES: usize = 2048;

/// One logical block.
pub type Block = [u8; BLOCK_BYTES];

/// Blocks being filled; full ones wait to be taken.
#[derive(Default)]
pub(crate) struct Blocks {
    current: Vec<u8>,
    full: VecDeque<Block>,
}

impl Blocks {
    /// Appends bytes, which may cross the borders of blocks.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK_BYTES - self.current.len()));
            self.current.extend_from_slice(now);
            bytes = later;
            if self.current.len() == BLOCK_BYTES {
                self.complete();
            }
        }
    }

    /// Appends at most a block of bytes that must not cross a border: to the next block if this one has no
    /// room.
    pub(crate) fn push_whole(&mut self, bytes: &[u8]) {
        self.keep_together(bytes.len());
        self.push(bytes);
    }

    /// Begins the next block if this one has no room for `bytes` bytes and an empty one has.
    pub(crate) fn keep_together(&mut self, bytes: usize) {
        if bytes <= BLOCK_BYTES && self.current.len() + bytes > BLOCK_BYTES {
            self.complete();
        }
    }

    /// Fills the current block with zeros.
    pub(crate) fn complete(&mut self) {
        if self.current.is_empty() {
            return;
        }
        let mut block = [0; BLOCK_BYTES];
        block[..self.current.len()].copy_from_slice(&self.current);
        self.current.clear();
        self.full.push_back(block);
    }

    /// The next full block.
    pub(crate) fn take(&mut self) -> Option<Block> {
        self.full.pop_front()
    }

    /// Drops full blocks, which another encoder produces.
    pub(crate) fn discard(&mut self) {
        self.full.clear();
    }
}

/// Computes the places that [`Blocks`] will assign to whole bytes, from their lengths alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor(u64);

const BLOCK: u64 = BLOCK_BYTES as u64;

impl Cursor {
    /// Where these bytes, at most a block, begin, in bytes from the first block.
    pub(crate) fn place(&mut self, bytes: usize) -> u64 {
        self.keep_together(bytes);
        let start = self.0;
        self.0 = start.saturating_add(bytes as u64);
        start
    }

    /// Like [`Blocks::keep_together`].
    pub(crate) fn keep_together(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        if bytes <= BLOCK && self.0 % BLOCK + bytes > BLOCK {
            self.0 = self.0.next_multiple_of(BLOCK);
        }
    }

    /// The number of blocks begun.
    pub(crate) fn blocks(self) -> u64 {
        self.0.div_ceil(BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_bytes_never_cross_a_block_and_the_cursor_knows_their_places() {
        let (mut blocks, mut cursor) = (Blocks::default(), Cursor::default());
        let mut places = Vec::new();
        for length in [2000, 48, 1, 2047, 2, 2048] {
            blocks.push_whole(&vec![7; length]);
            places.push(cursor.place(length));
        }
        blocks.complete();
        assert_eq!(places, [0, 2000, 2048, 2049, 4096, 6144]);
        assert_eq!(cursor.blocks(), 4);
        let full: Vec<Block> = std::iter::from_fn(|| blocks.take()).collect();
        assert_eq!(full.len(), 4);
        assert_eq!(full[2][..3], [7, 7, 0]);
    }

    #[test]
    fn bytes_kept_together_begin_a_block_if_one_has_room() {
        let (mut blocks, mut cursor) = (Blocks::default(), Cursor::default());
        for (together, place) in [(1, 0), (2048, 2048), (2049, 2148), (2000, 4096)] {
            blocks.keep_together(together);
            cursor.keep_together(together);
            blocks.push_whole(&[1; 100]);
            assert_eq!(cursor.place(100), place);
        }
        blocks.complete();
        let full: Vec<Block> = std::iter::from_fn(|| blocks.take()).collect();
        assert_eq!(
            full.iter().map(|block| block[100]).collect::<Vec<u8>>(),
            [0, 1, 0]
        );
    }

    #[test]
    fn other_bytes_cross_blocks() {
        let mut blocks = Blocks::default();
        blocks.push(&[1; 3000]);
        assert_eq!(blocks.take(), Some([1; BLOCK_BYTES]));
        assert_eq!(blocks.take(), None);
        blocks.complete();
        let last = blocks.take().unwrap();
        assert_eq!((last[951], last[952]), (1, 0));
    }
}
