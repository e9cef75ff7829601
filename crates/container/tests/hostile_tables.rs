//! Tables and sheets of any contents: looking ends, and what is found is within the files.

mod common;

use std::cell::RefCell;
use std::io;

use common::volume;
use container::{Beside, Bytes as _, Other, Seen, look};
use ecma167::general::{Descriptor as _, ExtentAd, TagVersion};
use ecma167::osta::Revision;
use ecma167::volume::{AccessType, AnchorVolumeDescriptorPointer, PartitionDescriptor};
use ecma167::{BLOCK_SIZE, LogicalSector};
use proptest::prelude::*;

/// A directory in which every name is the same file; keeps the names that were asked for.
#[derive(Default)]
struct Anything {
    file: Vec<u8>,
    asked: RefCell<Vec<String>>,
}

impl Beside for Anything {
    type File = Vec<u8>;

    fn open(&self, name: &str) -> io::Result<Vec<u8>> {
        self.asked.borrow_mut().push(name.to_owned());
        Ok(self.file.clone())
    }
}

/// Looks at an image, and fails unless what is found is within the files.
fn look_at(image: &Vec<u8>, beside: &Anything) -> Seen {
    let (seen, others) = look(image, "disc.ccd", beside);
    if let Seen::Volume(found) = &seen {
        assert!(!found.extents.is_empty());
        let mut end = 0;
        for extent in &found.extents {
            assert!(u64::from(extent.first) >= end, "extents overlap: {extent:?}");
            end = extent.end();
            assert!(end <= 1 << 32);
            let length = match extent.file.checked_sub(1) {
                None => image.length(),
                Some(other) => others[other].length(),
            };
            let last = extent.offset + u64::from(extent.blocks - 1) * u64::from(extent.stride);
            let last = last + u64::from(extent.header) + BLOCK_SIZE as u64;
            assert!(last <= length, "{extent:?} is not in a file of {length} bytes");
        }
    }
    for name in beside.asked.borrow().iter() {
        assert!(!name.contains('/'), "{name}");
    }
    seen
}

fn seen(image: &Vec<u8>) -> Seen {
    look_at(image, &Anything::default())
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Type, start and blocks of an entry.
type Entry = (u8, u32, u32);

/// A disk of 1 MiB, with these boot records at sectors of 512 bytes.
fn disk(records: &[(usize, [Entry; 2])]) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    for (sector, entries) in records {
        let at = sector * 512;
        put(&mut disk, at + 510, &[0x55, 0xAA]);
        for (number, (kind, start, blocks)) in entries.iter().enumerate() {
            let at = at + 446 + 16 * number;
            put(&mut disk, at + 4, &[*kind]);
            put(&mut disk, at + 8, &start.to_le_bytes());
            put(&mut disk, at + 12, &blocks.to_le_bytes());
        }
    }
    disk
}

#[test]
fn a_chain_of_boot_records_in_a_circle_ends() {
    let none = (0x83, 0, 0);
    let circle = disk(&[
        (0, [(5, 1, 100), (15, 2, u32::MAX)]),
        (1, [none, (5, 1, 100)]),
        (2, [none, (5, u32::MAX, 100)]),
    ]);
    assert!(!matches!(seen(&circle), Seen::Volume(_)));
    let itself = disk(&[(0, [(5, 0, 100), (5, 0, 100)])]);
    assert!(!matches!(seen(&itself), Seen::Volume(_)));
}

#[test]
fn a_partition_ends_with_the_image() {
    let mut image = disk(&[(0, [(7, 64, u32::MAX), (7, u32::MAX, u32::MAX)])]);
    image.truncate(64 * 512);
    image.extend(volume(0));
    let Seen::Volume(found) = seen(&image) else {
        panic!("a volume")
    };
    assert_eq!((found.origin.offset, found.extents[0].blocks), (64 * 512, 300));
}

#[test]
fn a_later_session_that_needs_nothing_before_it_is_read_with_its_shift() {
    let Seen::Volume(found) = seen(&volume(5000)) else {
        panic!("a volume")
    };
    assert_eq!(found.origin.first_block, 5000);
    assert_eq!((found.extents[0].first, found.extents[0].offset), (5000, 0));
}

#[test]
fn an_image_without_the_blocks_that_it_needs_says_where_it_belongs() {
    let mut image = volume(5000);
    let start = LogicalSector(300);
    let partition = PartitionDescriptor::new(Revision::V1_50, 1, 0, AccessType::WriteOnce, start, 40);
    put(
        &mut image,
        32 * BLOCK_SIZE,
        &partition.to_block(TagVersion::Two, 5032),
    );
    let Seen::Other(Other::Elsewhere(elsewhere)) = seen(&image) else {
        panic!("elsewhere")
    };
    assert_eq!((elsewhere.at, elsewhere.location), (256, 5256));
}

#[test]
fn a_volume_with_blocks_missing_in_front_is_read_with_its_shift() {
    let image = volume(0).split_off(10 * BLOCK_SIZE);
    let Seen::Volume(found) = seen(&image) else {
        panic!("a volume")
    };
    assert_eq!(found.origin.first_block, 10);
}

#[test]
fn a_volume_of_another_block_size_is_found_after_other_bytes() {
    let mut image = vec![0; 5000];
    let mut volume = volume(0);
    let anchor = volume[256 * BLOCK_SIZE..][..512].to_vec();
    put(&mut volume, 256 * BLOCK_SIZE, &[0; 512]);
    put(&mut volume, 256 * 512, &anchor);
    image.extend(volume);
    let Seen::Volume(found) = seen(&image) else {
        panic!("a volume")
    };
    assert_eq!(found.origin.offset, 5000);
}

#[test]
fn an_image_inside_another_file_system_is_not_taken_for_the_disc() {
    let mut image = vec![0; 40 * BLOCK_SIZE];
    put(&mut image, 16 * BLOCK_SIZE, b"\x01CD001\x01");
    image.extend(volume(0));
    assert!(matches!(seen(&image), Seen::Other(Other::NotUdf(_))));
}

#[test]
fn an_image_full_of_anchors_that_lead_nowhere_is_searched_once() {
    let anchor = AnchorVolumeDescriptorPointer::new(
        ExtentAd::new(32768, LogicalSector(7)),
        ExtentAd::new(32768, LogicalSector(7)),
    );
    let block = anchor.to_block(TagVersion::Two, 0);
    let image = block[..512].repeat(8 << 10);
    assert!(!matches!(seen(&image), Seen::Volume(_)));
}

/// A number as tables have it: small, or near a limit.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..700_u64,
        Just(u64::MAX),
        Just(u64::MAX - 511),
        Just(1 << 55),
        any::<u64>()
    ]
}

fn words(count: usize) -> impl Strategy<Value = Vec<u32>> {
    let word = number().prop_map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    proptest::collection::vec(word, count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_boot_records_are_bounded_by_the_image(
        starts in words(12),
        kinds in proptest::collection::vec(prop_oneof![Just(5_u8), Just(7), Just(15), Just(0xEE), any::<u8>()], 12),
    ) {
        let entry = |at: usize| (kinds[at], starts[at], starts[11 - at]);
        let records: Vec<_> = (0..6).map(|at| (at * 7, [entry(2 * at), entry(2 * at + 1)])).collect();
        let mut image = disk(&records);
        put(&mut image, 200 * 512, &volume(0)[..300 * BLOCK_SIZE]);
        seen(&image);
    }

    #[test]
    fn any_gpt_is_bounded_by_the_image(
        (own, table, count, size) in (prop_oneof![Just(1_u64), number()], number(), number(), number()),
        entries in proptest::collection::vec((number(), number()), 4),
    ) {
        let mut image = vec![0; 1 << 20];
        put(&mut image, 512, b"EFI PART");
        put(&mut image, 512 + 24, &own.to_le_bytes());
        put(&mut image, 512 + 72, &table.to_le_bytes());
        put(&mut image, 512 + 80, &count.to_le_bytes()[..4]);
        put(&mut image, 512 + 84, &size.to_le_bytes()[..4]);
        for (number, (first, last)) in entries.iter().enumerate() {
            let at = 1024 + number * 128;
            put(&mut image, at, &[1]);
            put(&mut image, at + 32, &first.to_le_bytes());
            put(&mut image, at + 40, &last.to_le_bytes());
        }
        put(&mut image, 64 * 512, &volume(0));
        seen(&image);
    }

    #[test]
    fn any_apple_map_is_bounded_by_the_image(fields in words(12)) {
        let mut image = vec![0; 1 << 20];
        for (number, fields) in fields.chunks(3).enumerate() {
            let at = 512 + number * 512;
            put(&mut image, at, b"PM");
            for (field, at) in fields.iter().zip([at + 4, at + 8, at + 12]) {
                put(&mut image, at, &field.to_be_bytes());
            }
        }
        put(&mut image, 64 * 512, &volume(0));
        seen(&image);
    }

    #[test]
    fn any_nero_chunks_are_bounded_by_the_image(
        at in prop_oneof![Just(300 * 2048_u64), number()],
        chunks in proptest::collection::vec((0..6_usize, number(), proptest::collection::vec(number(), 0..12)), 0..6),
    ) {
        let mut image = volume(0);
        for (name, length, numbers) in chunks {
            let body: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            let length = if length % 3 == 0 { length } else { body.len() as u64 };
            image.extend([b"DAOX", b"DAOI", b"ETN2", b"ETNF", b"CUEX", b"CUES"][name]);
            image.extend(&length.to_be_bytes()[4..]);
            image.extend(body);
        }
        image.extend(b"NER5");
        image.extend(at.to_be_bytes());
        // Without a volume at its start, the chunks decide.
        image[..BLOCK_SIZE * 20].fill(0);
        put(&mut image, 256 * BLOCK_SIZE, &[0; 512]);
        seen(&image);
    }

    #[test]
    fn any_alcohol_descriptor_is_bounded_by_its_file(numbers in proptest::collection::vec(number(), 40)) {
        let mut image = b"MEDIA DESCRIPTOR\x01\x03".to_vec();
        image.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        put(&mut image, 20, &[2, 0]);
        put(&mut image, 80, &[88, 0, 0, 0]);
        put(&mut image, 98, &[3]);
        put(&mut image, 108, &[112, 0, 0, 0]);
        put(&mut image, 116, &[1]);
        look_at(&image, &Anything { file: volume(0), ..Anything::default() });
    }

    #[test]
    fn any_sheet_of_text_is_bounded_by_its_files(
        parts in proptest::collection::vec((0..14_usize, number()), 0..24),
        is_ccd in any::<bool>(),
    ) {
        let mut text = if is_ccd { "[CloneCD]\n".to_owned() } else { String::new() };
        for (part, number) in parts {
            text += &match part {
                0 => "FILE \"../../a/b\" BINARY\n".to_owned(),
                1 => "FILE a BINARY\n".to_owned(),
                2 => format!("TRACK {number} MODE1/2352\n"),
                3 => "TRACK 01 MODE1/2048\n".to_owned(),
                4 => format!("TRACK 02 MODE2/{number}\n"),
                5 => "TRACK 03 AUDIO\n".to_owned(),
                6 => format!("INDEX 01 00:00:{number}\n"),
                7 => format!("INDEX 00 {number}:00:00\n"),
                8 => format!("[Entry {number}]\n"),
                9 => format!("Point={}\n", number % 4),
                10 => "Point=0xa2\n".to_owned(),
                11 => format!("PLBA={number}\n"),
                12 => "Control=0x04\n".to_owned(),
                _ => "INDEX 01 00:00:00\n".to_owned(),
            };
        }
        look_at(&text.into_bytes(), &Anything { file: volume(0), ..Anything::default() });
    }
}
