//! The space bitmap compared with the blocks in use.

use super::blocks::{put, sealed};
use super::maker::Maker;
use crate::image::Block;
use crate::inject::convert::BITMAP_HEADER;
use crate::inject::icb::descriptors;
use crate::repair::{half, word};

/// Offset in a partition descriptor of the address of its unallocated space bitmap.
const OF_PARTITION: usize = 68;

pub fn break_bitmap(maker: &mut Maker<'_>) {
    let anchor = maker.disc.block(256);
    let sequence = word(&anchor, 20);
    let mut sectors = sequence..sequence + 16;
    let partition = sectors.find(|at| half(&maker.disc.block(*at), 0) == 5);
    let partition = maker.disc.block(partition.expect("a partition descriptor"));
    if word(&partition, OF_PARTITION - 4) == 0 {
        return;
    }
    let sector = maker.below(word(&partition, OF_PARTITION));
    let bitmap = maker.disc.block(sector);
    let is_free = |block: u32| bitmap[BITMAP_HEADER + block as usize / 8] >> (block % 8) & 1 == 1;
    let flipped = |block: u32| {
        sealed(&bitmap, |bitmap: &mut Block| {
            bitmap[BITMAP_HEADER + block as usize / 8] ^= 1 << (block % 8);
        })
    };
    let large = maker.known("/large");
    let at = descriptors(&large.block);
    let used = word(&large.block, at + 4);
    // Five consecutive blocks, as the file has.
    let mut all = 0..word(&bitmap, 16) - 5;
    let free = all
        .find(|first| (*first..first + 5).all(is_free))
        .expect("free blocks");
    assert!(!is_free(used), "a file in free blocks");
    maker.broken("block in use marked free", vec![(sector, flipped(used))]);
    maker.broken("free block marked in use", vec![(sector, flipped(free))]);
    let elsewhere = sealed(&large.block, |block| put(block, at + 4, &free.to_le_bytes()));
    maker.broken("file in free blocks", vec![(large.sector, elsewhere)]);
}
