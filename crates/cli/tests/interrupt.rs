//! A user who stops the program in the middle, and a drive that does.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Place, Run, noise};

/// Runs a line and sends it a signal at the drive's WRITE number `count`, where the drive is busy for a second with the
/// writes before, so that the signal comes in the middle.
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
fn an_add_of_more_than_is_read_ahead_ends_where_the_drive_fails() {
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
fn an_add_that_is_killed_leaves_the_last_commit() {
    let place = disc();
    let run = run_and_signal(&place, "add d.udf large", "-KILL", 3);
    assert_eq!(run.code, -1);
    assert_eq!(place.names("d.udf"), ["/first"]);
    place.ok("add d.udf large");
    assert_eq!(place.json("info d.udf")["volume"]["clean"], true);
    assert_eq!(place.names("d.udf"), ["/first", "/large"]);
}

#[test]
fn a_close_that_has_begun_is_ended_before_the_program_stops() {
    let place = disc();
    let run = run_and_signal(&place, "close d.udf", "-TERM", 1);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("too late"), "{}", run.err);
    assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
}
