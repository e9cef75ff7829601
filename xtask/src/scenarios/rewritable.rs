//! Empty volumes for rewritable media, for a kernel to write to.

use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::Bench;

/// A volume created by mkudffs.
pub struct Empty {
    pub name: String,
    pub image: PathBuf,
}

/// Media and revisions that Linux writes, with options of mkudffs. It only reads 2.50 and 2.60.
const VOLUMES: &[(&str, &str, &[&str])] = &[
    ("hd", "1.02", &[]),
    ("hd", "1.50", &["--ad=short"]),
    ("hd", "2.00", &["--ad=long"]),
    ("hd", "2.01", &[]),
    ("hd", "2.01", &["--space=unalloctable"]),
    ("dvdram", "1.02", &[]),
    ("dvdram", "2.01", &[]),
    ("cdrw", "1.50", &[]),
    ("cdrw", "2.01", &[]),
    ("dvdrw", "1.50", &[]),
    ("dvdrw", "2.00", &[]),
    ("dvdrw", "2.01", &[]),
];

/// Blocks per volume.
const BLOCKS: &str = "32768";

/// Creates all of them.
pub fn make_rewritable_volumes(bench: &Bench<'_>) -> Result<Vec<Empty>> {
    let shell = Shell::new()?;
    let make = |(number, (medium, revision, options)): (usize, &(&str, &str, &[&str]))| {
        let options = *options;
        let image = bench.folder.join(format!("{number}.img"));
        cmd!(
            shell,
            "mkudffs --new-file --media-type={medium} --udfrev={revision} --label=Changed {options...} -b 2048 {image} {BLOCKS}"
        )
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| format!("mkudffs {medium} {revision}"))?;
        let name = format!("mkudffs {medium} {revision} {}", options.join(" "));
        Ok(Empty {
            name: name.trim_end().to_owned(),
            image,
        })
    };
    VOLUMES.iter().enumerate().map(make).collect()
}
