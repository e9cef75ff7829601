//! Other programs record on a device.

use anyhow::Result;

use super::{Bench, agreement};

const PEERS: &str = include_str!("peers.sh");

/// Discs that other programs record, and the states in which they are compared.
const RECORDED: &[&str] = &[
    "cd-r by xorriso",
    "cd-r by cdrskin",
    "cd-r by wodim",
    "dvd-r by xorriso",
    "dvd-r by cdrskin",
    "dvd-r by growisofs",
    "dvd+r by xorriso",
    "dvd+r by cdrskin",
    "dvd+r by growisofs",
    "bd-r by xorriso",
    "bd-r by cdrskin",
    "bd-r by growisofs",
];
const RECORDED_AT_ONCE: &[&str] = &[
    "cd-r by wodim at once",
    "cd-r by cdrskin at once",
    "dvd-r by wodim at once",
    "dvd-r by cdrskin at once",
    "dvd-r by growisofs at once",
    "dvd+r by growisofs at once",
];

/// Records with other programs on a device, and compares what they say about the disc.
pub fn record_by_others(bench: &Bench<'_>) -> Result<()> {
    let mut expected = Vec::new();
    let mut states = Vec::new();
    for disc in RECORDED.iter().chain(RECORDED_AT_ONCE) {
        let at_once = RECORDED_AT_ONCE.contains(disc);
        let recorded: &[&str] = if at_once {
            &["recorded"]
        } else {
            &["recorded", "appended"]
        };
        states.push(format!("{disc}, blank"));
        expected.push(format!("{disc}, recording"));
        expected.push(format!("{disc}, closed"));
        expected.push(format!("{disc}, detached"));
        for state in recorded {
            expected.push(format!("{disc}, {state}, the tree"));
            states.push(format!("{disc}, {state}"));
        }
    }
    let shared = bench.run(PEERS, &expected)?.shared;
    for state in states {
        let found =
            agreement::disagreements(&shared, &state).unwrap_or_else(|error| vec![format!("{error:#}")]);
        bench.judged(&format!("{state}: what other programs say of it"), &found);
    }
    Ok(())
}
