//! Volumes that mkudffs made: read, continued and closed.

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::{Bench, History, State};
use super::record_all;
use crate::trees;

/// What mkudffs calls a medium, what we call it, its blocks, and the revisions that mkudffs makes on it.
const MEDIA: &[(&str, &str, &str, &[&str])] = &[
    ("cdr", "cd-r-74", "332850", super::REVISIONS),
    ("dvdr", "dvd-r", "2298496", super::REVISIONS),
    ("bdr", "bd-r", "12219392", &["2.50", "2.60"]),
];

/// Make each, look at it, continue it and close it.
pub fn continue_foreign_images(bench: &Bench<'_>) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree");
    trees::every_kind(&tree)?;
    let work: Vec<_> = MEDIA
        .iter()
        .flat_map(|(theirs, ours, blocks, revisions)| {
            revisions
                .iter()
                .map(move |revision| (*theirs, *ours, *blocks, *revision))
        })
        .collect();
    Ok(record_all(
        work,
        bench.findings,
        |(theirs, ours, blocks, revision)| {
            let mut history = History::new(bench, &format!("mkudffs {theirs} {revision}"))?;
            let disc = &history.disc;
            let shell = Shell::new()?;
            cmd!(
                shell,
                "mkudffs --new-file --media-type={theirs} --udfrev={revision} --label=Foreign {disc} {blocks}"
            )
            .quiet()
            .ignore_stdout()
            .run()
            .context("mkudffs")?;
            if revision == "1.50" {
                // Its VAT stands inside the ICB, behind an extended attribute that Linux takes for the first entries.
                history.freeze_listed("as made")?;
            } else {
                history.freeze("as made")?;
            }
            history.add(&tree, "/every", &["--medium", ours])?;
            history.freeze("continued")?;
            history.command::<&str>("close", &[])?;
            history.freeze("closed")?;
            history.end()
        },
    ))
}
