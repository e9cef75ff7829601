//! Empty volumes for rewritable media, for a kernel to write to.

use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::Bench;

/// A volume created by mkudffs.
pub struct Empty {
    pub name: String,
    pub image: PathBuf,
    /// Bytes of a block.
    pub block_size: u64,
}

/// Media and revisions that Linux writes, with options of mkudffs. It only reads 2.50 and 2.60, and takes
/// blocks of no more than a page.
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
    ("hd", "2.01", &["--blocksize=512"]),
    ("hd", "1.50", &["--blocksize=512", "--ad=long"]),
    ("hd", "1.02", &["--blocksize=1024"]),
    ("hd", "2.01", &["--blocksize=4096"]),
    ("hd", "1.02", &["--blocksize=4096"]),
];

/// The start of the option for another size of a block.
const BLOCK_SIZE: &str = "--blocksize=";

/// Bytes per volume.
const BYTES: u64 = 64 << 20;

/// Creates all of them.
pub fn make_rewritable_volumes(bench: &Bench<'_>) -> Result<Vec<Empty>> {
    let shell = Shell::new()?;
    let make = |(number, (medium, revision, options)): (usize, &(&str, &str, &[&str]))| {
        let options = *options;
        let size = options.iter().find_map(|option| option.strip_prefix(BLOCK_SIZE));
        let usual = (size.is_none()).then_some("--blocksize=2048");
        let block_size: u64 = size.unwrap_or("2048").parse()?;
        let blocks = (BYTES / block_size).to_string();
        let image = bench.folder.join(format!("{number}.img"));
        cmd!(
            shell,
            "mkudffs --new-file --media-type={medium} --udfrev={revision} --label=Changed {options...} {usual...} {image} {blocks}"
        )
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| format!("mkudffs {medium} {revision}"))?;
        let name = format!("mkudffs {medium} {revision} {}", options.join(" "));
        Ok(Empty {
            name: name.trim_end().to_owned(),
            image,
            block_size,
        })
    };
    VOLUMES.iter().enumerate().map(make).collect()
}
