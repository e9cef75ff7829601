//! Contests of reading: every file of an image, or every name.

use std::process::Command;

use anyhow::{Result, bail};

use super::arena::{Arena, Tree};
use super::contest::{Contestant, Outcome, hold};
use super::writing;
use crate::program::Program;

/// Lets everybody copy a tree out of an image; the floor is `cp -r` of the tree itself.
pub fn extract(arena: &Arena, program: &Program, tree: Tree, rounds: usize) -> Result<Outcome> {
    let source = arena.tree(tree)?;
    let image = arena.path("disc");
    record(program, &source, &image)?;
    let copy = arena.path("copy");
    let [from, disc, into] = [&source, &image, &copy].map(|path| path.display().to_string());
    let contestants = [
        Contestant::new("cp -r", "cp", &["-r", &from, &into]),
        Contestant::new(
            "oncefs extract",
            program.path(),
            &["extract", &disc, "--to", &into],
        ),
    ]
    .map(|one| one.leaving(&[&copy]));
    let outcome = hold(&format!("extracting {}", tree.name()), rounds, &contestants);
    forget(arena)?;
    outcome
}

/// Lets everybody list all names; the floor is `find` in the tree itself.
pub fn list(arena: &Arena, program: &Program, tree: Tree, rounds: usize) -> Result<Outcome> {
    let source = arena.tree(tree)?;
    let image = arena.path("disc");
    record(program, &source, &image)?;
    let names = arena.path("names");
    let [from, disc] = [&source, &image].map(|path| path.display().to_string());
    let contestants = [
        Contestant::new("find", "find", &[&from]),
        Contestant::new("oncefs ls -R", program.path(), &["ls", "-R", &disc]),
        Contestant::new("oncefs info", program.path(), &["info", &disc]),
    ]
    .map(|one| one.printing_to(&names));
    let outcome = hold(&format!("listing {}", tree.name()), rounds, &contestants);
    forget(arena)?;
    outcome
}

fn record(program: &Program, source: &std::path::Path, image: &std::path::Path) -> Result<()> {
    let status = Command::new(program.path())
        .args(writing::words(source, image))
        .stdout(std::process::Stdio::null())
        .status()?;
    if !status.success() {
        bail!("oncefs burn: {status}");
    }
    Ok(())
}

fn forget(arena: &Arena) -> Result<()> {
    ["disc", "disc.oncefs", "names"]
        .iter()
        .try_for_each(|name| super::arena::remove(&arena.path(name)))
}
