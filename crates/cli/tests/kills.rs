//! A program that is killed at any moment: what was acknowledged stays, and nothing comes in part.

mod common;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Place, noise};

/// Kills a disc has to bear.
const KILLS: u32 = 40;

/// Moments from a seed, so that a failure comes again.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % below.max(1)
    }
}

/// Whether `line` ended with success before it was killed at this moment.
fn killed_after(place: &Place, line: &str, moment: Duration) -> bool {
    let words: Vec<_> = line.split(' ').collect();
    let child = place
        .command(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("the program runs");
    std::thread::sleep(moment);
    // It may have ended: then there is nobody to kill.
    let _ = child.kill();
    child.wait().expect("it ends").success()
}

/// A life of one disc to which files are added by a program that is killed again and again.
fn live(medium: &str, seed: u64) {
    let place = Place::new();
    let mut moments = Moments(seed);
    place.ok(&format!("format d.udf --medium {medium} --capacity 400M"));
    place.file("f", noise(2 << 20, 0));
    let started = Instant::now();
    place.ok("add d.udf f");
    let whole = started.elapsed().as_micros() as u64;
    let mut acknowledged = BTreeMap::from([("/f".to_owned(), place.bytes("f"))]);
    let mut sent = acknowledged.clone();
    for number in 1..=KILLS {
        let name = format!("f{number}");
        let length = moments.next(3 << 20) as usize;
        place.file(&name, noise(length, number));
        sent.insert(format!("/{name}"), place.bytes(&name));
        let moment = Duration::from_micros(moments.next(whole + whole / 2));
        let mut line = format!("add d.udf {name}");
        if moments.next(8) == 0 {
            line = "close d.udf".to_owned();
        }
        if killed_after(&place, &line, moment) && line.starts_with("add") {
            acknowledged.insert(format!("/{name}"), place.bytes(&name));
        }
        let found = place.run("ls d.udf");
        assert_eq!(found.code, 0, "{medium} {seed}, kill {number}: {}", found.err);
        let found: Vec<_> = found.out.lines().map(|name| format!("/{name}")).collect();
        for name in acknowledged.keys() {
            assert!(
                found.contains(name),
                "{medium} {seed}, kill {number}: {name} is lost"
            );
        }
        // A kill between the image and its side file looks like an older side file: recording waits to be told.
        let next = place.run("--json mkdir d.udf /again --parents");
        if next.code == 5 {
            assert!(next.err.contains("\"unproven\""), "{medium} {seed}: {}", next.err);
            place.ok("mkdir d.udf /again --parents --accept-image");
        } else {
            assert_eq!(next.code, 0, "{medium} {seed}, kill {number}: {}", next.err);
        }
    }
    assert_eq!(place.json("check d.udf --data")["errors"], 0, "{medium} {seed}");
    place.ok("extract d.udf --to out");
    for name in place.names("d.udf") {
        if name == "/again" {
            continue;
        }
        let (wanted, is) = (&sent[&name], place.bytes(&format!("out{name}")));
        assert!(*wanted == is, "{medium} {seed}: {name} is not whole");
    }
}

#[test]
fn what_was_acknowledged_on_dvd_outlives_every_kill() {
    live("dvd+r", 1);
}

#[test]
fn what_was_acknowledged_on_bd_outlives_every_kill() {
    live("bd-r", 2);
}

#[test]
fn what_was_acknowledged_on_cd_outlives_every_kill() {
    live("cd-r", 3);
}
