//! udfinfo compared with our judge, on discs with injected errors: ours must find what udfinfo finds.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use hostile::inject::{self, JudgedDisc};

use crate::findings::Findings;
use crate::parallel::in_parallel;

/// One in this many field changes is tried; all relations are.
const EVERY: usize = 31;

/// How many times each of the two found something.
#[derive(Default)]
struct Tally {
    both: usize,
    ours: usize,
    theirs: usize,
    neither: usize,
}

/// Runs both on the discs of the injector.
pub fn compare_on_injected(findings: &Findings) {
    let tallies = in_parallel(2, inject::discs(), |mut disc| {
        let name = disc.name.clone();
        let mut tally = Tally::default();
        let found = compare(&mut disc, &mut tally).unwrap_or_else(|error| vec![format!("{error:#}")]);
        findings.judged(&format!("udfinfo beside our judge: {name}"), &found);
        tally
    });
    let sum = |count: fn(&Tally) -> usize| tallies.iter().map(count).sum::<usize>();
    println!(
        "   injected: {} found by both, {} by us alone, {} by udfinfo alone, {} by neither",
        sum(|tally| tally.both),
        sum(|tally| tally.ours),
        sum(|tally| tally.theirs),
        sum(|tally| tally.neither)
    );
}

/// What only udfinfo finds.
fn compare(disc: &mut JudgedDisc, tally: &mut Tally) -> Result<Vec<String>> {
    let relations = inject::relations(disc).into_iter();
    let relations = relations.map(|relation| (format!("{}: {}", disc.name, relation.what), relation.changes));
    let fields = inject::field_changes(disc, EVERY).into_iter();
    let changes: Vec<_> = relations
        .chain(fields.map(|change| (change.what, change.blocks)))
        .collect();
    let good = words(disc.path())?;
    let mut found = Vec::new();
    for (what, blocks) in changes {
        let (ours, theirs) = disc.with_seen(&blocks, words);
        let theirs: Vec<String> = theirs?.difference(&good).cloned().collect();
        match (ours.is_empty(), theirs.is_empty()) {
            (false, false) => tally.both += 1,
            (false, true) => tally.ours += 1,
            (true, true) => tally.neither += 1,
            (true, false) => {
                tally.theirs += 1;
                found.push(format!("{what}: {}", theirs.join("; ")));
            }
        }
    }
    Ok(found)
}

/// What udfinfo says against an image, and how it ended if it failed.
fn words(image: &Path) -> Result<BTreeSet<String>> {
    let output = Command::new("timeout")
        .args(["20", "udfinfo", "--utf8"])
        .arg(image)
        .output()
        .context("udfinfo")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let mut words: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    if !output.status.success() {
        words.insert(output.status.to_string());
    }
    Ok(words)
}
