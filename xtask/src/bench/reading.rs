//! Contests of reading: every file of an image, or every name.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Bench;
use super::arena::{Tree, remove};
use super::contest::{Contestant, Outcome, hold};
use super::writing;

/// Lets everybody copy a tree out of an image; the floor is `cp -r` of the tree itself.
pub fn extract(bench: &Bench, tree: Tree) -> Result<Outcome> {
    let source = bench.arena.tree(tree)?;
    let (disc, iso) = images(bench, &source)?;
    let copy = bench.arena.path("copy");
    let [from, into] = [&source, &copy].map(|path| path.display().to_string());
    let mut contestants = vec![
        Contestant::new("cp -r", "cp", &["-r", &from, &into]),
        Contestant::new(
            "oncefs extract",
            bench.program.path(),
            &["extract", &disc, "--to", &into],
        ),
    ];
    contestants.extend(bench.peers.extractors(&iso, &into));
    let contestants: Vec<_> = contestants.into_iter().map(|one| one.leaving(&[&copy])).collect();
    let outcome = hold(
        &format!("extracting {}", tree.name()),
        &source,
        bench.rounds,
        &contestants,
    );
    forget(bench)?;
    outcome
}

/// Lets everybody list all names; the floor is `find` in the tree itself. Opening the volume alone comes last.
pub fn list(bench: &Bench, tree: Tree) -> Result<Outcome> {
    let source = bench.arena.tree(tree)?;
    let (disc, iso) = match tree.is_million() {
        true => (ours(bench, &source)?, None),
        false => images(bench, &source).map(|(disc, iso)| (disc, Some(iso)))?,
    };
    let names = bench.arena.path("names");
    let from = source.display().to_string();
    let mut contestants = vec![
        Contestant::new("find", "find", &[&from]),
        Contestant::new("oncefs ls -R", bench.program.path(), &["ls", "-R", &disc]),
        Contestant::new("oncefs info", bench.program.path(), &["info", &disc]),
    ];
    contestants.extend(iso.iter().flat_map(|iso| bench.peers.listers(iso)));
    let contestants: Vec<_> = contestants
        .into_iter()
        .map(|one| one.printing_to(&names))
        .collect();
    let outcome = hold(
        &format!("listing {}", tree.name()),
        &source,
        bench.rounds,
        &contestants,
    );
    forget(bench)?;
    outcome
}

/// An image of ours, and one of genisoimage for those who read no virtual partition.
fn images(bench: &Bench, source: &Path) -> Result<(String, String)> {
    let iso = bench.arena.path("disc.iso").display().to_string();
    let tree = source.display().to_string();
    let words = ["-quiet", "-udf", "-R", "-allow-limited-size", "-o", &iso, &tree];
    make("genisoimage", &words)?;
    Ok((ours(bench, source)?, iso))
}

fn ours(bench: &Bench, source: &Path) -> Result<String> {
    let disc = bench.arena.path("disc");
    make(bench.program.path(), &writing::words(source, &disc))?;
    Ok(disc.display().to_string())
}

fn make(program: impl AsRef<Path>, words: &[impl AsRef<std::ffi::OsStr>]) -> Result<()> {
    let program = program.as_ref();
    let mut command = Command::new(program);
    command.args(words).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().with_context(|| program.display().to_string())?;
    if !status.success() {
        bail!("{}: {status}", program.display());
    }
    Ok(())
}

fn forget(bench: &Bench) -> Result<()> {
    ["disc", "disc.oncefs", "disc.iso", "names"]
        .iter()
        .try_for_each(|name| remove(&bench.arena.path(name)))
}
