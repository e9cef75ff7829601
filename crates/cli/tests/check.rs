//! `oncefs check`: what it prints, and its exit codes.

mod common;

use std::os::unix::fs::FileExt;

use common::{Place, noise};

fn disc(place: &Place) {
    place.file("tree/a", noise(10_000, 1));
    place.file("tree/b/c", "small");
    place.ok("burn tree --to d.udf --medium dvd+r --capacity 100M");
}

#[test]
fn a_good_disc_has_no_errors() {
    let place = Place::new();
    disc(&place);
    let text = place.ok("check d.udf --data");
    assert!(
        text.ends_with("2 files, 3 directories: 0 errors, 0 warnings, 0 notes\n"),
        "{text}"
    );
    let found = place.json("check d.udf");
    assert_eq!(found["errors"], 0);
    assert_eq!(found["volume"]["udf_revision"], "2.01");
}

#[test]
fn an_error_is_shown_with_its_clause_and_ends_with_exit_code_5() {
    let place = Place::new();
    disc(&place);
    // A byte of the main primary volume descriptor.
    let image = std::fs::File::options()
        .write(true)
        .open(place.path("d.udf"))
        .expect("the image");
    image.write_all_at(&[9], 32 * 2048 + 60).expect("a byte");
    let run = place.run("check d.udf");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.out.starts_with("errors\n"), "{}", run.out);
    assert!(
        run.out.contains("  TagCrc: ") && run.out.contains(" (ECMA-167 3/7.2.6)\n    logical sector 32: "),
        "{}",
        run.out
    );
    let run = place.run("--json check d.udf");
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON on standard output");
    assert_eq!(run.code, 5);
    assert_eq!(found["findings"][0]["severity"], "error");
    assert_eq!(found["kinds"]["TagCrc"], 1);
}
