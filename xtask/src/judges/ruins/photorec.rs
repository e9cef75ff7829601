//! photorec, which knows files by their contents and no file system: what it finds in the same image.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::listing::{LargeDirectories, walk};

/// What it does without asking: look for files of all kinds in the whole image.
const WORK: &str = "partition_none,fileopt,everything,enable,wholespace,search";

/// The digests of the files that it finds; their number is the second.
pub fn find(image: &Path, folder: &Path) -> Result<(BTreeSet<String>, usize)> {
    std::fs::create_dir(folder)?;
    let mut command = Command::new("photorec");
    command
        .arg("/d")
        .arg(folder.join("found"))
        .arg("/cmd")
        .arg(image)
        .arg(WORK);
    // It draws on a terminal, also on one that is none.
    let command = command
        .env("TERM", "xterm")
        .current_dir(folder)
        .stdin(Stdio::null());
    command.output().context("cannot run photorec")?;
    let listing = walk(folder, LargeDirectories::ByName)?;
    std::fs::remove_dir_all(folder)?;
    let is_report = |path: &str| path.ends_with("/report.xml") || path.ends_with("/photorec.se2");
    let found = listing.into_iter().filter(|(path, _)| !is_report(path));
    let digests: Vec<String> = found.filter_map(|(_, entry)| entry.sha256).collect();
    let count = digests.len();
    Ok((digests.into_iter().collect(), count))
}
