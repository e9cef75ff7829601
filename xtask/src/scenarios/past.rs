//! Discs with a past that comes back: removed files are restored, and a disc is rolled back.

use std::path::Path;

use anyhow::Result;

use super::history::{Bench, History, State};
use super::record_all;
use crate::trees;

/// Media, each with a revision.
const DISCS: [(&str, &str); 3] = [("cd-r", "1.50"), ("dvd+r", "2.01"), ("bd-r", "2.60")];

/// The generation with the whole tree: the first is the format.
const WHOLE: &str = "2";

/// Records each of the discs; the states are in no particular order.
pub fn record_past(bench: &Bench<'_>) -> Result<Vec<State>> {
    let [every_kind, second_round] =
        ["tree-every-kind", "tree-second-round"].map(|name| bench.folder.join(name));
    trees::every_kind(&every_kind)?;
    trees::second_round(&second_round)?;
    Ok(record_all(DISCS.to_vec(), bench.findings, |disc| {
        bring_back(bench, disc, &every_kind, &second_round)
    }))
}

fn bring_back(
    bench: &Bench<'_>,
    (medium, revision): (&str, &str),
    every_kind: &Path,
    second_round: &Path,
) -> Result<Vec<State>> {
    let mut history = History::new(bench, &format!("past of {medium} {revision}"))?;
    history.command("format", &["--medium", medium, "--udf", revision])?;
    history.add(every_kind, "/every", &[])?;
    let whole = history.model.clone();
    let removed = ["/every/deep", "/every/holes"];
    history.command("rm", &[&["-r"][..], &removed].concat())?;
    history.add(second_round, "/every", &[])?;
    history.command("undelete", &removed)?;
    for path in removed {
        history.model.remove(path);
        history.model.restore(&whole, path);
    }
    history.freeze("undeleted")?;
    history.command::<&str>("close", &[])?;
    history.freeze("undeleted and closed")?;
    history.command("rollback", &[WHOLE])?;
    history.model = whole;
    history.freeze("rolled back")?;
    history.command("close", &["--finalize"])?;
    history.freeze("rolled back and finalized")?;
    history.end()
}
