//! What a failure used up of the medium, which is gone for good: it says how much.

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

/// What the drive says is free, also where there is no volume to be seen.
fn free_bytes(place: &Place) -> u64 {
    let run = place.run("--json info d.udf");
    let info: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    info["medium"]["free_blocks"].as_u64().expect("a number") * 2048
}

/// Runs a line in a drive in which that goes wrong; the failure.
fn fails(place: &Place, faults: &str, line: &str) -> Value {
    place.file("faults", faults);
    place.failure(&format!("{line} --faults faults"))
}

fn used(failure: &Value) -> u64 {
    failure["used_bytes"].as_u64().unwrap_or(0)
}

#[test]
fn a_close_that_fails_says_what_it_used_up() {
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
fn a_close_that_is_refused_uses_nothing_up() {
    for line in CLOSES {
        let place = disc();
        place.ok("close d.udf --finalize");
        let failure = place.failure(line);
        assert!(failure.get("used_bytes").is_none(), "{line}: {failure}");
    }
}

#[test]
fn a_format_that_fails_on_a_blank_disc_says_what_it_used_up() {
    let place = blank();
    let before = free_bytes(&place);
    let failure = fails(&place, "fail 3/0C/00 from WRITE(10) 2\n", "format d.udf");
    let gone = before - free_bytes(&place);
    assert!(gone > 0);
    assert_eq!(used(&failure), gone, "{failure}");
    place.ok("format d.udf");
}

#[test]
fn a_new_image_that_is_removed_again_costs_nothing() {
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
fn a_burn_that_fails_counts_its_format_too() {
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
fn a_burn_that_cannot_be_closed_counts_all_that_it_recorded() {
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
fn a_drive_that_answers_nothing_any_more_counts_by_what_it_took() {
    let place = disc();
    place.file("large", noise(8 << 20, 2));
    let failure = fails(&place, "cut after 2000 blocks keep all\n", "add d.udf large");
    // The command that was cut is not answered: what it recorded is not known.
    let used = used(&failure);
    assert!((1000 * 2048..=2000 * 2048).contains(&used), "{failure}");
}

#[test]
fn what_is_done_and_cannot_be_shown_says_what_it_took() {
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
        // Behind a close the gap to the next session is gone as well.
        let gone = before - free_bytes(&place);
        let counted = used(&failure);
        assert!(
            counted == gone || line == "close d.udf" && counted >= SESSION_END * 2048,
            "{line}: {failure} {gone}"
        );
    }
}

#[test]
fn what_is_missing_is_told_also_where_nothing_can_be_shown() {
    let place = disc();
    place.file("t/fine", "1");
    // Its first byte cannot be read, which no survey sees.
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
        assert!(!said.contains("everything that was asked for"), "{said}");
    }
}
