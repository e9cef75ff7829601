//! Extents of bodies, and the allocation extents that continue them.

use ecma167::LogicalSector;

use super::blocks::{grow, put, sealed};
use super::maker::Maker;
use crate::inject::icb::{descriptors, front};
use crate::repair::{half, word};

/// `large` and `large too` have an extent of five blocks each.
pub fn break_bodies(maker: &mut Maker<'_>) {
    let (large, too) = (maker.known("/large"), maker.known("/large too"));
    let at = descriptors(&large.block);
    let of_too = too.block[descriptors(&too.block)..][..16].to_vec();
    let ground = *maker.volume.maps()[0].partition().expect("a usable map");
    // That of a spared packet is recorded elsewhere.
    let nodes = ["/directory", "/large", "/many"].map(|path| maker.known(path).sector);
    let mut icbs = nodes
        .into_iter()
        .filter_map(|sector| ground.block(LogicalSector(sector)));
    let icb = icbs.next().expect("an ICB in its place").0;
    let moved = |to: u32| sealed(&large.block, |block| put(block, at + 4, &to.to_le_bytes()));
    let shared = sealed(&large.block, |block| put(block, at, &of_too));
    maker.broken("whole extent of two files", vec![(large.sector, shared)]);
    let part = moved(word(&of_too, 4) + 1);
    maker.broken("extent partly overlapping another", vec![(large.sector, part)]);
    maker.broken("extent over an ICB", vec![(large.sector, moved(icb))]);
    maker.broken(
        "extent past the partition",
        vec![(large.sector, moved(0x3FFF_FFFF))],
    );
    let again = sealed(&large.block, |block| {
        // The extent twice, each with half the length.
        let descriptor = block[at..at + 16].to_vec();
        put(block, at, &4096_u32.to_le_bytes());
        put(block, at + 16, &descriptor);
        put(block, at + 16, &4904_u32.to_le_bytes());
        grow(block, 16);
    });
    maker.broken(
        "extent overlapping another of its file",
        vec![(large.sector, again)],
    );
    let whole = sealed(&large.block, |block| {
        let descriptor = block[at..at + 16].to_vec();
        let two: Vec<u8> = [descriptor.clone(), descriptor].concat();
        put(block, at, &two);
        for place in [at, at + 16] {
            put(block, place, &4096_u32.to_le_bytes());
        }
        put(block, 56, &8192_u64.to_le_bytes());
        let is_extended = half(block, 0) == 266;
        if is_extended {
            put(block, 64, &8192_u64.to_le_bytes());
        }
        put(block, if is_extended { 72 } else { 64 }, &4_u64.to_le_bytes());
        grow(block, 16);
    });
    let is_final = maker.volume.vat().is_some();
    if is_final {
        let why = "one block of zeros may be used repeatedly";
        maker.legal(
            "whole extent twice in a file, if nothing is freed",
            why,
            vec![(large.sector, whole)],
        );
    } else {
        maker.broken(
            "whole extent twice in a file, if blocks are freed",
            vec![(large.sector, whole)],
        );
    }
    break_continuation(maker);
}

/// `sparse` has an allocation extent.
fn break_continuation(maker: &mut Maker<'_>) {
    let sparse = maker.known("/sparse");
    let end = {
        let (lengths, _) = front(&sparse.block);
        descriptors(&sparse.block) + word(&sparse.block, lengths + 4) as usize
    };
    let last = sparse.block[end - 16..end].to_vec();
    assert_eq!(word(&last, 0) >> 30, 3, "a body with an allocation extent");
    let sector = maker.below(word(&last, 4));
    let extent = maker.disc.block(sector);
    let back = sealed(&extent, |block| {
        let end = 24 + word(block, 20) as usize;
        put(block, end - 16, &last);
    });
    maker.broken("allocation extent leading back to itself", vec![(sector, back)]);
    let large = maker.known("/large");
    let at = descriptors(&large.block);
    let taken = sealed(&large.block, |block| put(block, at, &last));
    maker.broken("one allocation extent of two bodies", vec![(large.sector, taken)]);
    let order = sealed(&sparse.block, |block| {
        let at = descriptors(block);
        let (one, two) = (block[at..at + 32].to_vec(), block[at + 32..at + 64].to_vec());
        put(block, at, &[two, one].concat());
    });
    maker.legal(
        "extents of a file in another order",
        "the contents of a file are arbitrary",
        vec![(sparse.sector, order)],
    );
}
