//! What commits cost in blocks: each volume is filled and added to by a benchmark of `recording`, which reads
//! the trace.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use xshell::{Shell, cmd};

use super::equipment::Equipment;
use crate::place::Place;

/// Commits that each add one file of 1 KiB to a random directory of a volume.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Commits {
    /// The medium.
    pub medium: String,
    /// Files that the volume had.
    pub files: u64,
    /// Directories that it has.
    pub directories: u64,
    /// How many commits.
    pub commits: u64,
    /// Blocks of the one in the middle.
    pub median: u64,
    /// Blocks in the mean.
    pub mean: f64,
    /// Blocks of the one that took most.
    pub most: u64,
    /// Seconds for all of them.
    pub seconds: f64,
}

/// Directories and commits: a thousand files are a hundred in each of ten.
const SIZES: &[(u64, u64)] = &[(10, 100), (100, 100), (1000, 100), (1000, 1000)];

/// The program that counts.
const COMMITS_BENCH: [&str; 4] = ["--package", "oncefs-recording", "--bench", "commits"];

/// Commits on each volume, as the bound for 100,000 files has it.
const COMMITS: u64 = 1000;

/// Counts on a CD-R of each size, and on the other media with 100,000 files.
pub fn count(place: &Place, equipment: &Equipment) -> Result<Vec<Commits>> {
    let shell = place.shell()?;
    cmd!(shell, "cargo bench --quiet --no-run {COMMITS_BENCH...}")
        .quiet()
        .run()?;
    let on_cd_r = SIZES.iter().map(|size| ("cd-r", *size));
    let elsewhere = ["dvd-r", "dvd+r", "bd-r"].map(|medium| (medium, (1000, 100)));
    on_cd_r
        .chain(elsewhere)
        .map(|(medium, size)| run(&shell, equipment, medium, size))
        .collect()
}

fn run(
    shell: &Shell,
    equipment: &Equipment,
    medium: &str,
    (directories, files): (u64, u64),
) -> Result<Commits> {
    eprintln!("bench: commits on {medium} with {} files", directories * files);
    let sizes = [directories, files, COMMITS].map(|number| number.to_string());
    let output = cmd!(
        shell,
        "cargo bench --quiet {COMMITS_BENCH...} -- {medium} {sizes...}"
    )
    .env("TMPDIR", equipment.arena.path(""))
    .quiet()
    .read()?;
    serde_json::from_str(&output).context("commits")
}

/// The counts as a table.
pub fn table(counts: &[Commits]) -> String {
    let mut text = format!(
        "\nblocks of a commit that adds 1 KiB\n{:8}  {:>9}  {:>7}  {:>7}  {:>7}  {:>5}\n",
        "", "files", "commits", "median", "mean", "most"
    );
    for one in counts {
        text.push_str(&format!(
            "{:8}  {:9}  {:7}  {:7}  {:7.2}  {:5}\n",
            one.medium, one.files, one.commits, one.median, one.mean, one.most
        ));
    }
    text
}
