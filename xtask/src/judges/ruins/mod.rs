//! `oncefs salvage` on volumes of which one kind of structure after the other is destroyed: every file that
//! was copied in comes out with its bytes, and nothing else is called whole. photorec looks at the same
//! images; what it finds is only shown.

mod photorec;
mod structures;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::Shell;

use self::structures::{Kind, places};
use crate::findings::Findings;
use crate::guest::{Guest, Job, Work};
use crate::listing::{Entry, Kind as Node, LargeDirectories, Listing, differences, walk};
use crate::parallel::in_parallel;
use crate::program::Program;
use crate::scenarios::{Ruined, Ruins};
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(5 * 60);
/// A file of volumes with sparing tables, over their blocks (`UDF 1.50 3.3.7.2`).
const OF_VOLUME: &str = "Non-Allocatable Space";

/// What must come out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Every file under its path.
    Paths,
    /// Every file under its path below the directories of the root.
    PathsBelowRoot,
    /// Every file, under any name.
    Files,
}

/// What is destroyed together, and what must come out then.
const RUINS: &[(&str, &[Kind], Demand)] = &[
    ("nothing", &[], Demand::Paths),
    ("recognition", &[Kind::Recognition], Demand::Paths),
    ("anchors", &[Kind::Anchors], Demand::Paths),
    ("descriptors", &[Kind::Descriptors], Demand::Paths),
    (
        "all of these",
        &[Kind::Recognition, Kind::Anchors, Kind::Descriptors],
        Demand::Paths,
    ),
    ("VAT", &[Kind::Vats], Demand::Paths),
    (
        "VAT, descriptors",
        &[Kind::Vats, Kind::Anchors, Kind::Descriptors],
        Demand::Paths,
    ),
    ("root", &[Kind::Root], Demand::PathsBelowRoot),
    (
        "directories",
        &[Kind::DirectoryEntries, Kind::Names],
        Demand::Files,
    ),
    (
        "all but files",
        &[
            Kind::Recognition,
            Kind::Anchors,
            Kind::Descriptors,
            Kind::Root,
            Kind::DirectoryEntries,
            Kind::Names,
        ],
        Demand::Files,
    ),
];

/// The part of `oncefs salvage --json` that is compared.
#[derive(Deserialize)]
struct Report {
    files: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    path: String,
    whole: bool,
}

/// One ruin.
struct Ruin<'a> {
    volume: &'a Ruined,
    name: &'static str,
    kinds: &'static [Kind],
    demand: Demand,
}

/// What all ruins need.
pub struct Salvage<'a> {
    pub program: &'a Program,
    pub findings: &'a Findings,
    pub ruins: &'a Ruins,
}

impl Salvage<'_> {
    /// Lets a kernel fill the empty volumes, and salvages the ruins of all.
    pub fn judge(&self, shell: &Shell, kernel: &Kernel, folder: &Path) -> Result<()> {
        self.fill(shell, kernel, folder)?;
        let mut work = Vec::new();
        for volume in &self.ruins.volumes {
            let image = std::fs::read(&volume.image)?;
            for (name, kinds, demand) in RUINS {
                let is_there = kinds.is_empty() || !places(&image, volume.block_size, kinds).is_empty();
                if is_there && (volume.is_virtual || !kinds.contains(&Kind::Vats)) {
                    work.push(Ruin {
                        volume,
                        name,
                        kinds,
                        demand: *demand,
                    });
                }
            }
        }
        let numbered: Vec<(usize, Ruin<'_>)> = work.into_iter().enumerate().collect();
        let done = in_parallel(2, numbered, |(number, ruin)| {
            let line = self.salvage(&ruin, &folder.join(format!("ruin-{number}")));
            line.map(|line| (number, line))
                .with_context(|| format!("{} without {}", ruin.volume.name, ruin.name))
        });
        let mut lines = done.into_iter().collect::<Result<Vec<_>>>()?;
        lines.sort_unstable();
        let files = files(&self.ruins.tree).count();
        println!("whole files of {files}, with path, and by photorec (with what else it found):");
        lines.iter().for_each(|(_, line)| println!("{line}"));
        Ok(())
    }

    fn fill(&self, shell: &Shell, kernel: &Kernel, folder: &Path) -> Result<()> {
        let empty: Vec<&Ruined> = self.ruins.volumes.iter().filter(|one| one.is_empty).collect();
        let job = |one: &&Ruined| Job {
            name: one.name.clone(),
            image: one.image.clone(),
            filesystem: "udf".to_owned(),
            options: format!("bs={}", one.block_size),
            work: Work::FillWithKinds,
        };
        let jobs: Vec<Job> = empty.iter().map(job).collect();
        let outcomes = Guest::new(shell, kernel, folder)?.run(&jobs, LIMIT)?;
        for (volume, mut outcome) in empty.iter().zip(outcomes) {
            let mut found: Vec<String> = outcome.error.into_iter().chain(outcome.complaints).collect();
            for name in ["/lost+found", "/Non-Allocatable Space"] {
                outcome.listing.remove(name);
            }
            found.extend(differences(&kept(&self.ruins.tree), &kept(&outcome.listing)));
            self.findings
                .judged(&format!("{}: filled by {}", volume.name, kernel.name()), &found);
        }
        Ok(())
    }

    /// Destroys, salvages and compares. Returns what each program found.
    fn salvage(&self, ruin: &Ruin<'_>, folder: &Path) -> Result<String> {
        std::fs::create_dir(folder)?;
        let image = folder.join("ruin.img");
        let mut bytes = std::fs::read(&ruin.volume.image)?;
        for at in places(&bytes, ruin.volume.block_size, ruin.kinds) {
            bytes[at..at + ruin.volume.block_size].fill(0);
        }
        std::fs::write(&image, bytes)?;
        let to = folder.join("saved");
        let ended = Command::new(self.program.path())
            .args(["--json", "salvage"])
            .arg(&image)
            .arg("--to")
            .arg(&to)
            .output()
            .context("cannot run oncefs")?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let report: Report = serde_json::from_slice(&ended.stdout).context(said)?;
        let saved = walk(&to, LargeDirectories::ByName)?;
        let tree = &self.ruins.tree;
        let copied: BTreeSet<&str> = files(tree).map(|(_, digest)| digest).collect();
        let (mut whole, mut with_path, mut found) = (0, 0, Vec::new());
        for (path, digest) in files(tree) {
            let is_out = |end: &str| has(&saved, end, digest);
            let is_at_path = saved.get(path).is_some_and(|entry| is_of(entry, digest));
            with_path += usize::from(is_at_path);
            let below = path[1..].find('/').map_or(path, |at| &path[1 + at..]);
            let is_right = match ruin.demand {
                Demand::Paths => is_at_path,
                Demand::PathsBelowRoot => is_out(below),
                Demand::Files => is_out(""),
            };
            whole += usize::from(is_out(""));
            if !is_right {
                found.push(format!("{path} is missing"));
            }
        }
        for file in report.files.iter().filter(|file| file.whole) {
            // Linux leaves entries of empty files that it removed.
            let entry = saved.get(&file.path).filter(|entry| entry.size != Some(0));
            let digest = entry.and_then(|entry| entry.sha256.as_deref());
            if digest.is_some_and(|digest| !copied.contains(digest)) && !file.path.ends_with(OF_VOLUME) {
                found.push(format!("{} is called whole, and was never there", file.path));
            }
        }
        if !matches!(ended.status.code(), Some(0 | 5)) {
            found.push(format!("it ended with {}", ended.status));
        }
        let name = format!("{} without {}", ruin.volume.name, ruin.name);
        self.findings.judged(&format!("{name}: salvaged"), &found);
        let (others, count) = photorec::find(&image, &folder.join("photorec"))?;
        let by_others = files(tree).filter(|(_, digest)| others.contains(*digest)).count();
        std::fs::remove_dir_all(folder)?;
        Ok(format!(
            "{name:60} {whole:3} {with_path:3} {by_others:3} ({count})"
        ))
    }
}

/// Files with their digests.
fn files(tree: &Listing) -> impl Iterator<Item = (&str, &str)> {
    tree.iter()
        .filter_map(|(path, entry)| Some((path.as_str(), entry.sha256.as_deref()?)))
}

fn is_of(entry: &Entry, digest: &str) -> bool {
    entry.sha256.as_deref() == Some(digest)
}

/// Whether a file with these bytes is there under a path that ends so.
fn has(saved: &Listing, end: &str, digest: &str) -> bool {
    saved
        .iter()
        .any(|(path, entry)| path.ends_with(end) && is_of(entry, digest))
}

/// What must be as it was copied: files, with their contents, and directories.
fn kept(tree: &Listing) -> Listing {
    let kept = |entry: &Entry| Entry {
        kind: entry.kind,
        size: entry.size.filter(|_| entry.kind == Some(Node::File)),
        sha256: entry.sha256.clone(),
        ..Entry::default()
    };
    tree.iter()
        .map(|(path, entry)| (path.clone(), kept(entry)))
        .collect()
}
