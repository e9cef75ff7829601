//! The life of a disc, from blank to finalized: on every medium and in every revision.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::history::{Bench, History, State};
use super::{MEDIA, REVISIONS, record_all};
use crate::trees;

/// The trees that every disc receives.
struct Trees {
    every_kind: PathBuf,
    second_round: PathBuf,
}

/// The seed of the first disc in a drive with switches, from which the others count up.
const SEED: u64 = 13_000;

/// Kernels mount one in this many of those discs.
const SEEN_ONE_IN: usize = 6;

/// Records all lives; the states are in no particular order.
pub fn record_lives(bench: &Bench<'_>) -> Result<Vec<State>> {
    record(bench, |_| None)
}

/// Records all lives again, each in a drive with two switches set, drawn from a seed; returns the states of
/// some of them.
pub fn record_lives_in_odd_drives(bench: &Bench<'_>) -> Result<Vec<State>> {
    record(bench, |number| {
        Some(Odd {
            seed: SEED + number as u64,
            is_seen: number.is_multiple_of(SEEN_ONE_IN),
        })
    })
}

/// A drive with switches.
#[derive(Clone, Copy)]
struct Odd {
    seed: u64,
    is_seen: bool,
}

fn record(bench: &Bench<'_>, odd: impl Fn(usize) -> Option<Odd>) -> Result<Vec<State>> {
    let trees = Trees {
        every_kind: bench.folder.join("tree-every-kind"),
        second_round: bench.folder.join("tree-second-round"),
    };
    trees::every_kind(&trees.every_kind)?;
    trees::second_round(&trees.second_round)?;
    let both = MEDIA
        .iter()
        .flat_map(|medium| REVISIONS.iter().map(move |revision| (*medium, *revision)));
    let work = both
        .enumerate()
        .map(|(number, disc)| (disc, odd(number)))
        .collect();
    Ok(record_all(work, bench.findings, |((medium, revision), odd)| {
        let mut states = match odd {
            None => live(blank(bench, medium, revision)?, bench, &trees, medium),
            Some(odd) => live(blank_in(odd, bench, medium, revision)?, bench, &trees, medium),
        }?;
        states.retain(|_| odd.is_none_or(|odd| odd.is_seen));
        Ok(states)
    }))
}

const LABEL: &str = "Ωmega & Größe";

fn blank<'a>(bench: &'a Bench<'_>, medium: &str, revision: &str) -> Result<History<'a>> {
    let history = History::new(bench, &format!("{medium} {revision}"))?;
    let options = ["--medium", medium, "--udf", revision, "--label", LABEL];
    history.command("format", &options)?;
    Ok(history)
}

fn blank_in<'a>(odd: Odd, bench: &'a Bench<'_>, medium: &str, revision: &str) -> Result<History<'a>> {
    let behaviour = trials::switches_of_seed(odd.seed);
    let settings = behaviour.settings().into_iter();
    let settings: Vec<String> = settings.map(|(name, value)| format!("{name}={value}")).collect();
    let history = History::new(bench, &format!("{medium} {revision} {}", settings.join(" ")))?;
    drop(trials::Recorder::create(
        &history.disc,
        medium.parse()?,
        None,
        behaviour,
    )?);
    history.command("format", &["--udf", revision, "--label", LABEL])?;
    Ok(history)
}

fn live(mut history: History<'_>, bench: &Bench<'_>, trees: &Trees, medium: &str) -> Result<Vec<State>> {
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
        "{medium} is not finalized although the close asked for it"
    );
    history.freeze("finalized")?;
    history.end()
}

fn remove_and_rename(history: &mut History<'_>) -> Result<()> {
    history.command("rm", &["-r", "/every/deep", "/every/links/two"])?;
    history.model.remove("/every/deep");
    history.model.remove("/every/links/two");
    history.freeze("removed")?;
    // Over a file, to a new name, and a directory into another.
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
