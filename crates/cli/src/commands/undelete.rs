//! `oncefs undelete`

use std::fmt;

use oncefs::{Generation, Restored};
use serde::Serialize;

use super::Tools;
use super::write::change;
use crate::arguments::Undelete;
use crate::disc_path::DiscPath;
use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::count;
use crate::terminal::Shown;

/// The result: one for each path.
#[derive(Serialize)]
#[serde(transparent)]
struct Undeleted(Vec<OfPath>);

#[derive(Serialize)]
struct OfPath {
    path: String,
    /// The generation that it comes from.
    generation: u32,
    files: u64,
    directories: u64,
    /// Files whose data was recorded again.
    copied: u64,
    /// Names that the volume had.
    existing: u64,
    /// Directories, nodes and files that cannot be read, or not whole.
    unread: u64,
    without_streams: u64,
}

/// Restores paths, each from the newest generation that has it unless one is given.
pub fn run(tools: &Tools, arguments: &Undelete) -> Outcome {
    let mut unread = 0;
    let mut without_streams = 0;
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut undeleted = Undeleted(Vec::new());
        for path in &arguments.paths {
            change.interrupt.check()?;
            let path = DiscPath::new(path).to_string();
            let (restored, generation) = change.recording.undelete(&path, arguments.at)?;
            undeleted.0.push(OfPath::new(path, restored, &generation));
            unread += restored.unreadable;
            without_streams += restored.without_streams;
        }
        Ok(undeleted)
    })?;
    if unread + without_streams == 0 {
        return Ok(());
    }
    let mut missing = Vec::new();
    if unread > 0 {
        let what = count(unread, "file or directory", "files and directories");
        missing.push(format!("{what} of the old state cannot be read, or not whole"));
    }
    if without_streams > 0 {
        let what = count(without_streams, "file", "files");
        missing.push(format!("{what} came back without streams and attributes"));
    }
    Err(
        Failure::new(Exit::Damaged, FailureKind::Damaged, missing.join("; "))
            .at(arguments.disc.display())
            .hint("what could be read is on the disc"),
    )
}

impl OfPath {
    fn new(path: String, restored: Restored, generation: &Generation) -> Self {
        Self {
            path,
            generation: generation.number,
            files: restored.files,
            directories: restored.directories,
            copied: restored.copied,
            existing: restored.taken,
            unread: restored.unreadable,
            without_streams: restored.without_streams,
        }
    }
}

impl fmt::Display for Undeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for of in &self.0 {
            write!(
                f,
                "'{}' restored from generation {}: {}, {}",
                Shown(&of.path),
                of.generation,
                count(of.files, "file", "files"),
                count(of.directories, "directory", "directories")
            )?;
            if of.copied > 0 {
                write!(f, "; data of {} copied", count(of.copied, "file", "files"))?;
            }
            if of.existing > 0 {
                write!(f, "; {} left as they are", count(of.existing, "name", "names"))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
