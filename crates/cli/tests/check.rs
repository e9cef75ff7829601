//! `oncefs check`: what it prints, and its exit codes.

mod common;

use std::os::unix::fs::FileExt;

use common::{Place, Run, noise};

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

/// Changes blocks of an image.
fn put(place: &Place, image: &str, sectors: impl IntoIterator<Item = u64>, bytes: &[u8]) {
    let image = std::fs::File::options()
        .write(true)
        .open(place.path(image))
        .expect("the image");
    for sector in sectors {
        image.write_all_at(bytes, sector * 2048).expect("a block");
    }
}

/// The exit code and last message of a run, which must be the same for `ls` and `check`.
fn end(run: &Run) -> (i32, &str) {
    (run.code, &run.err)
}

#[test]
fn an_image_without_a_volume_is_not_a_damaged_one() {
    let place = Place::new();
    let mut iso = vec![0; 400 * 2048];
    for (sector, kind) in [(16, 1), (17, 255)] {
        iso[sector * 2048] = kind;
        iso[sector * 2048 + 1..sector * 2048 + 7].copy_from_slice(b"CD001\x01");
    }
    let mut hfs = vec![0; 400 * 2048];
    hfs[1024..1028].copy_from_slice(b"H+\0\x04");
    let mut ext4 = vec![0; 400 * 2048];
    ext4[1080..1082].copy_from_slice(&[0x53, 0xEF]);
    // The root directory of ext4 starts like an anchor: with the number 2.
    ext4[256 * 2048..256 * 2048 + 9].copy_from_slice(b"\x02\0\0\0\x0C\0\x01\x02.");
    let images = [
        ("iso", iso),
        ("hfs", hfs),
        ("ext4", ext4),
        ("zeros", vec![0; 400 * 2048]),
        ("text", b"a line of text\n".repeat(60_000)),
        ("noise", noise(400 * 2048, 1)),
        ("short", b"a line of text\n".repeat(2_000)),
    ];
    for (name, bytes) in images {
        place.file(name, bytes);
        let run = place.run(&format!("check {name}"));
        assert_eq!(run.code, 1, "{name}: {}{}", run.out, run.err);
        assert_eq!(run.out, "", "{name}");
        assert_eq!(end(&run), end(&place.run(&format!("ls {name}"))), "{name}");
        let failure = place.failure(&format!("check {name}"));
        assert_eq!(failure["kind"], "no-volume", "{name}");
        assert_eq!(failure["exit_code"], 1, "{name}");
    }
}

#[test]
fn volumes_of_other_block_sizes_are_judged() {
    for base in ["mkudffs-512", "mkudffs-4096"] {
        let place = Place::with_base(base);
        assert_eq!(place.json("check disc.udf")["errors"], 0, "{base}");
    }
}

#[test]
fn a_volume_without_its_anchors_is_damaged() {
    let place = Place::new();
    disc(&place);
    place.file("bare.udf", place.bytes("d.udf"));
    let blocks = place.bytes("bare.udf").len() as u64 / 2048;
    let anchors = [256, 512, blocks - 257, blocks - 1];
    put(&place, "bare.udf", anchors, &[0; 2048]);
    assert_eq!(place.run("ls bare.udf").code, 5);
    let run = place.run("check bare.udf");
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.out.contains("AnchorMissing"), "{}", run.out);
}

#[test]
fn damaged_anchors_without_a_recognition_sequence_are_damage() {
    let place = Place::new();
    disc(&place);
    place.file("bare.udf", place.bytes("d.udf"));
    put(&place, "bare.udf", 16..19, &[0; 2048]);
    let image = std::fs::File::options()
        .write(true)
        .open(place.path("bare.udf"))
        .expect("the image");
    let blocks = place.bytes("bare.udf").len() as u64 / 2048;
    for anchor in [256, blocks - 257, blocks - 1] {
        image.write_all_at(&[0xAA], anchor * 2048 + 20).expect("a byte");
    }
    assert_eq!(place.run("ls bare.udf").code, 5);
    assert_eq!(place.run("check bare.udf").code, 5);
}
