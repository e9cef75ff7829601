//! Files that change while they are recorded: the program is stopped at chosen blocks, a file is written, and
//! it continues.

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use common::held::Held;
use common::{Place, noise};

/// More than the read-ahead.
const LARGE: usize = 24 << 20;

/// How often the drive is polled while the program is stopped.
const POLLS: usize = 12;

/// A disc, and a tree with a large file between small ones.
fn place() -> Place {
    let place = Place::new();
    place.file("t/a", "first");
    place.file("t/large", noise(LARGE, 1));
    place.file("t/z/last", "last");
    place.ok("format d.udf --medium dvd+r --capacity 300M --label Race");
    place
}

/// Adds the tree and changes the large file meanwhile.
fn raced(place: &Place, options: &str, change: impl FnOnce()) -> common::Run {
    let mut held = Held::start(place, &format!("add d.udf t {options}"), 5, POLLS);
    assert!(held.comes_to_write(), "it is recorded");
    held.while_stopped(change);
    held.finish()
}

fn left_out(place: &Place, run: &common::Run, reason: &str) {
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let line = format!("  t/large: {reason}");
    assert!(run.err.contains(&line), "{}", run.err);
    assert!(
        run.err.contains("on the disc: volume 'Race' with 2 files"),
        "{}",
        run.err
    );
    assert!(run.err.contains("used up: "), "{}", run.err);
    assert_eq!(place.names("d.udf"), ["/t", "/t/a", "/t/z", "/t/z/last"]);
    let checked = place.ok("check d.udf");
    assert!(checked.contains("0 errors, 0 warnings"), "{checked}");
}

#[test]
fn a_rewritten_file_is_left_out_and_named() {
    let place = place();
    let run = raced(&place, "", || {
        fs::write(place.path("t/large"), noise(LARGE, 2)).expect("a file")
    });
    left_out(&place, &run, "it was rewritten while it was read");
}

#[test]
fn a_file_rewritten_with_its_old_time_is_left_out_too() {
    let place = place();
    let run = raced(&place, "", || {
        let path = place.path("t/large");
        let file = File::options().write(true).open(&path).expect("the file");
        let before = file
            .metadata()
            .and_then(|status| status.modified())
            .expect("a time");
        file.write_all_at(b"other", 20 << 20).expect("it is written");
        file.set_modified(before).expect("it is set");
    });
    left_out(&place, &run, "it was changed while it was read");
}

#[test]
fn a_growing_file_is_left_out_and_named() {
    let place = place();
    let run = raced(&place, "", || {
        let mut file = File::options()
            .append(true)
            .open(place.path("t/large"))
            .expect("the file");
        file.write_all(b"more").expect("it grows");
    });
    left_out(&place, &run, "it grew while it was read");
}

#[test]
fn a_shortened_file_is_left_out_and_named() {
    let place = place();
    let run = raced(&place, "", || {
        let file = File::options()
            .write(true)
            .open(place.path("t/large"))
            .expect("the file");
        file.set_len(1 << 20).expect("it is cut");
    });
    left_out(&place, &run, "it became shorter while it was read");
}

#[test]
fn a_removed_file_is_left_out_and_named() {
    let place = place();
    let run = raced(&place, "", || {
        fs::remove_file(place.path("t/large")).expect("it goes")
    });
    left_out(&place, &run, "it was removed while it was read");
}

#[test]
fn files_and_directories_gone_before_they_are_read_are_named() {
    let place = place();
    place.file("t/y/inner/file", "1");
    place.file("t/z/before", "1");
    place.file("t/zz", "1");
    let run = raced(&place, "", || {
        for file in ["t/z/before", "t/zz"] {
            fs::remove_file(place.path(file)).expect("it goes");
        }
        fs::remove_dir_all(place.path("t/y/inner")).expect("it goes");
        place.file("t/z/new", "2");
    });
    assert_eq!(run.code, 1, "{}", run.err);
    let named = [
        "t/y/inner: it was removed before",
        "t/z/before: it was removed before",
        "t/zz: No such file",
    ];
    for line in named {
        assert!(run.err.contains(&format!("  {line}")), "{}", run.err);
    }
    assert!(run.err.contains("3 files are left out"), "{}", run.err);
    let names = ["/t", "/t/a", "/t/large", "/t/y", "/t/z", "/t/z/last", "/t/z/new"];
    assert_eq!(place.names("d.udf"), names);
}

#[test]
fn a_new_file_with_the_old_inode_number_of_the_side_file_is_recorded() {
    let place = place();
    // The recording has replaced the side file, and a host reuses free inode numbers.
    let new: Vec<_> = (0..200).map(|number| format!("t/z/new{number:03}")).collect();
    let run = raced(&place, "", || {
        new.iter().for_each(|name| drop(place.file(name, "new")))
    });
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let names = place.names("d.udf");
    let missing: Vec<_> = new
        .iter()
        .filter(|name| !names.contains(&format!("/{name}")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_replaced_side_file_still_belongs_to_the_disc() {
    let place = Place::new();
    place.file("t/a", noise(LARGE, 1));
    place.ok("format t/z.udf --medium dvd+r --capacity 300M");
    let run = place.run("add t/z.udf t");
    assert_eq!(run.code, 0, "{}", run.err);
    for own in ["t/z.udf: left out", "t/z.udf.oncefs: left out"] {
        assert!(run.err.contains(own), "{}", run.err);
    }
    assert_eq!(place.names("t/z.udf"), ["/t", "/t/a"]);
}

#[test]
fn all_or_nothing_records_nothing_if_a_file_changes() {
    let place = place();
    let run = raced(&place, "--all-or-nothing", || {
        fs::write(place.path("t/large"), noise(LARGE, 2)).expect("a file");
    });
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("t/large: it was rewritten"), "{}", run.err);
    assert!(
        run.err.contains("volume 'Race' as it was before this command"),
        "{}",
        run.err
    );
    assert!(run.err.contains("used up: "), "{}", run.err);
    assert!(place.names("d.udf").is_empty());
}

#[test]
fn the_file_on_the_disc_stays_until_the_new_one_is_complete() {
    let place = place();
    place.ok("add d.udf t");
    fs::write(place.path("t/large"), noise(LARGE, 3)).expect("a file");
    let run = raced(&place, "", || {
        fs::write(place.path("t/large"), noise(LARGE, 2)).expect("a file")
    });
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        place.names("d.udf"),
        ["/t", "/t/a", "/t/large", "/t/z", "/t/z/last"]
    );
    place.ok("extract d.udf /t/large --to out");
    assert!(place.bytes("out/large") == noise(LARGE, 1));
    place.ok("add d.udf t");
    place.ok("extract d.udf /t/large --to new");
    assert!(place.bytes("new/large") == noise(LARGE, 2));
}

#[test]
fn a_second_name_of_a_changed_file_is_read_anew() {
    let place = place();
    fs::hard_link(place.path("t/large"), place.path("t/other")).expect("a link");
    let run = raced(&place, "", || {
        fs::write(place.path("t/large"), noise(LARGE, 2)).expect("a file")
    });
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        place.names("d.udf"),
        ["/t", "/t/a", "/t/other", "/t/z", "/t/z/last"]
    );
    place.ok("extract d.udf /t/other --to out");
    assert!(place.bytes("out/other") == noise(LARGE, 2));
}

#[test]
fn a_burn_that_leaves_something_out_does_not_finalize() {
    let place = place();
    let line = "burn t --to new.udf --medium dvd+r --capacity 300M --finalize";
    // The writes of the new volume come first.
    let mut held = Held::start(&place, line, 15, POLLS);
    assert!(held.comes_to_write(), "it is recorded");
    held.while_stopped(|| fs::write(place.path("t/large"), noise(LARGE, 2)).expect("a file"));
    let run = held.finish();
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("the session is open"), "{}", run.err);
    assert!(run.err.contains("oncefs close new.udf --finalize"), "{}", run.err);
    assert_eq!(place.names("new.udf"), ["/t", "/t/a", "/t/z", "/t/z/last"]);
    place.ok("add new.udf t");
    place.ok("close new.udf --finalize");
}

#[test]
fn a_small_file_that_never_rests_is_recorded_in_one_state_or_not_at_all() {
    // A word is written at once; of more, a reader may see a part before its time changes.
    const LENGTH: usize = 8;
    let place = place();
    let path = place.file("busy", vec![b'a'; LENGTH]);
    let done = AtomicBool::new(false);
    let runs: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = File::options().write(true).open(&path).expect("the file");
            for byte in (b'a'..=b'z').cycle() {
                file.write_all_at(&[byte; LENGTH], 0).expect("it is written");
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let runs = (0..10).map(|_| (place.run("add d.udf busy"), place.run("cat d.udf /busy")));
        let runs = runs.collect();
        done.store(true, Ordering::Relaxed);
        runs
    });
    for (run, recorded) in runs {
        if run.code == 0 {
            assert_eq!(recorded.out.len(), LENGTH);
        } else {
            assert!(run.err.contains("  busy: it was "), "{}", run.err);
        }
        let recorded = recorded.out.as_bytes();
        assert!(recorded.iter().all(|byte| *byte == recorded[0]));
    }
    // Nobody writes any more.
    place.ok("add d.udf busy");
}
