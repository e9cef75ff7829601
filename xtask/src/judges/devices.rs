//! The emulated recorder as a device of the guest's kernel: on it, the program runs the whole life of a disc,
//! as seen by the kernel, udfinfo and blkid; other programs record on it and must agree with the program
//! about the disc; and things go wrong.

mod agreement;
mod faults;
mod lives;
mod mounts;
mod odd_lives;
mod peers;
mod rom;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xshell::Shell;

pub use faults::{BOOTS_WITH_FAULTS, fail_on_devices};
pub use lives::{KINDS_OF_DRIVES, live_on_devices};
pub use mounts::mount_on_devices;
pub use peers::record_by_others;
pub use rom::read_on_devices;

use crate::findings::Findings;
use crate::guest::{Guest, MEMORY_INSIDE};
use crate::program::Program;
use crate::setup::Kernel;

/// Maximum duration of a boot; two run at the same time.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// The last line of every script.
const END: &str = "the script came to its end";
/// The last judgement of each script.
const NOTHING_LEFT: &str = "of all recorders nothing is left";

const COMMON: &str = include_str!("devices/common.sh");
/// The trees that lives record.
const TREES: &str = include_str!("devices/trees.sh");

/// The media that the program records, each with its capacity in lives.
const DISCS: &[(&str, &str)] = &[
    ("cd-r", "60M"),
    ("dvd-r", "80M"),
    ("dvd+r", "60M"),
    ("bd-r", "60M"),
];

/// What a script needs.
pub struct Bench<'a> {
    pub shell: &'a Shell,
    pub kernel: &'a Kernel,
    pub program: &'a Program,
    pub folder: &'a Path,
    pub findings: &'a Findings,
}

/// The results of a script.
struct Ran {
    /// The folder shared with the guest.
    shared: PathBuf,
    /// The judgements without differences.
    passed: BTreeSet<String>,
}

impl Bench<'_> {
    /// Runs a script after the common part; each of its judgements is a finding, and so is each missing one.
    fn run(&self, script: &str, expected: &[String]) -> Result<Ran> {
        let guest = Guest::new(self.shell, self.kernel, self.folder)?;
        let modules = self.kernel.folder.join("recorder");
        let end = format!("part ''\ncollect\njudge '{NOTHING_LEFT}' nothing_is_left\necho '{END}'\n");
        let script = format!("{COMMON}{script}\n{end}")
            .replace("@MODULES@", &modules.display().to_string())
            .replace("@PROGRAM@", &self.program.path().display().to_string())
            .replace("@MEMORY@", MEMORY_INSIDE);
        let said = guest.run_script(&script, &[], LIMIT)?;
        println!("{}", times(&said, &self.kernel.version));
        let judgements = judgements(&said);
        for (name, differences) in &judgements {
            self.judged(name, differences);
        }
        let judged: BTreeSet<&str> = judgements.iter().map(|(name, _)| *name).collect();
        let expected = expected.iter().map(String::as_str).chain([NOTHING_LEFT]);
        for name in expected.filter(|name| !judged.contains(name)) {
            self.judged(name, &["it was not judged".to_owned()]);
        }
        ensure!(
            said.lines().last() == Some(END),
            "the script ended early; its last words: {}",
            said.lines().last().context("none")?
        );
        let passed = judgements
            .iter()
            .filter(|(_, differences)| differences.is_empty());
        Ok(Ran {
            shared: guest.shared(),
            passed: passed.map(|(name, _)| (*name).to_owned()).collect(),
        })
    }

    /// The kernel's name as a reader.
    fn linux(&self) -> String {
        self.kernel.name()
    }

    fn judged(&self, what: &str, differences: &[String]) {
        self.findings
            .judged(&format!("{what} (Linux {})", self.kernel.version), differences);
    }
}

/// The lines `judged NAME`, each with the lines `| ...` that follow it.
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

/// The duration of each part of a script, from the lines `took HUNDREDTHS NAME`.
fn times(said: &str, kernel: &str) -> String {
    let parts = said.lines().filter_map(|line| {
        let (hundredths, name) = line.strip_prefix("took ")?.split_once(' ')?;
        let seconds = hundredths.parse::<f64>().ok()? / 100.0;
        Some(format!("   {seconds:6.1} s  {name} (Linux {kernel})"))
    });
    parts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_belong_to_the_judgement_before_them() {
        let said = "judged a\njudged b\n| one\nnoise\n| two\ntook 150 a\njudged c\n";
        let found = judgements(said);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], ("b", vec!["one".to_owned(), "two".to_owned()]));
        assert!(found[0].1.is_empty() && found[2].1.is_empty());
    }

    #[test]
    fn the_duration_of_a_part_is_printed_in_seconds() {
        let said = "judged a\ntook 1234 a life\ntook much\n";
        assert_eq!(times(said, "6.1"), "     12.3 s  a life (Linux 6.1)");
    }
}
