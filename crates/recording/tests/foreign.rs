//! Discs of other programs, which record the same content in other forms.

mod common;

use std::os::unix::fs::FileExt;

use common::edit::{edit_entry, edit_root, put};
use common::{Disc, add_directory, add_file, content, rom_options, time};
use ecma167::{
    BLOCK_SIZE, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress,
    file::{
        AllocationExtent, AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier,
        IcbFlags, LongAd, ShortAd,
    },
    general::{DomainFlags, EntityIdentifier, Tag, TagVersion, tag},
    osta::Revision,
    volume::LogicalVolumeDescriptor,
};
use emulator::Medium;
use recording::{Attributes, CloseDisc, Error, NameFault, NodeKind, ReadOnly, Recording, format};
use volume::{ExtentKind, Volume, host_name};
use zerocopy::IntoBytes as _;

/// Embeds the VAT of a formatted disc in its ICB, as mkudffs does.
fn embed_vat(disc: &Disc, revision: Revision) {
    let mut volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    let mut body = vec![0; usize::try_from(vat.body.len()).unwrap()];
    volume.read(&vat.body, 0, &mut body).unwrap();
    let start = volume
        .partition_start(volume.physical_partition().unwrap())
        .unwrap();
    drop(volume);
    let mut entry = FileEntry {
        allocation_descriptors: body,
        logical_blocks_recorded: 0,
        ..vat.entry
    };
    let flags = entry.icb_tag.icb_flags().with_form(AllocationForm::Embedded);
    entry.icb_tag.set_icb_flags(flags);
    let image = std::fs::File::options().write(true).open(disc.image()).unwrap();
    let block = entry.encode(TagVersion::of(revision), vat.icb.0).unwrap();
    image
        .write_all_at(&block, u64::from(start.0 + vat.icb.0) * BLOCK_SIZE as u64)
        .unwrap();
}

/// A disc with one file in its root directory.
fn disc_with_file(medium: Medium, revision: Revision, name: &str) -> Disc {
    let disc = Disc::formatted(medium, 4000, revision);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, name, b"text");
    recording.commit(time(2)).unwrap();
    drop(recording);
    disc
}

#[test]
fn a_name_that_no_host_allows_is_found_by_the_name_that_readers_show() {
    let disc = disc_with_file(Medium::BdR, Revision::V2_50, "a_b");
    edit_root(&disc, |fid| {
        if fid.identifier == b"\x08a_b" {
            fid.identifier = b"\x08a/b".to_vec();
        }
    });
    let shown = host_name(b"\x08a/b");
    assert!(disc.listing().contains_key(&format!("/{shown}")), "{shown}");
    let mut recording = disc.recording();
    let root = recording.root();
    assert_eq!(recording.entries(root).unwrap()[0].name, shown);
    recording.unlink(root, &shown).unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    assert_eq!(disc.listing().len(), 1);
}

#[test]
fn a_hidden_name_stays_hidden_when_renamed() {
    let disc = disc_with_file(Medium::CdR80, Revision::V1_50, "name");
    edit_root(&disc, |fid| fid.characteristics |= FileCharacteristics::EXISTENCE);
    let mut recording = disc.recording();
    let root = recording.root();
    recording.rename(root, "name", root, "other").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    let mut volume = disc.volume();
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let entry = directory.next_live(&mut volume).unwrap().unwrap();
    assert_eq!(entry.name, "other");
    assert_eq!(entry.characteristics, FileCharacteristics::EXISTENCE);
}

#[test]
fn a_changed_node_keeps_its_streams_and_names_its_last_writer() {
    let disc = disc_with_file(Medium::DvdR, Revision::V2_01, "file");
    let streams = LongAd::icb(RecordedAddress {
        partition: PartitionReference(1),
        block: 9,
    });
    edit_entry(&disc, "/file", |entry| {
        entry.object_size += 1000;
        entry.stream_directory_icb = streams;
        let flags = entry.icb_tag.icb_flags() | IcbFlags::CONTIGUOUS;
        entry.icb_tag.set_icb_flags(flags);
        entry.implementation_identifier = EntityIdentifier::new("*Other", [0; 8]);
    });
    let mut recording = disc.recording();
    let file = recording.lookup_path("/file").unwrap();
    for length in [3000, 10] {
        recording.truncate(file, length).unwrap();
        recording.commit(time(3)).unwrap();
        let entry = disc_entry(&mut recording, "/file");
        assert_eq!(
            (entry.information_length, entry.object_size),
            (length, length + 1000)
        );
        assert_eq!(entry.stream_directory_icb, streams);
        assert!(!entry.icb_tag.icb_flags().contains(IcbFlags::CONTIGUOUS));
        assert_eq!(
            entry.implementation_identifier,
            EntityIdentifier::implementation()
        );
    }
}

fn disc_entry(recording: &mut Recording, path: &str) -> FileEntry {
    recording.volume().lookup_path(path).unwrap().entry
}

#[test]
fn nothing_is_recorded_on_a_write_protected_volume() {
    for flags in [DomainFlags::HARD_WRITE_PROTECT, DomainFlags::SOFT_WRITE_PROTECT] {
        let revision = Revision::V2_01;
        let disc = Disc::formatted(Medium::DvdPlusR, 4000, revision);
        for sector in [35, 51].map(LogicalSector) {
            let mut volume = disc.volume();
            let block = volume.read_sector(sector).unwrap();
            let mut logical = LogicalVolumeDescriptor::decode(block, Some(sector.0)).unwrap();
            logical.domain_identifier = EntityIdentifier::domain(revision, flags);
            put(
                &disc,
                sector,
                &logical.encode(TagVersion::Three, sector.0).unwrap(),
            );
        }
        let refused = Recording::open(disc.drive(), time(3))
            .map(drop)
            .map_err(Error::from);
        assert!(matches!(refused, Err(Error::ReadOnly(ReadOnly::WriteProtected))));
        assert_eq!(disc.listing().len(), 1);
    }
}

#[test]
fn nothing_is_recorded_on_a_volume_that_only_a_later_revision_may_change() {
    for revision in [Revision::V1_50, Revision::V2_60] {
        let disc = Disc::formatted(Medium::BdR, 4000, revision);
        let mut volume = disc.volume();
        let later = [0x00, 0x03];
        if revision == Revision::V1_50 {
            let mut integrity = volume.descriptors().integrity.clone().unwrap();
            if let Some(stated) = &mut integrity.implementation_use {
                stated.minimum_udf_write_revision = u16::from_le_bytes(later).into();
            }
            let sector = volume.descriptors().logical.integrity_sequence_extent.location();
            put(
                &disc,
                sector,
                &integrity.encode(TagVersion::Two, sector.0).unwrap(),
            );
        } else {
            let vat = volume.vat().unwrap().clone();
            let mut body = vec![0; BLOCK_SIZE];
            volume.read(&vat.body, 0, &mut body).unwrap();
            body[146..148].copy_from_slice(&later);
            let at = vat_block(&mut volume);
            put(&disc, at, &body.try_into().unwrap());
        }
        drop(volume);
        let refused = Recording::open(disc.drive(), time(3))
            .map(drop)
            .map_err(Error::from);
        assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
        assert_eq!(disc.listing().len(), 1);
    }
}

/// The only block of the VAT of a disc that was just formatted.
fn vat_block(volume: &mut Volume) -> LogicalSector {
    let icb = volume.vat().unwrap().icb;
    let start = volume.partition_start(PartitionReference(0)).unwrap();
    let mut blocks = (0..icb.0).rev();
    let at = blocks.find(|at| {
        let block = volume.read_physical(LogicalBlock(*at)).unwrap();
        block.starts_with(&[152, 0, 0, 0])
    });
    LogicalSector(start.0 + at.unwrap())
}

#[test]
fn implementation_use_of_another_program_in_the_vat_header_stays() {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_60);
    let mut volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    let at = vat_block(&mut volume);
    let mut block: [u8; BLOCK_SIZE] = volume.read_sector(at).unwrap().try_into().unwrap();
    let start = volume.partition_start(PartitionReference(0)).unwrap();
    drop(volume);
    block.copy_within(152..1000, 160);
    block[..4].copy_from_slice(&[160, 0, 8, 0]);
    block[152..160].copy_from_slice(b"*Other 1");
    put(&disc, at, &block);
    let mut entry = vat.entry.clone();
    entry.information_length += 8;
    entry.object_size += 8;
    entry.allocation_descriptors[0] += 8;
    let icb = entry.encode(TagVersion::Three, vat.icb.0).unwrap();
    put(&disc, LogicalSector(start.0 + vat.icb.0), &icb);
    for name in ["one", "two"] {
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, name, b"text");
        recording.commit(time(3)).unwrap();
    }
    assert_eq!(disc.listing().len(), 3);
    let mut volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    assert_eq!((vat.entries_offset, vat.files), (160, Some(2)));
    let mut header = [0; 160];
    volume.read(&vat.body, 0, &mut header).unwrap();
    assert_eq!(&header[152..], b"*Other 1");
}

#[test]
fn a_volume_whose_vat_has_no_counts_gets_no_wrong_ones() {
    let disc = disc_with_file(Medium::CdR80, Revision::V1_50, "file");
    let volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    let start = volume.partition_start(PartitionReference(0)).unwrap();
    let last = volume
        .drive()
        .medium()
        .last_session_with_data()
        .unwrap()
        .last_recorded;
    drop(volume);
    let bare = FileEntry {
        extended_attributes: Vec::new(),
        ..vat.entry
    };
    // All copies of the VAT ICB agree.
    for sector in last.unwrap().0 - 1..=last.unwrap().0 {
        let block = bare.encode(TagVersion::Two, sector - start.0).unwrap();
        put(&disc, LogicalSector(sector), &block);
    }
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "more", b"");
    recording.commit(time(3)).unwrap();
    drop(recording);
    let volume = disc.volume();
    let vat = volume.vat().unwrap();
    assert_eq!((vat.files, vat.directories), (None, None));
    drop(volume);
    assert_eq!(disc.listing().len(), 3);
}

#[test]
fn implementation_use_in_an_entry_survives_a_new_directory_layout() {
    let disc = disc_with_file(Medium::BdR, Revision::V2_50, "first");
    let kept = [EntityIdentifier::new("*Other", [0; 8]).as_bytes(), b"kept"].concat();
    edit_root(&disc, |fid| {
        if !fid.identifier.is_empty() {
            fid.implementation_use = kept.clone();
        }
    });
    let mut recording = disc.recording();
    let root = recording.root();
    let name = |number: u32| format!("{number:0200}");
    for number in 0..1000 {
        add_file(&mut recording, root, &name(number), b"");
    }
    recording.commit(time(3)).unwrap();
    // Each commit leaves a block of the directory elsewhere, until it is laid out afresh.
    for number in 0..60 {
        recording.unlink(root, &name(number * 16)).unwrap();
        recording.commit(time(4)).unwrap();
    }
    drop(recording);
    let mut volume = disc.volume();
    let root = volume.lookup_path("/").unwrap();
    let body = volume.body(&root).unwrap();
    let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
    volume.read(&body, 0, &mut bytes).unwrap();
    let mut rest = bytes.as_slice();
    let (mut found, mut deleted) = (None, 0);
    while !rest.is_empty() {
        let (fid, length) = FileIdentifier::decode(rest, None).unwrap();
        rest = &rest[length..];
        deleted += u32::from(fid.characteristics.contains(FileCharacteristics::DELETED));
        if fid.identifier == b"\x08first" {
            found = Some(fid.implementation_use);
        }
    }
    assert!(deleted < 60, "never laid out afresh");
    assert_eq!(found, Some(kept));
}

#[test]
fn a_disc_whose_vat_has_more_extents_than_its_icb_holds_can_be_closed() {
    const BLOCKS: u32 = 300;
    let disc = Disc::formatted(Medium::CdR80, 40_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "file", &content(310 * BLOCK_SIZE, 1));
    recording.commit(time(2)).unwrap();
    drop(recording);
    let mut volume = disc.volume();
    let vat = volume.vat().unwrap().clone();
    let node = volume.lookup_path("/file").unwrap();
    let volume::Body::Extents(extents) = volume.body(&node).unwrap() else {
        panic!("embedded");
    };
    let ExtentKind::Recorded(first) = extents[0].kind else {
        panic!("a hole");
    };
    let start = volume.partition_start(PartitionReference(0)).unwrap();
    let sector = |block: u32| LogicalSector(start.0 + block);
    let mut entries = vec![0xFF; BLOCK_SIZE];
    volume.read(&vat.body, 0, &mut entries).unwrap();
    drop(volume);
    // The blocks of the file become those of the VAT, the last first.
    let mut extents = Vec::new();
    for number in 0..BLOCKS {
        let at = first.block + BLOCKS - 1 - number;
        let block = if number == 0 {
            entries.clone()
        } else {
            vec![0xFF; BLOCK_SIZE]
        };
        put(&disc, sector(at), &block.try_into().unwrap());
        extents.push(ShortAd::new(ExtentType::Recorded, 2048, at));
    }
    let (here, after) = extents.split_at(200);
    let continuation = first.block + BLOCKS;
    let extent = AllocationExtent {
        previous_allocation_extent_location: 0,
        allocation_descriptors: after.as_bytes().to_vec(),
    };
    let block = extent.encode(TagVersion::Three, continuation).unwrap();
    put(&disc, sector(continuation), &block);
    let next = ShortAd::new(ExtentType::Continuation, 2048, continuation);
    let entry = FileEntry {
        information_length: u64::from(BLOCKS) * BLOCK_SIZE as u64,
        object_size: u64::from(BLOCKS) * BLOCK_SIZE as u64,
        logical_blocks_recorded: BLOCKS.into(),
        allocation_descriptors: [here.as_bytes(), next.as_bytes()].concat(),
        ..vat.entry
    };
    let icb = entry.encode(TagVersion::Three, vat.icb.0).unwrap();
    put(&disc, sector(vat.icb.0), &icb);
    let before = disc.listing();
    disc.recording().close(CloseDisc::No, time(3)).unwrap();
    assert_eq!(disc.listing(), before);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "more", b"");
    recording.commit(time(4)).unwrap();
    drop(recording);
    assert_eq!(disc.listing().len(), 3);
}

#[test]
fn tags_have_the_serial_number_of_the_volume() {
    for revision in [Revision::V1_50, Revision::V2_01] {
        let disc = Disc::formatted(Medium::CdR80, 60_000, revision);
        let mut volume = disc.volume();
        let anchor = LogicalSector(256);
        let mut block: [u8; BLOCK_SIZE] = volume.read_sector(anchor).unwrap().try_into().unwrap();
        drop(volume);
        tag::set_serial_number(&mut block, 5);
        put(&disc, anchor, &block);
        disc.recording().close(CloseDisc::No, time(2)).unwrap();
        let start = disc.drive().append_point().unwrap().address.0;
        let mut recording = disc.recording();
        let root = recording.root();
        for number in 0..60 {
            add_file(&mut recording, root, &format!("file {number}"), b"text");
        }
        let device = NodeKind::CharacterDevice { major: 1, minor: 3 };
        let attributes = Attributes::at(0o600, time(3));
        recording.create(root, "device", device, &attributes).unwrap();
        recording.close(CloseDisc::No, time(3)).unwrap();
        drop(recording);
        let mut volume = disc.volume();
        let last = volume.drive().medium().last_session_with_data().unwrap();
        let last = last.last_recorded.unwrap().0;
        let mut tags = 0;
        for sector in start..=last {
            let Ok(block) = volume.read_sector(LogicalSector(sector)) else {
                continue;
            };
            // Every descriptor is at a multiple of 4 bytes.
            for at in (0..BLOCK_SIZE).step_by(4) {
                if let Some(tag) = Tag::peek(&block[at..]).filter(|tag| is_descriptor(tag, &block[at..])) {
                    assert_eq!(
                        tag.tag_serial_number.get(),
                        5,
                        "sector {sector}, byte {at}: {tag:?}"
                    );
                    tags += 1;
                }
            }
        }
        assert!(tags > 350, "{tags}");
    }
}

fn is_descriptor(found: &Tag, bytes: &[u8]) -> bool {
    let location = Some(found.tag_location.get());
    found.descriptor_crc_length.get() > 0 && tag::verify(bytes, found.identifier(), location).is_ok()
}

#[test]
fn names_that_mean_directories_are_refused() {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_50);
    let mut recording = disc.recording();
    let root = recording.root();
    for name in [".", ".."] {
        let refused = recording.create(root, name, NodeKind::File, &Attributes::at(0o644, time(2)));
        assert!(
            matches!(refused, Err(Error::Name(NameFault::Reserved))),
            "{refused:?}"
        );
    }
}

#[test]
fn a_disc_whose_vat_is_embedded_in_its_icb_closes_without_a_change() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::BdR] {
        let revision = Revision::V2_01;
        let disc = Disc::formatted(medium, 4000, revision);
        embed_vat(&disc, revision);
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert!(disc.volume().clean(), "{medium}");
        assert_eq!(disc.listing().len(), 1);
        assert!(closed.vat_icb.is_some());
    }
}

#[test]
fn directories_are_removed_from_one_that_states_too_few_links() {
    let disc = Disc::formatted(Medium::DvdPlusR, 20_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let parent = add_directory(&mut recording, root, "parent");
    for name in ["one", "two"] {
        add_directory(&mut recording, parent, name);
    }
    recording.commit(time(3)).unwrap();
    drop(recording);
    edit_entry(&disc, "/parent", |entry| entry.file_link_count = 1);
    let mut recording = disc.recording();
    let root = recording.root();
    let parent = recording.lookup(root, "parent").unwrap().unwrap();
    for name in ["one", "two"] {
        recording.remove_directory(parent, name).unwrap();
    }
    recording.commit(time(4)).unwrap();
    drop(recording);
    assert_eq!(disc.listing().keys().collect::<Vec<_>>(), ["", "/parent"]);
}

#[test]
fn a_file_that_grows_inside_its_last_block_reads_zeros_after_its_end() {
    let disc = Disc::formatted(Medium::DvdPlusR, 20_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "file", &[9; 5000]);
    recording.commit(time(3)).unwrap();
    drop(recording);
    // The file of another writer, which leaves bytes after its end.
    edit_entry(&disc, "/file", |entry| {
        entry.information_length = 4196;
        let last = entry.allocation_descriptors.len() - 16;
        let length = &mut entry.allocation_descriptors[last..last + 4];
        let shorter = u32::from_le_bytes(length.try_into().unwrap()) - (5000 - 4196);
        length.copy_from_slice(&shorter.to_le_bytes());
    });
    let mut recording = disc.recording();
    let file = recording.lookup_path("/file").unwrap();
    recording.truncate(file, 4400).unwrap();
    let mut bytes = [1; 204];
    recording.read(file, 4196, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 204]);
    recording.commit(time(4)).unwrap();
    drop(recording);
    assert_eq!(disc.listing()["/file"].2[4196..], [0; 204]);
}

#[test]
fn a_name_with_a_virtual_address_outside_the_vat_names_no_other_file() {
    let disc = Disc::blank(Medium::BdR, 40_000);
    format(disc.drive(), &rom_options(false)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "a", b"text");
    add_file(&mut recording, root, "b", b"other");
    recording.commit(time(2)).unwrap();
    drop(recording);
    edit_root(&disc, |entry| {
        if entry.name().is_ok_and(|name| name == "b") {
            let address = RecordedAddress {
                partition: PartitionReference(1),
                block: 1 << 31,
            };
            entry.icb = LongAd::icb(address).with_unique_id(entry.icb.unique_id());
        }
    });
    let mut recording = disc.recording();
    let a = recording.lookup(root, "a").unwrap().unwrap();
    let b = recording.lookup(root, "b").unwrap().unwrap();
    assert_ne!(a, b);
    assert!(recording.status(b).is_err());
    recording.write(a, 0, b"TEXT").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    let mut volume = disc.volume();
    let node = volume.lookup_path("a").unwrap();
    let body = volume.body(&node).unwrap();
    let mut bytes = [0; 4];
    volume.read(&body, 0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"TEXT");
}
