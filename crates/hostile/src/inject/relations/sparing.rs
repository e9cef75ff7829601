//! Sparing tables.

use volume::Map;

use super::blocks::{put, sealed};
use super::maker::Maker;
use crate::image::Block;
use crate::inject::convert::TABLES;
use crate::repair::word;

/// Offset in a table of the spare packet of its first entry.
const MAPPED: usize = 60;

pub fn break_tables(maker: &mut Maker<'_>) {
    let mut maps = maker.volume.maps().iter();
    if !maps.any(|map| matches!(map, Map::Sparable { .. })) {
        return;
    }
    let elsewhere = |block: &Block| {
        sealed(block, |block| {
            let to = word(block, MAPPED) + 1;
            put(block, MAPPED, &to.to_le_bytes());
        })
    };
    let changed = TABLES.map(|at| (at, elsewhere(&maker.disc.block(at))));
    maker.broken("one sparing table leading elsewhere", changed[..1].to_vec());
    maker.broken("sparing tables leading elsewhere", changed.to_vec());
}
