//! `oncefs salvage`: what it says, and how much.

mod common;

use std::fs;

use common::{Place, noise};
use mapfile::{Map, Status};
use serde_json::Value;

const BLOCK: usize = 2048;

fn disc(place: &Place) {
    place.file("tree/f", noise(9000, 1));
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
}

#[test]
fn of_very_many_names_that_lead_nowhere_the_first_are_told() {
    let place = Place::new();
    for number in 0..150 {
        place.file(&format!("tree/{number}"), "text");
    }
    place.ok("burn tree/. --to d.udf --medium bd-r --capacity 60M --rom no");
    let report = place.json("map d.udf");
    let mut bytes = place.bytes("d.udf");
    for run in report["runs"].as_array().expect("an array") {
        if run["kind"] == "node" {
            let number = |key: &str| usize::try_from(run[key].as_u64().expect("a number")).expect("a number");
            bytes[number("start") * BLOCK..][..number("blocks") * BLOCK].fill(0);
        }
    }
    place.file("d.udf", bytes);
    let run = place.run("--json salvage d.udf --to out");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.lines().count() < 110, "{} lines", run.err.lines().count());
    assert!(run.err.contains("50 more failures"), "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["files"].as_array().expect("an array").len(), 150);
    assert_eq!(report["not_whole"], 150);
}

#[test]
fn a_map_in_a_new_directory_goes_on() {
    let place = Place::new();
    disc(&place);
    for _ in 0..2 {
        place.ok("salvage d.udf --to new/out --map new/out/disc.map");
    }
    assert!(place.bytes("new/out/f") == noise(9000, 1));
}

#[test]
fn a_refused_map_is_called_by_its_option_and_leaves_no_directory() {
    let place = Place::new();
    disc(&place);
    place.file("other", "no map");
    let run = place.run("salvage d.udf --to out --map other");
    assert!(run.code == 2 && run.err.contains("--map: "), "{}", run.err);
    place.file("noise", noise(3_000_000, 4));
    assert_eq!(place.run("salvage noise --to out").code, 1);
    assert!(!place.path("out").exists());
}

#[test]
fn a_map_of_which_nothing_was_read_is_told_from_a_disc_without_a_volume() {
    let place = Place::new();
    disc(&place);
    fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
    let length = place.bytes("d.udf").len() as u64;
    let mut map = Map::of_length(length);
    map.set(0..length, Status::NonTried);
    place.file("disc.map", map.to_string());
    let failure = place.failure("salvage d.udf --to out --map disc.map");
    let message = failure["message"].as_str().expect("a message");
    assert!(message.contains("no recorded block could be read"), "{message}");
}

#[test]
fn the_side_file_is_named_that_a_map_of_ddrescue_does_not_fit() {
    let place = Place::new();
    disc(&place);
    let length = place.bytes("d.udf").len() as u64;
    let mut map = Map::of_length(length);
    map.set(0..length, Status::Finished);
    place.file("disc.map", map.to_string());
    let failure = place.failure("salvage d.udf --to out --map disc.map");
    let message = failure["message"].as_str().expect("a message");
    assert!(
        message.contains("its side file") && message.contains("d.udf.oncefs away"),
        "{message}"
    );
}

#[test]
fn what_the_host_does_not_take_is_no_damage_of_the_disc() {
    let place = Place::new();
    disc(&place);
    // A run that was not this one's left something else there.
    place.ok("salvage d.udf --to out --map disc.map");
    fs::remove_file(place.path("out/f")).expect("a file");
    place.file("out/f", "another");
    let run = place.run("--json salvage d.udf --to out --map disc.map");
    assert_eq!(run.code, 5, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["files"][0]["size"], 9000, "{report}");
    assert_eq!(report["files"][0]["state"], "newest");
    assert_eq!(report["not_whole"], 1);
    assert!(run.err.contains("1 file could not be written"), "{}", run.err);
    assert!(!run.err.contains("another drive"), "{}", run.err);
    assert!(place.bytes("out/f") == b"another");
}
