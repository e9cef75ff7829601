//! An image in memory: its length, and the blocks that are not empty.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use ecma167::BLOCK_SIZE;

/// Bytes per block.
const BLOCK_BYTES: u64 = BLOCK_SIZE as u64;

/// One block.
pub type Block = [u8; BLOCK_SIZE];

/// The blocks of an image that are not all zeros, and the number of all blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// By logical sector.
    pub blocks: BTreeMap<u32, Arc<Block>>,
    /// Blocks of the image.
    pub length: u32,
}

impl Image {
    /// Reads an image from the bytes of a file; a partial block at the end is dropped.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut image = Self::default();
        for (block, at) in bytes.as_chunks::<BLOCK_SIZE>().0.iter().zip(0..) {
            image.length = at + 1;
            if block.iter().any(|byte| *byte != 0) {
                image.blocks.insert(at, Arc::new(*block));
            }
        }
        image
    }

    /// The short form: the length, then for each block its sector, its number of bytes without trailing
    /// zeros, and those bytes; the numbers are little-endian, of 4, 4 and 2 bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.length.to_le_bytes().to_vec();
        for (at, block) in &self.blocks {
            let used = block
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            bytes.extend(at.to_le_bytes());
            bytes.extend(u16::try_from(used).unwrap_or_default().to_le_bytes());
            bytes.extend(&block[..used]);
        }
        bytes
    }

    /// The image in a short form, as far as the bytes go.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut image = Self::default();
        let Some((length, mut rest)) = bytes.split_first_chunk() else {
            return image;
        };
        image.length = u32::from_le_bytes(*length);
        while let Some((at, after)) = rest.split_first_chunk() {
            let Some((used, after)) = after.split_first_chunk() else {
                break;
            };
            let used = usize::from(u16::from_le_bytes(*used)).min(BLOCK_SIZE);
            let Some((content, after)) = after.split_at_checked(used) else {
                break;
            };
            let mut block = [0; BLOCK_SIZE];
            block[..used].copy_from_slice(content);
            image.blocks.insert(u32::from_le_bytes(*at), Arc::new(block));
            rest = after;
        }
        image
    }

    /// A block; zeros if it is empty.
    #[must_use]
    pub fn block(&self, at: u32) -> Block {
        self.blocks.get(&at).map_or([0; BLOCK_SIZE], |block| **block)
    }

    /// A block to be changed; if it is after the end, the image grows.
    pub fn block_mut(&mut self, at: u32) -> &mut Block {
        self.length = self.length.max(at.saturating_add(1));
        let block = self.blocks.entry(at).or_insert_with(|| Arc::new([0; BLOCK_SIZE]));
        Arc::make_mut(block)
    }

    /// Drops all blocks from `length` on, or appends zeros.
    pub fn set_length(&mut self, length: u32) {
        self.length = length;
        drop(self.blocks.split_off(&length));
    }

    /// Writes the image into an empty file, with holes.
    ///
    /// # Errors
    /// Errors from the host.
    pub fn write_to(&self, file: &File) -> io::Result<()> {
        file.set_len(u64::from(self.length) * BLOCK_BYTES)?;
        // As few calls as there are runs of blocks.
        let mut run: Vec<u8> = Vec::new();
        let mut start = 0;
        for (at, block) in self.blocks.range(..self.length) {
            let next = u64::from(*at) * BLOCK_BYTES;
            if next != start + run.len() as u64 {
                file.write_all_at(&run, start)?;
                run.clear();
            }
            if run.is_empty() {
                start = next;
            }
            run.extend_from_slice(&block[..]);
        }
        file.write_all_at(&run, start)
    }

    /// The blocks that differ from those of `of`, which this image was cloned from.
    pub(crate) fn changes<'a>(&'a self, of: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let same = |at: &u32, block| of.blocks.get(at).is_some_and(|old| Arc::ptr_eq(old, block));
        let changed = self
            .blocks
            .iter()
            .filter(move |(at, block)| !same(at, block))
            .map(|(at, _)| *at);
        let gone = of
            .blocks
            .range(..self.length)
            .map(|(at, _)| *at)
            .filter(|at| !self.blocks.contains_key(at));
        changed.chain(gone)
    }
}
