//! `udfclient` lists and fetches from closed discs, and fills rewritable ones.
//!
//! It supports no links, special files or owners, writes names beyond ASCII in its own form, and handles some
//! 120 nodes at once: it gets discs with plain trees, and must fetch what was recorded.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};

use crate::findings::Findings;
use crate::listing::{Kind, LargeDirectories, Listing, differences, walk};
use crate::parallel::in_parallel;
use crate::readers::{fetch_by_udfclient, put_by_udfclient};
use crate::scenarios::State;

/// It sleeps for most of the second that it takes to end, so this many run at once.
const AT_ONCE: usize = 8;

/// Makes udfclient fetch everything of every state.
pub fn judge_by_udfclient(states: &[State], folder: &Path, findings: &Findings) -> Result<()> {
    let work = states.iter().enumerate().collect();
    in_parallel(AT_ONCE, work, |(number, state): (usize, &State)| {
        let found = match fetch_by_udfclient(&state.image, &folder.join(number.to_string()), "", 2048) {
            Ok(seen) => differences(&plain(&state.expected), &plain(&seen)),
            Err(error) => vec![format!("{error:#}")],
        };
        findings.judged(&format!("{}: by udfclient", state.name), &found);
    });
    Ok(())
}

/// Makes udfclient put a tree of plain files into the root of a rewritable volume; returns what the volume
/// should then contain.
pub fn fill_by_udfclient(image: &Path, tree: &Path) -> Result<Listing> {
    let folder = tree.parent().context("a tree without a folder")?;
    let name = tree
        .file_name()
        .and_then(OsStr::to_str)
        .context("a tree without a name")?;
    put_by_udfclient(image, folder, &[name.to_owned()], 2048)?;
    Ok(plain(&walk(tree, LargeDirectories::ByName)?))
}

/// What udfclient can show: files and directories, without owners, modes and times.
fn plain(listing: &Listing) -> Listing {
    let mut plain = listing.clone();
    plain.retain(|_, entry| matches!(entry.kind, Some(Kind::File | Kind::Directory)));
    for entry in plain.values_mut() {
        (
            entry.mode,
            entry.uid,
            entry.gid,
            entry.mtime,
            entry.links,
            entry.node,
        ) = (None, None, None, None, None, None);
    }
    plain
}
