//! Damaged discs: what is read again, in which order, and what a map says of it.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Place, Run, noise};
use mapfile::{Map, Status};

const BLOCK: usize = 2048;

/// `d.udf` with `/z` of 1,000 blocks and `/y` of 50, a link and an empty file, and `faults` that make two
/// blocks of `/z` unreadable. Returns those blocks of the disc, and `/z` with zeros in their place.
fn damaged(place: &Place) -> (Vec<u64>, Vec<u8>) {
    let mut content = noise(1000 * BLOCK, 5);
    place.file("tree/z", content.clone());
    place.file("tree/y", noise(50 * BLOCK, 6));
    place.file("tree/empty", "");
    std::os::unix::fs::symlink("z", place.path("tree/link")).expect("a link");
    std::fs::hard_link(place.path("tree/z"), place.path("tree/z2")).expect("a name");
    place.ok("burn tree/. --to d.udf --medium dvd+r --capacity 60M --rom no --finalize");
    let disc = place.bytes("d.udf");
    let mut blocks = Vec::new();
    for number in [10, 700] {
        let block = &mut content[number * BLOCK..(number + 1) * BLOCK];
        let found = disc.chunks(BLOCK).position(|found| found == block);
        blocks.push(found.expect("the block is on the disc") as u64);
        block.fill(0);
    }
    let lines = blocks
        .iter()
        .map(|block| format!("unreadable {block}..{}\n", block + 1));
    place.file("faults", lines.collect::<String>());
    (blocks, content)
}

fn map(place: &Place, name: &str) -> Map {
    let text = String::from_utf8(place.bytes(name)).expect("text");
    text.parse().expect("a map")
}

/// The first bytes of the areas with a status, and the bytes of all of them.
fn bad(map: &Map) -> (Vec<u64>, u64) {
    let areas = map.areas().filter(|area| area.status == Status::Bad);
    (
        areas.map(|area| area.bytes.start).collect(),
        map.bytes(Status::Bad),
    )
}

/// Interrupts a command that reads a bad block over and over, and returns what it says and its time after the
/// signal.
fn interrupted(place: &Place, line: &str) -> (Run, Duration) {
    let mut words: Vec<_> = line.split_whitespace().collect();
    words.extend([
        "--faults",
        "faults",
        "--retries",
        "4000000000",
        "--mapfile",
        "disc.map",
    ]);
    let child = place
        .command(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.expect("the program runs");
    while !place.path("disc.map").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // From here on it reads the bad block.
    std::thread::sleep(Duration::from_millis(500));
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    let since = Instant::now();
    (
        Run::of(child.wait_with_output().expect("the program ends")),
        since.elapsed(),
    )
}

#[test]
fn a_signal_ends_repeated_reads_with_the_map_written() {
    for line in ["extract d.udf --to out", "cat d.udf /z"] {
        let place = Place::new();
        let (blocks, _) = damaged(&place);
        let (run, time) = interrupted(&place, line);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.err.contains("interrupted"), "{}", run.err);
        assert!(time < Duration::from_secs(3), "{time:?}");
        let map = map(&place, "disc.map");
        assert!(map.bytes(Status::Finished) > 2048, "{line}");
        let before = map.areas().find(|area| area.bytes.end > blocks[0] * 2048);
        assert!(
            before.is_some_and(|area| area.status == Status::NonTried),
            "{line}"
        );
    }
}

#[test]
fn a_map_keeps_its_mode() {
    for mode in [0o640, 0o604, 0o400] {
        let place = Place::new();
        damaged(&place);
        let extract = "extract d.udf --to out --mapfile disc.map --faults faults";
        assert_eq!(place.run(extract).code, 5);
        fs::set_permissions(place.path("disc.map"), fs::Permissions::from_mode(mode)).expect("a mode");
        assert_eq!(place.run(extract).code, 5);
        let after = fs::metadata(place.path("disc.map"))
            .expect("a map")
            .permissions()
            .mode();
        assert_eq!(after & 0o7777, mode);
    }
}

#[test]
fn a_run_goes_on_with_a_map_that_ended_with_a_damaged_file() {
    let place = Place::new();
    let (_, filled) = damaged(&place);
    place.run("extract d.udf --to out --mapfile disc.map --faults faults");
    assert!(place.bytes("out/z") == filled);
    // As a run leaves it that is killed after that file: its comment follows the areas.
    let text = String::from_utf8(place.bytes("disc.map")).expect("text");
    let (lacks, rest): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("# oncefs lacks "));
    assert_eq!(lacks.len(), 2, "under both names");
    place.file("disc.map", [rest, lacks].concat().join("\n") + "\n");
    place.ok("extract d.udf --to out --mapfile disc.map");
    assert!(place.bytes("out/z") == place.bytes("tree/z"));
}

#[test]
fn a_map_says_what_was_read_and_what_was_not() {
    let place = Place::new();
    let (blocks, content) = damaged(&place);
    let run = place.run("extract d.udf --to out --mapfile disc.map --faults faults");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(
        run.err.contains("bytes 20480 to 22527 are missing"),
        "{}",
        run.err
    );
    assert!(place.bytes("out/z") == content);
    let map = map(&place, "disc.map");
    let expected: Vec<u64> = blocks.iter().map(|block| block * 2048).collect();
    assert_eq!(bad(&map), (expected, 4096));
    assert!(map.bytes(Status::Finished) >= 1048 * 2048);
    let text = String::from_utf8(place.bytes("disc.map")).expect("text");
    assert!(
        text.contains("# Mapfile. Created by oncefs\n# oncefs disc "),
        "{text}"
    );
}

#[test]
fn a_second_run_reads_only_what_the_files_lack() {
    let place = Place::new();
    let (blocks, _) = damaged(&place);
    let extract = "extract d.udf --to out --mapfile disc.map";
    assert_eq!(place.run(&format!("{extract} --faults faults")).code, 5);
    let identity = |name: &str| {
        let found = place.path(name).metadata().expect("a file");
        (found.ino(), found.mtime(), found.mtime_nsec())
    };
    let before = [identity("out/z"), identity("out/y")];
    let run = place.run(&format!("{extract} --trace trace"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(place.bytes("out/z") == place.bytes("tree/z"));
    assert_eq!([identity("out/z"), identity("out/y")], before);
    assert_eq!(identity("out/z2").0, before[0].0);
    assert_eq!(bad(&map(&place, "disc.map")).1, 0);
    let trace = String::from_utf8(place.bytes("trace")).expect("text");
    let read: BTreeSet<u64> = trace
        .lines()
        .filter_map(|line| line.parse::<oncefs::TraceEntry>().ok())
        .filter(|entry| entry.name().starts_with("READ(1"))
        .filter_map(|entry| entry.blocks())
        .flat_map(|(at, count)| at.0..at.0 + count)
        .map(u64::from)
        .collect();
    assert!(blocks.iter().all(|block| read.contains(block)));
    assert!(
        read.len() < 700,
        "{} blocks were read for two that were missing",
        read.len()
    );
    let third = place.run(extract);
    assert_eq!((third.code, third.err.as_str()), (0, ""), "nothing is left to do");
}

#[test]
fn a_file_that_somebody_changed_is_in_the_way_of_a_second_run() {
    let place = Place::new();
    damaged(&place);
    let extract = "extract d.udf --to out --mapfile disc.map";
    assert_eq!(place.run(&format!("{extract} --faults faults")).code, 5);
    place.file("out/y", "mine");
    let run = place.run(extract);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("/y: exists already"), "{}", run.err);
    assert_eq!(place.bytes("out/y"), b"mine");
}

#[test]
fn from_its_end_a_file_has_the_same_bytes() {
    let place = Place::new();
    let (_, content) = damaged(&place);
    let run = place.run("extract d.udf --to out --reverse --fill --faults faults");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(place.bytes("out/z") == content);
    assert!(
        run.err.contains("bytes 20480 to 22527 are missing"),
        "{}",
        run.err
    );
    assert!(place.bytes("out/y") == place.bytes("tree/y"));
    assert_eq!(place.bytes("out/empty"), b"");
    assert_eq!(place.run("extract d.udf --to whole --reverse").code, 0);
    assert!(place.bytes("whole/z") == place.bytes("tree/z"));
}

#[test]
fn a_failing_block_is_read_as_often_as_asked() {
    let place = Place::new();
    let (blocks, content) = damaged(&place);
    let reads = |arguments: &str| {
        let _ = std::fs::remove_file(place.path("trace"));
        let mut words = vec!["cat", "d.udf", "/z", "--fill", "--faults", "faults"];
        words.extend(["--trace", "trace"]);
        words.extend(arguments.split_whitespace());
        let output = place.command(&words).output().expect("the program");
        assert_eq!(output.status.code(), Some(5));
        assert!(output.stdout == content);
        let trace = String::from_utf8(place.bytes("trace")).expect("text");
        trace
            .lines()
            .filter_map(|line| line.parse::<oncefs::TraceEntry>().ok())
            .filter(|entry| {
                entry
                    .blocks()
                    .is_some_and(|(at, count)| u64::from(at.0) == blocks[0] && count == 1)
            })
            .count()
    };
    let once = reads("");
    assert!(once > 0);
    assert_eq!(reads("--retries 3"), 4 * once);
}

#[test]
fn what_ddrescue_did_not_read_counts_as_unreadable() {
    let place = Place::new();
    let (blocks, content) = damaged(&place);
    let mut image = place.bytes("d.udf");
    let mut text = String::from("# Mapfile. Created by GNU ddrescue version 1.27\n0x0 + 1\n");
    let mut reached = 0;
    for block in &blocks {
        let at = usize::try_from(*block).expect("a block") * BLOCK;
        image[at..at + BLOCK].fill(0);
        text += &format!("{reached} {} +\n{at} 2048 -\n", at - reached);
        reached = at + BLOCK;
    }
    text += &format!("{reached} {} +\n", image.len() - reached);
    place.file("rescued.img", image);
    place.file("rescue.map", &text);
    let run = place.run("extract rescued.img --to out --mapfile rescue.map");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.err.contains("4096 bytes cannot be read"), "{}", run.err);
    assert!(place.bytes("out/z") == content);
    assert_eq!(place.bytes("rescue.map"), text.as_bytes(), "it is only read");
}

#[test]
fn a_file_that_is_no_map_of_this_disc_stays_as_it_is() {
    let place = Place::new();
    damaged(&place);
    place.file("letter", "the only copy");
    place.file("b", "b");
    place.ok("burn b --to other.udf --medium dvd+r --capacity 60M --rom no --finalize");
    place.ok("extract other.udf --to out --mapfile other.map");
    for name in ["letter", "other.map", "d.udf", "d.udf.oncefs"] {
        let before = place.bytes(name);
        let run = place.run(&format!("extract d.udf --to new --mapfile {name}"));
        assert_eq!(run.code, 2, "{name}: {}", run.err);
        assert!(run.err.contains("--mapfile"), "{}", run.err);
        assert!(place.bytes(name) == before, "{name}");
        assert!(!place.path("new").exists(), "{name}");
    }
}

#[test]
fn only_the_run_that_completes_a_file_calls_it_whole() {
    let place = Place::new();
    let (_, content) = damaged(&place);
    let extract = "extract d.udf --to out --mapfile disc.map";
    assert_eq!(place.run(&format!("{extract} --faults faults")).code, 5);
    // Others read the blocks meanwhile: the file still lacks them.
    place.ok("cat d.udf /z --mapfile disc.map");
    let run = place.run("extract d.udf --to elsewhere --mapfile disc.map");
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("another directory"), "{}", run.err);
    assert!(place.bytes("out/z") == content);
    assert_eq!(place.run(&format!("{extract} --faults faults")).code, 5);
    place.ok(extract);
    assert!(place.bytes("out/z") == place.bytes("tree/z"));
    assert!(place.bytes("out/z2") == place.bytes("tree/z"));
}

#[test]
fn a_file_that_the_map_does_not_know_is_never_taken_for_whole() {
    let place = Place::new();
    let (_, content) = damaged(&place);
    assert_eq!(place.run("extract d.udf --to out --fill --faults faults").code, 5);
    for _ in 0..2 {
        for more in ["", " --yes"] {
            let run = place.run(&format!("extract d.udf --to out --mapfile disc.map{more}"));
            assert_eq!(run.code, 1, "{}", run.err);
            assert!(run.err.contains("empty directory"), "{}", run.err);
        }
    }
    assert!(place.bytes("out/z") == content);
}

#[test]
fn a_name_of_a_damaged_file_lacks_what_the_file_lacks() {
    let place = Place::new();
    damaged(&place);
    let extract = "extract d.udf --to out --mapfile disc.map";
    assert_eq!(place.run(&format!("{extract} --faults faults")).code, 5);
    std::fs::remove_file(place.path("out/z")).expect("a file");
    place.ok(extract);
    assert!(place.bytes("out/z") == place.bytes("tree/z"));
    assert!(place.bytes("out/z2") == place.bytes("tree/z"));
}

#[test]
fn a_map_of_an_image_with_longer_sectors_counts_its_bytes() {
    let place = Place::new();
    let (blocks, content) = damaged(&place);
    let mut raw = Vec::new();
    for block in place.bytes("d.udf").chunks(BLOCK) {
        raw.extend([0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 2, 0, 1]);
        raw.extend(block);
        raw.extend([0; 288]);
    }
    let mut text = String::from("0x0 + 1\n");
    let mut reached = 0;
    for block in &blocks {
        let at = usize::try_from(*block).expect("a block") * 2352 + 16;
        raw[at..at + BLOCK].fill(0);
        text += &format!("{reached} {} +\n{at} 2048 -\n", at - reached);
        reached = at + BLOCK;
    }
    text += &format!("{reached} {} +\n", raw.len() - reached);
    place.file("raw.bin", raw);
    place.file("rescue.map", &text);
    let run = place.run("extract raw.bin --to out --mapfile rescue.map");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.err.contains("4096 bytes cannot be read"), "{}", run.err);
    assert!(place.bytes("out/z") == content && place.bytes("out/y") == place.bytes("tree/y"));
}

#[test]
fn the_map_is_not_replaced_by_a_file_of_the_disc() {
    let place = Place::new();
    place.file("tree/disc.map", "of the disc");
    place.ok("burn tree/. --to d.udf --medium dvd+r --capacity 60M --rom no --finalize");
    std::fs::create_dir(place.path("out")).expect("a directory");
    let run = place.run("extract d.udf --to out --mapfile out/disc.map");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("belongs to the disc itself"), "{}", run.err);
}

#[test]
fn a_map_that_cannot_be_written_is_refused_before_the_first_file() {
    let place = Place::new();
    damaged(&place);
    let run = place.run("extract d.udf --to out --mapfile nowhere/disc.map");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(!place.path("out/z").exists());
}

#[test]
fn a_map_is_about_one_state_of_a_disc() {
    let place = Place::new();
    place.file("a", "first");
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --rom no --close");
    place.ok("extract d.udf --to out --mapfile disc.map");
    place.file("b", "second");
    place.ok("add d.udf b");
    let run = place.run("extract d.udf --to out --mapfile disc.map");
    assert_eq!(run.code, 2, "{}", run.err);
    assert_eq!(
        place
            .run("extract d.udf --session 1 --to out --mapfile disc.map")
            .code,
        0
    );
}
