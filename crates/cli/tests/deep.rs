//! Trees that are deeper than a program may have files, or a path of the system has bytes.

mod common;

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};

use common::Place;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};

/// Directories below each other, the name of each, and a file in the lowest; each has a file beside that comes last.
fn deep(place: &Place, top: &str, count: usize, name: &str) {
    std::fs::create_dir(place.path(top)).expect("a directory");
    let mut at = open(CWD, place.path(top).as_os_str());
    for _ in 0..count {
        mkdirat(&at, name, Mode::RWXU).expect("a directory");
        file(&at, "z");
        at = open(at.as_fd(), OsStr::new(name));
    }
    file(&at, "leaf");
}

fn open(parent: std::os::fd::BorrowedFd<'_>, name: &OsStr) -> OwnedFd {
    openat(parent, name, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).expect("a directory")
}

fn file(parent: &OwnedFd, name: &str) {
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = openat(parent, name, flags, Mode::RUSR | Mode::WUSR).expect("a file");
    rustix::io::write(&file, name.as_bytes()).expect("it is written");
}

/// How deep the directories below one go, and what the file in the lowest says.
fn depth(place: &Place, top: &str, name: &str) -> (usize, String) {
    let mut at = open(CWD, place.path(top).as_os_str());
    let mut count = 0;
    while let Ok(below) = openat(&at, name, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
        let beside = openat(&at, "z", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        assert!(beside.is_ok(), "at level {count}");
        at = below;
        count += 1;
    }
    let leaf = openat(&at, "leaf", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).expect("the file");
    let mut bytes = [0; 16];
    let length = rustix::io::read(&leaf, &mut bytes[..]).expect("it is read");
    (count, String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// Removes a tree whose paths no library takes.
fn clear(place: &Place, top: &str, name: &str) {
    let removed = std::process::Command::new("rm")
        .arg("-rf")
        .arg(place.path(top))
        .status();
    assert!(removed.is_ok_and(|status| status.success()), "{name}");
    let _ = unlinkat(CWD, place.path(top), AtFlags::REMOVEDIR);
}

#[test]
fn a_path_longer_than_udf_has_it_is_told_before_the_first_block() {
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
    assert!(reason.contains("paths of UDF end at 1,023"), "{reason}");
    assert!(place.bytes("d.udf") == before);
    // /t, 510 times /d, and a z: 1,024 bytes.
    assert_eq!(failure["refused"].as_array().map(Vec::len), Some(2), "{failure}");
    clear(&place, "t", "d");
}

#[test]
fn what_is_recorded_deep_is_listed_extracted_and_judged_as_deep() {
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
fn what_is_deeper_than_anything_reads_is_refused() {
    let place = Place::new();
    deep(&place, "t", 700, &"n".repeat(200));
    place.ok("format d.udf --medium bd-r --capacity 300M");
    let failure = place.failure("add d.udf t --deep");
    assert_eq!(failure["kind"], "refused");
    let reason = failure["refused"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("are the most"), "{reason}");
    clear(&place, "t", "n");
}
