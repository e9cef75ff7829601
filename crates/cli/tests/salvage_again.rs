//! `oncefs salvage`: a second run with the same map and directory.

mod common;

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::time::{Duration, UNIX_EPOCH};

use common::{Place, Run, is_root, noise};
use serde_json::Value;

const BLOCK: usize = 2048;
const LINE: &str = "--json salvage d.udf --to out --map disc.map";

/// `d.udf` with `/f` and a second name for it, both replaced in a second session by a file of the same size
/// and time. `faults` make the second session unreadable, `more` also a block of the first file.
fn twice(place: &Place) {
    let put = |seed| {
        let path = place.file("tree/f", noise(9000, seed));
        let file = File::options().write(true).open(path).expect("a file");
        let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_modified(time).expect("the time is set");
    };
    put(1);
    fs::hard_link(place.path("tree/f"), place.path("tree/g")).expect("a name");
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
    let first = place.bytes("d.udf");
    let end = first.len() / BLOCK;
    put(2);
    place.ok("add d.udf tree/.");
    let last = place.bytes("d.udf").len() / BLOCK;
    let block = &noise(9000, 1)[BLOCK..2 * BLOCK];
    let bad = first.chunks(BLOCK).position(|found| found == block);
    let bad = bad.expect("the block");
    place.file("faults", format!("unreadable {end}..{last}\n"));
    place.file(
        "more",
        format!("unreadable {bad}..{}\nunreadable {end}..{last}\n", bad + 1),
    );
}

fn files(report: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(report).expect("JSON");
    report["files"].as_array().expect("an array").clone()
}

#[test]
fn a_second_run_replaces_files_of_which_it_finds_a_newer_version() {
    for faults in ["faults", "more"] {
        let place = Place::new();
        twice(&place);
        let run = place.run(&format!("{LINE} --faults {faults}"));
        assert_eq!(run.code, 5, "{}", run.err);
        let is_old = place.bytes("out/f") == noise(9000, 1);
        assert_eq!(is_old, faults == "faults", "it lacks a block otherwise");
        let run = place.run(&format!("{LINE} --again"));
        assert_eq!(run.code, 0, "{}", run.err);
        for name in ["out/f", "out/g"] {
            assert!(place.bytes(name) == noise(9000, 2), "{name}, {faults}");
        }
        let inode = |name| fs::metadata(place.path(name)).expect("a file").ino();
        assert_eq!(inode("out/f"), inode("out/g"));
        // What it wrote, a third run does not write again.
        let before = inode("out/f");
        assert_eq!(place.run(LINE).code, 0);
        assert_eq!(inode("out/f"), before);
    }
}

#[test]
fn a_second_run_keeps_files_of_which_it_finds_only_an_older_version() {
    let place = Place::new();
    twice(&place);
    let first = place.run(LINE);
    assert_eq!(first.code, 0, "{}", first.err);
    let run = place.run(&format!("{LINE} --faults faults"));
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(place.bytes("out/f") == noise(9000, 2) && place.bytes("out/g") == noise(9000, 2));
    assert_eq!(files(&run.out), files(&first.out), "it says what is there");
}

/// Runs a line as a user who is not root.
fn as_user(place: &Place, line: &str) -> Run {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut command = place.command(&words);
    if is_root(place) {
        command.uid(65534).gid(65534);
    }
    Run::of(command.output().expect("the program runs"))
}

#[test]
fn a_second_run_completes_files_that_their_owner_may_not_write() {
    let place = Place::new();
    let mode = |path: &str, mode| {
        fs::set_permissions(place.path(path), fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(".", 0o777);
    place.file("tree/closed/f", noise(9000, 1));
    mode("tree/closed/f", 0o444);
    mode("tree/closed", 0o500);
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
    mode("tree/closed", 0o755);
    let image = place.bytes("d.udf");
    let block = &noise(9000, 1)[BLOCK..2 * BLOCK];
    let bad = image.chunks(BLOCK).position(|found| found == block);
    let bad = bad.expect("the block");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    mode("d.udf", 0o644);
    mode("d.udf.oncefs", 0o644);
    let run = as_user(&place, &format!("{LINE} --faults faults"));
    assert_eq!(run.code, 5, "{}", run.err);
    let run = as_user(&place, &format!("{LINE} --again"));
    assert_eq!(run.code, 0, "{}", run.err);
    let mode_of = |path: &str| fs::metadata(place.path(path)).expect("a file").mode() & 0o777;
    assert_eq!(mode_of("out/closed"), 0o500);
    mode("out/closed", 0o755);
    assert_eq!(mode_of("out/closed/f"), 0o444);
    assert!(place.bytes("out/closed/f") == noise(9000, 1));
}
