//! An image and a side file that do not fit together: nothing recorded is ever cut.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use common::{Place, is_root, noise};

/// The contents of every file of a place.
fn all(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(place.path("")).expect("a directory");
    let files = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_file());
    files
        .map(|entry| {
            let name = entry.file_name().into_string().expect("UTF-8");
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// A disc with two files, of which the side file describes only the first.
fn stale() -> Place {
    let place = Place::new();
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        place.file(name, noise(300_000, seed));
    }
    place.ok("format d.udf --capacity 4000b");
    place.ok("add d.udf a");
    fs::copy(place.path("d.udf.oncefs"), place.path("old")).expect("a copy");
    place.ok("add d.udf b");
    fs::copy(place.path("d.udf.oncefs"), place.path("new")).expect("a copy");
    fs::copy(place.path("old"), place.path("d.udf.oncefs")).expect("a copy");
    place
}

#[test]
fn recover_updates_the_side_file_to_the_image() {
    let place = stale();
    let image = fs::read(place.path("d.udf")).expect("an image");
    let refused = place.failure("add d.udf c");
    let hint = refused["hint"].as_str().expect("a hint");
    assert!(hint.contains("oncefs recover"), "{hint}");
    place.ok("recover d.udf --write --accept-image");
    let mended = fs::read(place.path("d.udf")).expect("an image");
    assert!(mended.starts_with(&image) && mended.len() > image.len());
    place.ok("add d.udf c");
    assert_eq!(place.ok("ls d.udf"), "a\nb\nc\n");
}

#[test]
fn with_an_older_side_file_everything_is_read_and_nothing_recorded() {
    let place = stale();
    let before = all(&place);
    for line in [
        "add d.udf c",
        "mkdir d.udf /x",
        "rm d.udf /a",
        "mv d.udf /a /z",
        "ln d.udf /a /l",
        "close d.udf",
        "close d.udf --finalize --yes",
        "fsctl d.udf make-media-compatible",
        "fsctl d.udf lock-volume",
        "format d.udf",
        "mount d.udf .",
    ] {
        let failure = place.failure(line);
        assert_eq!(
            (&failure["kind"], &failure["exit_code"]),
            (&"unproven".into(), &5.into()),
            "{line}"
        );
        let message = failure["message"].as_str().expect("words");
        assert!(
            message.contains("state") && message.contains("blocks"),
            "{message}"
        );
        let hint = failure["hint"].as_str().expect("a hint");
        assert!(hint.contains("--accept-image"), "{hint}");
        assert!(all(&place) == before, "{line} changed something");
    }
    let run = place.run("ls d.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "a\nb\n"));
    assert!(run.err.contains("its side file is older"), "{}", run.err);
    assert!(all(&place) == before);
}

#[test]
fn the_right_side_file_or_the_option_lets_recording_continue() {
    let place = stale();
    place.ok("add d.udf c --accept-image");
    assert_eq!(place.names("d.udf"), ["/a", "/b", "/c"]);
    assert_eq!(place.json("check d.udf --data")["errors"], 0);
    let place = stale();
    fs::copy(place.path("new"), place.path("d.udf.oncefs")).expect("a copy");
    place.ok("add d.udf c");
    assert_eq!(place.names("d.udf"), ["/a", "/b", "/c"]);
}

#[test]
fn a_finalized_disc_is_not_recorded_on_with_its_earlier_side_file() {
    let place = stale();
    fs::copy(place.path("new"), place.path("d.udf.oncefs")).expect("a copy");
    place.ok("format v.udf --medium dvd-r --capacity 8000b");
    place.ok("add v.udf a");
    fs::copy(place.path("v.udf.oncefs"), place.path("old")).expect("a copy");
    place.ok("close v.udf --finalize --yes");
    fs::copy(place.path("old"), place.path("v.udf.oncefs")).expect("a copy");
    let before = place.bytes("v.udf");
    assert_eq!(place.failure("add v.udf b")["exit_code"], 5);
    assert!(place.bytes("v.udf") == before);
}

#[test]
fn a_side_file_marked_as_recording_from_a_later_time_is_detected() {
    let place = stale();
    // As if it had been copied while `b` was added.
    let old = String::from_utf8(place.bytes("old")).expect("text");
    let marked = old.replace("capacity 4000", "capacity 4000\nrecording");
    assert_ne!(old, marked);
    place.file("d.udf.oncefs", &marked);
    let before = all(&place);
    let failure = place.failure("add d.udf c");
    assert_eq!(failure["kind"], "unproven", "{failure}");
    assert!(
        failure["message"]
            .as_str()
            .expect("words")
            .contains("later generation"),
        "{failure}"
    );
    assert_eq!(place.names("d.udf"), ["/a", "/b"]);
    assert!(all(&place) == before);
    place.ok("add d.udf c --accept-image");
    assert_eq!(place.names("d.udf"), ["/a", "/b", "/c"]);
}

#[test]
fn an_interrupted_recording_is_kept_and_takes_room() {
    let place = Place::new();
    place.file("a", noise(300_000, 1));
    place.file("b", noise(900_000, 2));
    place.ok("format d.udf --capacity 4000b");
    place.ok("add d.udf a");
    place.file("faults", "kill before SYNCHRONIZE CACHE 1\n");
    assert_ne!(place.run("add d.udf b --faults faults").code, 0);
    // Before its VAT ICB was recorded.
    let image = fs::OpenOptions::new()
        .write(true)
        .open(place.path("d.udf"))
        .expect("an image");
    let length = image.metadata().expect("a length").len();
    image.set_len(length - 40 * 2048 - 77).expect("a shorter image");
    let before = all(&place);
    let info = place.json("info d.udf");
    assert!(
        place.run("ls d.udf").err.contains("interrupted"),
        "{}",
        place.run("ls d.udf").err
    );
    place.ok("fsctl d.udf lock-volume");
    assert!(all(&place) == before, "looking at it changes nothing");
    place.ok("recover d.udf --write");
    assert_eq!(place.run("ls d.udf").err, "");
    let recovered = place.bytes("d.udf");
    place.ok("recover d.udf --write");
    assert!(place.bytes("d.udf") == recovered, "there is nothing more to do");
    place.ok("add d.udf a --into /again");
    assert_eq!(place.names("d.udf"), ["/a", "/again", "/again/a"]);
    assert!(
        place.json("info d.udf")["medium"]["free_blocks"].as_u64() < info["medium"]["free_blocks"].as_u64()
    );
    let now = place.bytes("d.udf");
    let kept = before["d.udf"].len();
    assert!(now[..kept] == before["d.udf"][..], "nothing was cut or changed");
    assert_eq!(place.json("check d.udf --data")["errors"], 0);
}

#[test]
fn a_refused_command_keeps_nothing_of_the_stated_medium() {
    let place = Place::new();
    place.file("f", "x");
    place.file("foreign", noise(64 * 2048, 1));
    let before = all(&place);
    let info = place.run("info foreign").out;
    for line in [
        "add foreign f --medium bd-r",
        "close foreign --medium dvd+r",
        "fsctl foreign lock-volume --medium dvd+r",
        "fsctl foreign make-media-compatible --medium dvd+r",
        "mount foreign . --medium dvd+r",
        "add /dev/null f --medium bd-r",
    ] {
        let _ = place.run(line);
        assert!(all(&place) == before, "{line}");
    }
    assert_eq!(place.run("info foreign").out, info);
}

#[test]
fn a_side_file_that_is_a_pipe_is_not_waited_for() {
    let place = stale();
    let side = place.path("d.udf.oncefs");
    fs::remove_file(&side).expect("it goes");
    let fifo = Command::new("mkfifo").arg(&side).status();
    assert!(fifo.is_ok_and(|status| status.success()));
    assert_eq!(place.failure("mkdir d.udf /x")["exit_code"], 5);
    let run = place.run("ls d.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "a\nb\n"));
    assert!(
        fs::symlink_metadata(&side)
            .expect("it is there")
            .file_type()
            .is_fifo()
    );
}

#[test]
fn the_side_file_keeps_its_owner_and_mode() {
    let place = stale();
    if !is_root(&place) {
        return;
    }
    fs::copy(place.path("new"), place.path("d.udf.oncefs")).expect("a copy");
    let side = place.path("d.udf.oncefs");
    std::os::unix::fs::chown(&side, Some(1234), Some(1234)).expect("an owner");
    fs::set_permissions(&side, fs::Permissions::from_mode(0o640)).expect("a mode");
    place.ok("add d.udf c");
    let now = fs::metadata(&side).expect("a side file");
    assert_eq!(
        (now.uid(), now.gid(), now.permissions().mode() & 0o777),
        (1234, 1234, 0o640)
    );
}

#[test]
fn a_side_file_that_cannot_be_replaced_is_reported_before_recording() {
    let place = stale();
    fs::copy(place.path("new"), place.path("d.udf.oncefs")).expect("a copy");
    let side = place.path("d.udf.oncefs");
    let fixed = |on: &str| {
        let status = Command::new("chattr").arg(on).arg(&side).status();
        status.is_ok_and(|status| status.success())
    };
    if !fixed("+i") {
        eprintln!("not tried: this file system has no immutable files");
        return;
    }
    let before = place.bytes("d.udf");
    let add = place.run("--json add d.udf c");
    let mount = place.run("--json mount d.udf .");
    let read = place.run("ls d.udf");
    assert!(fixed("-i"));
    assert_eq!(
        (add.code, mount.code, read.code),
        (4, 4, 0),
        "{}{}",
        add.err,
        mount.err
    );
    assert!(mount.err.contains("cannot be replaced"), "{}", mount.err);
    assert!(place.bytes("d.udf") == before);
}

#[test]
fn a_foreign_side_file_in_a_shared_directory_is_reported_first() {
    let place = stale();
    if !is_root(&place) {
        return;
    }
    fs::copy(place.path("new"), place.path("d.udf.oncefs")).expect("a copy");
    for (name, mode) in [(".", 0o1777), ("d.udf", 0o666), ("d.udf.oncefs", 0o666)] {
        fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    }
    fs::create_dir(place.path("m")).expect("a directory");
    fs::set_permissions(place.path("m"), fs::Permissions::from_mode(0o777)).expect("a mode");
    let before = all(&place);
    for line in ["add d.udf c", "mount d.udf m"] {
        let mut command = place.command(&line.split(' ').collect::<Vec<_>>());
        std::os::unix::process::CommandExt::uid(&mut command, 65_534);
        std::os::unix::process::CommandExt::gid(&mut command, 65_534);
        let run = common::Run::of(command.output().expect("the program runs"));
        assert_eq!(run.code, 4, "{line}: {}", run.err);
        assert!(run.err.contains("cannot be replaced"), "{}", run.err);
    }
    assert!(all(&place) == before);
    place.ok("add d.udf c");
}

#[test]
fn no_file_of_a_disc_replaces_its_image_or_side_file() {
    let place = Place::new();
    for name in ["in/d.udf", "in/d.udf.oncefs", "in/other"] {
        place.file(name, "of the disc");
    }
    place.ok("format d.udf --capacity 4000b");
    place.ok("add d.udf in/.");
    fs::hard_link(place.path("d.udf"), place.path("other")).expect("a link");
    let before = all(&place);
    for line in [
        "extract d.udf --to . --yes",
        "extract d.udf /d.udf --to . --yes",
        "extract d.udf /other --to . --yes",
        "extract d.udf /d.udf.oncefs --to . --yes",
    ] {
        let refused = place.failure(line);
        assert_eq!(refused["kind"], "exists", "{line}");
        assert!(all(&place) == before, "{line}");
    }
    place.ok("extract d.udf --to elsewhere");
}

#[test]
fn an_image_from_a_descriptor_is_not_recorded_on_itself() {
    let place = Place::new();
    place.file("a", noise(6_000_000, 1));
    place.ok("burn a --to d.udf --capacity 16000b");
    let words = ["add", "d.udf", "a", "-", "--name", "self"];
    let mut command = place.command(&words);
    command.stdin(fs::File::open(place.path("d.udf")).expect("the image"));
    let run = common::Run::of(command.output().expect("the program runs"));
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.err.contains("-: left out, it belongs to the disc itself"),
        "{}",
        run.err
    );
    assert_eq!(place.names("d.udf"), ["/a"]);
}

#[test]
fn a_trace_is_a_new_file_or_a_trace() {
    let place = Place::new();
    place.file("a", noise(3000, 1));
    place.ok("format i.udf --capacity 8000b");
    symlink("i.udf", place.path("l")).expect("a link");
    let before = all(&place);
    for line in [
        "add i.udf a --trace a",
        "info i.udf --trace i.udf",
        "info i.udf --trace ./i.udf.oncefs",
        "info i.udf --trace l",
        "info l --trace i.udf",
        "format n.udf --trace n.udf",
        "format n.udf --trace n.udf.oncefs",
        "info i.udf --trace .",
        "info i.udf --trace /dev/null",
    ] {
        assert_eq!(place.run(line).code, 2, "{line}");
        assert!(all(&place) == before, "{line}");
    }
    place.ok("add i.udf a --trace t");
    let once = place.bytes("t").len();
    place.ok("info i.udf --trace t");
    assert!(place.bytes("t").len() > once, "a trace goes on");
    assert_eq!(place.run("add i.udf t --into /x --trace t").code, 2);
}
