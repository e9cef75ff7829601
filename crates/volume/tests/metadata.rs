//! Metadata partitions: the metadata file, its mirror, and damage in either.

mod common;

use common::rewritable::{MetadataIcbs, PACKET, metadata, runs};
use common::{Disc, START, content, names};
use ecma167::file::{AllocationForm, ExtentType, FileType, LongAd, ShortAd};
use ecma167::osta::Revision;
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};
use proptest::prelude::*;
use volume::{CorruptKind, Error, Instead, Structure, Volume};

const NAMES: usize = 60;

/// A root with a directory of many names, a file inside its entry, and one in the partition below.
fn tree(is_sparable: bool) -> Disc {
    let mut disc = Disc::metadata(Revision::V2_50, is_sparable);
    let inner: Vec<(String, RecordedAddress)> = (0..NAMES)
        .map(|number| {
            let name = format!("a name that takes some room {number}");
            let file = disc.file(name.as_bytes());
            (name, file)
        })
        .collect();
    let inner: Vec<_> = inner.iter().map(|(name, file)| (name.as_str(), *file)).collect();
    let fids = disc.fids(&inner);
    let directory = disc.directory_of(&fids);
    let directory = disc.put(&directory);
    let large = disc.file_below(&vec![7; 300_000]);
    let small = disc.file(b"small");
    disc.root(&[("dir", directory), ("large", large), ("small", small)]);
    disc
}

fn whole(volume: &mut Volume) {
    assert_eq!(names(volume), ["dir", "large", "small"]);
    assert_eq!(content(volume, "small"), b"small");
    assert!(content(volume, "large") == vec![7; 300_000]);
    assert_eq!(names_in(volume, "dir").len(), NAMES);
    for name in names_in(volume, "dir") {
        assert_eq!(content(volume, &format!("/dir/{name}")), name.as_bytes());
    }
}

fn names_in(volume: &mut Volume, path: &str) -> Vec<String> {
    let node = volume.lookup_path(path).unwrap();
    let mut directory = volume.directory(&node).unwrap();
    let mut names = Vec::new();
    while let Some(entry) = directory.next_live(volume).unwrap() {
        names.push(entry.name);
    }
    names
}

#[test]
fn a_tree_in_a_metadata_partition_is_read() {
    for is_sparable in [false, true] {
        let mut disc = tree(is_sparable);
        disc.commit_metadata(false);
        if is_sparable {
            disc.spare(&[0, 2 * PACKET, 3 * PACKET]);
        }
        let mut volume = disc.open();
        whole(&mut volume);
        assert_eq!(volume.losses(), []);
        assert!(volume.virtual_partition().is_none() && volume.vat().is_none());
    }
}

#[test]
fn the_mirror_is_used_if_the_icb_of_the_metadata_file_is_lost() {
    for twice in [false, true] {
        let mut disc = tree(false);
        let icbs = disc.commit_metadata(twice);
        disc.damage(START + icbs.main);
        let mut volume = disc.open();
        whole(&mut volume);
        let [loss] = volume.losses() else {
            panic!("{:?}", volume.losses());
        };
        assert_eq!(loss.structure, Structure::MetadataFile);
        assert_eq!(loss.sector, LogicalSector(START + icbs.main));
        assert_eq!(
            loss.instead,
            Instead::MetadataMirror(LogicalSector(START + icbs.mirror))
        );
        assert!(!loss.hides_generation());
    }
}

#[test]
fn without_both_icbs_the_volume_does_not_open() {
    let mut disc = tree(false);
    let icbs = disc.commit_metadata(true);
    disc.damage(START + icbs.main);
    disc.damage(START + icbs.mirror);
    let failed = disc.try_open().unwrap_err();
    assert!(matches!(failed.error, Error::Corrupt { .. }));
}

#[test]
fn every_damaged_metadata_block_is_read_from_a_separate_mirror() {
    let mut good = tree(false);
    good.commit_metadata(true);
    for block in good.vat.clone() {
        let mut disc = good.clone();
        for byte in [100, 900, 1700] {
            disc.blocks[(START + block) as usize][byte] ^= 0xFF;
        }
        let mut volume = disc.open();
        whole(&mut volume);
        // Entries after the end of a directory are not part of it, and in an entry only what its CRC covers
        // is detected.
        for loss in volume.losses() {
            assert_eq!(loss.sector, LogicalSector(START + block));
            assert!(matches!(loss.instead, Instead::MetadataMirror(_)), "{loss:?}");
        }
        assert_eq!(volume.losses().len(), 1, "block {block}");
    }
}

#[test]
fn a_mirror_with_the_same_blocks_cannot_help() {
    let mut disc = tree(false);
    disc.commit_metadata(false);
    let root = disc.vat[common::ROOT as usize];
    disc.damage(START + root);
    let error = disc.open().lookup_path("/").unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }));
}

#[test]
fn a_hole_and_the_end_of_the_metadata_file_are_errors() {
    let mut disc = tree(false);
    disc.vat.push(u32::MAX);
    let hole = u32::try_from(disc.vat.len()).unwrap() - 1;
    let (hole, after) = (disc.address(hole), disc.address(hole + 1));
    disc.root(&[("hole", hole), ("after", after)]);
    disc.commit_metadata(true);
    let mut volume = disc.open();
    for name in ["hole", "after"] {
        let error = volume.lookup_path(name).unwrap_err();
        assert_eq!(error.corrupt_kind(), Some(&CorruptKind::BeyondMetadata));
    }
}

#[test]
fn a_metadata_file_beyond_the_partition_has_no_blocks() {
    let mut disc = tree(false);
    let extent = ShortAd::new(ExtentType::Recorded, 64 * 2048, u32::MAX - 2);
    let main = disc.metadata_icb(FileType::METADATA, &[extent]);
    disc.name_metadata(MetadataIcbs { main, mirror: main }, false);
    let error = disc.open().lookup_path("/").unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::OutsidePartition));
}

#[test]
fn a_metadata_file_inside_itself_is_refused() {
    let mut disc = tree(false);
    let itself = RecordedAddress {
        partition: PartitionReference(1),
        block: 0,
    };
    let extents = [LongAd::new(ExtentType::Recorded, 64 * 2048, itself)];
    let mut entry = disc.in_extents(FileType::METADATA, &extents);
    entry.file_link_count = 0;
    let at = disc.next_block();
    let main = disc.push(entry.encode(disc.version(), at).unwrap());
    disc.name_metadata(MetadataIcbs { main, mirror: main }, false);
    let error = disc.try_open().unwrap_err().error;
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NotAMetadataFile));
    // The same if its allocation descriptors continue there.
    let mut entry = disc.entry(FileType::METADATA, AllocationForm::Long);
    entry.information_length = 1 << 20;
    let continued = LongAd::new(ExtentType::Continuation, 2048, itself);
    entry.allocation_descriptors = zerocopy::IntoBytes::as_bytes(&continued).to_vec();
    let at = disc.next_block();
    let main = disc.push(entry.encode(disc.version(), at).unwrap());
    disc.name_metadata(MetadataIcbs { main, mirror: main }, false);
    let error = disc.try_open().unwrap_err().error;
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::BeyondMetadata));
}

#[test]
fn only_a_metadata_file_is_taken_for_one() {
    let mut disc = tree(false);
    let extents = runs(&disc.vat);
    let main = disc.metadata_icb(FileType::FILE, &extents);
    disc.name_metadata(MetadataIcbs { main, mirror: main }, false);
    let error = disc.try_open().unwrap_err().error;
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NotAMetadataFile));
}

#[test]
fn a_metadata_partition_needs_a_partition_below() {
    let map = metadata(Revision::V2_50, 5, 6, false);
    let disc = Disc::with_maps(Revision::V2_50, vec![map.clone(), map], false);
    let error = disc.try_open().unwrap_err().error;
    assert!(matches!(error.corrupt_kind(), Some(CorruptKind::NoMapBelow)));
}

#[test]
fn entries_may_contain_the_block_of_the_partition_below() {
    let mut disc = tree(false);
    let block = disc.vat[common::ROOT as usize];
    let root = &mut disc.blocks[(START + block) as usize];
    ecma167::general::tag::restamp(root, block);
    disc.commit_metadata(false);
    whole(&mut disc.open());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_metadata_file_reads_the_same_wherever_its_blocks_are(
        keys in proptest::collection::vec(any::<u32>(), 1..40),
        is_sparable: bool,
        twice: bool,
        lost: bool,
        packets in proptest::collection::btree_set(0..10_u32, 0..6),
    ) {
        let mut disc = tree(is_sparable);
        disc.scatter(&keys);
        let icbs = disc.commit_metadata(twice);
        if lost {
            disc.damage(START + icbs.main);
        }
        if is_sparable {
            let packets: Vec<u32> = packets.into_iter().map(|packet| packet * PACKET).collect();
            disc.spare(&packets);
        }
        let mut volume = disc.open();
        whole(&mut volume);
        prop_assert_eq!(volume.losses().len(), usize::from(lost));
    }
}
