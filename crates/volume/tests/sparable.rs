//! Sparable partitions: packets recorded elsewhere, and copies of the sparing table.

mod common;

use common::rewritable::{PACKET, TABLES, entry, sparable};
use common::{Disc, START, content, names};
use ecma167::osta::Revision;
use ecma167::osta::sparing::AVAILABLE;
use ecma167::volume::PartitionMap;
use ecma167::{LogicalSector, MalformedKind, PartitionReference, RecordedAddress};
use proptest::prelude::*;
use volume::{CorruptKind, Damage, Instead, Map, Structure};

/// A root with a small file and one of 200 blocks, each block with different bytes.
fn disc(revision: Revision) -> (Disc, Vec<u8>) {
    let mut disc = Disc::sparable(revision);
    let small = disc.file(b"small");
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(|number| number.to_le_bytes()).collect();
    let large = disc.file_below(&bytes);
    disc.root(&[("small", small), ("large", large)]);
    (disc, bytes)
}

fn whole(disc: &Disc, bytes: &[u8]) {
    let mut volume = disc.open();
    assert_eq!(names(&mut volume), ["small", "large"]);
    assert_eq!(content(&mut volume, "small"), b"small");
    assert!(content(&mut volume, "large") == bytes);
}

#[test]
fn a_volume_of_every_revision_is_read_with_spared_packets() {
    for revision in Revision::ALL
        .iter()
        .filter(|revision| **revision >= Revision::V1_50)
    {
        let (mut disc, bytes) = disc(*revision);
        disc.spare(&[]);
        whole(&disc, &bytes);
        // The file set and root are in the first packet.
        disc.spare(&[5 * PACKET, 0, 4 * PACKET, PACKET]);
        whole(&disc, &bytes);
        let volume = disc.open();
        let Map::Sparable { sparing, .. } = &volume.maps()[0] else {
            panic!("{:?}", volume.maps());
        };
        assert_eq!((sparing.spared_packets(), sparing.spare_packets()), (4, 6));
        assert_eq!((sparing.free_packets(), sparing.packet_length()), (1, PACKET));
        assert_eq!(volume.losses(), []);
    }
}

#[test]
fn a_block_resolves_to_its_spare_packet() {
    let (mut disc, _) = disc(Revision::V2_01);
    disc.spare(&[PACKET]);
    let mut volume = disc.open();
    let mut resolve = |block| {
        let partition = PartitionReference(0);
        volume.resolve(RecordedAddress { partition, block }).unwrap().0
    };
    assert_eq!(resolve(PACKET - 1), START + PACKET - 1);
    assert_eq!(resolve(PACKET + 3), disc.last_sector() - PACKET + 1 + 3);
    assert_eq!(resolve(2 * PACKET), START + 2 * PACKET);
}

#[test]
fn one_copy_of_the_sparing_table_is_enough_and_lost_ones_are_recorded() {
    for left in TABLES {
        let (mut disc, bytes) = disc(Revision::V2_01);
        disc.spare(&[PACKET, 2 * PACKET]);
        for at in TABLES {
            if at != left {
                disc.damage(at);
                disc.blocks[at as usize][60] ^= 1;
            }
        }
        whole(&disc, &bytes);
        let volume = disc.open();
        assert_eq!(volume.losses().len(), 3);
        for loss in volume.losses() {
            assert_eq!(loss.structure, Structure::SparingTable);
            assert!(matches!(loss.damage, Damage::Corrupt(_)));
            assert_eq!(loss.instead, Instead::SparingTable(LogicalSector(left)));
            assert!(!loss.hides_spared_packets());
        }
    }
}

#[test]
fn without_a_sparing_table_the_volume_opens_and_reports_what_it_reads() {
    let (mut disc, bytes) = disc(Revision::V2_01);
    disc.spare(&[2 * PACKET]);
    TABLES.into_iter().for_each(|at| disc.wipe(at));
    let mut volume = disc.open();
    assert_eq!(volume.losses().len(), 4);
    assert!(volume.losses().iter().all(|loss| loss.hides_spared_packets()));
    let words = volume.losses()[0].to_string();
    assert!(words.contains("ORIGINAL PLACE"), "{words}");
    let read = content(&mut volume, "large");
    let different = read.chunks(2048).zip(bytes.chunks(2048)).filter(|(a, b)| a != b);
    assert_eq!(different.count(), PACKET as usize);
}

#[test]
fn the_sparing_table_with_the_highest_sequence_number_is_in_force() {
    let (mut disc, bytes) = disc(Revision::V2_01);
    disc.spare(&[2 * PACKET]);
    let current = disc.blocks[TABLES[2] as usize];
    for at in TABLES {
        disc.table(at, 2, &[entry(AVAILABLE, 0)]);
    }
    disc.set(TABLES[2], current);
    whole(&disc, &bytes);
    assert_eq!(disc.open().losses(), []);
}

#[test]
fn a_table_of_more_than_a_block_is_read() {
    let (mut disc, bytes) = disc(Revision::V2_01);
    disc.spare(&[2 * PACKET]);
    let spare = disc.last_sector() + 1 - PACKET;
    let mut entries = vec![entry(2 * PACKET, spare)];
    entries.extend((0..1200).map(|number| entry(100_000 + number * PACKET, 5)));
    // Four blocks and a bit, so the copies would overlap: only the last counts.
    disc.table(TABLES[3], 9, &entries);
    whole(&disc, &bytes);
}

#[test]
fn a_spare_packet_past_the_end_of_the_medium_costs_only_its_contents() {
    let (mut disc, _) = disc(Revision::V2_01);
    disc.spare(&[]);
    for at in TABLES {
        disc.table(at, 4, &[entry(2 * PACKET, u32::MAX - 3)]);
    }
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "small"), b"small");
    let node = volume.lookup_path("large").unwrap();
    let body = volume.body(&node).unwrap();
    assert!(volume.read(&body, 0, &mut vec![0; 400_000]).is_err());
    assert!(volume.read(&body, 70 * 2048, &mut [0; 2048]).is_err());
    assert!(volume.read(&body, 200 * 2048, &mut [0; 2048]).is_ok());
}

#[test]
fn a_map_with_empty_packets_is_malformed() {
    let PartitionMap::Sparable {
        volume_sequence_number,
        partition_number,
        revision,
        mut sparable,
    } = sparable(Revision::V2_01)
    else {
        unreachable!()
    };
    sparable.packet_length = 0.into();
    let map = PartitionMap::Sparable {
        volume_sequence_number,
        partition_number,
        revision,
        sparable,
    };
    let disc = Disc::with_maps(Revision::V2_01, vec![map], false);
    let error = disc.try_open().unwrap_err().error;
    let Some(CorruptKind::Malformed(fault)) = error.corrupt_kind() else {
        panic!("{error:?}");
    };
    assert_eq!(fault.kind, MalformedKind::Field("packet length"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_is_read_whatever_is_spared(
        packets in proptest::collection::btree_set(0..16_u32, 0..10), offset in 0..790_000_u64, length in 1..400_000_usize
    ) {
        let (mut disc, bytes) = disc(Revision::V2_01);
        let packets: Vec<u32> = packets.into_iter().map(|packet| packet * PACKET).collect();
        disc.spare(&packets);
        whole(&disc, &bytes);
        let mut volume = disc.open();
        let node = volume.lookup_path("large").unwrap();
        let body = volume.body(&node).unwrap();
        let mut out = vec![0; length];
        let got = volume.read(&body, offset, &mut out).unwrap();
        let from = usize::try_from(offset).unwrap();
        prop_assert!(out[..got] == bytes[from..bytes.len().min(from + length)]);
    }
}
