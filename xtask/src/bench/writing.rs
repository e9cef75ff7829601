//! Contests of writing: one image of a tree.

use std::path::Path;

use anyhow::Result;

use super::arena::Tree;
use super::contest::{Contestant, Outcome, hold};
use super::equipment::Equipment;
use crate::program::Program;

/// Makes all programs create an image of the tree; the floor is `tar cf` for small files and `cp -r` for
/// large ones.
pub fn write(equipment: &Equipment, tree: Tree) -> Result<Outcome> {
    let source = equipment.arena.tree(tree)?;
    let image = equipment.arena.path("image");
    let side = equipment.arena.path("image.oncefs");
    let copy = equipment.arena.path("copy");
    let [from, to, into] = [&source, &image, &copy].map(|path| path.display().to_string());
    let tar = Contestant::new("tar cf", "tar", &["cf", &to, &from]).leaving(&[&image]);
    let cp = Contestant::new("cp -r", "cp", &["-r", &from, &into]).leaving(&[&copy]);
    let mut contestants = match tree {
        Tree::Large => vec![cp, tar],
        _ => vec![tar, cp],
    };
    let ours = ours(&equipment.program, &source, &image);
    contestants.extend(ours.map(|one| one.leaving(&[&image, &side])));
    // A million names take too long for the slower programs.
    if !tree.is_million() {
        let writers = equipment.peers.iter().flat_map(|peers| peers.writers(&from, &to));
        contestants.extend(writers.map(|one| one.leaving(&[&image])));
    }
    hold(
        &format!("writing {}", tree.name()),
        &source,
        equipment.rounds,
        &contestants,
    )
}

/// `oncefs burn --finalize` on the medium with the most room: a disc that every reader opens, and one for
/// readers that know VATs.
fn ours(program: &Program, source: &Path, image: &Path) -> [Contestant; 2] {
    let all = words(source, image);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let alone = [all.as_slice(), &["--rom", "no"]].concat();
    [
        Contestant::new("oncefs burn --finalize", program.path(), &all),
        Contestant::new("  with --rom no", program.path(), &alone),
    ]
}

/// The arguments of the first of them.
pub fn words(source: &Path, image: &Path) -> Vec<String> {
    let [from, to] = [source, image].map(|path| path.display().to_string());
    ["burn", &from, "--to", &to, "--medium", "bd-r", "--finalize"]
        .map(str::to_owned)
        .to_vec()
}
