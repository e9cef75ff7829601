//! The metadata file and its mirror.

use super::blocks::{put, sealed, with};
use super::maker::Maker;
use crate::inject::icb::descriptors;
use crate::repair::word;

pub fn break_mirror(maker: &mut Maker<'_>) {
    let maps = &maker.volume.descriptors().logical.partition_maps;
    let found = maps.iter().find_map(|map| match map {
        ecma167::volume::PartitionMap::Metadata { metadata, .. } => Some(*metadata),
        _ => None,
    });
    let Some(metadata) = found else { return };
    let main = maker.below(metadata.metadata_file_location.get());
    let mirror = maker.below(metadata.metadata_mirror_file_location.get());
    let (first, second) = (maker.disc.block(main), maker.disc.block(mirror));
    let at = descriptors(&first);
    let shifted = sealed(&second, |block| {
        let location = word(block, at + 4) + 1;
        put(block, at + 4, &location.to_le_bytes());
    });
    maker.broken("mirror naming other blocks", vec![(mirror, shifted)]);
    let order = sealed(&first, |block| {
        let (one, two) = (block[at..at + 8].to_vec(), block[at + 8..at + 16].to_vec());
        put(block, at, &[two, one].concat());
    });
    maker.broken(
        "extents of the metadata file in another order",
        vec![(main, order)],
    );
    if metadata.flags & 1 != 0 {
        let copy = maker.below(word(&second, at + 4) + 1);
        let other = with(&maker.disc.block(copy), |block| block[500] ^= 1);
        maker.broken("mirror with different bytes", vec![(copy, other)]);
    }
    // A file in the blocks of the metadata file.
    let large = maker.known("/large");
    let place = descriptors(&large.block);
    let over = sealed(&large.block, |block| {
        put(block, place + 4, &first[at + 4..at + 8])
    });
    maker.broken("file in the metadata file's blocks", vec![(large.sector, over)]);
}
