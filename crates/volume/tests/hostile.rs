//! Whatever is on the disc, reading ends, with a result or an error.

mod common;

use common::{Disc, small};
use drive::Drive;
use ecma167::file::{AllocationForm, ExtentType, FileType, LongAd};
use ecma167::osta::Revision;
use proptest::prelude::*;
use volume::{Error, Node, NodeKind, Volume};
use zerocopy::IntoBytes;

/// Reads everything reachable, up to a bound.
fn read_all(volume: &mut Volume) {
    let _ = volume.generation();
    let _ = volume.label();
    let Ok(root) = volume.lookup_path("/") else { return };
    let mut left = 200;
    read_node(volume, &root, 0, &mut left);
}

fn read_node(volume: &mut Volume, node: &Node, depth: usize, left: &mut usize) {
    if *left == 0 || depth > 8 {
        return;
    }
    *left -= 1;
    let _ = volume.symlink_target(node);
    if let Ok(body) = volume.body(node) {
        let mut bytes = [0; 5000];
        let _ = volume.read(&body, 0, &mut bytes);
        let _ = volume.read(&body, body.len().saturating_sub(10), &mut bytes);
    }
    if node.kind != NodeKind::Directory {
        return;
    }
    let Ok(mut directory) = volume.directory(node) else {
        return;
    };
    for _ in 0..50 {
        let Ok(Some(entry)) = directory.next(volume) else {
            return;
        };
        let child: Result<Node, Error> = volume.node(entry.address());
        if let Ok(child) = child {
            read_node(volume, &child, depth + 1, left);
        }
    }
}

/// A volume with every kind of body.
fn varied(revision: Revision) -> Disc {
    let mut disc = Disc::new(revision);
    let extents = [disc.extent(&[1; 5 * 2048]), disc.extent(&[2; 300])];
    let long = disc.in_extents(FileType::FILE, &extents);
    let long = disc.put(&long);
    let mut hole = disc.entry(FileType::FILE, AllocationForm::Long);
    hole.information_length = 4096;
    hole.allocation_descriptors = LongAd::new(ExtentType::NotAllocated, 4096, disc.physical(0))
        .as_bytes()
        .to_vec();
    let hole = disc.put(&hole);
    let file = disc.file(b"some bytes");
    let fids = disc.fids(&[("inner", file)]);
    let inner = disc.embedded(FileType::DIRECTORY, &fids);
    let inner = disc.put(&inner);
    disc.root(&[("long", long), ("hole", hole), ("file", file), ("dir", inner)]);
    disc.commit();
    disc.commit();
    disc
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_bytes_never_make_the_reader_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..600, any::<u8>()), 1..6),
        old in any::<bool>(),
    ) {
        let mut disc = varied(if old { Revision::V1_50 } else { Revision::V2_01 });
        // Only blocks with contents. Checksums are not updated: a changed tag would only be a damaged one.
        let used: Vec<usize> = (0..disc.blocks.len()).filter(|at| disc.blocks[*at] != [0; 2048]).collect();
        for (block, byte, value) in changes {
            disc.blocks[*block.get(&used)][byte] = value;
        }
        if let Ok(mut volume) = disc.try_open() {
            read_all(&mut volume);
        }
    }

    #[test]
    fn arbitrary_descriptors_never_make_the_reader_panic(
        descriptors in proptest::collection::vec(any::<u8>(), 0..120),
        form in 0_u16..8,
        length in any::<u64>(),
        vat in any::<bool>(),
    ) {
        let mut disc = small(Revision::V2_01);
        let mut entry = disc.entry(if vat { FileType::VAT } else { FileType::DIRECTORY }, AllocationForm::Long);
        entry.icb_tag.flags = form.into();
        entry.information_length = length;
        entry.allocation_descriptors = descriptors;
        if vat {
            let at = disc.next_block();
            if let Ok(block) = entry.encode(disc.version(), at) {
                disc.push(block);
            }
        } else {
            disc.put_at(common::ROOT, &entry);
            disc.commit();
        }
        if let Ok(mut volume) = disc.try_open() {
            read_all(&mut volume);
        }
    }

    #[test]
    fn an_image_cut_anywhere_never_makes_the_reader_panic(length in 1_usize..400) {
        let mut disc = varied(Revision::V2_01);
        disc.blocks.truncate(length);
        if let Ok(mut volume) = disc.try_open() {
            read_all(&mut volume);
        }
    }
}

#[test]
fn an_image_that_ends_inside_a_block_opens_without_that_block() {
    use std::io::Write;
    let mut image = small(Revision::V2_01).image();
    image.write_all(&[7; 100]).unwrap();
    let mut volume = Volume::open(Drive::open_image(image.path()).unwrap()).unwrap();
    assert!(volume.clean());
    assert_eq!(common::names(&mut volume).len(), 3);
}
