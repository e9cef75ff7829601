//! The space bitmap of a partition: blocks that belong to no node are free, including older generations.

use ecma167::BLOCK_SIZE;
use ecma167::general::{TagIdentifier, tag};

use super::volumed::{NONE, Volumed};
use crate::inject::icb;

/// Bytes before the bits (`ECMA-167 4/14.12`).
pub const HEADER: usize = 24;

/// A recorded bitmap.
#[derive(Clone, Copy, Debug)]
pub struct Bitmap {
    /// Its block, which is the last of the partition.
    pub block: u32,
    /// Length of the descriptor in bytes.
    pub length: u32,
    /// Number of free blocks.
    pub free: u32,
}

/// Records the bitmap, as the last block of the partition.
pub fn record(volumed: &mut Volumed) -> Bitmap {
    let block = volumed.next - volumed.start;
    let blocks = block + 1;
    let mut used = vec![false; blocks as usize];
    used[block as usize] = true;
    for (number, node) in volumed.blocks.iter().enumerate() {
        if *node == NONE {
            continue;
        }
        used[*node as usize] = true;
        if number == 0 {
            continue;
        }
        let read = |at: u32| volumed.image.block(volumed.start + at);
        let body = icb::body(&read(*node), read);
        for block in body.data.iter().chain(&body.continuations) {
            used[*block as usize] = true;
        }
    }
    let mut bytes = vec![0; HEADER];
    let bits = used.chunks(8).map(|eight| {
        eight
            .iter()
            .rev()
            .fold(0, |byte, used| byte << 1 | u8::from(!used))
    });
    bytes.extend(bits);
    let length = bytes.len();
    bytes[16..20].copy_from_slice(&blocks.to_le_bytes());
    let of_bits = u32::try_from(length - HEADER).expect("few blocks");
    bytes[20..24].copy_from_slice(&of_bits.to_le_bytes());
    tag::seal(
        &mut bytes,
        TagIdentifier::SPACE_BITMAP_DESCRIPTOR,
        volumed.version(),
        block,
    );
    let mut whole = [0; BLOCK_SIZE];
    whole[..length].copy_from_slice(&bytes);
    volumed.push(whole);
    Bitmap {
        block,
        length: u32::try_from(length).expect("one block"),
        free: u32::try_from(used.iter().filter(|used| !**used).count()).expect("few blocks"),
    }
}
