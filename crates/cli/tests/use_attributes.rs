//! Extended attributes that systems and programs keep about a file: named, never applied.

mod common;

use common::{Place, small_blocks};
use serde_json::json;

/// A place with a volume of which the root and a file have attributes of Macintosh.
fn place() -> Place {
    let place = Place::new();
    place.file("d.udf", small_blocks::volume());
    place
}

#[test]
fn attributes_of_a_file_are_named_in_json() {
    let place = place();
    let meaning = "Finder information of Macintosh";
    assert_eq!(
        place.json("ls d.udf")[0]["attributes"],
        json!([{"identifier": "*UDF Mac FinderInfo", "size": 48, "meaning": meaning}])
    );
    assert_eq!(place.ok("ls d.udf"), "end\n");
}

#[test]
fn attributes_of_the_root_are_shown_with_the_volume() {
    let place = place();
    let meaning = "volume information of Macintosh";
    assert_eq!(
        place.json("info d.udf")["volume"]["root_attributes"],
        json!([{"identifier": "*UDF Mac VolumeInfo", "size": 58, "meaning": meaning}])
    );
    let text = place.ok("info d.udf");
    let words = "about it    '*UDF Mac VolumeInfo', an extended attribute of the root: volume information of Macintosh\n";
    assert!(text.contains(words), "{text}");
}

#[test]
fn a_file_without_attributes_has_no_such_field_in_json() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M");
    assert!(place.json("ls d.udf")[0].get("attributes").is_none());
}

#[test]
fn attributes_that_do_not_decode_are_no_success_and_hide_nothing_else() {
    let place = Place::new();
    place.file("d.udf", small_blocks::with_damaged_attributes());
    for (line, file) in [("ls d.udf --json", "/end"), ("info d.udf", "/")] {
        let run = place.run(line);
        assert_eq!(run.code, 5, "{line}: {}{}", run.out, run.err);
        assert!(run.err.contains(file), "{line}: {}", run.err);
        let words = "extended attributes of this file are lost";
        assert!(run.err.contains(words), "{line}: {}", run.err);
    }
    assert!(place.run("ls d.udf --json").out.contains("\"/end\""));
    assert!(place.run("info d.udf").out.contains("volume      'small'"));
    assert_eq!(place.ok("ls d.udf"), "end\n");
}
