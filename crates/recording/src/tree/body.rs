//! The body of a node while it is pending: embedded bytes, or recorded blocks with dirty ones over them.

use std::collections::BTreeMap;

use ecma167::{BLOCK_SIZE, LogicalBlock};

use super::extent_map::ExtentMap;

/// One block of a body.
pub(crate) type Block = Box<[u8; BLOCK_SIZE]>;

pub(crate) fn zeros() -> Block {
    Box::new([0; BLOCK_SIZE])
}

/// The body of a file, directory, symbolic link or of the VAT.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Bytes in the allocation descriptors field of its ICB (`ECMA-167 4/14.6.8`, type 3).
    Embedded(Vec<u8>),
    /// Blocks of the write-once partition.
    Blocks(Blocks),
}

/// A body in blocks: those recorded, and over them those that wait to be recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    /// Information length in bytes.
    pub length: u64,
    /// The recorded blocks.
    pub map: ExtentMap,
    /// Blocks changed since, by body block number; each whole, and zero after the end of the body.
    pub dirty: BTreeMap<u64, Block>,
}

impl Body {
    /// Information length in bytes.
    pub fn length(&self) -> u64 {
        match self {
            Body::Embedded(bytes) => bytes.len() as u64,
            Body::Blocks(blocks) => blocks.length,
        }
    }

    /// Number of blocks that wait to be recorded.
    pub fn dirty_blocks(&self) -> u64 {
        match self {
            Body::Embedded(_) => 0,
            Body::Blocks(blocks) => blocks.dirty.len() as u64,
        }
    }

    /// The body as blocks; an embedded body moves from its ICB into dirty blocks.
    pub fn in_blocks(&mut self) -> &mut Blocks {
        match self {
            Body::Blocks(blocks) => blocks,
            Body::Embedded(bytes) => {
                *self = Body::Blocks(Blocks::dirty(bytes));
                self.in_blocks()
            }
        }
    }
}

impl Blocks {
    /// A body with nothing recorded yet.
    fn dirty(bytes: &[u8]) -> Blocks {
        let block_of = |chunk: &[u8]| {
            let mut block = zeros();
            block[..chunk.len()].copy_from_slice(chunk);
            block
        };
        Blocks {
            length: bytes.len() as u64,
            map: ExtentMap::default(),
            dirty: (0..).zip(bytes.chunks(BLOCK_SIZE).map(block_of)).collect(),
        }
    }

    /// Number of blocks that the body spans.
    pub fn count(&self) -> u64 {
        self.length.div_ceil(BLOCK_SIZE as u64)
    }

    /// Sets the address of `count` dirty blocks from `first` on. Placing may be repeated with another
    /// address.
    pub fn place(&mut self, first: u64, count: u32, at: LogicalBlock) {
        self.map.set(first, count, at);
    }
}

/// Cuts a range of bytes at block borders: block number, first byte in the block, number of bytes.
pub(crate) fn block_ranges(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut at = offset;
    let mut left = length;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let start = usize::try_from(at % BLOCK_SIZE as u64).unwrap_or(0);
        let part = left.min(BLOCK_SIZE - start);
        let range = (at / BLOCK_SIZE as u64, start, part);
        at += part as u64;
        left -= part;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_block_borders() {
        let ranges: Vec<_> = block_ranges(2000, 2200).collect();
        assert_eq!(ranges, [(0, 2000, 48), (1, 0, 2048), (2, 0, 104)]);
    }

    #[test]
    fn an_embedded_body_moves_into_dirty_blocks_unchanged() {
        let mut body = Body::Embedded(vec![7; 1500]);
        let blocks = body.in_blocks();
        assert_eq!(
            (
                blocks.length,
                blocks.dirty.len(),
                blocks.dirty[&0][1499],
                blocks.dirty[&0][1500]
            ),
            (1500, 1, 7, 0)
        );
    }
}
