//! `oncefs rm`

use std::collections::HashSet;

use recording::NodeId;

use super::Tools;
use super::change::Changed;
use super::write::{Change, change};
use crate::arguments::Remove;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// Removes files, all or none.
pub fn run(tools: &Tools, arguments: &Remove) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let mut changed = Changed::default();
        for path in arguments.paths.iter().map(|path| DiscPath::new(path)) {
            remove(change, &path, arguments.recursive)?;
            changed.changed.push(path.to_string());
        }
        Ok(changed)
    })
}

fn remove(change: &mut Change, path: &DiscPath, recursive: bool) -> Outcome {
    let (parent, name) = change.place(path)?;
    let node = change.get(path)?;
    if !change.recording.is_directory(node).at(path)? {
        return change.recording.unlink(parent, name).at(path);
    }
    if !recursive {
        return Err(Failure::from(recording::Error::IsADirectory)
            .at(path)
            .hint("-r removes directories too"));
    }
    empty(change, node).at(path)?;
    change.recording.remove_directory(parent, name).at(path)
}

/// A directory that is being emptied, and its name in the one above.
struct Level {
    node: NodeId,
    name: String,
    directories: Vec<(String, NodeId)>,
}

/// Removes everything in a directory, from the bottom up.
fn empty(change: &mut Change, top: NodeId) -> Outcome {
    let mut met = HashSet::from([top]);
    let mut levels = vec![level(change, top, String::new())?];
    while let Some(last) = levels.last_mut() {
        change.interrupt.check()?;
        if let Some((name, node)) = last.directories.pop() {
            if !met.insert(node) {
                return Err(Failure::new(
                    Exit::Damaged,
                    FailureKind::Damaged,
                    "a directory with a second name",
                )
                .at(name));
            }
            levels.push(level(change, node, name)?);
        } else if let Some(done) = levels.pop()
            && let Some(above) = levels.last()
        {
            change
                .recording
                .remove_directory(above.node, &done.name)
                .at(&done.name)?;
        }
    }
    Ok(())
}

/// Removes everything but directories, and lists those.
fn level(change: &mut Change, node: NodeId, name: String) -> Outcome<Level> {
    let mut directories = Vec::new();
    for entry in change.recording.entries(node)? {
        let child = change.recording.entry_node(&entry).at(&entry.name)?;
        if change.recording.is_directory(child).at(&entry.name)? {
            directories.push((entry.name, child));
        } else {
            change.recording.unlink(node, &entry.name).at(&entry.name)?;
        }
    }
    Ok(Level {
        node,
        name,
        directories,
    })
}
