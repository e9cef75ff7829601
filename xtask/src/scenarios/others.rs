//! Volumes that other programs and systems make, each of the same tree, to see which reader reads them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::Bench;
use super::sessions::record_sessions;
use crate::bench::Peers;
use crate::listing::{Entry, LargeDirectories, Listing, walk};
use crate::readers::put_by_udfclient;
use crate::trees;

/// A volume of another program.
pub struct Other {
    /// Who made it, and how.
    pub name: String,
    pub image: PathBuf,
    /// Bytes of a block.
    pub block_size: u64,
    /// Whether a kernel still has to fill it with the tree.
    pub is_empty: bool,
}

/// Kind of medium, revision and bytes of a block of volumes by mkudffs that Linux fills. Linux writes no
/// blocks longer than a page, and no metadata partition.
const BY_LINUX: &[(&str, &str, u64)] = &[
    ("hd", "1.02", 512),
    ("hd", "1.50", 1024),
    ("hd", "2.00", 2048),
    ("hd", "2.01", 512),
    ("hd", "2.01", 4096),
    ("dvdram", "2.01", 2048),
    ("cdrw", "1.50", 2048),
    ("dvdrw", "2.01", 2048),
];

/// Kind of medium and revision of sparable volumes by mkudffs that udfclient fills.
const BY_UDFCLIENT: &[(&str, &str)] = &[("cdrw", "1.50"), ("cdrw", "2.01"), ("dvdrw", "2.00")];

/// Options of newfs_udf for the edition, its revision, and bytes of a block, of volumes that udfclient fills.
const BY_NEWFS: &[(&[&str], &str, u64)] = &[(&["-2"], "1.50", 2048), (&[], "2.01", 2048), (&[], "2.01", 512)];

/// Bytes of a volume.
const BYTES: u64 = 64 << 20;
/// Bytes of a volume that udfclient fills: on a smaller one it finds no space for so few files.
const BYTES_FOR_UDFCLIENT: u64 = 256 << 20;

/// The tree that all of them have, as far as the poorest of them keeps it.
pub fn tree_of_others(folder: &Path) -> Result<(PathBuf, Listing)> {
    let tree = folder.join("tree of others");
    trees::plain(&tree)?;
    let kept = |entry: Entry| Entry {
        kind: entry.kind,
        size: entry.size,
        sha256: entry.sha256,
        ..Entry::default()
    };
    let listing = walk(&tree, LargeDirectories::ByName)?;
    let listing = listing.into_iter().map(|(path, entry)| (path, kept(entry)));
    Ok((tree, listing.collect()))
}

/// Makes them all.
pub fn make_volumes_of_others(bench: &Bench<'_>, peers: &Peers, tree: &Path) -> Result<Vec<Other>> {
    let shell = Shell::new()?;
    let mut made = Vec::new();
    let image = |made: &[Other]| bench.folder.join(format!("{}.img", made.len()));
    let mkudffs = |medium: &str, revision: &str, (bytes, size): (u64, u64), image: &Path| {
        let (blocks, size) = ((bytes / size).to_string(), size.to_string());
        cmd!(shell, "mkudffs --new-file --media-type={medium} --udfrev={revision} --label=Others --blocksize={size} {image} {blocks}")
            .quiet()
            .ignore_stdout()
            .run()
            .with_context(|| format!("mkudffs {medium} {revision}"))
    };
    for (medium, revision, size) in BY_LINUX {
        let image = image(&made);
        mkudffs(medium, revision, (BYTES, *size), &image)?;
        made.push(Other {
            name: format!("Linux on mkudffs `{medium}`, {revision}, {size}"),
            image,
            block_size: *size,
            is_empty: true,
        });
    }
    for (medium, revision) in BY_UDFCLIENT {
        let image = image(&made);
        mkudffs(medium, revision, (BYTES_FOR_UDFCLIENT, 2048), &image)?;
        fill(&image, 2048, tree)?;
        made.push(Other {
            name: format!("udfclient on mkudffs `{medium}`, {revision}, 2048"),
            image,
            block_size: 2048,
            is_empty: false,
        });
    }
    for (options, revision, size) in BY_NEWFS {
        let image = image(&made);
        let (blocks, bytes) = ((BYTES_FOR_UDFCLIENT / size).to_string(), size.to_string());
        let options = *options;
        cmd!(
            shell,
            "newfs_udf {options...} -P Others -L Others -S Others -b {bytes} -s {blocks} {image}"
        )
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .context("newfs_udf")?;
        fill(&image, *size, tree)?;
        made.push(Other {
            name: format!("udfclient on newfs_udf, {revision}, {size}"),
            image,
            block_size: *size,
            is_empty: false,
        });
    }
    let written = bench.folder.join("written");
    for writer in peers.writers(&tree.display().to_string(), &written.display().to_string()) {
        if writer.name().starts_with("xorriso") {
            continue;
        }
        writer.run_once()?;
        let image = image(&made);
        std::fs::rename(&written, &image)?;
        made.push(Other {
            name: writer.name().to_owned(),
            image,
            block_size: 2048,
            is_empty: false,
        });
    }
    let image = image(&made);
    record_sessions(&image, tree, ["/first", "/second", "/"])?;
    made.push(Other {
        name: "genisoimage -udf, third session of a bare image".to_owned(),
        image,
        block_size: 2048,
        is_empty: false,
    });
    Ok(made)
}

/// Puts the directories of a tree into the root of a volume, all at once: udfclient overwrites what an
/// earlier run put there.
fn fill(image: &Path, block_size: u64, tree: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(tree)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    put_by_udfclient(image, tree, &names, block_size)
}
