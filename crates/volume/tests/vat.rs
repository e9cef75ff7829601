//! The VAT: where it is found, its layouts, its entries, the chain of generations.

mod common;

use common::{Disc, START, content, names, small};
use ecma167::osta::Revision;
use ecma167::{LogicalBlock, PartitionReference, RecordedAddress, VirtualAddress};
use volume::{Body, CorruptKind, VatForm};

const BOTH: [Revision; 2] = [Revision::V1_50, Revision::V2_01];

#[test]
fn both_layouts_yield_the_same_entries() {
    for (revision, form) in BOTH.into_iter().zip([VatForm::V150, VatForm::V200]) {
        let disc = small(revision);
        let mut volume = disc.open();
        let vat = volume.vat().unwrap();
        assert_eq!((vat.form, vat.entries), (form, 5));
        assert_eq!(vat.icb.0 + START, disc.last_sector());
        for (number, block) in disc.vat.iter().enumerate() {
            let at = VirtualAddress(u32::try_from(number).unwrap());
            assert_eq!(volume.virtual_entry(at).unwrap(), LogicalBlock(*block));
        }
        assert!(volume.clean());
        assert_eq!(content(&mut volume, "/ç 😀"), b"three");
    }
}

#[test]
fn the_header_contains_name_counts_and_the_next_unique_id() {
    let disc = small(Revision::V2_01);
    let volume = disc.open();
    assert_eq!(volume.label(), "newer label");
    let vat = volume.vat().unwrap();
    assert_eq!((vat.files, vat.directories), (Some(3), Some(1)));
    assert_eq!(vat.revisions.unwrap().minimum_read, Revision::V2_01);
    assert_eq!(vat.next_unique_id(), disc.next_unique_id + 1);
    assert_eq!(vat.previous, None);
}

#[test]
fn a_vat_inside_its_icb_is_read() {
    for revision in BOTH {
        let mut disc = small(revision);
        let bytes = disc.vat_bytes();
        let file_type = if revision >= Revision::V2_00 { 248 } else { 0 };
        let entry = disc.embedded(ecma167::file::FileType(file_type), &bytes);
        let at = disc.next_block();
        let block = entry.encode(disc.version(), at).unwrap();
        disc.push(block);
        let mut volume = disc.open();
        assert!(matches!(volume.vat().unwrap().body, Body::Embedded(_)));
        assert_eq!(names(&mut volume).len(), 3);
    }
}

#[test]
fn an_address_that_is_not_in_the_vat_is_refused() {
    let mut disc = small(Revision::V2_01);
    disc.vat.push(u32::MAX);
    disc.vat.push(common::LENGTH);
    disc.commit();
    let mut volume = disc.open();
    let entries = volume.vat().unwrap().entries;
    let mut kind = |block| {
        let address = RecordedAddress {
            partition: PartitionReference(1),
            block,
        };
        volume
            .resolve(address)
            .unwrap_err()
            .corrupt_kind()
            .cloned()
            .unwrap()
    };
    assert_eq!(kind(entries), CorruptKind::BeyondVat);
    assert_eq!(kind(u32::MAX), CorruptKind::BeyondVat);
    assert_eq!(kind(entries - 2), CorruptKind::UnusedVirtualAddress);
    assert_eq!(kind(entries - 1), CorruptKind::OutsidePartition);
}

#[test]
fn a_vat_is_found_some_blocks_before_the_end() {
    for revision in BOTH {
        for by in 1..=3 {
            let mut disc = small(revision);
            for _ in 0..by {
                disc.push([0; 2048]);
            }
            let mut volume = disc.open();
            assert_eq!(names(&mut volume).len(), 3);
            assert!(!volume.clean());
        }
    }
}

#[test]
fn a_vat_far_before_the_end_is_found_by_walking_back() {
    for revision in BOTH {
        let mut disc = small(revision);
        let icb = disc.previous;
        for _ in 0..1500 {
            disc.push([0xA5; 2048]);
        }
        let mut volume = disc.open();
        assert_eq!(volume.vat().unwrap().icb, LogicalBlock(icb));
        assert_eq!(names(&mut volume).len(), 3);
        assert!(!volume.clean());
    }
}

#[test]
fn an_entry_that_only_looks_like_a_vat_does_not_end_the_search() {
    let mut disc = small(Revision::V2_01);
    let icb = disc.previous;
    // A file whose block equals its virtual address, and an empty entry of the VAT's type.
    let at = disc.next_block();
    let file = disc
        .embedded(ecma167::file::FileType::FILE, b"no VAT")
        .encode(disc.version(), at)
        .unwrap();
    disc.push(file);
    let at = disc.next_block();
    let empty = disc
        .embedded(ecma167::file::FileType::VAT, b"")
        .encode(disc.version(), at)
        .unwrap();
    disc.push(empty);
    assert_eq!(disc.open().vat().unwrap().icb, LogicalBlock(icb));
}

#[test]
fn a_disc_without_a_vat_reports_that() {
    let mut disc = small(Revision::V2_01);
    disc.blocks.pop();
    let error = disc.try_open().unwrap_err().error;
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NoVat));
}

#[test]
fn generations_are_counted_along_the_chain() {
    for revision in BOTH {
        let mut disc = small(revision);
        for _ in 0..4 {
            disc.commit();
        }
        assert_eq!(disc.open().generation().unwrap(), 5);
    }
}

#[test]
fn a_previous_vat_recorded_as_a_logical_sector_is_followed() {
    let mut disc = small(Revision::V1_50);
    disc.previous += START;
    disc.commit();
    assert_eq!(disc.open().generation().unwrap(), 2);
}

#[test]
fn a_chain_that_leads_forward_or_nowhere_goes_on_with_the_vat_found() {
    for previous in [5, 99_999, 0xFFFF_FFFE] {
        let mut disc = small(Revision::V2_01);
        disc.previous = previous;
        disc.commit();
        assert_eq!(disc.open().generation().unwrap(), 2);
    }
    let mut disc = small(Revision::V2_01);
    let itself = disc.next_block() + 1;
    disc.previous = itself;
    assert_eq!(disc.commit(), itself);
    assert_eq!(disc.open().generation().unwrap(), 2);
}

#[test]
fn an_earlier_generation_can_be_put_in_force() {
    let mut disc = small(Revision::V2_01);
    let first = disc.previous;
    let file = disc.file(b"later");
    disc.root(&[("later", file)]);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(names(&mut volume), ["later"]);
    volume.reload_vat(LogicalBlock(first)).unwrap();
    assert_eq!(names(&mut volume), ["a", "b", "ç 😀"]);
    assert_eq!(volume.generation().unwrap(), 1);
}

#[test]
fn a_block_that_is_not_a_vat_cannot_be_put_in_force() {
    let disc = small(Revision::V2_01);
    let mut volume = disc.open();
    let icb = volume.vat().unwrap().icb;
    assert!(volume.reload_vat(LogicalBlock(icb.0 - 1)).is_err());
    assert_eq!(volume.vat().unwrap().icb, icb);
    assert_eq!(names(&mut volume).len(), 3);
}

#[test]
fn a_node_is_read_from_the_block_that_a_caller_names() {
    let mut disc = Disc::new(Revision::V2_01);
    disc.root(&[]);
    disc.commit();
    let entry = disc.embedded(ecma167::file::FileType::FILE, b"pending");
    let block = disc.push(entry.encode(disc.version(), 77).unwrap());
    let mut volume = disc.open();
    let address = RecordedAddress {
        partition: PartitionReference(1),
        block: 77,
    };
    assert_eq!(
        volume.node(address).unwrap_err().corrupt_kind(),
        Some(&CorruptKind::BeyondVat)
    );
    let node = volume.node_at(address, LogicalBlock(block)).unwrap();
    assert_eq!(node.size(), 7);
    assert_eq!(volume.read_physical(LogicalBlock(block)).unwrap().len(), 2048);
}
