//! Removes a directory with all its contents.

use std::collections::HashSet;

use recording::NodeId;

use crate::error::{AtPath as _, Error, ErrorKind, Result};
use crate::recording::Recording;

/// A directory that is being emptied.
struct Level {
    node: NodeId,
    path: String,
    /// The directories in it, by name.
    directories: Vec<(String, NodeId)>,
}

impl Recording {
    /// Removes a directory and all its contents. Removes symbolic links but not their targets.
    ///
    /// # Errors
    /// Fails as [`Recording::remove_dir`] does, or with [`ErrorKind::Damaged`] if a directory has two names.
    /// What was removed before the error is pending; [`Recording::abandon`] restores it.
    pub fn remove_dir_all(&mut self, path: &str) -> Result<()> {
        let (parent, name) = self.place(path)?;
        let top = self.inner()?.lookup(parent, name).at(path)?;
        let top = top.ok_or(recording::Error::NotFound).at(path)?;
        if !self.inner()?.is_directory(top).at(path)? {
            return Err(recording::Error::NotADirectory).at(path);
        }
        // Deeper than a stack: a disc may have any depth.
        let mut met = HashSet::from([top]);
        let mut levels = vec![self.remove_files(top, path.trim_end_matches('/').to_owned())?];
        while let Some(last) = levels.last_mut() {
            self.check_stop()?;
            if let Some((name, node)) = last.directories.pop() {
                let path = format!("{}/{name}", last.path);
                if !met.insert(node) {
                    return Err(Error::new(ErrorKind::Damaged, "a directory with a second name")).at(&path);
                }
                levels.push(self.remove_files(node, path)?);
            } else if let Some(done) = levels.pop()
                && let Some(above) = levels.last()
            {
                let name = done.path.rsplit('/').next().unwrap_or_default();
                let removed = self.inner()?.remove_directory(above.node, name);
                removed.at(&done.path)?;
            }
        }
        self.inner()?.remove_directory(parent, name).at(path)
    }

    /// Removes everything but directories from a directory, and lists those.
    fn remove_files(&mut self, node: NodeId, path: String) -> Result<Level> {
        let recording = self.inner()?;
        let mut directories = Vec::new();
        for entry in recording.entries(node).at(&path)? {
            let child = recording.entry_node(&entry).at(&path)?;
            if recording.is_directory(child).at(&path)? {
                directories.push((entry.name, child));
            } else {
                recording.unlink(node, &entry.name).at(&path)?;
            }
        }
        Ok(Level {
            node,
            path,
            directories,
        })
    }
}
