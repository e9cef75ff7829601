//! Trees deeper than the open files of a program, or than the longest path of the system.

mod common;

use common::Place;
use common::deep::{clear, deep, depth};

#[test]
fn a_path_too_long_for_udf_is_reported_before_the_first_block() {
    let place = Place::new();
    deep(&place, "t", 600, "d");
    place.ok("format d.udf --medium bd-r --capacity 300M");
    let before = place.bytes("d.udf");
    let failure = place.failure("add d.udf t");
    assert_eq!(failure["kind"], "refused");
    assert!(
        failure["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("--deep")),
        "{failure}"
    );
    let reason = failure["refused"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("UDF allows 1,023"), "{reason}");
    assert!(place.bytes("d.udf") == before);
    // /t, 510 times /d, and a z: 1,024 bytes.
    assert_eq!(failure["refused"].as_array().map(Vec::len), Some(2), "{failure}");
    clear(&place, "t", "d");
}

#[test]
fn a_deep_tree_is_recorded_listed_extracted_and_checked() {
    const LEVELS: usize = 5000;
    let place = Place::new();
    deep(&place, "t", LEVELS, "d");
    place.ok("format d.udf --medium bd-r --capacity 300M");
    place.ok("add d.udf t --deep");
    let listed = place.ok("ls -R d.udf");
    assert_eq!(listed.lines().count(), 2 * LEVELS + 2);
    place.ok("extract d.udf --to out");
    assert_eq!(depth(&place, "out/t", "d"), (LEVELS, "leaf".into()));
    let judged = place.json("check d.udf");
    assert_eq!(
        (&judged["errors"], &judged["volume"]["directories"]),
        (&0.into(), &(LEVELS as u64 + 2).into())
    );
    assert!(
        judged["kinds"]["PathLength"].as_u64() > Some(0),
        "{}",
        judged["kinds"]
    );
    let path = format!("/t{}/leaf", "/d".repeat(LEVELS));
    assert_eq!(place.run_words(&["cat", "d.udf", &path]).out, "leaf");
    place.ok("rm d.udf -r /t");
    assert!(place.names("d.udf").is_empty());
    for top in ["t", "out"] {
        clear(&place, top, "d");
    }
}

#[test]
fn a_tree_deeper_than_any_reader_follows_is_refused() {
    let place = Place::new();
    deep(&place, "t", 700, &"n".repeat(200));
    place.ok("format d.udf --medium bd-r --capacity 300M");
    let failure = place.failure("add d.udf t --deep");
    assert_eq!(failure["kind"], "refused");
    let reason = failure["refused"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("the limit is"), "{reason}");
    clear(&place, "t", "n");
}
