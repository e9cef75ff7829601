//! Volumes of several forms with one tree, whose structures are destroyed one kind after the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::Bench;
use crate::listing::{LargeDirectories, Listing, walk};
use crate::trees;

/// A volume to be ruined.
pub struct Ruined {
    pub name: String,
    pub image: PathBuf,
    /// Bytes of a block.
    pub block_size: usize,
    /// Whether a kernel still has to fill it.
    pub is_empty: bool,
    /// Whether its nodes are in a virtual partition.
    pub is_virtual: bool,
}

/// The volumes, and what is on each of them.
pub struct Ruins {
    pub volumes: Vec<Ruined>,
    pub tree: Listing,
}

/// Kind of medium, revision and bytes of a block of volumes by mkudffs that Linux fills.
const BY_LINUX: &[(&str, &str, usize)] = &[
    ("hd", "2.01", 2048),
    ("hd", "2.01", 512),
    ("cdrw", "2.01", 2048),
    ("cdrw", "1.50", 2048),
];
/// Revisions of volumes with a virtual partition by mkudffs, which Linux only reads: oncefs fills them.
const WITH_VAT: &[&str] = &["1.50", "2.01"];
/// Of the volumes with a metadata partition, the one with two metadata files.
const WITH_METADATA: &str = "metadata plain twice whole";
/// Bytes of a volume.
const BYTES: usize = 32 << 20;

/// Makes them all.
pub fn make_volumes_to_ruin(bench: &Bench<'_>) -> Result<Ruins> {
    let shell = Shell::new()?;
    let folder = bench.folder;
    let tree = folder.join("tree");
    trees::of_kinds(&tree)?;
    let mut volumes = Vec::new();
    for (medium, revision, block_size) in BY_LINUX {
        let image = folder.join(format!("{}.img", volumes.len()));
        let (blocks, size) = ((BYTES / block_size).to_string(), block_size.to_string());
        cmd!(
            shell,
            "mkudffs --new-file --media-type={medium} --udfrev={revision} --blocksize={size} --label=Ruined {image} {blocks}"
        )
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| format!("mkudffs {medium} {revision}"))?;
        volumes.push(Ruined {
            name: format!("mkudffs {medium} {revision}, {block_size}, Linux"),
            image,
            block_size: *block_size,
            is_empty: true,
            is_virtual: false,
        });
    }
    for revision in WITH_VAT {
        let image = folder.join(format!("{}.img", volumes.len()));
        with_vat(bench, &shell, &tree, revision, &image)?;
        volumes.push(Ruined {
            name: format!("mkudffs cdr {revision}, oncefs"),
            image,
            block_size: 2048,
            is_empty: false,
            is_virtual: true,
        });
    }
    let made = folder.join("made");
    std::fs::create_dir(&made)?;
    // No program of Linux makes metadata partitions.
    cmd!(
        shell,
        "cargo run --quiet --package oncefs-volume --example rewritable -- {tree} {made}"
    )
    .quiet()
    .run()?;
    let image = folder.join(format!("{}.img", volumes.len()));
    std::fs::rename(made.join(format!("{WITH_METADATA}.img")), &image)?;
    std::fs::remove_dir_all(&made)?;
    volumes.push(Ruined {
        name: "metadata partition, 2.50".to_owned(),
        image,
        block_size: 2048,
        is_empty: false,
        is_virtual: false,
    });
    let tree = walk(&tree, LargeDirectories::ByName)?;
    Ok(Ruins { volumes, tree })
}

/// A volume of mkudffs with a VAT, to which oncefs adds each directory of the tree in a session of its own.
fn with_vat(bench: &Bench<'_>, shell: &Shell, tree: &Path, revision: &str, image: &Path) -> Result<()> {
    cmd!(
        shell,
        "mkudffs --new-file --media-type=cdr --udfrev={revision} --label=Ruined {image} 332850"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .context("mkudffs cdr")?;
    let add = |directory: &str, stated: &[&str]| {
        let source = tree.join(directory);
        let words = [OsStr::new("add"), image.as_os_str(), source.as_os_str()];
        let stated = stated.iter().map(OsStr::new);
        bench.program.run(words.into_iter().chain(stated))?;
        bench.program.run([OsStr::new("close"), image.as_os_str()])
    };
    add("pictures", &["--medium", "cd-r-74"])?;
    add("others", &[])?;
    // What only a drive knows is lost too.
    std::fs::remove_file(image.with_extension("img.oncefs"))?;
    Ok(())
}
