//! Volumes of rewritable media, which are only read: with a sparable partition, and with a metadata partition and its mirror.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::{Bench, History, State};
use super::record_all;
use crate::trees;

/// Make them, and look at each: what we list and extract has to be the tree that they were made of.
pub fn read_foreign_images(bench: &Bench<'_>, shell: &Shell) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree");
    trees::every_kind(&tree)?;
    let made = bench.folder.join("made");
    std::fs::create_dir(&made)?;
    // No program of Linux makes metadata partitions, or spares a packet where nothing is defective.
    cmd!(
        shell,
        "cargo run --quiet --package volume --example rewritable -- {tree} {made}"
    )
    .quiet()
    .run()?;
    let mut images = Vec::new();
    for entry in std::fs::read_dir(&made)? {
        images.push(entry?.path());
    }
    images.sort();
    Ok(record_all(images, bench.findings, |image| {
        look(bench, &tree, &image)
    }))
}

fn look(bench: &Bench<'_>, tree: &Path, image: &Path) -> Result<Vec<State>> {
    let name = image.file_stem().and_then(|name| name.to_str());
    let mut history = History::new(bench, name.context("an image without a name")?)?;
    std::fs::rename(image, &history.disc)?;
    history.holds(tree)?;
    history.freeze("as made")?;
    history.end()
}
