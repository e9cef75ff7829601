//! `oncefs salvage`: names of files that have none, too long ones, or that of another.

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Place, noise};
use serde_json::Value;

const BLOCK: usize = 2048;

/// Every file below a directory with its bytes, by path.
fn files(place: &Place, top: &str) -> BTreeMap<String, Vec<u8>> {
    let top = place.path(top);
    let entries = walkdir::WalkDir::new(&top).min_depth(1).into_iter();
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(&top).expect("below the top");
            let bytes = fs::read(entry.path()).expect("a file");
            (path.display().to_string(), bytes)
        })
        .collect()
}

/// Fills with zeros what an image has of a path, of a kind.
fn without(place: &Place, image: &str, kind: &str, path: &str) {
    let report = place.json(&format!("map {image}"));
    let runs = report["runs"].as_array().expect("an array");
    let mut bytes = place.bytes(image);
    let is_it = |run: &&Value| run["kind"] == kind && run["path"].as_str().is_some_and(|found| found == path);
    for run in runs.iter().filter(is_it) {
        let number = |key: &str| usize::try_from(run[key].as_u64().expect("a number")).expect("a number");
        let start = number("start") * BLOCK;
        bytes[start..start + number("blocks") * BLOCK].fill(0);
    }
    place.file(image, bytes);
}

#[test]
fn files_without_a_name_stay_apart_from_lost_and_found_of_the_disc() {
    for is_directory in [false, true] {
        let place = Place::new();
        let own = if is_directory {
            "tree/lost+found/own"
        } else {
            "tree/lost+found"
        };
        place.file(own, "the disc's own");
        place.file("tree/lost+found~2/own", "the disc's own too");
        place.file("tree/gone/f", noise(9000, 1));
        place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
        without(&place, "d.udf", "directory", "/gone");
        let run = place.run("salvage d.udf --to out");
        let found = files(&place, "out");
        assert!(
            found[own.trim_start_matches("tree/")] == b"the disc's own",
            "{}",
            run.err
        );
        let lost: Vec<_> = found
            .keys()
            .filter(|path| path.starts_with("lost+found~3/#"))
            .collect();
        assert_eq!(lost.len(), 1, "{:?} {}", found.keys(), run.err);
        assert!(found[lost[0]] == noise(9000, 1));
    }
}

#[test]
fn a_name_that_the_host_takes_only_shorter_comes_out_shorter() {
    let place = Place::new();
    place.file("tree/a.txt", "text");
    place.file("tree/d/b", "in a directory");
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
    let (file, directory) = ("字".repeat(90) + ".txt", "字".repeat(90));
    for (from, to) in [("/a.txt", format!("/{file}")), ("/d", format!("/{directory}"))] {
        let run = place.run_words(&["mv", "d.udf", from, &to]);
        assert_eq!(run.code, 0, "{}", run.err);
    }
    let run = place.run("--json salvage d.udf --to out");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.err.matches("a shorter name").count(), 2, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    let found = files(&place, "out");
    let paths: Vec<_> = found.keys().map(|path| format!("/{path}")).collect();
    let mut listed: Vec<_> = report["files"].as_array().expect("an array").iter().collect();
    listed.sort_by_key(|file| file["path"].as_str());
    assert_eq!(
        listed
            .iter()
            .map(|file| file["path"].as_str())
            .collect::<Vec<_>>(),
        paths.iter().map(|path| Some(path.as_str())).collect::<Vec<_>>()
    );
    assert!(paths.iter().any(|path| path.ends_with(".txt")), "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with("/b")), "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/字")), "{paths:?}");
}

#[test]
fn a_version_never_takes_the_name_of_a_file_of_the_disc() {
    let place = Place::new();
    place.file("tree/f", noise(9000, 1));
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
    place.ok("ln d.udf /f /g");
    place.ok("salvage d.udf --to first --versions");
    let first = files(&place, "first");
    let version = first
        .keys()
        .find(|path| path.starts_with("f~"))
        .expect("a version");
    place.file(&format!("more/{version}"), "the disc's own");
    place.ok("add d.udf more/.");
    let report = place.json("salvage d.udf --to out --versions --map disc.map");
    let found = files(&place, "out");
    assert!(found[version] == b"the disc's own", "{report}");
    assert!(found[&format!("{version}~2")] == noise(9000, 1), "{report}");
    let listed = report["files"].as_array().expect("an array");
    let beside = listed.iter().find(|file| file["path"] == format!("/{version}~2"));
    let beside = beside.expect("it is listed");
    assert_eq!(beside["state"], "earlier");
    assert_eq!(format!("f~{}", beside["sector"]), *version);
    place.ok("salvage d.udf --to out --versions --map disc.map");
    assert!(
        files(&place, "out") == found,
        "a second run makes no further names"
    );
}
