//! Gives a body to nodes that have none.

use super::blocks::{put, sealed};
use super::maker::Maker;
use crate::inject::icb::{descriptors, front};
use crate::repair::half;

pub fn give_bodies(maker: &mut Maker<'_>) {
    for name in ["/pipe", "/socket"] {
        let node = maker.known(name);
        let body = sealed(&node.block, |block| {
            let (lengths, _) = front(block);
            let at = descriptors(block);
            put(block, at, b"body");
            put(block, lengths + 4, &4_u32.to_le_bytes());
            put(block, 56, &4_u64.to_le_bytes());
            if half(block, 0) == 266 {
                put(block, 64, &4_u64.to_le_bytes());
            }
            let length = half(block, 10) + 4;
            put(block, 10, &length.to_le_bytes());
        });
        maker.broken("FIFO or socket with a body", vec![(node.sector, body)]);
    }
}
