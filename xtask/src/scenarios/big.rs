//! The big trees, each once and on a medium of suitable size: one command from nothing to a finalized disc.

use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use super::history::{Bench, History, State};
use super::record_all;
use crate::trees;

/// A tree, and the disc that it is burned to.
struct BigTree {
    name: &'static str,
    medium: &'static str,
    make: fn(&Shell, &Path) -> Result<()>,
}

/// What takes a kernel longest comes first.
const BIG_TREES: &[BigTree] = &[
    BigTree {
        name: "sparse file",
        medium: "bd-r",
        make: |_, top| trees::sparse_file(top),
    },
    BigTree {
        name: "large file",
        medium: "dvd+r-dl",
        make: |_, top| trees::large_file(top),
    },
    BigTree {
        name: "20,000 small files",
        medium: "dvd-r",
        make: |_, top| trees::small_files(top),
    },
    BigTree {
        name: "50,000 names",
        medium: "dvd+r",
        make: |_, top| trees::many_names(top),
    },
    BigTree {
        name: "unicode names",
        medium: "bd-r-dl",
        make: |_, top| trees::unicode_names(top),
    },
    BigTree {
        name: "source of this repository",
        medium: "cd-r",
        make: trees::repository,
    },
];

/// Burns every tree.
pub fn record_big_trees(bench: &Bench<'_>, shell: &Shell) -> Result<Vec<State>> {
    let mut work = Vec::new();
    for big in BIG_TREES {
        let tree = bench.folder.join(big.name.replace(' ', "-"));
        (big.make)(shell, &tree)?;
        work.push((big, tree));
    }
    Ok(record_all(work, bench.findings, |(big, tree)| {
        let mut history = History::new(bench, &format!("{} on {}", big.name, big.medium))?;
        history.burn(&tree, "/tree", &["--medium", big.medium, "--finalize"])?;
        std::fs::remove_dir_all(&tree)?;
        history.freeze("finalized")?;
        let mut states = history.end()?;
        // Mounted once, because the kernel takes a while to read it.
        states.iter_mut().for_each(|state| state.views.truncate(1));
        Ok(states)
    }))
}
