//! `oncefs salvage` on discs with several volumes, and on entries that lead to no file.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use ecma167::file::{
    AllocationForm, FileCharacteristics, FileEntry, FileIdentifier, FileType, IcbFlags, IcbTag, LongAd,
};
use ecma167::general::Tag;
use ecma167::general::tag::TagVersion;
use ecma167::{PartitionReference, RecordedAddress};
use serde_json::Value;

use common::{Place, noise, small_blocks};

const BLOCK: usize = 2048;

/// The files below a directory by their names alone, with their bytes.
fn by_name(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(top).into_iter();
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// `d.udf` with a plain volume beside the virtual one, and `tree` with what is on both.
fn disc(place: &Place) {
    for number in 0..5 {
        place.file(&format!("tree/{number}"), noise(5_000, 1 + number));
    }
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --close");
}

fn overwrite(place: &Place, byte: usize, bytes: &[u8]) {
    let file = fs::OpenOptions::new().write(true).open(place.path("d.udf"));
    let written = file.expect("an image").write_all_at(bytes, byte as u64);
    written.expect("bytes");
}

/// The blocks of entries of directories.
fn directories(image: &[u8]) -> Vec<usize> {
    let blocks = image.chunks_exact(BLOCK).enumerate();
    let is_directory = |block: &[u8]| {
        Tag::peek(block).is_some() && matches!(block[0], 5 | 10) && block[1] == 1 && block[27] == 4
    };
    blocks
        .filter(|(_, block)| is_directory(block))
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn a_lost_root_costs_no_file_that_the_plain_volume_has() {
    let whole = Place::new();
    disc(&whole);
    let image = whole.bytes("d.udf");
    for at in directories(&image) {
        let place = Place::new();
        disc(&place);
        overwrite(&place, at * BLOCK, &[0; BLOCK]);
        place.run("salvage d.udf --to out");
        assert_eq!(
            by_name(&place.path("out")),
            by_name(&place.path("tree")),
            "without {at}"
        );
    }
}

#[test]
fn an_older_root_is_said_to_be_older() {
    let place = Place::new();
    disc(&place);
    let image = place.bytes("d.udf");
    let location = |at: &usize| image[at * BLOCK + 12..at * BLOCK + 16] == [1, 0, 0, 0];
    let root = directories(&image).into_iter().rfind(location);
    overwrite(&place, root.expect("a root") * BLOCK, &[0; BLOCK]);
    let run = place.run("salvage d.udf --to out");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(
        run.err.contains("1 directory is of an older state"),
        "{}",
        run.err
    );
}

#[test]
fn a_bad_block_of_a_file_is_read_once_and_makes_no_volume() {
    let place = Place::new();
    disc(&place);
    let content = place.bytes("tree/3");
    let image = place.bytes("d.udf");
    let mut blocks = image.chunks(BLOCK);
    let bad = blocks.position(|found| found == &content[..BLOCK]);
    let bad = bad.expect("the block");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    let run = place.run("--json salvage d.udf --to out --faults faults --trace trace");
    assert_eq!(run.code, 5, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["volumes"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(report["not_whole"], 1, "{report}");
    let trace = String::from_utf8(place.bytes("trace")).expect("text");
    let alone = format!("\t{bad}+1\t");
    let reads = trace
        .lines()
        .filter(|line| line.contains("READ(10)") && line.contains(&alone));
    assert_eq!(reads.count(), 1);
}

#[test]
fn an_entry_that_leads_to_no_file_is_missing() {
    let place = Place::new();
    place.file("small", "a few bytes");
    place.ok("burn small --to d.udf --medium bd-r --capacity 60M --rom no");
    place.ok("salvage d.udf --to whole");
    let image = place.bytes("d.udf");
    let is_file = |block: &&[u8]| {
        let entry = FileEntry::decode(block, None);
        entry.is_ok_and(|entry| entry.icb_tag.file_type == FileType::FILE)
    };
    let entry = image.chunks_exact(BLOCK).find(is_file).expect("an entry");
    // It begins no block of the volume.
    overwrite(&place, 25 * BLOCK + 512, &entry[..BLOCK - 512]);
    let run = place.run("--json salvage d.udf --to out");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.err.contains("1 entry was found"), "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["without_file"], 1, "{report}");
}

#[test]
fn directories_that_share_their_names_are_not_all_copied() {
    let place = Place::new();
    let mut bytes = small_blocks::volume();
    let start = 288;
    let file = bytes[(start + 2) * 512..(start + 3) * 512].to_vec();
    let file = FileEntry::decode(&file, None).expect("an entry");
    let icb = LongAd::icb(RecordedAddress {
        partition: PartitionReference(0),
        block: 2,
    });
    let names = (0..40).flat_map(|number| {
        let name = format!("{number:0200}");
        let name = FileIdentifier::new(&name, FileCharacteristics::empty(), icb).expect("a name");
        name.encode(TagVersion::Three, 20).expect("a descriptor")
    });
    let names: Vec<u8> = names.collect();
    bytes[(start + 20) * 512..][..names.len()].copy_from_slice(&names);
    let (length, all) = (u32::try_from(names.len()).expect("a length"), 200);
    for number in 0..all {
        let block = 100 + number;
        let directory = FileEntry {
            unique_id: u64::from(block),
            information_length: names.len() as u64,
            object_size: names.len() as u64,
            icb_tag: IcbTag::new(
                FileType::DIRECTORY,
                IcbFlags::empty().with_form(AllocationForm::Short),
            ),
            allocation_descriptors: [length, 20].map(u32::to_le_bytes).concat(),
            extended_attributes: Vec::new(),
            ..file.clone()
        };
        let block = directory.encode(TagVersion::Three, block).expect("a block");
        let at = (start + 100 + number as usize) * 512;
        bytes[at..at + 512].copy_from_slice(&block[..512]);
    }
    place.file("d.udf", bytes);
    let run = place.run("--json salvage d.udf --to out --yes");
    assert_eq!(run.code, 5, "{}", run.err);
    let entries = walkdir::WalkDir::new(place.path("out")).into_iter();
    let files = entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_type().is_file()));
    assert_eq!(files.count(), 41, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["left_out"], u64::from(all) - 1, "{report}");
}
