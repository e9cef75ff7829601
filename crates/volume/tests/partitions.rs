//! Logical volumes of several partitions, of several volumes, and with maps of unknown kinds.

mod common;

use common::rewritable::{metadata, sparable};
use common::{Disc, NUMBER, START, content, small};
use ecma167::file::{ExtentType, FileType, LongAd};
use ecma167::osta::Revision;
use ecma167::volume::{AccessType, PartitionDescriptor, PartitionMap};
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};
use volume::{Error, Unsupported, Volume};

/// The number and first sector of a partition besides that of the fixture.
const OTHER: u16 = 3;
const OTHER_START: u32 = START + 1000;

fn type_1(volume_sequence_number: u16, partition_number: u16) -> PartitionMap {
    PartitionMap::Type1 {
        volume_sequence_number,
        partition_number,
    }
}

fn virtual_partition(partition_number: u16) -> PartitionMap {
    PartitionMap::Virtual {
        volume_sequence_number: 1,
        partition_number,
        revision: Revision::V2_01,
    }
}

/// A type 2 map that no standard names.
fn unknown() -> PartitionMap {
    let mut map = vec![2, 64];
    map.resize(64, 9);
    PartitionMap::Unknown(map)
}

fn other_partition(revision: Revision) -> PartitionDescriptor {
    PartitionDescriptor::new(
        revision,
        2,
        OTHER,
        AccessType::ReadOnly,
        LogicalSector(OTHER_START),
        100,
    )
}

/// A file in the root whose bytes begin in block 0 of a partition.
fn with_file_in(disc: &mut Disc, partition: u16) {
    let block_0 = RecordedAddress {
        partition: PartitionReference(partition),
        block: 0,
    };
    let extent = LongAd::new(ExtentType::Recorded, 5, block_0);
    let entry = disc.in_extents(FileType::FILE, &[extent]);
    let far = disc.put(&entry);
    let near = disc.file(b"near");
    disc.root(&[("far", far), ("near", near)]);
    let mut block = [0; 2048];
    block[..5].copy_from_slice(b"other");
    disc.set(OTHER_START, block);
    disc.describe();
}

fn unsupported(volume: &mut Volume, path: &str) -> Unsupported {
    let node = volume.lookup_path(path).unwrap();
    let body = volume.body(&node).unwrap();
    match volume.read(&body, 0, &mut [0; 5]) {
        Err(Error::Unsupported(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_may_be_in_another_partition() {
    for revision in [Revision::V1_02, Revision::V2_60] {
        let mut disc = Disc::plain(revision);
        disc.maps.push(type_1(1, OTHER));
        disc.further_partitions.push(other_partition(revision));
        with_file_in(&mut disc, 1);
        let mut volume = disc.open();
        assert_eq!(content(&mut volume, "far"), b"other");
        assert_eq!(content(&mut volume, "near"), b"near");
    }
}

#[test]
fn a_virtual_partition_may_be_beside_another_partition() {
    let mut disc = small(Revision::V2_01);
    disc.maps.push(type_1(1, OTHER));
    disc.further_partitions.push(other_partition(Revision::V2_01));
    with_file_in(&mut disc, 2);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "far"), b"other");
    assert_eq!(content(&mut volume, "near"), b"near");
}

#[test]
fn a_second_virtual_partition_is_unsupported_if_read() {
    let mut disc = small(Revision::V2_01);
    disc.maps.extend([virtual_partition(OTHER), type_1(1, OTHER)]);
    disc.further_partitions.push(other_partition(Revision::V2_01));
    with_file_in(&mut disc, 2);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "near"), b"near");
    assert_eq!(
        unsupported(&mut volume, "far"),
        Unsupported::SecondVirtualPartition
    );
}

#[test]
fn sparable_and_metadata_partitions_may_be_together() {
    let revision = Revision::V2_60;
    let mut disc = Disc::metadata(revision, true);
    with_file_in(&mut disc, 2);
    disc.commit_metadata(false);
    disc.maps.push(type_1(1, OTHER));
    disc.further_partitions.push(other_partition(revision));
    disc.describe();
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "far"), b"other");
    assert_eq!(content(&mut volume, "near"), b"near");
}

#[test]
fn a_metadata_partition_is_read_in_every_revision() {
    for revision in Revision::ALL {
        let mut disc = Disc::metadata(revision, false);
        let file = disc.file(b"near");
        disc.root(&[("near", file)]);
        disc.commit_metadata(false);
        assert_eq!(content(&mut disc.open(), "near"), b"near");
    }
}

#[test]
fn a_map_of_an_unknown_kind_matters_only_if_it_is_read() {
    for map in [unknown(), PartitionMap::Unknown(vec![9, 2])] {
        let mut disc = Disc::plain(Revision::V2_01);
        disc.maps.push(map);
        with_file_in(&mut disc, 1);
        let mut volume = disc.open();
        assert_eq!(content(&mut volume, "near"), b"near");
        assert_eq!(unsupported(&mut volume, "far"), Unsupported::PartitionMap);
    }
}

#[test]
fn a_file_set_in_a_partition_of_an_unknown_kind_is_unsupported() {
    let mut disc = Disc::plain(Revision::V2_01);
    disc.maps = vec![unknown()];
    disc.describe();
    let error = disc.open().root().unwrap_err();
    assert!(matches!(error, Error::Unsupported(Unsupported::PartitionMap)));
}

#[test]
fn partitions_of_other_volumes_matter_only_if_read() {
    let mut disc = Disc::plain(Revision::V2_01);
    disc.of_set = (2, 3);
    // Partition numbers count in each volume anew.
    disc.maps = vec![type_1(2, NUMBER), type_1(1, NUMBER), sparable(Revision::V2_01)];
    with_file_in(&mut disc, 1);
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "near"), b"near");
    assert_eq!(unsupported(&mut volume, "far"), Unsupported::VolumeSet);
    assert_eq!(volume.losses(), []);
}

#[test]
fn in_a_set_of_one_volume_every_map_is_of_that_volume() {
    // mkudfiso records volume 0 in the map.
    for (this, of, map) in [(1, 1, 0), (0, 0, 1), (2, 1, 1), (1, 1, 9)] {
        let mut disc = Disc::plain(Revision::V1_02);
        disc.of_set = (this, of);
        disc.maps = vec![type_1(map, NUMBER)];
        let file = disc.file(b"near");
        disc.root(&[("near", file)]);
        disc.describe();
        assert_eq!(content(&mut disc.open(), "near"), b"near");
    }
}

#[test]
fn a_metadata_partition_of_another_volume_needs_none_below() {
    let mut disc = Disc::plain(Revision::V2_50);
    disc.of_set = (2, 2);
    disc.maps = vec![type_1(2, NUMBER), metadata(Revision::V2_50, 5, 6, false)];
    let file = disc.file(b"near");
    disc.root(&[("near", file)]);
    disc.describe();
    assert_eq!(content(&mut disc.open(), "near"), b"near");
}
