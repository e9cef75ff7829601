//! Images by other programs that write UDF: our judge calls none of them damaged, except as
//! docs/understanding/check.md lists.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::bench::Peers;
use crate::findings::Findings;
use crate::program::Program;

/// The errors that are real, by program; docs/understanding/check.md explains each.
const TRUE_ERRORS: &[(&str, &[&str])] = &[
    ("hadris-udf 2.2.0", &["FidParentIcb", "TagLocation"]),
    ("pycdlib", &["FidParentIcb"]),
];

/// The program that writes plain ISO 9660.
const WITHOUT_UDF: &str = "xorriso";

/// The JSON of each finding by `check --json`.
#[derive(Deserialize)]
struct Judgement {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    severity: String,
    kind: String,
    place: String,
    detail: String,
}

/// How a command of the program ended.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Creates an image with each program, and judges it.
pub fn judge_writers(peers: &Peers, program: &Program, folder: &Path, findings: &Findings) -> Result<()> {
    let tree = folder.join("tree");
    plant(&tree)?;
    let image = folder.join("image");
    for writer in peers.writers(&tree.display().to_string(), &image.display().to_string()) {
        writer.run_once()?;
        let found = if writer.name().starts_with(WITHOUT_UDF) {
            without_volume(program, &image)?
        } else {
            differences(writer.name(), program, &image, &tree)?
        };
        findings.judged(&format!("an image of {}", writer.name()), &found);
        fs::remove_file(&image)?;
    }
    Ok(())
}

/// Files of various sizes and names, in nested directories.
fn plant(tree: &Path) -> Result<()> {
    let below = tree.join("below/further down");
    fs::create_dir_all(&below)?;
    for (name, size) in [("empty", 0), ("one", 1), ("block", 2048), ("more", 70_000)] {
        fs::write(tree.join(name), vec![b'x'; size])?;
    }
    fs::write(below.join("Größe.txt"), "below")?;
    for number in 0..60 {
        fs::write(tree.join(format!("below/file {number}")), number.to_string())?;
    }
    Ok(())
}

fn run(program: &Program, words: &[&str], image: &Path) -> Result<Ended> {
    let output = Command::new(program.path())
        .args(words)
        .arg(image)
        .output()
        .context("cannot run oncefs")?;
    Ok(Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Errors that are not listed, listed errors that are missing, and extracted files that differ.
fn differences(name: &str, program: &Program, image: &Path, tree: &Path) -> Result<Vec<String>> {
    let ended = run(program, &["--json", "check", "--data"], image)?;
    let judgement: Judgement = serde_json::from_str(&ended.out).context(ended.err)?;
    let named = TRUE_ERRORS.iter().find(|(of, _)| *of == name);
    let named = named.map_or(&[][..], |(_, kinds)| kinds);
    let errors: Vec<_> = judgement
        .findings
        .iter()
        .filter(|finding| finding.severity == "error")
        .collect();
    let unnamed = errors
        .iter()
        .filter(|error| !named.contains(&error.kind.as_str()))
        .map(|error| format!("{} at {}: {}", error.kind, error.place, error.detail));
    let missing = named
        .iter()
        .filter(|kind| !errors.iter().any(|error| error.kind == **kind))
        .map(|kind| format!("{kind} is not found any more"));
    let mut found: Vec<String> = unnamed.chain(missing).collect();
    let back = image.with_extension("back");
    fs::create_dir(&back)?;
    let output = Command::new(program.path())
        .arg("extract")
        .arg(image)
        .arg("--to")
        .arg(&back)
        .output()?;
    if !output.status.success() {
        found.push(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let output = Command::new("diff").arg("-r").arg(tree).arg(&back).output()?;
    found.extend(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned));
    fs::remove_dir_all(&back)?;
    Ok(found)
}

/// `check` and `ls` must say the same about an image without UDF.
fn without_volume(program: &Program, image: &Path) -> Result<Vec<String>> {
    let (check, list) = (run(program, &["check"], image)?, run(program, &["ls"], image)?);
    let mut found = Vec::new();
    if (check.code, &check.err) != (list.code, &list.err) {
        found.push(format!(
            "check: {:?} {}, ls: {:?} {}",
            check.code, check.err, list.code, list.err
        ));
    }
    if check.code != Some(1) || !check.err.contains("without UDF") {
        found.push(format!("check: {:?} {}", check.code, check.err));
    }
    Ok(found)
}
