//! Discs with few nodes, for readers with narrow limits: closed, continued and finalized.

use anyhow::Result;

use super::history::{Bench, History, State};
use super::{REVISIONS, record_all};
use crate::trees;

/// One medium of each kind of drive.
const MEDIA: &[&str] = &["cd-r", "dvd-r", "dvd+r", "bd-r"];

/// Records them in every revision.
pub fn record_plain_discs(bench: &Bench<'_>) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree");
    trees::plain(&tree)?;
    let work = MEDIA
        .iter()
        .flat_map(|medium| REVISIONS.iter().map(move |revision| (*medium, *revision)))
        .collect();
    Ok(record_all(work, bench.findings, |(medium, revision)| {
        let mut history = History::new(bench, &format!("plain {medium} {revision}"))?;
        history.burn(
            &tree,
            "/one",
            &[
                "--medium", medium, "--udf", revision, "--label", "Plain", "--close",
            ],
        )?;
        history.freeze("closed")?;
        history.command("mv", &["/one/directory", "/two"])?;
        history.model.rename("/one/directory", "/two");
        history.command("close", &["--finalize"])?;
        history.freeze("finalized")?;
        history.end()
    }))
}
