//! Nodes in a partition without another one above it: each is addressed by its block.

use ecma167::BLOCK_SIZE;
use ecma167::general::tag;

use super::volumed::{NONE, Volumed};
use crate::image::Block;
use crate::inject::icb::{self, descriptors};
use crate::repair::{self, half, word};

/// Offsets of the ICB address in a FID, a file set descriptor and an extended file entry.
const OF_FID: usize = 20;
const OF_FILE_SET: usize = 400;
const STREAM_DIRECTORY: usize = 152;

/// Addresses every node by its block: in the file set, in FIDs, and in nodes with streams.
pub fn flatten(volumed: &mut Volumed) {
    for (number, location) in volumed.blocks.clone().into_iter().enumerate() {
        if location == NONE {
            continue;
        }
        let sector = volumed.start + location;
        let mut block = volumed.image.block(sector);
        if number == 0 {
            readdress(&volumed.blocks, &mut block[OF_FILE_SET..]);
        } else {
            node(volumed, &mut block, location);
        }
        repair::seal(&mut block);
        tag::restamp(&mut block, location);
        *volumed.image.block_mut(sector) = block;
    }
}

fn node(volumed: &mut Volumed, block: &mut Block, location: u32) {
    let (_, front) = icb::front(block);
    let body = descriptors(block);
    if body > front {
        tag::restamp(&mut block[front..], location);
    }
    if icb::is_extended(block) {
        readdress(&volumed.blocks, &mut block[STREAM_DIRECTORY..]);
    }
    if !icb::is_directory(block) {
        return;
    }
    if icb::is_embedded(block) {
        for fid in icb::fids(block) {
            readdress(&volumed.blocks, &mut block[fid.start + OF_FID..]);
            repair::seal(&mut block[fid.clone()]);
            tag::restamp(&mut block[fid], location);
        }
        return;
    }
    // A FID may continue in the next block.
    let sectors: Vec<u32> = icb::body(block, |at| volumed.image.block(volumed.start + at))
        .data
        .into_iter()
        .map(|block| volumed.start + block)
        .collect();
    let mut stream: Vec<u8> = sectors.iter().flat_map(|at| volumed.image.block(*at)).collect();
    let mut at = 0;
    while half(&stream, at) == 257 {
        readdress(&volumed.blocks, &mut stream[at + OF_FID..]);
        let length = 38 + usize::from(half(&stream, at + 36)) + usize::from(stream[at + 19]);
        at += length.next_multiple_of(4);
    }
    repair::directory(&mut stream);
    for (sector, bytes) in sectors.iter().zip(stream.as_chunks::<BLOCK_SIZE>().0) {
        *volumed.image.block_mut(*sector) = *bytes;
    }
}

/// Replaces the node number in a long_ad with the node's block in the only partition.
fn readdress(blocks: &[u32], long_ad: &mut [u8]) {
    if word(long_ad, 0) == 0 {
        return;
    }
    let number = usize::try_from(word(long_ad, 4)).expect("a small number");
    long_ad[4..8].copy_from_slice(&blocks[number].to_le_bytes());
    long_ad[8..10].fill(0);
}
