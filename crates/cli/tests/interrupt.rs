//! A user, or a drive, that stops the program in the middle.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::held::Held;
use common::{Place, Run, noise};
use rustix::process::Signal;

/// Runs a line and sends a signal at the drive's WRITE number `count`, at which the drive is busy for a
/// second, so that the signal arrives in the middle.
fn run_and_signal(place: &Place, line: &str, signal: &str, count: usize) -> Run {
    place.file("faults", format!("busy 6 at WRITE(10) {count}\n"));
    let mut arguments: Vec<_> = line.split_whitespace().collect();
    arguments.extend(["--trace", "trace", "--faults", "faults"]);
    let _ = std::fs::remove_file(place.path("trace"));
    let child = place
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program runs");
    let met = || {
        let trace = std::fs::read_to_string(place.path("trace")).unwrap_or_default();
        trace.lines().filter(|line| line.contains("WRITE(10)")).count()
    };
    while met() < count {
        let ended = child.try_wait().expect("a process");
        assert!(ended.is_none(), "the program goes on: {ended:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.is_ok_and(|status| status.success()));
    Run::of(child.wait_with_output().expect("the program ends"))
}

fn disc() -> Place {
    let place = Place::new();
    place.file("first", "1");
    place.file("large", noise(12 << 20, 1));
    place.ok("burn first --to d.udf --medium dvd-r --capacity 100M --label Held");
    place
}

#[test]
fn an_add_longer_than_the_read_ahead_ends_when_the_drive_fails() {
    let place = disc();
    place.file("much", noise(40 << 20, 2));
    place.file("faults", "fail 3/0C/00 from WRITE(10) 3\n");
    let run = place.run("add d.udf much --faults faults");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("WRITE(10) failed at block"), "{}", run.err);
    assert_eq!(place.names("d.udf"), ["/first"]);
}

#[test]
fn an_interrupted_add_leaves_the_last_commit_and_says_so() {
    let place = disc();
    let run = run_and_signal(&place, "add d.udf large", "-INT", 3);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("interrupted"), "{}", run.err);
    assert!(
        run.err
            .contains("volume 'Held' as it was before this command, its VAT ICB at block"),
        "{}",
        run.err
    );
    assert_eq!(place.names("d.udf"), ["/first"]);
    assert_eq!(place.json("info d.udf")["volume"]["clean"], true);
    place.ok("add d.udf large");
    assert_eq!(place.names("d.udf"), ["/first", "/large"]);
}

#[test]
fn a_killed_add_leaves_the_last_commit() {
    let place = disc();
    let run = run_and_signal(&place, "add d.udf large", "-KILL", 3);
    assert_eq!(run.code, -1);
    assert_eq!(place.names("d.udf"), ["/first"]);
    place.ok("add d.udf large");
    assert_eq!(place.json("info d.udf")["volume"]["clean"], true);
    assert_eq!(place.names("d.udf"), ["/first", "/large"]);
}

#[test]
fn a_close_that_has_begun_finishes_before_the_program_stops() {
    let place = disc();
    let run = run_and_signal(&place, "close d.udf", "-TERM", 1);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("too late"), "{}", run.err);
    assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
}

/// A disc, and a tree of this many files of a megabyte.
fn tree(files: u32) -> Place {
    let place = Place::new();
    for number in 0..files {
        place.file(&format!("t/{number:02}"), noise(1 << 20, number));
    }
    place.ok("format d.udf --medium dvd+r --capacity 300M --label Held");
    place
}

/// The number of files of the tree on a sound disc, each of which is complete.
fn whole(place: &Place, disc: &str) -> usize {
    let checked = place.ok(&format!("check {disc}"));
    assert!(checked.contains("0 errors, 0 warnings"), "{checked}");
    extracted(place, disc)
}

/// The same for a disc whose recording was cut off.
fn extracted(place: &Place, disc: &str) -> usize {
    place.ok(&format!("extract {disc} --to out --yes"));
    let Ok(names) = std::fs::read_dir(place.path("out/t")) else {
        return 0;
    };
    let names = names.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    let mut count = 0;
    for name in names {
        assert!(
            place.bytes(&format!("out/t/{name}")) == place.bytes(&format!("t/{name}")),
            "{name}"
        );
        count += 1;
    }
    count
}

#[test]
fn an_interrupt_commits_complete_files_and_a_second_one_abandons_them() {
    let place = tree(40);
    let mut held = Held::start(&place, "add d.udf t", 30, 12);
    assert!(held.comes_to_write());
    held.signal(Signal::INT);
    let run = held.finish();
    assert_eq!(run.code, 1, "{}", run.err);
    let count = whole(&place, "d.udf");
    assert!((1..40).contains(&count), "{count}");
    assert!(run.err.contains("oncefs: d.udf: interrupted\n"), "{}", run.err);
    let left = format!("on the disc: volume 'Held' with {count} files and 1 directory");
    assert!(run.err.contains(&left), "{}", run.err);
    assert!(
        run.err.contains("used up: ") && run.err.contains("hint: "),
        "{}",
        run.err
    );

    place.ok("rm d.udf -r /t");
    let mut held = Held::start(&place, "add d.udf t", 30, 12);
    assert!(held.comes_to_write());
    held.while_stopped(|| {
        held.signal(Signal::INT);
        held.signal(Signal::TERM);
    });
    let run = held.finish();
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.err.contains("volume 'Held' as it was before this command"),
        "{}",
        run.err
    );
    assert!(run.err.contains("used up: "), "{}", run.err);
    assert!(place.names("d.udf").is_empty());
}

#[test]
fn intermediate_commits_stay_when_the_program_is_killed() {
    let place = tree(40);
    let mut held = Held::start(&place, "add d.udf t --commit-every 4M", 25, 12);
    assert!(held.comes_to_write());
    held.signal(Signal::KILL);
    assert_eq!(held.finish().code, -1);
    let count = extracted(&place, "d.udf");
    assert!((4..40).contains(&count), "{count}");
    place.ok("add d.udf t --commit-every 4M");
    assert_eq!(whole(&place, "d.udf"), 40);
}

#[test]
fn an_interrupted_burn_is_not_finalized() {
    let place = tree(40);
    let mut held = Held::start(
        &place,
        "burn t --to new.udf --medium dvd+r --capacity 300M --finalize",
        30,
        12,
    );
    assert!(held.comes_to_write());
    held.signal(Signal::INT);
    let run = held.finish();
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("the session is open"), "{}", run.err);
    let count = whole(&place, "new.udf");
    assert!((1..40).contains(&count), "{count}");
    place.ok("close new.udf --finalize");
}

#[test]
fn an_interrupted_all_or_nothing_leaves_nothing() {
    let place = tree(40);
    let mut held = Held::start(&place, "add d.udf t --all-or-nothing", 30, 12);
    assert!(held.comes_to_write());
    held.signal(Signal::TERM);
    let run = held.finish();
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("as it was before this command"), "{}", run.err);
    assert_eq!(whole(&place, "d.udf"), 0);
}

#[test]
fn two_hundred_random_interrupts_leave_complete_files_on_every_medium() {
    const LIVES: usize = 20;
    let media = [
        "cd-r-74", "cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "dvd+r-dl", "bd-r", "bd-r-dl", "bd-r-tl", "bd-r-ql",
    ];
    let chance = noise(media.len() * LIVES * 2, 77);
    let mut chance = chance.iter().map(|byte| usize::from(*byte));
    let mut interrupted = 0;
    for medium in media {
        let place = Place::new();
        for number in 0..24_u32 {
            let length = [0, 700, 60_000, 500_000][number as usize % 4];
            place.file(&format!("t/{}/{number:02}", number % 3), noise(length, number));
        }
        place.ok(&format!("format d.udf --medium {medium} --capacity 300M"));
        for life in 0..LIVES {
            let options = ["", "--commit-every 1M"][life % 2];
            let write = 1 + chance.next().expect("a number") % 8;
            let line = format!("add d.udf t --into /{life} {options}");
            let mut held = Held::start(&place, &line, write, 2);
            if held.comes_to_write() {
                held.signal(Signal::INT);
            }
            let run = held.finish();
            assert!(matches!(run.code, 0 | 1), "{medium} {life} {write}: {}", run.err);
            interrupted += usize::from(run.code == 1);
            let listed = place.json("ls -lR d.udf");
            let listed = listed.as_array().expect("an array");
            let top = format!("/{life}/t/");
            let files = listed.iter().filter(|file| file["type"] == "file");
            let files =
                files.filter_map(|file| Some((file["path"].as_str()?.strip_prefix(&top)?, &file["size"])));
            let mut count = 0;
            for (name, size) in files {
                let source = place.bytes(&format!("t/{name}"));
                assert_eq!(
                    size.as_u64(),
                    Some(source.len() as u64),
                    "{medium} {life} {write}: {name}"
                );
                count += 1;
            }
            assert!(
                run.code == 1 || count == 24,
                "{medium} {life} {write}: {}",
                run.err
            );
        }
        place.ok("extract d.udf --to out");
        for life in 0..LIVES {
            for file in walkdir::WalkDir::new(place.path(&format!("out/{life}")))
                .into_iter()
                .flatten()
            {
                if file.file_type().is_file() {
                    let name = file
                        .path()
                        .strip_prefix(place.path(&format!("out/{life}")))
                        .expect("below");
                    let source = std::fs::read(place.path(".").join(name)).expect("the source");
                    assert!(
                        std::fs::read(file.path()).expect("the file") == source,
                        "{medium} {life} {name:?}"
                    );
                }
            }
        }
        assert!(
            place.ok("check d.udf").contains("0 errors, 0 warnings"),
            "{medium}"
        );
        place.ok("close d.udf --finalize --yes");
    }
    assert!(interrupted > 60, "{interrupted} of them came in time");
}
