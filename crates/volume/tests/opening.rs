//! Finding a volume: recognition, anchors, sequences, and what is refused.

mod common;

use common::{ANCHOR, Disc, MAIN, NUMBER, RESERVE, START, names, small};
use ecma167::general::{Descriptor, ExtentAd, TagIdentifier};
use ecma167::osta::Revision;
use ecma167::recognition::Nsr;
use ecma167::volume::{PartitionMap, VolumeDescriptorPointer};
use ecma167::{LogicalSector, PartitionReference};
use volume::{AbsentPartition, CorruptKind, Error, Unsupported};
use zerocopy::FromZeros;

#[test]
fn a_volume_of_every_revision_opens() {
    for revision in Revision::ALL {
        let mut volume = if revision < Revision::V1_50 {
            plain(revision)
        } else {
            small(revision)
        }
        .open();
        assert_eq!(volume.revision(), revision);
        assert_eq!(names(&mut volume), ["a", "b", "ç 😀"]);
        assert_eq!(volume.recognition(), Some(revision.nsr()));
    }
}

fn plain(revision: Revision) -> Disc {
    let mut disc = Disc::plain(revision);
    let files = [disc.file(b"one"), disc.file(b"two"), disc.file(b"three")];
    disc.root(&[("a", files[0]), ("b", files[1]), ("ç 😀", files[2])]);
    disc
}

#[test]
fn a_plain_partition_has_no_vat_and_opens() {
    let mut volume = plain(Revision::V2_01).open();
    assert_eq!(names(&mut volume), ["a", "b", "ç 😀"]);
    assert!(volume.vat().is_none());
    assert_eq!(volume.virtual_partition(), None);
    assert_eq!(volume.generation().unwrap(), 0);
    assert_eq!(volume.label(), "label");
    assert!(volume.clean());
}

#[test]
fn a_damaged_recognition_sequence_is_skipped_if_there_is_an_anchor() {
    let mut disc = small(Revision::V2_01);
    for sector in 16..19 {
        disc.wipe(sector);
    }
    let mut volume = disc.open();
    assert_eq!(volume.recognition(), None);
    assert_eq!(names(&mut volume).len(), 3);
}

#[test]
fn an_anchor_is_found_at_each_of_its_places() {
    let mut bare = small(Revision::V2_01);
    bare.wipe(ANCHOR);
    while bare.blocks.len() < 600 {
        bare.blocks.push([0; 2048]);
    }
    for place in [512, 599 - 256, 599] {
        let mut disc = bare.clone();
        disc.anchor(place);
        assert_eq!(disc.open().descriptors().anchor, LogicalSector(place));
    }
    let error = bare.try_open().unwrap_err().error;
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NoAnchor));
}

#[test]
fn an_anchor_with_another_location_in_its_tag_is_ignored() {
    let mut disc = small(Revision::V2_01);
    let anchor = disc.blocks[ANCHOR as usize];
    disc.wipe(ANCHOR);
    disc.set(599 - 256, anchor);
    disc.set(599, anchor);
    assert_eq!(
        disc.try_open().unwrap_err().error.corrupt_kind(),
        Some(&CorruptKind::NoAnchor)
    );
}

#[test]
fn the_reserve_sequence_is_used_if_the_main_one_is_damaged() {
    for sector in [MAIN, MAIN + 1, MAIN + 2] {
        let mut disc = small(Revision::V2_01);
        disc.damage(sector);
        let mut volume = disc.open();
        assert!(volume.descriptors().from_reserve);
        assert_eq!(
            volume.descriptors().volume_descriptor_sequence.location(),
            LogicalSector(RESERVE)
        );
        assert_eq!(names(&mut volume).len(), 3);
    }
}

#[test]
fn a_complete_main_sequence_is_used_if_the_reserve_is_damaged() {
    let mut disc = small(Revision::V2_01);
    disc.damage(RESERVE);
    assert!(!disc.open().descriptors().from_reserve);
}

#[test]
fn a_descriptor_that_both_sequences_lack_is_named() {
    let mut disc = small(Revision::V2_01);
    disc.damage(MAIN + 2);
    disc.damage(RESERVE + 2);
    let error = disc.try_open().unwrap_err().error;
    assert_eq!(
        error.corrupt_kind(),
        Some(&CorruptKind::MissingDescriptor(
            TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR
        ))
    );
}

#[test]
fn the_descriptor_with_the_highest_number_prevails() {
    let mut disc = small(Revision::V2_01);
    let (version, newer) = (disc.version(), disc.logical("newer", 9));
    let terminator = disc.blocks[MAIN as usize + 3];
    disc.set(MAIN + 3, newer.encode(version, MAIN + 3).unwrap());
    disc.set(
        MAIN + 4,
        disc.logical("older", 3).encode(version, MAIN + 4).unwrap(),
    );
    let _ = terminator;
    let volume = disc.open();
    assert_eq!(
        volume
            .descriptors()
            .logical
            .logical_volume_identifier
            .decode_lossy(),
        "newer"
    );
}

#[test]
fn a_sequence_continues_at_a_pointer() {
    let mut disc = small(Revision::V2_01);
    let version = disc.version();
    let mut pointer = VolumeDescriptorPointer::new_zeroed();
    pointer.next_volume_descriptor_sequence_extent = ExtentAd::new(16 * 2048, LogicalSector(100));
    disc.set(MAIN + 2, pointer.to_block(version, MAIN + 2));
    disc.set(100, disc.logical("continued", 1).encode(version, 100).unwrap());
    let volume = disc.open();
    assert!(!volume.descriptors().from_reserve);
    assert_eq!(
        volume
            .descriptors()
            .logical
            .logical_volume_identifier
            .decode_lossy(),
        "continued"
    );
}

#[test]
fn pointers_in_a_circle_end() {
    let mut disc = small(Revision::V2_01);
    let version = disc.version();
    let mut pointer = VolumeDescriptorPointer::new_zeroed();
    pointer.next_volume_descriptor_sequence_extent = ExtentAd::new(16 * 2048, LogicalSector(MAIN));
    disc.set(MAIN + 2, pointer.to_block(version, MAIN + 2));
    assert!(disc.open().descriptors().from_reserve);
}

#[test]
fn a_partition_is_found_by_its_number() {
    let volume = small(Revision::V2_01).open();
    assert_eq!(
        volume.partition_start(PartitionReference(0)).unwrap(),
        LogicalSector(START)
    );
    assert_eq!(
        volume.partition_start(PartitionReference(1)).unwrap(),
        LogicalSector(START)
    );
    let error = volume.partition_start(PartitionReference(2)).unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::PartitionReference(2)));

    let maps = vec![PartitionMap::Type1 {
        volume_sequence_number: 1,
        partition_number: NUMBER + 1,
    }];
    let error = Disc::with_maps(Revision::V2_01, maps, false)
        .try_open()
        .unwrap_err()
        .error;
    assert_eq!(
        error.corrupt_kind(),
        Some(&CorruptKind::NoPartition(AbsentPartition {
            map: 0,
            number: 8,
            described: vec![7],
        }))
    );
}

#[test]
fn a_virtual_partition_needs_a_plain_one_below() {
    let (volume_sequence_number, partition_number, revision) = (1, NUMBER, Revision::V2_01);
    let maps = vec![PartitionMap::Virtual {
        volume_sequence_number,
        partition_number,
        revision,
    }];
    let error = Disc::with_maps(revision, maps, false)
        .try_open()
        .unwrap_err()
        .error;
    assert!(matches!(error.corrupt_kind(), Some(CorruptKind::NoMapBelow)));
}

#[test]
fn an_error_of_opening_reports_nothing_twice() {
    let mut disc = small(Revision::V2_01);
    disc.damage(MAIN + 2);
    disc.damage(RESERVE + 2);
    let failed = disc.try_open().unwrap_err();
    let causes = std::iter::successors(Some(&failed as &dyn std::error::Error), |error| error.source());
    assert_eq!(
        causes.map(ToString::to_string).collect::<Vec<_>>(),
        [failed.error.to_string()]
    );
}

#[test]
fn logical_blocks_that_are_no_sectors_are_named() {
    let mut disc = Disc::plain(Revision::V2_01);
    disc.block_size = 512;
    disc.sequence(MAIN);
    assert!(matches!(
        disc.try_open().unwrap_err().error,
        Error::Unsupported(Unsupported::BlockSize(512))
    ));
}

#[test]
fn the_anchor_of_a_volume_with_smaller_sectors_is_found() {
    // It states location 256 and is at a quarter of that distance. In such sectors the sequences are
    // elsewhere.
    let mut disc = Disc::plain(Revision::V2_01);
    let anchor = disc.blocks[ANCHOR as usize];
    disc.wipe(ANCHOR);
    disc.set(64, anchor);
    let error = disc.try_open().unwrap_err().error;
    assert!(matches!(
        error.corrupt_kind(),
        Some(CorruptKind::MissingDescriptor(_))
    ));
}

#[test]
fn without_any_sign_of_a_volume_there_is_none() {
    let mut disc = Disc::plain(Revision::V2_01);
    disc.blocks.fill([0; 2048]);
    let open = disc.try_open().unwrap_err();
    assert!(matches!(open.error, Error::NoVolume));
    assert!(open.drive.is_read_only());
}

#[test]
fn a_damaged_anchor_indicates_a_volume_without_recognition_sequence() {
    let mut disc = Disc::plain(Revision::V2_01);
    for sector in 16..19 {
        disc.wipe(sector);
    }
    disc.blocks[ANCHOR as usize][20] ^= 1;
    let error = disc.try_open().unwrap_err().error;
    let kind = error.corrupt_kind();
    assert!(matches!(kind, Some(CorruptKind::Malformed(_))), "{error}");
}

#[test]
fn the_recognition_sequence_of_a_bridge_is_read_past_iso_9660() {
    let mut disc = small(Revision::V1_50);
    let mut iso = [0; 2048];
    iso[0] = 1;
    iso[1..6].copy_from_slice(b"CD001");
    for sector in (16..19).rev() {
        let block = disc.blocks[sector];
        disc.blocks[sector + 2] = block;
    }
    disc.set(16, iso);
    disc.set(17, iso);
    assert_eq!(disc.open().recognition(), Some(Nsr::Nsr02));
}
