//! The places of the parts of an ICB, from its bytes.

use std::ops::Range;

use crate::image::Block;
use crate::repair::{half, word};

/// Where an ICB has its lengths, and where the data that they count begins.
pub fn front(block: &Block) -> (usize, usize) {
    if is_extended(block) {
        (208, 216)
    } else {
        (168, 176)
    }
}

/// Whether it is an extended file entry.
pub fn is_extended(block: &Block) -> bool {
    half(block, 0) == 266
}

/// Whether it describes a directory or a stream directory.
pub fn is_directory(block: &Block) -> bool {
    matches!(block[27], 4 | 13)
}

/// Whether its body is embedded.
pub fn is_embedded(block: &Block) -> bool {
    block[34] & 7 == 3
}

/// Where the allocation descriptors of an ICB begin.
pub fn descriptors(block: &Block) -> usize {
    let (lengths, front) = front(block);
    front + word(block, lengths) as usize
}

/// Whether an ICB has one long_ad, with zeros in the place of a second short_ad.
pub fn is_one_long_ad(block: &Block) -> bool {
    let at = descriptors(block);
    let (lengths, _) = front(block);
    block[34] & 7 == 1 && word(block, lengths + 4) == 16 && block[at + 8..at + 16] == [0; 8]
}

/// The place of each FID in an embedded directory.
pub fn fids(block: &Block) -> Vec<Range<usize>> {
    let (lengths, _) = front(block);
    let start = descriptors(block);
    let end = start + word(block, lengths + 4) as usize;
    let mut found = Vec::new();
    let mut at = start;
    while at + 38 <= end {
        let length = 38 + usize::from(half(block, at + 36)) + usize::from(block[at + 19]);
        found.push(at..at + length.next_multiple_of(4));
        at += length.next_multiple_of(4);
    }
    found
}

/// The blocks of a body.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// The blocks of its recorded extents, in order.
    pub data: Vec<u32>,
    /// The blocks of its allocation extents.
    pub continuations: Vec<u32>,
}

/// The blocks of a body; none if it is embedded. `read` returns a block of the partition.
pub fn body(block: &Block, read: impl Fn(u32) -> Block) -> Blocks {
    let mut found = Blocks::default();
    let size = match block[34] & 7 {
        0 => 8,
        1 => 16,
        _ => return found,
    };
    let (lengths, _) = front(block);
    let start = descriptors(block);
    let mut list = block[start..][..word(block, lengths + 4) as usize].to_vec();
    loop {
        let mut next = None;
        for descriptor in list.chunks_exact(size) {
            let (length, location) = (word(descriptor, 0), word(descriptor, 4));
            match length >> 30 {
                0 => found.data.extend(location..location + length.div_ceil(2048)),
                3 => next = Some(location),
                _ => {}
            }
        }
        let Some(next) = next else { return found };
        found.continuations.push(next);
        let extent = read(next);
        list = extent[24..][..word(&extent, 20) as usize].to_vec();
    }
}
