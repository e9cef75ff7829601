//! The cost of commits in blocks: a benchmark of `recording` fills each volume and adds to it, and reads the
//! trace.

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
    /// Number of files on the volume before.
    pub files: u64,
    /// Number of directories on the volume.
    pub directories: u64,
    /// Number of commits.
    pub commits: u64,
    /// Median number of blocks.
    pub median: u64,
    /// Mean number of blocks.
    pub mean: f64,
    /// Largest number of blocks.
    pub most: u64,
    /// Seconds for all of them.
    pub seconds: f64,
}

/// Numbers of directories and commits: a thousand files are a hundred in each of ten directories.
const SIZES: &[(u64, u64)] = &[(10, 100), (100, 100), (1000, 100), (1000, 1000)];

/// The benchmark program.
const COMMITS_BENCH: [&str; 4] = ["--package", "oncefs-recording", "--bench", "commits"];

/// Commits on each volume for the bound for 100,000 files.
const COMMITS: u64 = 1000;

/// Counts on a CD-R for each size, and on the other media with 100,000 files.
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
