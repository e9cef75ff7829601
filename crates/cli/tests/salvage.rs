//! `oncefs salvage`: files out of discs that nothing opens any more.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ecma167::file::{AllocationForm, FileEntry, FileType, IcbFlags, IcbTag};
use ecma167::general::Tag;
use ecma167::general::tag::{self, TagVersion};

use common::{Place, Run, noise, small_blocks};
use mapfile::{Map, Status};
use serde_json::Value;

const BLOCK: usize = 2048;

/// Every file below a directory with its bytes, by path; links with their targets; none if there is no
/// directory.
fn files(top: &Path) -> BTreeMap<String, Vec<u8>> {
    if !top.exists() {
        return BTreeMap::new();
    }
    let entries = walkdir::WalkDir::new(top).min_depth(1).into_iter();
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| !entry.file_type().is_dir());
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(top).expect("below the top");
            let bytes = if entry.file_type().is_symlink() {
                let target = fs::read_link(entry.path()).expect("a link");
                target.into_os_string().into_encoded_bytes()
            } else if entry.file_type().is_file() {
                fs::read(entry.path()).expect("a file")
            } else {
                Vec::new()
            };
            (path.display().to_string(), bytes)
        })
        .collect()
}

/// Fills blocks of an image with zeros.
fn ruin(place: &Place, image: &str, blocks: std::ops::Range<usize>) {
    let file = fs::OpenOptions::new().write(true).open(place.path(image));
    let zeros = vec![0; blocks.len() * BLOCK];
    let at = (blocks.start * BLOCK) as u64;
    file.expect("an image").write_all_at(&zeros, at).expect("zeros");
}

/// `d.udf` with a tree, twice the second time, and `tree` with what is on it.
fn disc(place: &Place) {
    place.file("tree/a", noise(300_000, 1));
    place.file("tree/deep/er/b", noise(5_000, 2));
    place.file("tree/deep/small", "a few bytes of text\n");
    fs::hard_link(place.path("tree/a"), place.path("tree/deep/again")).expect("a name");
    std::os::unix::fs::symlink("../a", place.path("tree/deep/link")).expect("a link");
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no --close");
}

/// The sector of the entry of a path, as the report has it.
fn sector(report: &Value, path: &str) -> usize {
    let files = report["files"].as_array().expect("an array");
    let file = files.iter().find(|file| file["path"] == path).expect("the path");
    usize::try_from(file["sector"].as_u64().expect("a sector")).expect("a sector")
}

#[test]
fn a_disc_without_its_first_blocks_comes_out_under_its_paths() {
    let place = Place::new();
    disc(&place);
    ruin(&place, "d.udf", 0..257);
    let run = place.run("extract d.udf --to not");
    assert_ne!(run.code, 0, "nothing else opens it: {}", run.out);
    place.ok("salvage d.udf --to out");
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
}

#[test]
fn an_image_of_entries_and_data_alone_comes_out_with_its_bytes() {
    let place = Place::new();
    disc(&place);
    place.ok("salvage d.udf --to whole");
    let mut bytes = place.bytes("d.udf");
    for block in bytes.chunks_exact_mut(BLOCK) {
        let identifier = u16::from_le_bytes([block[0], block[1]]);
        if matches!(identifier, 1..=9 | 256 | 257) {
            block.fill(0);
        }
    }
    place.file("ruin.udf", bytes);
    let run = place.run("salvage ruin.udf --to out");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
}

#[test]
fn a_file_without_a_name_is_named_by_its_block_and_kind() {
    let place = Place::new();
    place.file(
        "tree/picture",
        [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &noise(9000, 3)].concat(),
    );
    place.file("tree/text", "text in a file\n".repeat(300));
    place.ok("burn tree/. --to d.udf --medium dvd+r --capacity 60M --rom no --close");
    let report = place.json("salvage d.udf --to whole");
    let blocks = ["/picture", "/text"].map(|path| sector(&report, path));
    // The root has its names in its entry.
    let bytes = place.bytes("d.udf");
    let root = bytes.chunks_exact(BLOCK).rposition(|block| {
        matches!(u16::from_le_bytes([block[0], block[1]]), 261 | 266) && block[16 + 11] == 4
    });
    let root = root.expect("a directory");
    ruin(&place, "d.udf", root..root + 1);
    let first = bytes.chunks_exact(BLOCK).position(|block| {
        matches!(u16::from_le_bytes([block[0], block[1]]), 261 | 266) && block[16 + 11] == 4
    });
    let first = first.expect("a directory");
    ruin(&place, "d.udf", first..first + 1);
    place.run("salvage d.udf --to out");
    let names: Vec<String> = files(&place.path("out")).into_keys().collect();
    let expected = [(blocks[0], "png"), (blocks[1], "txt")];
    let mut expected = expected.map(|(block, ending)| format!("lost+found/#{block}.{ending}"));
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn the_report_says_what_of_each_file_is_missing() {
    let place = Place::new();
    disc(&place);
    let content = place.bytes("tree/a");
    let image = place.bytes("d.udf");
    let block = &content[5 * BLOCK..6 * BLOCK];
    let bad = image
        .chunks(BLOCK)
        .position(|found| found == block)
        .expect("the block");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    let run = place.run("--json salvage d.udf --to out --faults faults");
    assert_eq!(run.code, 5, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["not_whole"], 2, "both of its names: {report}");
    let files = report["files"].as_array().expect("an array");
    let damaged: Vec<_> = files.iter().filter(|file| file["whole"] == false).collect();
    let (start, end) = (5 * BLOCK, 6 * BLOCK);
    assert_eq!(damaged.len(), 2);
    for name in damaged {
        assert_eq!(name["missing"], serde_json::json!([[start, end]]), "{name}");
    }
    let mut filled = content;
    filled[start..end].fill(0);
    assert!(place.bytes("out/a") == filled);
}

#[test]
fn a_coincidence_makes_no_file_whole() {
    let place = Place::new();
    for number in 0..6 {
        place.file(&format!("tree/{number}"), noise(20_000, 10 + number));
    }
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no --close");
    // One block of names of another disc.
    place.file("names/0", "");
    for number in 0..100 {
        place.file(&format!("names/a name of some length {number}"), "");
    }
    place.ok("burn names/. --to names.udf --medium bd-r --capacity 60M --rom no --close");
    let names = place.bytes("names.udf");
    let is_of = |block: &[u8], identifiers: &[u16]| {
        let tag = Tag::peek(block).map(|tag| tag.identifier().0);
        tag.is_some_and(|found| identifiers.contains(&found))
    };
    let mut names = names.chunks_exact(BLOCK).filter(|block| is_of(block, &[257]));
    let stray = names.next().expect("a block of names");
    // Nothing but entries of files is left, and that block, between data.
    let mut bytes = place.bytes("d.udf");
    for block in bytes.chunks_exact_mut(BLOCK) {
        let is_file = is_of(block, &[261, 266]) && block[16 + 11] == 5;
        if Tag::peek(block).is_some() && !is_file {
            block.fill(0);
        }
    }
    let blank = bytes.chunks_exact(BLOCK).position(|block| block == [0; BLOCK]);
    let blank = blank.expect("a blank block") + 100;
    bytes[blank * BLOCK..(blank + 1) * BLOCK].copy_from_slice(stray);
    place.file("ruin.udf", bytes);
    let run = place.run("--json salvage ruin.udf --to out");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    let contents: Vec<Vec<u8>> = files(&place.path("tree")).into_values().collect();
    let out = files(&place.path("out"));
    for file in report["files"].as_array().expect("an array") {
        let path = file["path"].as_str().expect("a path").trim_start_matches('/');
        let is_right = out.get(path).is_some_and(|bytes| contents.contains(bytes));
        assert!(is_right || file["whole"] == false, "{file}");
    }
}

#[test]
fn an_older_version_takes_the_place_of_one_that_is_lost() {
    let place = Place::new();
    place.file("f", noise(9000, 1));
    place.ok("burn f --to d.udf --medium bd-r --capacity 60M --rom no");
    place.ok("ln d.udf /f /g");
    let report = place.json("salvage d.udf --to newest --versions");
    let names: Vec<String> = files(&place.path("newest")).into_keys().collect();
    assert!(names.len() == 4 && names[1].starts_with("f~"), "{names:?}");
    let at = sector(&report, "/f");
    ruin(&place, "d.udf", at..at + 1);
    let run = place.run("salvage d.udf --to out");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.contains("of an older state"), "{}", run.err);
    assert!(place.bytes("out/f") == noise(9000, 1) && place.bytes("out/g") == noise(9000, 1));
}

#[test]
fn a_version_that_only_an_older_vat_names_comes_out() {
    let place = Place::new();
    place.file("f", noise(9000, 1));
    place.ok("burn f --to d.udf --medium bd-r --capacity 60M --rom no");
    let before = place.json("salvage d.udf --to before");
    let at = sector(&before, "/f");
    let start = before["volumes"][0]["partition_start"].as_u64().expect("a start");
    place.ok("ln d.udf /f /g");
    // Some writers record the block in the tag, and not the virtual address.
    let mut bytes = place.bytes("d.udf");
    let block = at - usize::try_from(start).expect("a sector");
    let entry = &mut bytes[at * BLOCK..(at + 1) * BLOCK];
    tag::restamp(entry, u32::try_from(block).expect("a block"));
    place.file("other.udf", bytes);
    place.ok("salvage other.udf --to out --versions");
    let version = format!("out/f~{at}");
    assert!(place.bytes(&version) == noise(9000, 1));
    assert!(place.bytes("out/f") == noise(9000, 1) && place.bytes("out/g") == noise(9000, 1));
}

#[test]
fn a_deleted_file_comes_out_on_request() {
    let place = Place::new();
    place.file("f", "text that is removed");
    place.file("g", "text that stays");
    place.ok("burn f g --to d.udf --medium bd-r --capacity 60M --rom no");
    place.ok("rm d.udf /f");
    place.ok("salvage d.udf --to out");
    assert_eq!(files(&place.path("out")).into_keys().collect::<Vec<_>>(), ["g"]);
    place.ok("salvage d.udf --to all --versions");
    let all = files(&place.path("all"));
    let found = all.iter().find(|(name, _)| name.starts_with("lost+found/#"));
    let (name, bytes) = found.expect("the deleted file");
    assert!(name.ends_with(" f") && bytes == b"text that is removed", "{name}");
}

/// The first file that differs.
fn different(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let all = one.keys().chain(other.keys());
    let mut different = all.filter(|path| one.get(*path) != other.get(*path));
    different.next().cloned()
}

/// Images of other programs and forms, with the bytes before the partition.
const OTHERS: [(&str, usize); 12] = [
    ("mkudffs-150", 257 * 2048),
    ("mkudffs-201", 257 * 2048),
    ("mkudffs-260", 257 * 2048),
    ("genisoimage", 257 * 2048),
    ("newfs_udf", 257 * 2048),
    ("mkudffs-cdrw", 257 * 2048),
    ("sparable-201", 0),
    ("metadata-250", 257 * 2048),
    ("metadata-sparable", 0),
    ("replaced-150", 257 * 2048),
    ("mkudffs-512", 257 * 512),
    ("mkudffs-4096", 257 * 4096),
];

#[test]
fn volumes_of_other_forms_come_out_without_descriptors() {
    let mut wrong = Vec::new();
    for (name, before) in OTHERS {
        let place = Place::with_base(name);
        let run = place.run("extract disc.udf --to whole");
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        place.run("salvage disc.udf --to intact");
        let whole = files(&place.path("whole"));
        if let Some(different) = different(&whole, &files(&place.path("intact"))) {
            wrong.push(format!("{name}, intact: {different}"));
        }
        let mut bytes = place.bytes("disc.udf");
        bytes[..before].fill(0);
        for block in bytes.chunks_exact_mut(512) {
            if Tag::peek(block).is_some_and(|tag| (1..=9).contains(&tag.identifier().0)) {
                block.fill(0);
            }
        }
        place.file("ruin.udf", bytes);
        let run = place.run("salvage ruin.udf --to out");
        if let Some(different) = different(&whole, &files(&place.path("out"))) {
            wrong.push(format!("{name}: {different}\n{}{}", run.out, run.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_volume_of_small_blocks_comes_out_without_descriptors() {
    let place = Place::new();
    let mut bytes = small_blocks::volume();
    bytes[..257 * 512].fill(0);
    place.file("d.udf", bytes);
    place.ok("salvage d.udf --to out");
    assert!(place.bytes("out/end") == small_blocks::content());
}

#[test]
fn two_files_without_names_in_2048_bytes_are_both_there() {
    let place = Place::new();
    let mut bytes = small_blocks::volume();
    let root = 289 * 512;
    let first = root + 512;
    let entry = FileEntry::decode(&bytes[first..first + 512], None).expect("an entry");
    let text = b"\x01\x02 of no known kind";
    let other = FileEntry {
        unique_id: 17,
        information_length: text.len() as u64,
        object_size: text.len() as u64,
        icb_tag: IcbTag::new(
            FileType::FILE,
            IcbFlags::empty().with_form(AllocationForm::Embedded),
        ),
        allocation_descriptors: text.to_vec(),
        ..entry
    };
    let other = other.encode(TagVersion::Three, 3).expect("a block");
    bytes[root..first].fill(0);
    bytes[first + 512..first + 1024].copy_from_slice(&other[..512]);
    place.file("d.udf", bytes);
    place.run("salvage d.udf --to out");
    let out: Vec<Vec<u8>> = files(&place.path("out")).into_values().collect();
    assert!(
        out.contains(&text.to_vec()) && out.contains(&small_blocks::content()),
        "{}",
        out.len()
    );
}

#[test]
fn what_is_no_udf_fails_and_leaves_nothing() {
    let place = Place::new();
    place.file("noise", noise(3_000_000, 4));
    place.file("zeros", vec![0; 3_000_000]);
    for name in ["noise", "zeros"] {
        let failure = place.failure(&format!("salvage {name} --to out"));
        assert_eq!(failure["kind"], "no-volume", "{name}: {failure}");
        assert!(!place.path("out").exists());
    }
}

#[test]
fn a_directory_with_other_files_is_refused() {
    let place = Place::new();
    disc(&place);
    place.file("out/mine", "");
    let failure = place.failure("salvage d.udf --to out");
    assert_eq!(failure["kind"], "exists", "{failure}");
    assert_eq!(files(&place.path("out")).len(), 1);
}

fn map(place: &Place) -> Map {
    let text = String::from_utf8(place.bytes("disc.map")).expect("text");
    text.parse().expect("a map")
}

#[test]
fn a_second_run_reads_what_is_missing_and_copies_nothing_again() {
    let place = Place::new();
    disc(&place);
    let content = place.bytes("tree/a");
    let image = place.bytes("d.udf");
    let block = &content[5 * BLOCK..6 * BLOCK];
    let bad = image
        .chunks(BLOCK)
        .position(|found| found == block)
        .expect("the block");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    let line = "salvage d.udf --to out --map disc.map";
    assert_eq!(place.run(&format!("{line} --faults faults")).code, 5);
    assert_eq!(map(&place).bytes(Status::Bad), BLOCK as u64);
    let before = fs::metadata(place.path("out/deep/er/b")).expect("a file");
    // What it could not read is not read again unless asked.
    let run = place.run(&format!("{line} --trace trace"));
    assert_eq!(run.code, 5, "{}", run.err);
    let trace = String::from_utf8(place.bytes("trace")).expect("text");
    let read: usize = trace.lines().filter(|line| line.contains("READ(10)")).count();
    assert!(read < 60, "{read} reads");
    place.ok(&format!("{line} --again"));
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
    assert_eq!(map(&place).bytes(Status::Bad), 0);
    let after = fs::metadata(place.path("out/deep/er/b")).expect("a file");
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!(before.ino(), after.ino());
}

/// Stops a run that reads a bad block again and again.
fn stopped(place: &Place, words: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let child = place
        .command(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.expect("the program runs");
    std::thread::sleep(Duration::from_secs(2));
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    let run = Run::of(child.wait_with_output().expect("the program ends"));
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("the same command goes on"), "{}", run.err);
}

/// A disc with a large and a small file, and faults that make one block of the large one unreadable, so many
/// MiB from its beginning.
fn with_bad_block(mebibytes: usize) -> Place {
    let place = Place::new();
    place.file("tree/large", noise(40 << 20, 9));
    place.file("tree/small", "few");
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 100M --rom no --close");
    let (image, large) = (place.bytes("d.udf"), place.bytes("tree/large"));
    let block = &large[mebibytes << 20..(mebibytes << 20) + BLOCK];
    let bad = image.chunks(BLOCK).position(|found| found == block);
    let bad = bad.expect("the block");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    place
}

#[test]
fn a_run_that_was_stopped_goes_on() {
    let place = with_bad_block(30);
    let line = "salvage d.udf --to out --map disc.map";
    stopped(&place, &format!("{line} --faults faults --retries 4000000000"));
    assert!(map(&place).bytes(Status::Finished) > 20 << 20);
    place.ok(line);
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
}

/// Runs a line that reads a bad block again and again, and stops it.
fn stopped_at(place: &Place, line: &str, bad: usize) {
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    let words = format!("{line} --faults faults --retries 4000000000");
    let words: Vec<&str> = words.split_whitespace().collect();
    let child = place.command(&words).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    std::thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    let run = Run::of(child.wait_with_output().expect("the program ends"));
    assert_eq!(run.code, 1, "{}", run.err);
}

#[test]
fn a_run_that_was_stopped_twice_goes_on() {
    let place = Place::new();
    for number in 10..20 {
        place.file(&format!("tree/1/{number}"), noise(5_000, number));
        place.file(&format!("tree/3/{number}"), noise(5_000, 10 + number));
    }
    place.file("tree/2", noise(8 << 20, 8));
    place.file("tree/4", noise(8 << 20, 9));
    place.ok("burn tree/1 --to d.udf --medium bd-r --capacity 60M --rom no");
    for name in 2..=4 {
        place.ok(&format!("add d.udf tree/{name}"));
    }
    let image = place.bytes("d.udf");
    let large = place.bytes("tree/4");
    let block = &large[(7 << 20)..(7 << 20) + BLOCK];
    let late = image.chunks(BLOCK).position(|found| found == block);
    let is_entry = |block: &[u8]| matches!(u16::from_le_bytes([block[0], block[1]]), 261 | 266);
    let is_file = |block: &[u8]| is_entry(block) && block[16 + 11] == 5;
    let early = image.chunks(BLOCK).position(is_file);
    let line = "salvage d.udf --to out --map disc.map";
    stopped_at(&place, line, late.expect("the block"));
    stopped_at(&place, line, early.expect("an entry"));
    // Without VATs and directories, nothing but the scan finds files.
    let others = image.chunks(BLOCK).enumerate();
    let others = others.filter(|(_, block)| is_entry(block) && !is_file(block));
    let faults = others.map(|(at, _)| format!("unreadable {at}..{}\n", at + 1));
    place.file("faults", faults.collect::<String>());
    place.run("salvage d.udf --to whole --faults faults");
    place.run(&format!("{line} --faults faults"));
    let whole = files(&place.path("whole"));
    assert!(
        whole.len() >= 22 && files(&place.path("out")) == whole,
        "{}",
        whole.len()
    );
}

#[test]
fn a_map_of_another_disc_of_the_same_length_is_refused() {
    let place = Place::new();
    disc(&place);
    place.ok("burn tree/. --to other.udf --medium bd-r --capacity 60M --rom no --close");
    assert_eq!(place.bytes("d.udf").len(), place.bytes("other.udf").len());
    place.ok("salvage d.udf --to out --map disc.map");
    let before = place.bytes("disc.map");
    let run = place.run("salvage other.udf --to out --map disc.map");
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("that of another disc"), "{}", run.err);
    assert!(place.bytes("disc.map") == before);
    place.ok("salvage d.udf --to out --map disc.map");
}

#[test]
fn a_second_run_that_was_stopped_forgets_no_structures() {
    let place = with_bad_block(20);
    let line = "salvage d.udf --to out --map disc.map";
    assert_eq!(place.run(&format!("{line} --faults faults")).code, 5);
    stopped(
        &place,
        &format!("{line} --faults faults --again --retries 4000000000"),
    );
    place.ok(&format!("{line} --again"));
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
    // A run that only looks at structures finds all of them.
    fs::remove_file(place.path("out/small")).expect("a file");
    place.ok(line);
    assert_eq!(files(&place.path("out")), files(&place.path("tree")));
}

#[test]
fn what_ddrescue_did_not_read_is_missing_and_its_map_stays_as_it_is() {
    let place = Place::new();
    disc(&place);
    let image = place.bytes("d.udf");
    let content = place.bytes("tree/a");
    let block = &content[5 * BLOCK..6 * BLOCK];
    let bad = image
        .chunks(BLOCK)
        .position(|found| found == block)
        .expect("the block");
    ruin(&place, "d.udf", bad..bad + 1);
    fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
    let mut map = Map::of_length(image.len() as u64);
    map.set(0..image.len() as u64, Status::Finished);
    let start = (bad * BLOCK) as u64;
    map.set(start..start + BLOCK as u64, Status::Bad);
    place.file("disc.map", map.to_string());
    let run = place.run("--json salvage d.udf --to out --map disc.map");
    assert_eq!(run.code, 5, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["not_whole"], 2, "{report}");
    assert_eq!(
        String::from_utf8(place.bytes("disc.map")).expect("text"),
        map.to_string()
    );
}
