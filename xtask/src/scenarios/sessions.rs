//! An image of three sessions, each with a UDF volume of its own, as genisoimage makes them: only what is in
//! its blocks tells where they begin.
//!
//! Each session has a tree of its own: when genisoimage merges earlier sessions (`-M`), their files have no
//! bytes in UDF.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, copy};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::{Bench, History, State, View};
use crate::listing::{Entry, LargeDirectories, Listing, walk};
use crate::trees;

/// Bytes of a block.
const BLOCK: u64 = 2048;
/// Blocks between two sessions of a CD: lead-out, lead-in and pregap.
const GAPS: [u64; 2] = [11_400, 6_900];

/// Reads the image as the newest session has it.
pub fn read_sessions(bench: &Bench<'_>) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree of sessions");
    trees::plain(&tree)?;
    let contents = contents(&tree)?;
    let mut history = History::new(bench, "genisoimage, three sessions")?;
    let newest = record_sessions(&history.disc, &tree, ["/first", "/second", "/third"])?;
    history.model.add(&contents, "/third");
    history.freeze("as made")?;
    let whole = Arc::new(history.model.listing().clone());
    // Linux takes the first session of an image that is no drive.
    history.set_views(vec![View::whole(format!("session={newest}"), whole, true)]);
    history.end()
}

/// Records three sessions, each with the tree in one of these directories; returns where the last begins.
pub fn record_sessions(image: &Path, tree: &Path, into: [&str; 3]) -> Result<u64> {
    let mut starts = vec![0];
    let gaps = GAPS.into_iter().map(Some).chain([None]);
    for (into, gap) in into.into_iter().zip(gaps) {
        add_session(image, tree, into, &starts)?;
        let end = image.metadata()?.len() / BLOCK;
        starts.extend(gap.map(|gap| end + gap));
    }
    starts.last().copied().context("a session")
}

/// What UDF of genisoimage keeps of a tree.
fn contents(tree: &Path) -> Result<Listing> {
    let of = |entry: Entry| Entry {
        kind: entry.kind,
        size: entry.size,
        sha256: entry.sha256,
        ..Entry::default()
    };
    let tree = walk(tree, LargeDirectories::ByName)?;
    Ok(tree.into_iter().map(|(path, entry)| (path, of(entry))).collect())
}

/// Records the last session of `starts` on an image, with a tree in a directory.
fn add_session(disc: &Path, tree: &Path, into: &str, starts: &[u64]) -> Result<()> {
    let shell = Shell::new()?;
    let session = disc.with_extension("session");
    let graft = format!("{into}={}", tree.display());
    let after = match starts {
        [.., before, start] => vec!["-C".into(), format!("{before},{start}")],
        _ => Vec::new(),
    };
    cmd!(
        shell,
        "genisoimage -quiet -udf -R -V SESSIONS -graft-points {after...} -o {session} {graft}"
    )
    .quiet()
    .ignore_stderr()
    .run()
    .context("genisoimage")?;
    let mut image = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(disc)?;
    image.seek(SeekFrom::Start(starts.last().copied().unwrap_or(0) * BLOCK))?;
    copy(&mut File::open(&session)?, &mut image)?;
    Ok(std::fs::remove_file(&session)?)
}
