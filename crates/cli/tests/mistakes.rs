//! Mistakes of newcomers, and what the program says. None of them changes a disc.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;

use common::{Place, Run};

/// A disc with a file, `d.udf`.
fn disc() -> Place {
    let place = Place::new();
    place.file("a", "text");
    place.ok("burn a --to d.udf --medium dvd+r");
    place
}

/// Runs a line that fails with all of `words` on standard error.
fn fails(place: &Place, line: &str, code: i32, words: &[&str]) {
    let run = place.run(line);
    assert_eq!(run.code, code, "{line}: {}{}", run.out, run.err);
    for word in words {
        assert!(run.err.contains(word), "{line} says no {word:?}: {}", run.err);
    }
}

#[test]
fn options_about_the_disc_may_follow_the_control() {
    let place = disc();
    fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
    let stated = "--accept-image --medium dvd+r --capacity 4G";
    place.ok(&format!("fsctl d.udf make-media-compatible {stated}"));
    assert!(place.ok("info d.udf").contains("session 1   closed"));
    let place = disc();
    place.ok("fsctl d.udf --accept-image make-media-compatible --accept-losses");
}

#[test]
fn an_image_is_never_taken_for_a_medium_too_small_for_it() {
    let place = disc();
    place.ok("format other.udf --medium dvd+r --capacity 4M");
    place.file("large", common::noise(6 << 20, 1));
    place.ok("add d.udf large");
    fs::copy(place.path("other.udf.oncefs"), place.path("d.udf.oncefs")).expect("a copy");
    let before = place.bytes("d.udf");
    fails(
        &place,
        "add d.udf a --accept-image",
        5,
        &[
            "its side file is that of another disc, a dvd+r of 2048 blocks, and the image holds",
            "move what is there away and state the medium",
        ],
    );
    fails(
        &place,
        "fsctl d.udf make-media-compatible --accept-image",
        5,
        &[
            "a dvd+r of 2048 blocks",
            "move what is there away and state the medium",
        ],
    );
    assert!(place.bytes("d.udf") == before);
    fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
    place.ok("add d.udf a --medium dvd+r");
}

#[test]
fn taking_an_image_for_the_medium_of_another_disc_is_reported() {
    let place = disc();
    place.ok("burn a --to other.udf --medium dvd-r");
    fs::copy(place.path("other.udf.oncefs"), place.path("d.udf.oncefs")).expect("a copy");
    let run = place.run("mkdir d.udf /new --accept-image");
    assert_eq!(run.code, 0, "{}", run.err);
    let words = "the image is taken for one of the same medium, dvd-r of ";
    assert!(run.err.contains(words), "{}", run.err);
}

#[test]
fn the_control_accepts_an_image_with_a_foreign_side_file_on_request() {
    let place = disc();
    place.ok("burn a --to other.udf --medium dvd+r --label other");
    fs::copy(place.path("other.udf.oncefs"), place.path("d.udf.oncefs")).expect("a copy");
    place.ok("fsctl d.udf make-media-compatible --accept-image");
    assert!(place.ok("info d.udf").contains("session 1   closed"));
}

#[test]
fn a_request_for_an_m_disc_lists_its_kinds() {
    let words = ["dvd+r for a DVD", "bd-r, bd-r-dl or bd-r-tl for a Blu-ray"];
    fails(&Place::new(), "format d.udf --medium m-disc", 2, &words);
}

#[test]
fn every_command_reports_a_side_file_without_its_image() {
    let place = disc();
    fs::remove_file(place.path("d.udf")).expect("an image");
    let side = place.bytes("d.udf.oncefs");
    let words = [
        "d.udf: the image is missing",
        "(d.udf.oncefs)",
        "remove the side file",
    ];
    for line in [
        "format d.udf --medium bd-r",
        "format d.udf",
        "burn a --to d.udf",
        "add d.udf a",
        "info d.udf",
        "check d.udf",
        "close d.udf",
        "fsctl d.udf is-volume-mounted",
    ] {
        fails(&place, line, 1, &words);
        assert!(
            !place.path("d.udf").exists() && place.bytes("d.udf.oncefs") == side,
            "{line}"
        );
    }
}

#[test]
fn an_image_without_a_side_file_is_read_as_a_finished_disc() {
    let place = disc();
    fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
    let info = place.ok("info d.udf");
    assert!(
        info.contains("unknown without a side file: it is read as a finished disc"),
        "{info}"
    );
    assert!(
        info.contains("plan        nothing is added as it is: put the side file beside the image"),
        "{info}"
    );
    assert!(!info.contains("finalized"), "{info}");
}

#[test]
fn a_path_that_is_not_a_disc_is_reported_with_what_it_is() {
    let place = Place::new();
    place.file("folder/a", "text");
    place.file("empty", "");
    place.file("text", "text");
    for (name, what) in [
        ("folder", "folder is a directory, not a disc"),
        ("empty", "empty is an empty file, not a disc"),
        ("text", "text is a file of 4 bytes, less than a block, not a disc"),
    ] {
        let new: &[&str] = if name == "empty" {
            &[]
        } else {
            &["format", "burn text --to"]
        };
        for command in ["info", "ls", "check", "close"].iter().chain(new) {
            fails(
                &place,
                &format!("{command} {name}"),
                1,
                &[what, "hint: name the image"],
            );
        }
        fails(&place, &format!("add {name} text --medium bd-r"), 1, &[what]);
        fails(&place, &format!("fsctl {name} is-volume-mounted"), 1, &[what]);
    }
    assert_eq!(place.bytes("text"), b"text");
    assert_eq!(place.bytes("empty"), b"");
}

#[test]
fn an_empty_file_becomes_a_new_image() {
    for command in ["format", "burn text --to"] {
        let place = Place::new();
        place.file("text", "text");
        place.file("d.udf", "");
        place.ok(&format!("{command} d.udf --medium dvd+r --capacity 60M"));
        assert!(place.ok("info d.udf").contains("DVD+R"));
        assert_eq!(place.run("format d.udf").code, 1, "it has a volume now");
    }
}

#[test]
fn no_hint_suggests_to_format_another_file_system() {
    let place = Place::new();
    place.file("disc.iso", [1; 64 * 2048]);
    let words = [
        "no UDF volume found",
        "oncefs reads no other file system, such as ISO 9660",
    ];
    for command in ["info", "ls", "check"] {
        fails(&place, &format!("{command} disc.iso"), 1, &words);
    }
}

#[test]
fn hints_name_a_command_that_has_the_option() {
    let place = disc();
    place.ok("burn a --to other.udf --medium dvd+r --label other");
    fs::copy(place.path("other.udf.oncefs"), place.path("d.udf.oncefs")).expect("a copy");
    for line in ["burn a --to d.udf", "format d.udf"] {
        fails(&place, line, 5, &["`oncefs recover DISC --write --accept-image`"]);
    }
    // An image cut short.
    let place = disc();
    fs::File::options()
        .write(true)
        .open(place.path("d.udf"))
        .and_then(|image| image.set_len(64 * 2048))
        .expect("a cut");
    fails(
        &place,
        "burn a --to d.udf",
        5,
        &["`oncefs recover DISC --write --accept-image`"],
    );
}

#[test]
fn an_image_without_write_permission_is_reported_with_the_permission() {
    let place = disc();
    let mode = |name: &str, mode| fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode));
    mode("d.udf", 0o444).expect("a mode");
    mode(".", 0o755).expect("a mode");
    let before = place.bytes("d.udf");
    for line in [
        "add d.udf a",
        "mkdir d.udf /b",
        "close d.udf",
        "burn a --to d.udf",
        "fsctl d.udf make-media-compatible",
    ] {
        let mut command = place.command(&line.split(' ').collect::<Vec<_>>());
        if common::is_root(&place) {
            command.uid(65534).gid(65534);
        }
        let Ok(output) = command.output() else {
            // That user cannot reach the program.
            return;
        };
        let run = Run::of(output);
        assert_eq!(run.code, 4, "{line}: {}", run.err);
        let words = "d.udf: this user has no permission to write to it";
        assert!(run.err.contains(words), "{line}: {}", run.err);
    }
    assert!(place.bytes("d.udf") == before);
    place.ok("ls d.udf");
}

#[test]
fn a_single_other_file_is_counted_in_the_singular() {
    let place = disc();
    std::os::unix::fs::symlink("a", place.path("link")).expect("a link");
    assert!(
        place
            .ok("add d.udf link")
            .contains("0 files and 0 directories, 1 other, 0 B")
    );
}

#[test]
fn nothing_is_drawn_unless_standard_error_is_a_terminal() {
    let place = Place::new();
    place.file("large", common::noise(8 << 20, 1));
    let run = place.run("burn large --to d.udf --medium dvd+r --finalize");
    assert_eq!((run.code, &*run.err), (0, ""));
}

#[test]
fn every_command_that_makes_names_notes_those_windows_cannot_open() {
    let place = disc();
    for (line, words) in [
        (
            "mkdir d.udf /what?",
            "/what?: Windows cannot open it: a character",
        ),
        (
            "mkdir d.udf -p /fine/CON/fine",
            "Windows cannot open it: the name of a device",
        ),
        (
            "ln d.udf /a /A",
            "/A: Windows cannot open it: another name here differs",
        ),
        ("ln d.udf -s a /end.", "/end.: Windows cannot open it"),
        ("mv d.udf /A /x:y", "/x:y: Windows cannot open it"),
        ("mv d.udf /x:y /what?", "/what?/x:y: Windows cannot open it"),
    ] {
        let run = place.run(line);
        assert_eq!(run.code, 0, "{line}: {}", run.err);
        assert!(run.err.contains(words), "{line}: {}", run.err);
    }
    for line in [
        "mkdir d.udf /good",
        "mkdir d.udf -p /fine/CON/fine",
        "mv d.udf /a /B",
        "mv d.udf /B /b",
    ] {
        assert_eq!(place.run(line).err, "", "{line}");
    }
}
