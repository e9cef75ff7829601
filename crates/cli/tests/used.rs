//! What a failure used up of the medium for good: the program reports how much.

mod common;

use std::fs;

use common::{Place, noise};
use emulator::{Behaviour, Medium, Recorder};
use serde_json::Value;

/// Every way to close a session.
const CLOSES: [&str; 3] = [
    "close d.udf",
    "fsctl d.udf make-media-compatible",
    "fsctl d.udf --code 0x00098130 --input 00",
];

/// Blocks of the end of session data up to the VAT ICB (`UDF 2.60 6.10.1.2`).
const SESSION_END: u64 = 257;

fn disc() -> Place {
    let place = Place::new();
    place.file("a", noise(100_000, 1));
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --label Used");
    place
}

fn blank() -> Place {
    let place = Place::new();
    place.file("a", noise(3_000_000, 1));
    Recorder::create(
        &place.path("d.udf"),
        Medium::DvdPlusR,
        Some(30_000),
        Behaviour::default(),
    )
    .expect("a blank disc");
    place
}

/// The free bytes that the drive reports, even if no volume is visible.
fn free_bytes(place: &Place) -> u64 {
    let run = place.run("--json info d.udf");
    let info: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    info["medium"]["free_blocks"].as_u64().expect("a number") * 2048
}

/// Runs a line in a drive with these faults; returns the failure.
fn fails(place: &Place, faults: &str, line: &str) -> Value {
    place.file("faults", faults);
    place.failure(&format!("{line} --faults faults"))
}

fn used(failure: &Value) -> u64 {
    failure["used_bytes"].as_u64().unwrap_or(0)
}

#[test]
fn a_failed_close_reports_what_it_used_up() {
    for line in CLOSES {
        let place = disc();
        let before = free_bytes(&place);
        let failure = fails(&place, "fail 3/0C/00 from CLOSE TRACK/SESSION 1\n", line);
        let gone = before - free_bytes(&place);
        assert!(gone >= SESSION_END * 2048, "{line}: {gone}");
        assert_eq!(used(&failure), gone, "{line}: {failure}");
        place.ok("close d.udf");
    }
}

#[test]
fn a_refused_close_uses_nothing_up() {
    for line in CLOSES {
        let place = disc();
        place.ok("close d.udf --finalize");
        let failure = place.failure(line);
        assert!(failure.get("used_bytes").is_none(), "{line}: {failure}");
    }
}

#[test]
fn a_failed_format_of_a_blank_disc_reports_what_it_used_up() {
    let place = blank();
    let before = free_bytes(&place);
    let failure = fails(&place, "fail 3/0C/00 from WRITE(10) 2\n", "format d.udf");
    let gone = before - free_bytes(&place);
    assert!(gone > 0);
    assert_eq!(used(&failure), gone, "{failure}");
    place.ok("format d.udf");
}

#[test]
fn a_removed_new_image_costs_nothing() {
    let place = Place::new();
    place.file("a", "1");
    for line in [
        "format new.udf --medium dvd+r --capacity 60M",
        "burn a --to new.udf --medium dvd+r --capacity 60M",
    ] {
        let failure = fails(&place, "fail 3/0C/00 from SYNCHRONIZE CACHE 1\n", line);
        assert!(failure.get("used_bytes").is_none(), "{line}: {failure}");
        assert!(!place.path("new.udf").exists(), "{line}");
    }
}

#[test]
fn a_failed_burn_counts_its_format_too() {
    let place = blank();
    let before = free_bytes(&place);
    let failure = fails(
        &place,
        "fail 3/0C/00 from SYNCHRONIZE CACHE 2\n",
        "burn a --to d.udf --all-or-nothing",
    );
    let gone = before - free_bytes(&place);
    assert!(gone > 3_000_000 + SESSION_END * 2048, "{gone}");
    assert_eq!(used(&failure), gone, "{failure}");
}

#[test]
fn a_burn_that_cannot_be_closed_counts_everything_it_recorded() {
    let place = blank();
    let before = free_bytes(&place);
    let failure = fails(
        &place,
        "fail 3/0C/00 from CLOSE TRACK/SESSION 1\n",
        "burn a --to d.udf --close",
    );
    assert_eq!(used(&failure), before - free_bytes(&place), "{failure}");
    assert!(
        failure["state"]
            .as_str()
            .is_some_and(|state| state.contains("the session is open")),
        "{failure}"
    );
    assert_eq!(place.names("d.udf"), ["/a"]);
}

#[test]
fn a_drive_that_stops_answering_counts_what_it_accepted() {
    let place = disc();
    place.file("large", noise(8 << 20, 2));
    let failure = fails(&place, "cut after 2000 blocks keep all\n", "add d.udf large");
    // The command that was cut has no answer: what it recorded is unknown.
    let used = used(&failure);
    assert!((1000 * 2048..=2000 * 2048).contains(&used), "{failure}");
}

#[test]
fn a_result_that_cannot_be_printed_reports_what_it_used() {
    let place = disc();
    place.file("b", noise(50_000, 2));
    for line in ["add d.udf b", "mkdir d.udf /directory", "close d.udf"] {
        let before = free_bytes(&place);
        let full = fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let words: Vec<_> = ["--json"].into_iter().chain(line.split(' ')).collect();
        let output = place
            .command(&words)
            .stdout(full)
            .output()
            .expect("the program runs");
        let failure: Value = serde_json::from_slice(&output.stderr).expect("JSON");
        assert_eq!(output.status.code(), Some(1), "{line}: {failure}");
        // After a close the gap to the next session is used up as well.
        let gone = before - free_bytes(&place);
        let counted = used(&failure);
        assert!(
            counted == gone || line == "close d.udf" && counted >= SESSION_END * 2048,
            "{line}: {failure} {gone}"
        );
    }
}

#[test]
fn left_out_files_are_reported_even_if_the_result_cannot_be_printed() {
    let place = disc();
    place.file("t/fine", "1");
    // Its first byte cannot be read, which no survey notices.
    for line in ["add d.udf t", "burn t --to d.udf --close"] {
        let full = fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let words: Vec<_> = line.split(' ').chain(["/proc/self/mem"]).collect();
        let output = place
            .command(&words)
            .stdout(full)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("  /proc/self/mem: ") && said.contains("on the disc: volume 'Used' with"),
            "{said}"
        );
        assert!(!said.contains("everything requested"), "{said}");
    }
}
