//! Bodies: every form of allocation descriptors, continuations, holes, and what is refused.

mod common;

use common::{Disc, content};
use drive::Drive;
use ecma167::file::{
    AllocationExtent, AllocationForm, ExtendedAd, ExtentType, FileEntry, FileType, LongAd, ShortAd,
};
use ecma167::osta::Revision;
use volume::{Body, CopyError, Copying, CorruptKind, Error, Volume};
use zerocopy::IntoBytes;

/// Bytes that do not repeat.
fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from((at * 31 + at / 2048) % 251).unwrap())
        .collect()
}

/// The bytes of the only file of a volume.
fn read_back(mut disc: Disc, entry: &FileEntry) -> Vec<u8> {
    let file = disc.put(entry);
    disc.root(&[("file", file)]);
    disc.commit();
    content(&mut disc.open(), "/file")
}

/// The error of reading the body of the only file.
fn fault(mut disc: Disc, entry: &FileEntry) -> Error {
    let file = disc.put(entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    let body = volume.body(&node).unwrap();
    volume.read(&body, body.len() - 1, &mut [0]).unwrap_err()
}

/// What can be read of a body from its start on, in pieces of this many bytes.
fn readable(volume: &mut Volume, path: &str, piece: usize) -> (Vec<u8>, Option<Error>) {
    let node = volume.lookup_path(path).unwrap();
    let body = volume.body(&node).unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; piece]);
    loop {
        match volume.read_readable(&body, bytes.len() as u64, &mut buffer) {
            Ok(0) => return (bytes, None),
            Ok(got) => bytes.extend(&buffer[..got]),
            Err(error) => return (bytes, Some(error)),
        }
    }
}

fn ad(extent_type: ExtentType, bytes: u32, block: u32) -> LongAd {
    LongAd::new(
        extent_type,
        bytes,
        ecma167::RecordedAddress {
            block,
            ..Default::default()
        },
    )
}

#[test]
fn a_body_in_long_descriptors_is_read_whole_and_in_parts() {
    let bytes = pattern(300_000);
    let mut disc = Disc::new(Revision::V2_01);
    let parts = [&bytes[..4096], &bytes[4096..204_800], &bytes[204_800..]];
    let extents = parts.map(|part| {
        disc.push([0xEE; 2048]);
        disc.extent(part)
    });
    let entry = disc.in_extents(FileType::FILE, &extents);
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "/file"), bytes);
    let node = volume.lookup_path("/file").unwrap();
    let body = volume.body(&node).unwrap();
    for (offset, length) in [(0, 1), (4095, 2), (2047, 8193), (100_000, 150_000), (299_999, 1)] {
        let mut part = vec![0; length];
        assert_eq!(volume.read(&body, offset as u64, &mut part).unwrap(), length);
        assert_eq!(part, bytes[offset..offset + length]);
    }
    let mut rest = [0; 10];
    assert_eq!(volume.read(&body, 299_995, &mut rest).unwrap(), 5);
    assert_eq!(volume.read(&body, 300_000, &mut rest).unwrap(), 0);
    assert_eq!(volume.read(&body, u64::MAX, &mut rest).unwrap(), 0);
}

#[test]
fn short_descriptors_of_a_plain_volume_address_its_partition() {
    let bytes = pattern(5000);
    let mut disc = Disc::plain(Revision::V1_02);
    let block = disc.push_bytes(&bytes);
    let mut entry = disc.entry(FileType::FILE, AllocationForm::Short);
    entry.information_length = 5000;
    entry.allocation_descriptors = ShortAd::new(ExtentType::Recorded, 5000, block)
        .as_bytes()
        .to_vec();
    assert_eq!(read_back(disc, &entry), bytes);
}

#[test]
fn short_descriptors_in_virtual_space_go_through_the_vat() {
    let bytes = pattern(6000);
    let mut disc = Disc::new(Revision::V2_01);
    let first = u32::try_from(disc.vat.len()).unwrap();
    for chunk in bytes.chunks(2048) {
        disc.push([0xEE; 2048]);
        let block = disc.push_bytes(chunk);
        disc.vat.push(block);
    }
    let mut entry = disc.entry(FileType::FILE, AllocationForm::Short);
    entry.information_length = 6000;
    entry.allocation_descriptors = ShortAd::new(ExtentType::Recorded, 6000, first)
        .as_bytes()
        .to_vec();
    assert_eq!(read_back(disc, &entry), bytes);
}

#[test]
fn extended_descriptors_are_read() {
    let bytes = pattern(3000);
    let mut disc = Disc::new(Revision::V2_01);
    let extent = disc.extent(&bytes);
    let mut entry = disc.entry(FileType::FILE, AllocationForm::Extended);
    entry.information_length = 3000;
    entry.allocation_descriptors = ExtendedAd {
        extent_length: 3000.into(),
        recorded_length: 3000.into(),
        information_length: 3000.into(),
        extent_location: extent.extent_location,
        implementation_use: [0; 2],
    }
    .as_bytes()
    .to_vec();
    assert_eq!(read_back(disc, &entry), bytes);
}

#[test]
fn holes_read_as_zeros() {
    let bytes = pattern(2048);
    let mut disc = Disc::new(Revision::V2_01);
    let recorded = disc.extent(&bytes);
    let extents = [
        ad(ExtentType::NotAllocated, 4096, 0),
        recorded,
        ad(ExtentType::AllocatedNotRecorded, 2048, 3),
        recorded,
        ad(ExtentType::NotAllocated, 100, 0),
    ];
    let entry = disc.in_extents(FileType::FILE, &extents);
    let expected = [vec![0; 4096], bytes.clone(), vec![0; 2048], bytes, vec![0; 100]].concat();
    assert_eq!(read_back(disc, &entry), expected);
}

#[test]
fn what_is_allocated_after_the_information_length_is_not_in_the_body() {
    let bytes = pattern(4096);
    let mut disc = Disc::new(Revision::V2_01);
    let extents = [disc.extent(&bytes), ad(ExtentType::AllocatedNotRecorded, 8192, 9)];
    let mut entry = disc.in_extents(FileType::FILE, &extents);
    entry.information_length = 3000;
    assert_eq!(read_back(disc, &entry), bytes[..3000]);
}

/// Extents of one block each for all the bytes, continued through `chain` allocation extents.
fn continued(disc: &mut Disc, bytes: &[u8], each: usize) -> FileEntry {
    let extents: Vec<LongAd> = bytes.chunks(2048).map(|chunk| disc.extent(chunk)).collect();
    let mut next: Option<u32> = None;
    for group in extents.chunks(each).rev() {
        let mut descriptors = group.to_vec();
        if let Some(block) = next {
            descriptors.push(ad(ExtentType::Continuation, 2048, block));
        }
        let extent = AllocationExtent {
            previous_allocation_extent_location: 0,
            allocation_descriptors: descriptors.as_bytes().to_vec(),
        };
        let at = disc.next_block();
        next = Some(disc.push(extent.encode(disc.version(), at).unwrap()));
    }
    let mut entry = disc.entry(FileType::FILE, AllocationForm::Long);
    entry.information_length = bytes.len() as u64;
    entry.allocation_descriptors = ad(ExtentType::Continuation, 2048, next.unwrap())
        .as_bytes()
        .to_vec();
    entry
}

#[test]
fn continuation_extents_are_followed() {
    let bytes = pattern(300 * 2048 - 100);
    let mut disc = Disc::new(Revision::V2_01);
    let entry = continued(&mut disc, &bytes, 100);
    assert_eq!(read_back(disc, &entry), bytes);
}

#[test]
fn a_continuation_in_a_circle_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let at = disc.next_block();
    let extent = AllocationExtent {
        previous_allocation_extent_location: 0,
        allocation_descriptors: [
            ad(ExtentType::Recorded, 2048, 1),
            ad(ExtentType::Continuation, 2048, at),
        ]
        .as_bytes()
        .to_vec(),
    };
    disc.push(extent.encode(disc.version(), at).unwrap());
    let mut entry = disc.entry(FileType::FILE, AllocationForm::Long);
    entry.information_length = u64::MAX;
    entry.allocation_descriptors = ad(ExtentType::Continuation, 2048, at).as_bytes().to_vec();
    assert_eq!(
        fault(disc, &entry).corrupt_kind(),
        Some(&CorruptKind::ContinuationLoop)
    );
}

#[test]
fn a_continuation_with_another_location_in_its_tag_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let bytes = pattern(4096);
    let entry = continued(&mut disc, &bytes, 100);
    let last = disc.blocks.pop().unwrap();
    disc.push([0; 2048]);
    let moved = disc.push(last);
    let mut entry = entry;
    entry.allocation_descriptors = ad(ExtentType::Continuation, 2048, moved).as_bytes().to_vec();
    assert!(matches!(
        fault(disc, &entry).corrupt_kind(),
        Some(CorruptKind::Malformed(_))
    ));
}

#[test]
fn descriptors_that_end_before_the_information_length_are_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let extent = disc.extent(&pattern(2048));
    let mut entry = disc.in_extents(FileType::FILE, &[extent]);
    entry.information_length = 2049;
    assert_eq!(
        fault(disc, &entry).corrupt_kind(),
        Some(&CorruptKind::BodyTooShort)
    );
}

#[test]
fn only_the_last_extent_may_end_inside_a_block() {
    let mut disc = Disc::new(Revision::V2_01);
    let extents = [disc.extent(&pattern(2000)), disc.extent(&pattern(2048))];
    let entry = disc.in_extents(FileType::FILE, &extents);
    assert_eq!(
        fault(disc, &entry).corrupt_kind(),
        Some(&CorruptKind::PartialExtent)
    );
}

#[test]
fn an_extent_outside_its_partition_is_refused_when_it_is_read() {
    let mut disc = Disc::new(Revision::V2_01);
    let extents = [ad(ExtentType::Recorded, 2048 * 64, common::LENGTH - 10)];
    let entry = disc.in_extents(FileType::FILE, &extents);
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    let body = volume.body(&node).unwrap();
    assert!(matches!(body, Body::Extents(_)));
    let error = volume.read(&body, 0, &mut vec![0; 2048 * 64]).unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::OutsidePartition));
}

/// Copies the only file of a disc, and returns the host's file with what could not be read.
fn copied(mut disc: Disc, extents: &[LongAd]) -> (Vec<u8>, Vec<u64>) {
    let entry = disc.in_extents(FileType::FILE, extents);
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    let body = volume.body(&node).unwrap();
    let host = tempfile::NamedTempFile::new().unwrap();
    let mut copying = Copying::new(host.as_file(), 0).unwrap();
    let mut missing = Vec::new();
    loop {
        match volume.copy_piece(&body, &mut copying, usize::MAX) {
            Ok(0) => break,
            Ok(_) => {}
            Err(CopyError::Read(error)) => {
                assert!(error.is_damage(), "{error}");
                missing.push(copying.at());
                copying.skip_to(copying.at() + 2048);
            }
            Err(CopyError::Write(error)) => panic!("{error}"),
        }
    }
    copying.finish().unwrap();
    (std::fs::read(host.path()).unwrap(), missing)
}

#[test]
fn a_copy_has_holes_as_zeros_also_at_its_end() {
    let bytes = pattern(2048);
    let mut disc = Disc::new(Revision::V2_01);
    let recorded = disc.extent(&bytes);
    let extents = [
        ad(ExtentType::NotAllocated, 4096, 0),
        recorded,
        ad(ExtentType::NotAllocated, 100, 0),
    ];
    let expected = [vec![0; 4096], bytes, vec![0; 100]].concat();
    assert_eq!(copied(disc, &extents), (expected, vec![]));
}

#[test]
fn a_copy_has_all_blocks_around_one_that_cannot_be_read() {
    let bytes = pattern(200_000);
    let mut disc = Disc::new(Revision::V2_01);
    let extents = [
        disc.extent(&bytes[..102_400]),
        ad(ExtentType::Recorded, 2048, common::LENGTH + 10),
        disc.extent(&bytes[102_400..]),
    ];
    let expected = [&bytes[..102_400], &[0; 2048], &bytes[102_400..]].concat();
    let (copy, missing) = copied(disc, &extents);
    assert!(copy == expected);
    assert_eq!(missing, [102_400]);
}

#[test]
fn what_precedes_a_lost_end_is_read() {
    for (allocated, length) in [(2048, 2049), (3000, 5000), (3000, 1 << 40), (6000, u64::MAX)] {
        let bytes = pattern(allocated);
        let mut disc = Disc::new(Revision::V2_01);
        let extent = disc.extent(&bytes);
        let mut entry = disc.in_extents(FileType::FILE, &[extent]);
        entry.information_length = length;
        let file = disc.put(&entry);
        disc.root(&[("file", file)]);
        disc.commit();
        let mut volume = disc.open();
        for piece in [100, 4096, 1 << 20] {
            let (read, error) = readable(&mut volume, "file", piece);
            assert_eq!(read, bytes, "{allocated} of {length}");
            let error = error.expect("a lost end");
            assert_eq!(error.corrupt_kind(), Some(&CorruptKind::BodyTooShort));
        }
    }
}

#[test]
fn a_lost_end_is_no_longer_than_the_medium() {
    let mut disc = Disc::new(Revision::V2_01);
    let extent = disc.extent(&pattern(2048));
    let mut entry = disc.in_extents(FileType::FILE, &[extent]);
    entry.information_length = u64::MAX;
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("file").unwrap();
    let length = volume.body(&node).unwrap().len();
    assert_eq!(length, 2048 + volume.recorded_bytes());
}

#[test]
fn each_of_two_lost_ends_has_its_own_reason() {
    let mut disc = Disc::new(Revision::V2_01);
    let whole = disc.extent(&pattern(2048));
    let mut short = disc.in_extents(FileType::FILE, &[whole]);
    short.information_length = 9000;
    let partial = [disc.extent(&pattern(2000)), whole];
    let partial = disc.in_extents(FileType::FILE, &partial);
    let files = [disc.put(&short), disc.put(&partial)];
    disc.root(&[("short", files[0]), ("partial", files[1])]);
    disc.commit();
    let mut volume = disc.open();
    let mut body = |path| {
        let node = volume.lookup_path(path).unwrap();
        volume.body(&node).unwrap()
    };
    let bodies = [body("short"), body("partial")];
    for _ in 0..2 {
        let kinds = [CorruptKind::BodyTooShort, CorruptKind::PartialExtent];
        for (body, kind) in bodies.iter().zip(kinds) {
            let error = volume.read(body, body.len() - 1, &mut [0]).unwrap_err();
            assert_eq!(error.corrupt_kind(), Some(&kind));
        }
    }
}

#[test]
fn what_precedes_a_lost_continuation_is_read() {
    let bytes = pattern(50 * 2048);
    let mut disc = Disc::new(Revision::V2_01);
    let mut entry = continued(&mut disc, &bytes, 20);
    let recorded = disc.extent(&bytes[..2048]);
    // The entry names a block, then the continuation of the fixture.
    let continuation = entry.allocation_descriptors.clone();
    entry.allocation_descriptors = [recorded.as_bytes(), &continuation].concat();
    entry.information_length += 2048;
    let first = u32::from_le_bytes(continuation[4..8].try_into().unwrap());
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let (read, error) = readable(&mut disc.open(), "file", 4096);
    assert_eq!((read.len(), error.is_none()), (51 * 2048, true));
    disc.damage(common::START + first);
    let (read, error) = readable(&mut disc.open(), "file", 4096);
    assert_eq!(read, bytes[..2048]);
    assert!(matches!(
        error.expect("a lost end").corrupt_kind(),
        Some(CorruptKind::Malformed(_))
    ));
}

#[test]
fn names_before_the_lost_end_of_a_directory_are_read() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let fids = disc.fids(&[("one", file), ("two", file)]);
    let extent = disc.extent(&fids);
    let mut root = disc.in_extents(FileType::DIRECTORY, &[extent]);
    root.information_length += 2048;
    disc.put_at(common::ROOT, &root);
    disc.commit();
    let mut volume = disc.open();
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let mut next = || directory.next_live(&mut volume);
    assert_eq!(next().unwrap().unwrap().name, "one");
    assert_eq!(next().unwrap().unwrap().name, "two");
    let error = next().unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::BodyTooShort));
    assert!(next().unwrap().is_none());
}

#[test]
fn the_object_size_does_not_matter() {
    let bytes = pattern(5000);
    for object_size in [0, 1, u64::MAX] {
        let mut disc = Disc::new(Revision::V2_01);
        let extent = disc.extent(&bytes);
        let mut entry = disc.in_extents(FileType::FILE, &[extent]);
        entry.object_size = object_size;
        assert_eq!(read_back(disc, &entry), bytes);
    }
}

#[test]
fn a_hole_before_a_lost_end_is_lost_too() {
    let bytes = pattern(2048);
    let mut disc = Disc::new(Revision::V2_01);
    let recorded = disc.extent(&bytes);
    let hole = ad(ExtentType::NotAllocated, 1 << 29, 0);
    let mut entry = disc.in_extents(FileType::FILE, &[hole, recorded, hole, hole]);
    entry.information_length += 1 << 40;
    let file = disc.put(&entry);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("file").unwrap();
    let known = volume.body(&node).unwrap().len() - volume.recorded_bytes();
    assert_eq!(known, (1 << 29) + 2048);
}

#[test]
fn the_bytes_of_a_block_in_which_the_image_ends_are_read() {
    let bytes = pattern(5 * 2048);
    let mut disc = Disc::plain(Revision::V1_50);
    let number = disc.reserve();
    disc.root(&[("file", disc.address(number))]);
    let extent = disc.extent(&bytes);
    let entry = disc.in_extents(FileType::FILE, &[extent]);
    disc.put_at(number, &entry);
    for cut in [1, 700, 2047] {
        let image = disc.image();
        let end = (disc.blocks.len() - 2) * 2048 + cut;
        image.as_file().set_len(end as u64).unwrap();
        let mut volume = Volume::open(Drive::open_image(image.path()).unwrap()).unwrap();
        for piece in [100, 2048, 4096, 1 << 20] {
            let (read, error) = readable(&mut volume, "file", piece);
            assert!(read == bytes[..3 * 2048 + cut], "{cut}: {piece}");
            assert!(error.is_some_and(|error| error.is_damage()), "{cut}: {piece}");
        }
    }
}
