//! Refusals before anything is recorded, and their exit codes.

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::{Place, noise};

#[test]
fn names_that_udf_cannot_hold_are_all_refused_before_the_first_block() {
    let place = Place::new();
    place.file("tree/fine", "");
    let wide = "字".repeat(84);
    place.file(&format!("tree/{wide}"), "84 units fit");
    std::fs::write(place.path("tree").join(OsStr::from_bytes(b"no\xFFtext")), "").expect("a file");
    std::fs::write(place.path("tree").join("mark\u{FEFF}"), "").expect("a file");
    place.ok("format d.udf --medium dvd-r --capacity 100M");
    let before = place.bytes("d.udf");
    let refused = place.failure("add d.udf tree");
    assert_eq!(
        (&refused["kind"], &refused["exit_code"]),
        (&"refused".into(), &1.into())
    );
    let reasons: Vec<_> = refused["refused"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|entry| entry["reason"].as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            Some("the name has the character U+FEFF, which UDF does not allow (UDF 2.60 2.1.1)"),
            Some("the name is not UTF-8")
        ]
    );
    assert_eq!(place.bytes("d.udf"), before);
    assert!(place.names("d.udf").is_empty());
    assert!(
        place
            .run("add d.udf tree")
            .err
            .contains("  tree/mark\\u{feff}: the name has")
    );
}

#[test]
fn a_refused_burn_makes_no_image() {
    let place = Place::new();
    std::fs::create_dir(place.path("tree")).expect("a directory");
    std::fs::write(place.path("tree").join(OsStr::from_bytes(b"\xFF")), "").expect("a file");
    assert_eq!(place.failure("burn tree --to d.udf")["kind"], "refused");
    assert!(!place.path("d.udf").exists());
}

#[test]
fn sources_that_are_missing_or_conflict_are_refused() {
    let place = Place::new();
    place.file("a/x", "");
    place.file("b/x/y", "");
    place.ok("burn a --to d.udf --medium dvd-r --capacity 100M");
    let refused = place.failure("add d.udf a gone a/x/.");
    assert_eq!(refused["refused"].as_array().map(Vec::len), Some(2), "{refused}");
    let refused = place.failure("add d.udf b/. --into /a");
    assert_eq!(
        refused["refused"][0]["reason"],
        "a file of this name is on the disc and is not a directory"
    );
    place.ok("mkdir d.udf /b");
    place.file("b2/b", "");
    let refused = place.failure("add d.udf b2/.");
    assert_eq!(
        refused["refused"][0]["reason"],
        "a directory of this name is on the disc"
    );
}

#[test]
fn files_that_do_not_fit_are_refused_before_their_first_block() {
    let place = Place::new();
    place.file("large", noise(4_000_000, 3));
    place.ok("format d.udf --medium dvd-r --capacity 3M");
    let before = place.bytes("d.udf");
    let full = place.failure("add d.udf large");
    assert_eq!(
        (&full["kind"], &full["exit_code"]),
        (&"medium-full".into(), &3.into())
    );
    assert_eq!(place.bytes("d.udf"), before);
    place.ok("close d.udf --finalize");
}

#[test]
fn a_finalized_disc_takes_nothing() {
    let place = Place::new();
    place.file("a", "");
    place.ok("burn a --to d.udf --medium cd-r --capacity 100M --finalize");
    for line in [
        "add d.udf a",
        "mkdir d.udf /x",
        "close d.udf",
        "close d.udf --finalize",
        "rm d.udf /a",
    ] {
        assert_eq!(place.failure(line)["exit_code"], 4, "{line}");
    }
    assert_eq!(place.names("d.udf"), ["/a"]);
}

#[test]
fn damage_has_a_code_of_its_own() {
    let place = Place::new();
    place.file("large", noise(100_000, 5));
    place.ok("burn large --to d.udf --medium dvd-r --capacity 100M");
    let mut image = place.bytes("d.udf");
    // Everything but the recognition sequence and the anchors.
    for block in image
        .chunks_exact_mut(2048)
        .skip(19)
        .filter(|block| block[..2] != [2, 0])
    {
        block.fill(0x55);
    }
    std::fs::write(place.path("d.udf"), image).expect("the image is written");
    for line in [
        "ls d.udf",
        "info d.udf",
        "add d.udf large --accept-image",
        "close d.udf --accept-image",
        "extract d.udf --to out",
    ] {
        let failure = place.failure(line);
        assert_eq!(
            (&failure["kind"], &failure["exit_code"]),
            (&"damaged".into(), &5.into()),
            "{line}"
        );
    }
}

#[test]
fn an_unreadable_block_fails_only_its_file() {
    let place = Place::new();
    place.file("tree/bad", noise(40_000, 5));
    place.file("tree/good", noise(40_000, 6));
    place.ok("burn tree --to d.udf --medium dvd-r --capacity 100M");
    let image = place.bytes("d.udf");
    let wanted = &noise(40_000, 5)[..2048];
    let block = image
        .chunks(2048)
        .position(|block| block == wanted)
        .expect("the file is on the disc");
    place.file("faults", format!("unreadable {}..{}\n", block + 2, block + 3));
    let run = place.run("extract d.udf --to out --faults faults");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.err.contains("/tree/bad: "), "{}", run.err);
    assert!(!place.path("out/tree/bad").exists());
    assert_eq!(place.bytes("out/tree/good"), noise(40_000, 6));
}

#[test]
fn a_drive_that_fails_leaves_the_last_commit() {
    let place = Place::new();
    place.file("a", "1");
    place.file("b", noise(300_000, 9));
    place.ok("burn a --to d.udf --medium dvd-r --capacity 100M");
    let next = place.json("info d.udf")["medium"]["next_writable_address"]
        .as_u64()
        .expect("an address");
    place.file("faults", format!("remove before {}\n", "WRITE(10) 1"));
    let run = place.run("--json add d.udf b --faults faults");
    assert_ne!(run.code, 0, "{}", run.out);
    assert_eq!(place.names("d.udf"), ["/a"]);
    place.ok("add d.udf b");
    assert_eq!(place.names("d.udf"), ["/a", "/b"]);
    assert!(
        place.json("info d.udf")["volume"]["vat_icb"]
            .as_u64()
            .is_some_and(|vat| vat > next)
    );
}

#[test]
fn usage_errors_have_exit_code_two() {
    let place = Place::new();
    for line in [
        "",
        "nonsense",
        "add",
        "format d.udf --medium floppy",
        "format d.udf --udf 1.02",
        "ls",
    ] {
        assert_eq!(place.run(line).code, 2, "oncefs {line}");
    }
    let failure = place.failure("format d.udf --capacity 1x");
    assert_eq!(
        (&failure["kind"], &failure["exit_code"]),
        (&"usage".into(), &2.into())
    );
    assert!(!place.path("d.udf").exists());
}

#[test]
fn a_failed_format_leaves_no_image() {
    let place = Place::new();
    let label = "long".repeat(50);
    let words = ["format", "d.udf", "--medium", "cd-r", "--label", &label];
    assert_eq!(place.run_words(&words).code, 1);
    let small = "format d.udf --medium cd-r --capacity 200b";
    assert_eq!(place.failure(small)["kind"], "medium-full");
    place.file("faults", "remove before WRITE(10) 1\n");
    assert_eq!(
        place.failure("format d.udf --medium cd-r --faults faults")["kind"],
        "drive"
    );
    for name in ["d.udf", "d.udf.oncefs"] {
        assert!(!place.path(name).exists(), "{name}");
    }
    place.ok("format d.udf --medium cd-r");
}

#[test]
fn an_image_is_removed_if_its_side_file_cannot_be_written() {
    let place = Place::new();
    // The host allows names of 255 bytes: enough for the image, not for its side file.
    let image = "d".repeat(250);
    assert_eq!(place.failure(&format!("format {image}"))["exit_code"], 1);
    assert!(!place.path(&image).exists());
}

#[test]
fn a_failed_format_leaves_an_existing_image() {
    let place = Place::new();
    place.ok("format d.udf --medium cd-r --capacity 20M");
    assert_eq!(place.failure("format d.udf")["kind"], "not-blank");
    assert!(place.path("d.udf").exists() && place.path("d.udf.oncefs").exists());
}

#[test]
fn a_burn_that_does_not_fit_leaves_no_image() {
    let place = Place::new();
    place.file("large", noise(4_000_000, 3));
    // The first does not fit even without a volume; the others are refused once the volume is there.
    for capacity in ["2M", "4000256", "200b"] {
        let line = format!("burn large --to d.udf --medium dvd-r --capacity {capacity}");
        let full = place.failure(&line);
        assert_eq!(
            (&full["kind"], &full["exit_code"]),
            (&"medium-full".into(), &3.into()),
            "{full}"
        );
        for name in ["d.udf", "d.udf.oncefs"] {
            assert!(!place.path(name).exists(), "{name} at {capacity}");
        }
    }
    place.ok("burn large --to d.udf --medium dvd-r --capacity 6M");
}

#[test]
fn a_mastered_volume_is_only_read_whatever_its_medium() {
    let place = Place::with_base("genisoimage");
    place.file("a", "a");
    let before = place.bytes("disc.udf");
    for medium in ["", " --medium dvd+r"] {
        let run = place.run(&format!("add disc.udf a{medium}"));
        assert_eq!(run.code, 4, "{}", run.err);
        assert!(run.err.contains("can only be read"), "{}", run.err);
        assert!(run.err.contains("hint: `oncefs burn`"), "{}", run.err);
        let run = place.run(&format!("close disc.udf{medium}"));
        assert!(run.code == 4 || run.code == 1, "{}", run.err);
        assert!(
            run.err.contains("can only be read") || run.err.contains("nothing to close"),
            "{}",
            run.err
        );
    }
    assert!(place.bytes("disc.udf") == before);
    assert!(!place.path("disc.udf.oncefs").exists());
}
