//! Each kind of hostile image through the program: it ends with a code of its own, takes little memory, and
//! writes only below the target.

mod common;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use common::{Place, Run};
use hostile::Image;
use hostile::craft::{self, Long};

/// Address space of the program in KiB, libraries included.
const MEMORY: u32 = 1 << 20;

/// Runs a line with little memory.
fn run(place: &Place, line: &str) -> Run {
    let program = env!("CARGO_BIN_EXE_oncefs");
    let limited = format!("ulimit -v {MEMORY}; exec {program} {line}");
    let run = Run::of(
        Command::new("sh")
            .args(["-c", &limited])
            .current_dir(place.path("."))
            .output()
            .expect("the program runs"),
    );
    // Neither a signal nor a panic.
    assert!(
        [0, 1, 4, 5].contains(&run.code),
        "{line}: {}\n{}",
        run.code,
        run.err
    );
    assert!(!run.err.contains("panicked"), "{line}: {}", run.err);
    run
}

/// Reads an image with every command that reads; returns the output of `ls -R`.
fn look(image: &Image) -> (Place, Run) {
    let place = Place::new();
    image
        .write_to(&File::create(place.path("d.udf")).expect("a file"))
        .expect("an image");
    for line in [
        "info d.udf",
        "check d.udf",
        "--json check d.udf",
        "cat d.udf /file",
        "ls -l --streams d.udf",
        "--json ls -R d.udf",
        "log --stat d.udf",
        "--json log d.udf",
        "ls -R --at 1 d.udf",
        "diff d.udf 1 2",
        "map d.udf --html d.html --svg d.svg",
        "--json map d.udf",
    ] {
        run(&place, line);
    }
    for picture in ["d.html", "d.svg"] {
        let _ = fs::remove_file(place.path(picture));
    }
    let listed = run(&place, "ls -R d.udf");
    let mut extracted = run(&place, "extract d.udf --streams --to out/below");
    if extracted.code == 0 {
        // Once more over what is there.
        extracted = run(&place, "extract d.udf --to out/below --yes");
    }
    assert!(extracted.code == 0 || !extracted.err.is_empty());
    let beside = |folder: &str| {
        let mut names: Vec<_> = fs::read_dir(place.path(folder))
            .expect("a directory")
            .flatten()
            .map(|e| e.file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(beside("."), ["d.udf", "out"]);
    assert_eq!(beside("out"), ["below"]);
    (place, listed)
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[test]
fn a_directory_in_itself() {
    let (_, listed) = look(&craft::directory_in_itself());
    assert_eq!((listed.code, listed.out.as_str()), (5, "/itself\n/again\n"));
}

#[test]
fn directories_in_each_other() {
    let (place, listed) = look(&craft::directories_in_each_other());
    assert_eq!(
        (listed.code, listed.out.as_str()),
        (5, "/below\n/below/above\n/below/below\n")
    );
    assert!(place.path("out/below/below").is_dir());
}

#[test]
fn directories_deeper_than_memory_has_room_for() {
    let (place, listed) = look(&craft::deep(5000, 254));
    assert_eq!(listed.code, 5);
    assert!(listed.err.contains("not entered"), "{}", listed.err);
    clear(&place);
    let (place, listed) = look(&craft::deep(3000, 1));
    assert_eq!((listed.code, listed.out.lines().count()), (0, 3000));
    clear(&place);
}

/// Removes the extracted files, which may be deeper than a library goes.
fn clear(place: &Place) {
    let removed = std::process::Command::new("rm")
        .arg("-rf")
        .arg(place.path("out"))
        .status();
    assert!(removed.is_ok_and(|status| status.success()));
}

#[test]
fn vats_before_themselves_and_each_other() {
    for old in [false, true] {
        for image in [
            craft::vat_before_itself(old, None),
            craft::vats_before_each_other(old),
        ] {
            let (place, listed) = look(&image);
            assert_eq!(listed.code, 0, "{}", listed.err);
            assert_eq!(place.bytes("out/below/file"), b"text");
        }
    }
}

#[test]
fn a_vat_that_needs_itself_to_be_read() {
    for in_virtual_space in [false, true] {
        look(&craft::vat_in_itself(in_virtual_space));
    }
    let (place, _) = look(&craft::vat_entry_at_the_vat());
    // A file of another type is a sequence of bytes.
    let listed = run(&place, "ls -lR d.udf");
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(
        listed.out.lines().any(|line| line.starts_with('?')),
        "{}",
        listed.out
    );
    assert!(
        place.path("out/below/directory/inner").is_file(),
        "the rest comes"
    );
}

#[test]
fn continuations_that_lead_back() {
    for image in [
        craft::continuations(1, 0),
        craft::continuations(8, 3),
        craft::continuation_in_the_entry(),
    ] {
        let (place, _) = look(&image);
        assert!(
            !exists(&place.path("out/below/file")),
            "a part would look like all of it"
        );
        assert!(place.path("out/below/directory/inner").is_file());
    }
}

#[test]
fn lengths_of_2_to_the_63rd() {
    for long in [Long::Embedded, Long::Recorded, Long::Holes] {
        for bytes in [1 << 63, u64::MAX] {
            let (place, _) = look(&craft::length(bytes, long));
            assert!(!exists(&place.path("out/below/file")), "{long:?}");
            assert!(place.path("out/below/directory/inner").is_file());
        }
    }
}

#[test]
fn more_than_a_million_extents() {
    let (place, listed) = look(&craft::extents((1 << 20) + 1));
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(!exists(&place.path("out/below/file")));
}

#[test]
fn names_that_lead_elsewhere_or_end_early() {
    let names: [&[u8]; 9] = [
        b"\x08../../out",
        b"\x08/tmp/x",
        b"\x08..",
        b"\x08.",
        b"",
        b"\x08",
        b"\x08a\0b",
        b"\x10\0.\0.\0/\0x",
        b"\x08fine",
    ];
    let (place, listed) = look(&craft::names(&names));
    assert!(
        !listed.out.contains("/../") && !listed.out.contains('\0'),
        "{}",
        listed.out
    );
    assert_eq!(place.bytes("out/below/fine"), b"text");
}

#[test]
fn two_entries_with_one_name() {
    let (place, listed) = look(&craft::names(&[b"\x08same", b"\x08same"]));
    assert_eq!(listed.out, "/same\n/same~2\n");
    for name in ["same", "same~2"] {
        assert_eq!(place.bytes(&format!("out/below/{name}")), b"text");
    }
}

#[test]
fn links_of_odd_components() {
    let odd: [&[u8]; 6] = [
        b"\x05\x04\0\0\x08a/b",
        b"\x05\x04\0\0\x08a\0b",
        b"\x05\xFF\0\0\x08a",
        b"\x06\0\0\0",
        b"\x05",
        b"",
    ];
    for link in odd {
        let (place, _) = look(&craft::symbolic_link(link));
        assert!(!exists(&place.path("out/below/link")), "{link:?}");
    }
    let (place, listed) = look(&craft::symbolic_link(b"\x02\0\0\0\x05\x04\0\0\x08etc"));
    assert_eq!(listed.code, 0);
    assert_eq!(
        fs::read_link(place.path("out/below/link")).expect("a link"),
        Path::new("/etc")
    );
}
