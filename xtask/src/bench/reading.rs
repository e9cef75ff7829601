//! Contests of reading: every file of an image, or every name.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::arena::{Tree, remove};
use super::contest::{Contestant, Outcome, hold};
use super::equipment::Equipment;
use super::writing;

/// Makes all programs copy a tree out of an image; the floor is `cp -r` of the tree itself.
pub fn extract(equipment: &Equipment, tree: Tree) -> Result<Outcome> {
    let source = equipment.arena.tree(tree)?;
    let (disc, iso) = images(equipment, &source)?;
    let copy = equipment.arena.path("copy");
    let [from, into] = [&source, &copy].map(|path| path.display().to_string());
    let mut contestants = vec![
        Contestant::new("cp -r", "cp", &["-r", &from, &into]),
        Contestant::new(
            "oncefs extract",
            equipment.program.path(),
            &["extract", &disc, "--to", &into],
        ),
    ];
    contestants.extend(
        equipment
            .peers
            .iter()
            .flat_map(|peers| peers.extractors(&iso, &into)),
    );
    let contestants: Vec<_> = contestants.into_iter().map(|one| one.leaving(&[&copy])).collect();
    let outcome = hold(
        &format!("extracting {}", tree.name()),
        &source,
        equipment.rounds,
        &contestants,
    );
    forget(equipment)?;
    outcome
}

/// Makes all programs list all names; the floor is `find` in the tree itself. Opening the volume alone comes
/// last.
pub fn list(equipment: &Equipment, tree: Tree) -> Result<Outcome> {
    let source = equipment.arena.tree(tree)?;
    let (disc, iso) = match tree.is_million() {
        true => (ours(equipment, &source)?, None),
        false => images(equipment, &source).map(|(disc, iso)| (disc, Some(iso)))?,
    };
    let names = equipment.arena.path("names");
    let from = source.display().to_string();
    let mut contestants = vec![
        Contestant::new("find", "find", &[&from]),
        Contestant::new("oncefs ls -R", equipment.program.path(), &["ls", "-R", &disc]),
        Contestant::new("oncefs info", equipment.program.path(), &["info", &disc]),
    ];
    let peers = equipment.peers.as_ref().zip(iso.as_ref());
    contestants.extend(peers.into_iter().flat_map(|(peers, iso)| peers.listers(iso)));
    let contestants: Vec<_> = contestants
        .into_iter()
        .map(|one| one.printing_to(&names))
        .collect();
    let outcome = hold(
        &format!("listing {}", tree.name()),
        &source,
        equipment.rounds,
        &contestants,
    );
    forget(equipment)?;
    outcome
}

/// Our image, and one by genisoimage for programs that read no virtual partition.
fn images(equipment: &Equipment, source: &Path) -> Result<(String, String)> {
    let iso = equipment.arena.path("disc.iso").display().to_string();
    let tree = source.display().to_string();
    let words = ["-quiet", "-udf", "-R", "-allow-limited-size", "-o", &iso, &tree];
    make("genisoimage", &words)?;
    Ok((ours(equipment, source)?, iso))
}

fn ours(equipment: &Equipment, source: &Path) -> Result<String> {
    let disc = equipment.arena.path("disc");
    make(equipment.program.path(), &writing::words(source, &disc))?;
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

fn forget(equipment: &Equipment) -> Result<()> {
    ["disc", "disc.oncefs", "disc.iso", "names"]
        .iter()
        .try_for_each(|name| remove(&equipment.arena.path(name)))
}
