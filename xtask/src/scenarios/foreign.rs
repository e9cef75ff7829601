//! Volumes created by mkudffs: read, continued, closed, and brought back to earlier states.

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::history::{Bench, History, State};
use super::{REVISIONS, record_all};
use crate::trees;

/// A medium for which mkudffs creates volumes.
struct Foreign {
    theirs: &'static str,
    ours: &'static str,
    blocks: &'static str,
    revisions: &'static [&'static str],
}

const MEDIA: &[Foreign] = &[
    Foreign {
        theirs: "cdr",
        ours: "cd-r-74",
        blocks: "332850",
        revisions: REVISIONS,
    },
    Foreign {
        theirs: "dvdr",
        ours: "dvd-r",
        blocks: "2298496",
        revisions: REVISIONS,
    },
    Foreign {
        theirs: "bdr",
        ours: "bd-r",
        blocks: "12219392",
        revisions: &["2.50", "2.60"],
    },
];

/// Creates each, reads it, continues it or not, and closes it.
pub fn continue_foreign_images(bench: &Bench<'_>) -> Result<Vec<State>> {
    let tree = bench.folder.join("tree");
    trees::every_kind(&tree)?;
    let mut discs = Vec::new();
    for medium in MEDIA {
        for revision in medium.revisions {
            discs.extend([(medium, *revision, true), (medium, *revision, false)]);
        }
    }
    Ok(record_all(
        discs,
        bench.findings,
        |(medium, revision, continued)| {
            let how = if continued { "continued" } else { "closed at once" };
            let name = format!("mkudffs {} {revision} {how}", medium.theirs);
            let mut history = History::new(bench, &name)?;
            make(&history, medium, revision)?;
            if continued {
                look(&mut history, revision)?;
                history.add(&tree, "/every", &["--medium", medium.ours])?;
                history.freeze("continued")?;
            }
            let stated: &[&str] = if continued {
                &[]
            } else {
                &["--medium", medium.ours]
            };
            history.command("close", stated)?;
            history.freeze("closed")?;
            if continued {
                bring_back(&mut history)?;
            }
            history.end()
        },
    ))
}

/// Removes a directory and restores it, then returns to the generation before.
fn bring_back(history: &mut History<'_>) -> Result<()> {
    const REMOVED: &str = "/every/deep";
    let whole = history.model.clone();
    history.command("rm", &["-r", REMOVED])?;
    history.command("undelete", &[REMOVED])?;
    history.model.remove(REMOVED);
    history.model.restore(&whole, REMOVED);
    history.freeze("undeleted")?;
    // The first generation is theirs, the second has the whole tree.
    history.command("rollback", &["2"])?;
    history.model = whole;
    history.freeze("rolled back")
}

fn make(history: &History<'_>, medium: &Foreign, revision: &str) -> Result<()> {
    let shell = Shell::new()?;
    let Foreign { theirs, blocks, .. } = medium;
    let disc = &history.disc;
    cmd!(
        shell,
        "mkudffs --new-file --media-type={theirs} --udfrev={revision} --label=Foreign {disc} {blocks}"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .context("mkudffs")
}

fn look(history: &mut History<'_>, revision: &str) -> Result<()> {
    if revision == "1.50" {
        // Its VAT is inside the ICB, after an extended attribute that Linux takes for the first entries.
        return history.freeze_listed("as made");
    }
    history.freeze("as made")
}
