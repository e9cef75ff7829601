//! A program killed at any moment: what was acknowledged stays, and no file is partial.

mod common;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Place, noise};

/// Kills per disc.
const KILLS: u32 = 40;

/// Moments from a seed, so that a failure can be repeated.
struct Moments(u32);

impl Moments {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let wide = u64::from(self.0) * u64::from(below);
        u32::try_from(wide >> 32).unwrap_or(0)
    }
}

/// Whether `line` succeeded before it was killed at this moment.
fn killed_after(place: &Place, line: &str, moment: Duration) -> bool {
    let words: Vec<_> = line.split(' ').collect();
    let child = place
        .command(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("the program runs");
    std::thread::sleep(moment);
    // It may have ended: then there is nothing to kill.
    let _ = child.kill();
    child.wait().expect("it ends").success()
}

/// The life of one disc, with a program that adds files and is killed again and again.
fn live(medium: &str, seed: u32) {
    let place = Place::new();
    let mut moments = Moments(seed);
    place.ok(&format!("format d.udf --medium {medium} --capacity 400M"));
    place.file("f", noise(2 << 20, 0));
    let started = Instant::now();
    place.ok("add d.udf f");
    let whole = started.elapsed();
    let mut acknowledged = BTreeMap::from([("/f".to_owned(), place.bytes("f"))]);
    let mut sent = acknowledged.clone();
    for number in 1..=KILLS {
        let name = format!("f{number}");
        let length = moments.next(3 << 20);
        place.file(&name, noise(usize::try_from(length).unwrap_or(0), number));
        sent.insert(format!("/{name}"), place.bytes(&name));
        let moment = whole * moments.next(1500) / 1000;
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
        // A kill between the image and its side file looks like an older side file: recording needs
        // --accept-image.
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
fn acknowledged_files_on_dvd_survive_every_kill() {
    live("dvd+r", 1);
}

#[test]
fn acknowledged_files_on_bd_survive_every_kill() {
    live("bd-r", 2);
}

#[test]
fn acknowledged_files_on_cd_survive_every_kill() {
    live("cd-r", 3);
}
