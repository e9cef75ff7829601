//! The emulated recorder as a device of the guest's kernel: the program lives the whole life of a disc on it, as the kernel,
//! udfinfo and blkid see it; other programs record on it, and agree with the program about the disc.

mod agreement;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xshell::Shell;

use super::udfinfo;
use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE};
use crate::program::{Info, Program};
use crate::setup::Kernel;

/// No boot may take longer; two run beside each other.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// The last line of every script.
const END: &str = "the script came to its end";

const COMMON: &str = include_str!("devices/common.sh");
const LIFE: &str = include_str!("devices/life.sh");
const PEERS: &str = include_str!("devices/peers.sh");
const FAULTS: &str = include_str!("devices/faults.sh");

/// Discs that the program records, with what is asked of their drives: whether a last recorded address is told, and
/// whether the TOC tells where the last session starts.
const DISCS: &[(&str, &str)] = &[
    ("cd-r", "60M"),
    ("dvd-r", "80M"),
    ("dvd+r", "60M"),
    ("bd-r", "60M"),
];
const DRIVES: &[(&str, &str)] = &[
    (
        "told where it ends and begins",
        "--behaviour last_recorded_address_valid=yes",
    ),
    (
        "told neither",
        "--behaviour last_recorded_address_valid=no --behaviour toc_last_session_start=no",
    ),
];
const STATES: &[&str] = &[
    "formatted",
    "added",
    "added again",
    "removed",
    "closed",
    "continued",
    "finalized",
];

/// So often the program is killed.
const KILLS: u32 = 100;

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

/// What a script needs.
pub struct Bench<'a> {
    pub shell: &'a Shell,
    pub kernel: &'a Kernel,
    pub program: &'a Program,
    pub folder: &'a Path,
    pub findings: &'a Findings,
}

/// The drive that tells the last recorded address.
const TELLING: usize = 0;

/// How many kinds of drives there are for [`live_on_devices`].
pub const KINDS_OF_DRIVES: usize = DRIVES.len();

/// The program on a device, behind drives of one kind: every state is mounted by the kernel, and judged by udfinfo and blkid.
pub fn live_on_devices(bench: &Bench<'_>, kind: usize) -> Result<()> {
    let (drive, switches) = DRIVES[kind];
    let mut script = LIFE.to_owned();
    let mut expected = Vec::new();
    let mut states = Vec::new();
    for (medium, capacity) in DISCS {
        let disc = format!("{medium} {drive}");
        script += &format!("life {medium} {capacity} '{disc}' {switches}\n");
        for state in STATES {
            let state = format!("{disc}, {state}");
            for look in ["", ", mounted", ", the tree", ", by blkid"] {
                expected.push(format!("{state}{look}"));
            }
            // Of a DVD or BD without a last recorded address Linux takes 7 blocks off the end, as if it were a CD, and udfinfo
            // looks no further than the device reaches. The kernel finds the VAT nevertheless.
            if kind == TELLING || *medium == "cd-r" {
                states.push(state);
            }
        }
        expected.push(format!("{disc}, detached"));
    }
    let shared = bench.run(&script, &expected)?;
    for state in states {
        let text =
            |kind: &str| std::fs::read_to_string(shared.join(format!("{state}.{kind}"))).unwrap_or_default();
        let found = match serde_json::from_str::<Info>(&text("info")) {
            Ok(info) => udfinfo::differences(&info, &text("udfinfo"), &words_about(&state, &text("words")))?,
            Err(error) => vec![format!("oncefs info: {error}")],
        };
        bench.judged(&format!("{state}: by udfinfo"), &found);
    }
    Ok(())
}

/// The size of a CD counts run-out and link blocks, which cannot be read and hold no VAT: udfinfo tries them first and says so.
fn words_about(state: &str, words: &str) -> String {
    let about_the_end = |line: &&str| {
        line.ends_with("read failed: Input/output error")
            || line.contains("Note: Found Virtual Allocation Table at block")
    };
    let told = words
        .lines()
        .filter(|line| !(state.starts_with("cd-r") && about_the_end(line)));
    told.map(|line| format!("{line}\n")).collect()
}

/// Other programs record on a device, and agree about the disc.
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
    let shared = bench.run(PEERS, &expected)?;
    for state in states {
        let found =
            agreement::disagreements(&shared, &state).unwrap_or_else(|error| vec![format!("{error:#}")]);
        bench.judged(&format!("{state}: what other programs say of it"), &found);
    }
    Ok(())
}

/// What goes wrong on a device, and how the program goes on.
pub fn fail_on_devices(bench: &Bench<'_>) -> Result<()> {
    let mut expected = Vec::new();
    for (medium, _) in DISCS {
        expected.push(format!("removed in mid-write of {medium}, added again, the tree"));
        expected.push(format!("a write error on {medium}, the tree"));
    }
    for writes in 1..=3 {
        expected.push(format!("packets that end after {writes} writes, the tree"));
    }
    for kill in 1..=KILLS {
        expected.push(format!("killed at random {kill}, continued"));
        expected.push(format!("killed at random {kill}, read"));
    }
    let others = [
        "a command that hangs",
        "a command that hangs, answered again",
        "a killed recorder, detached",
        "killed at random, the tree",
        "killed at random, checked",
    ];
    expected.extend(others.map(str::to_owned));
    let script = FAULTS.replace("@KILLS@", &KILLS.to_string());
    bench.run(&script, &expected).map(drop)
}

impl Bench<'_> {
    /// Run a script behind what all have in common; each of its judgements is a finding, and so is each that is missing. The
    /// folder with what it left.
    fn run(&self, script: &str, expected: &[String]) -> Result<std::path::PathBuf> {
        let guest = Guest::new(self.shell, self.kernel, self.folder)?;
        let modules = self.kernel.folder.join("recorder");
        let script = format!("{COMMON}{script}\necho '{END}'\n")
            .replace("@MODULES@", &modules.display().to_string())
            .replace("@PROGRAM@", &self.program.path().display().to_string())
            .replace("@MEMORY@", MEMORY_INSIDE);
        let said = guest.run_script(&script, &[], LIMIT)?;
        let judgements = judgements(&said);
        for (name, differences) in &judgements {
            self.judged(name, differences);
        }
        let judged: BTreeSet<&str> = judgements.iter().map(|(name, _)| *name).collect();
        for name in expected.iter().filter(|name| !judged.contains(name.as_str())) {
            self.judged(name, &["it was not judged".to_owned()]);
        }
        ensure!(
            said.lines().last() == Some(END),
            "the script ended early; its last words: {}",
            said.lines().last().context("none")?
        );
        Ok(guest.shared())
    }

    fn judged(&self, what: &str, differences: &[String]) {
        self.findings
            .judged(&format!("{what} (Linux {})", self.kernel.version), differences);
    }
}

/// The lines `judged NAME`, each with the lines `| ...` behind it.
fn judgements(said: &str) -> Vec<(&str, Vec<String>)> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for line in said.lines() {
        if let Some(name) = line.strip_prefix("judged ") {
            found.push((name, Vec::new()));
        } else if let (Some(words), Some(last)) = (line.strip_prefix("| "), found.last_mut()) {
            last.1.push(words.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_belong_to_the_judgement_before_them() {
        let said = "judged a\njudged b\n| one\nnoise\n| two\njudged c\n";
        let found = judgements(said);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], ("b", vec!["one".to_owned(), "two".to_owned()]));
        assert!(found[0].1.is_empty() && found[2].1.is_empty());
    }
}
