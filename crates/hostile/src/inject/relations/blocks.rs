//! Blocks with other bytes under a valid tag.

use crate::image::Block;
use crate::inject::icb::{fids, front};
use crate::repair::{self, half};

/// A changed block, with its tag left as it is.
pub fn with(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    let mut copy = *block;
    change(&mut copy);
    copy
}

/// Replaces bytes from an offset on.
pub fn put(block: &mut Block, at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A changed ICB, with its tag corrected.
pub fn sealed(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    with(block, |block| {
        change(block);
        repair::seal(block);
    })
}

/// An embedded directory with one FID changed.
pub fn with_fid(block: &Block, number: usize, change: impl FnOnce(&mut [u8])) -> Block {
    sealed(block, |block| {
        let range = fids(block)[number].clone();
        change(&mut block[range.clone()]);
        repair::seal(&mut block[range]);
    })
}

/// Changes the location of the ICB that a FID names.
pub fn put_location(fid: &mut [u8], location: [u8; 4]) {
    fid[24..28].copy_from_slice(&location);
}

/// Adds to the length of the allocation descriptors in an ICB.
pub fn grow(block: &mut Block, by: u16) {
    let (lengths, _) = front(block);
    for at in [lengths + 4, 10] {
        let sum = half(block, at) + by;
        put(block, at, &sum.to_le_bytes());
    }
}
