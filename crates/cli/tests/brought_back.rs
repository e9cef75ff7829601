//! `undelete` and `rollback`.

mod common;

use common::{Place, noise};
use serde_json::json;

/// A disc with a tree that is removed in the third generation.
fn disc(medium: &str, rom: &str) -> Place {
    let place = Place::new();
    place.file("tree/a", "first");
    place.file("tree/below/big", noise(300_000, 3));
    let capacity = if medium == "cd-r" { "" } else { "--capacity 200M" };
    place.ok(&format!("format d.udf --medium {medium} {capacity} {rom}"));
    place.ok("add d.udf tree");
    place.ok("rm d.udf -r /tree");
    place
}

fn free(place: &Place) -> u64 {
    let info = place.json("info d.udf");
    info["medium"]["free_blocks"].as_u64().expect("free blocks")
}

#[test]
fn what_was_removed_comes_back_without_its_data_being_recorded_again() {
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        for rom in ["", "--rom bridge"] {
            let place = disc(medium, rom);
            let before = free(&place);
            let undeleted = place.json("undelete d.udf /tree");
            assert_eq!(
                undeleted[0],
                json!({"path": "/tree", "generation": 2, "files": 2, "directories": 2, "copied": 0, "existing": 0,
                       "unread": 0, "without_streams": 0}),
                "{medium} {rom}"
            );
            assert!(before - free(&place) <= 64, "{medium} {rom}");
            let was = place.ok("ls d.udf -lR --at 2");
            assert_eq!(place.ok("ls d.udf -lR"), was, "{medium} {rom}");
            place.ok("extract d.udf /tree/below/big --to out");
            assert_eq!(place.bytes("out/big"), noise(300_000, 3), "{medium} {rom}");
            place.ok("close d.udf");
            place.ok("check d.udf");
        }
    }
}

#[test]
fn a_state_comes_back_and_the_later_ones_stay_in_the_past() {
    let place = disc("dvd+r", "--rom bridge");
    let then = place.ok("ls d.udf -lR --at 2");
    let later = place.ok("ls d.udf -lR");
    assert_eq!(place.json("rollback d.udf 2")["generation"], 2);
    assert_eq!(place.ok("ls d.udf -lR"), then);
    place.ok("rollback d.udf 3");
    assert_eq!(place.ok("ls d.udf -lR"), later);
    let log = place.json("log d.udf");
    assert_eq!(log.as_array().map(Vec::len), Some(5));
    place.ok("check d.udf");
}

#[test]
fn what_exists_is_never_replaced() {
    let place = disc("dvd+r", "");
    place.file("tree/a", "second");
    place.ok("add d.udf tree");
    let refused = place.run("undelete d.udf /tree/a --at 2");
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("exists"), "{}", refused.err);
    assert_eq!(place.json("undelete d.udf /tree --at 2")[0]["existing"], 2);
    assert_eq!(place.ok("cat d.udf /tree/a"), "second");
    for refused in [
        "undelete d.udf /none",
        "undelete d.udf /tree",
        "rollback d.udf 77",
    ] {
        let before = place.ok("log d.udf");
        assert_eq!(place.run(refused).code, 1, "{refused}");
        assert_eq!(place.ok("log d.udf"), before, "{refused}");
    }
}

#[test]
fn a_damaged_old_file_is_told_and_the_rest_is_restored() {
    let place = disc("dvd+r", "");
    let info = place.json("ls d.udf -R --at 2");
    assert!(info.as_array().is_some_and(|files| files.len() == 4), "{info}");
    // The block of the file's entry: found by the only log line that changes.
    let at = place.bytes("d.udf").len() / 2048;
    let entry = (300..at)
        .find(|block| {
            let bytes = &place.bytes("d.udf")[block * 2048..][..2048];
            bytes[0] == 10 && bytes[1] == 1 && bytes.windows(5).any(|word| word == b"first")
        })
        .expect("the entry of the embedded file");
    place.file("faults", format!("unreadable {entry}..{}\n", entry + 1));
    let undeleted = place.run("undelete d.udf /tree --faults faults");
    assert_eq!(undeleted.code, 5, "{}{}", undeleted.out, undeleted.err);
    assert!(
        undeleted.err.contains("1 file or directory of the old state"),
        "{}",
        undeleted.err
    );
    place.ok("extract d.udf /tree/below/big --to out");
    assert_eq!(place.bytes("out/big"), noise(300_000, 3));
}
