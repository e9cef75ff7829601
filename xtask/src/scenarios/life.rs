//! The life of a disc, from blank to finalized: on every medium and in every revision.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::history::{Bench, History, State};
use super::{MEDIA, REVISIONS, record_all};
use crate::trees;

/// The trees that every disc gets.
struct Trees {
    every_kind: PathBuf,
    second_round: PathBuf,
}

/// Record all lives; the states in no particular order.
pub fn record_lives(bench: &Bench<'_>) -> Result<Vec<State>> {
    let trees = Trees {
        every_kind: bench.folder.join("tree-every-kind"),
        second_round: bench.folder.join("tree-second-round"),
    };
    trees::every_kind(&trees.every_kind)?;
    trees::second_round(&trees.second_round)?;
    let work = MEDIA
        .iter()
        .flat_map(|medium| REVISIONS.iter().map(move |revision| (*medium, *revision)))
        .collect();
    Ok(record_all(work, bench.findings, |(medium, revision)| {
        live(bench, &trees, medium, revision)
    }))
}

fn live(bench: &Bench<'_>, trees: &Trees, medium: &str, revision: &str) -> Result<Vec<State>> {
    let mut history = History::new(bench, &format!("{medium} {revision}"))?;
    history.command(
        "format",
        &["--medium", medium, "--udf", revision, "--label", "Ωmega & Größe"],
    )?;
    history.freeze("formatted")?;
    history.add(&trees.every_kind, "/every", &[])?;
    history.freeze("added")?;
    remove_and_rename(&mut history)?;
    history.add(&trees.second_round, "/every", &[])?;
    history.freeze("replaced and added")?;
    // A DVD-R DL has one session, and closing it finalizes the disc.
    if medium != "dvd-r-dl" {
        history.command::<&str>("close", &[])?;
        ensure!(
            status(&history, bench)? == "appendable",
            "{medium} is not appendable after closing"
        );
        history.freeze("closed")?;
        history.add(&trees.second_round, "/of the second session", &[])?;
        history.freeze("continued in a second session")?;
        history.command("rm", &["-r", "/every/holes"])?;
        history.model.remove("/every/holes");
    }
    history.command("close", &["--finalize"])?;
    ensure!(
        status(&history, bench)? == "finalized",
        "{medium} is not finalized after closing it so"
    );
    history.freeze("finalized")?;
    history.end()
}

fn remove_and_rename(history: &mut History<'_>) -> Result<()> {
    history.command("rm", &["-r", "/every/deep", "/every/links/two"])?;
    history.model.remove("/every/deep");
    history.model.remove("/every/links/two");
    history.freeze("removed")?;
    // Over a file, over nothing, and a directory into another.
    for (from, to) in [
        ("/every/sizes/1832", "/every/sizes/32768"),
        ("/every/names/日本語", "/every/names/renamed 🎈"),
        ("/every/special", "/every/empty directory/special"),
    ] {
        history.command("mv", &[from, to])?;
        history.model.rename(from, to);
    }
    history.freeze("renamed")?;
    history.command("mkdir", &["/made"])?;
    history.model.directory("/made");
    history.command("ln", &["/every/sizes/4096", "/made/hard link"])?;
    history.model.link("/every/sizes/4096", "/made/hard link");
    history.freeze("linked")
}

fn status(history: &History<'_>, bench: &Bench<'_>) -> Result<String> {
    Ok(bench.program.info(&history.disc)?.medium.status)
}
