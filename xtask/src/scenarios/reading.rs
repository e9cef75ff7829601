//! Volumes that are only read: of rewritable media, with a sparable partition or with a metadata partition
//! and its mirror, and volumes that the standard allows and few programs write.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::{Bench, History, State};
use super::record_all;
use crate::judges::fill_by_udfclient;
use crate::listing::{LargeDirectories, walk};
use crate::trees;

/// Images whose metadata file has no ICB any more.
const MIRRORED: &str = "from its mirror";
/// What a kernel says before it takes the mirror.
const COMPLAINTS: &[&str] = &["udf_read_inode: (ino", "metadata inode efe not found"];

/// The volume without UDF's domain.
const ANOTHER_DOMAIN: &str = "another domain";
/// What a kernel says about it.
const NOT_UDF: &[&str] = &["Not OSTA UDF compliant"];

/// Those that mkudffs makes for rewritable media.
const SPARABLE_REVISIONS: &[&str] = &["1.50", "2.00", "2.01"];

/// Make them, and look at each: what we list and extract has to be the tree that they were made of.
pub fn read_foreign_images(bench: &Bench<'_>, shell: &Shell) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree");
    trees::every_kind(&tree)?;
    let made = bench.folder.join("made");
    std::fs::create_dir(&made)?;
    // No program of Linux makes metadata partitions, or spares a packet where nothing is defective.
    cmd!(
        shell,
        "cargo run --quiet --package oncefs-volume --example rewritable -- {tree} {made}"
    )
    .quiet()
    .run()?;
    let mut images = Vec::new();
    for entry in std::fs::read_dir(&made)? {
        images.push(entry?.path());
    }
    images.sort();
    let mut states = record_all(images, bench.findings, |image| look(bench, &tree, &image));
    let plain = bench.folder.join("plain");
    trees::plain(&plain)?;
    let mut media = Vec::new();
    for revision in SPARABLE_REVISIONS {
        media.extend([("cdrw", *revision), ("dvdrw", *revision)]);
    }
    states.extend(record_all(media, bench.findings, |(medium, revision)| {
        fill(bench, &plain, medium, revision)
    }));
    Ok(states)
}

/// A volume that mkudffs made and udfclient filled, which finds no space for so few files on a smaller one.
fn fill(bench: &Bench<'_>, tree: &Path, medium: &str, revision: &str) -> Result<Vec<State>> {
    let mut history = History::new(bench, &format!("mkudffs {medium} {revision}"))?;
    let (shell, disc) = (Shell::new()?, history.disc.clone());
    cmd!(
        shell,
        "mkudffs --new-file --media-type={medium} --udfrev={revision} --label=Rewritable {disc} 131072"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .context("mkudffs")?;
    let listing = fill_by_udfclient(&disc, tree)?;
    history.model.add(&listing, "/plain");
    // The hidden file of 1.50 over the blocks of spare packets and tables is no file of the user, as in the
    // kernels (`UDF 1.50 3.3.7.2`).
    history.freeze("filled by udfclient")?;
    history.end()
}

fn look(bench: &Bench<'_>, tree: &Path, image: &Path) -> Result<Vec<State>> {
    let name = image.file_stem().and_then(|name| name.to_str());
    let name = name.context("an image without a name")?;
    let mut history = History::new(bench, name)?;
    std::fs::rename(image, &history.disc)?;
    history.model.add(&walk(tree, LargeDirectories::ByName)?, "/");
    history.freeze("as made")?;
    if name.ends_with(MIRRORED) {
        for view in history.views() {
            view.complaints = COMPLAINTS;
        }
    }
    if name == ANOTHER_DOMAIN {
        for view in history.views() {
            view.complaints = NOT_UDF;
        }
    }
    history.end()
}
