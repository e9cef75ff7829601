//! Blocks with other bytes under a good tag.

use crate::image::Block;
use crate::inject::icb::{fids, front};
use crate::repair::{self, half};

/// A block with a change, its tag left as it is.
pub fn with(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    let mut copy = *block;
    change(&mut copy);
    copy
}

/// Other bytes from a place on.
pub fn put(block: &mut Block, at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

/// An ICB with a change, its tag made right.
pub fn sealed(block: &Block, change: impl FnOnce(&mut Block)) -> Block {
    with(block, |block| {
        change(block);
        repair::seal(block);
    })
}

/// An embedded directory with a change in one FID.
pub fn with_fid(block: &Block, number: usize, change: impl FnOnce(&mut [u8])) -> Block {
    sealed(block, |block| {
        let range = fids(block)[number].clone();
        change(&mut block[range.clone()]);
        repair::seal(&mut block[range]);
    })
}

/// Another location of the ICB that a FID names.
pub fn put_location(fid: &mut [u8], location: [u8; 4]) {
    fid[24..28].copy_from_slice(&location);
}

/// More allocation descriptors in an ICB.
pub fn grow(block: &mut Block, by: u16) {
    let (lengths, _) = front(block);
    for at in [lengths + 4, 10] {
        let sum = half(block, at) + by;
        put(block, at, &sum.to_le_bytes());
    }
}
