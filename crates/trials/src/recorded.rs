//! What a program does that records host files: a file is whole in the end or its name is taken back, one
//! with the name of another replaces it once it is whole, and directories are complete at each commit in
//! between.

use recording::{Attributes, Changes, NodeId, NodeKind};

use crate::apply::{Sides, done};
use crate::broken::Broken;
use crate::disc::time;
use crate::model::split;
use crate::operation::content;

/// The modification time of everything recorded in this way, in seconds from the beginning of the lives.
const MODIFIED: i64 = -1_000;

/// One file in this many of a tree is taken back half-way.
const TORN: usize = 3;

impl Sides<'_> {
    /// A file that changed while it was recorded, and is left out.
    pub fn take_back(&mut self, parent: &str, name: &str, length: usize) -> Result<(), Broken> {
        let Some((path, node)) = self.create(parent, name, NodeKind::File, Vec::new())? else {
            return Ok(());
        };
        self.fill(&path, node, length, false)?;
        self.remove(&path)
    }

    /// A file with a temporary name, which replaces one on the disc once it is whole.
    pub fn replace(&mut self, path: &str, length: usize) -> Result<(), Broken> {
        if !self.model.is_file(path) {
            return Ok(());
        }
        let (parent, last) = split(path);
        let free = (0..).map(|number| format!("~{number}"));
        let mut free = free.filter(|name| !self.model.contains(&format!("{parent}/{name}")));
        let beside = free.next().unwrap_or_default();
        let Some((new, node)) = self.create(&parent, &beside, NodeKind::File, Vec::new())? else {
            return Ok(());
        };
        if !self.fill(&new, node, length, true)? {
            return self.remove(&new);
        }
        let directory = self.node(&parent)?;
        let renamed = self.recording.rename(directory, &beside, directory, &last);
        if done(renamed)?.is_some() {
            self.model.rename(&new, path, self.moment());
            return Ok(());
        }
        self.remove(&new)
    }

    /// Creates the directory of a tree; returns its path, unless its name is taken or there is no room.
    pub fn begin_tree(&mut self, parent: &str, name: &str) -> Result<Option<String>, Broken> {
        let made = self.create(parent, name, NodeKind::Directory, Vec::new())?;
        Ok(made.map(|(path, _)| path))
    }

    /// Records one of the files of a tree; some of them are taken back.
    pub fn record_in_tree(&mut self, tree: &str, number: usize, length: usize) -> Result<(), Broken> {
        let name = format!("file {number}");
        if number % TORN == TORN - 1 {
            return self.take_back(tree, &name, length);
        }
        let Some((path, node)) = self.create(tree, &name, NodeKind::File, Vec::new())? else {
            return Ok(());
        };
        if self.fill(&path, node, length, true)? {
            Ok(())
        } else {
            self.remove(&path)
        }
    }

    /// Gives the directory of a tree its attributes from the host.
    pub fn complete(&mut self, tree: &str) -> Result<(), Broken> {
        let node = self.node(tree)?;
        self.set_time_of(tree, node, Some(0o710))
    }

    /// Writes a file in pieces, the last one marked as such, and sets its times; returns whether there was
    /// room for all of it.
    fn fill(&mut self, path: &str, node: NodeId, length: usize, is_whole: bool) -> Result<bool, Broken> {
        let bytes = content(length, length.to_le_bytes()[0]);
        let mut at = 0;
        // Pieces of whole blocks, as they come from a reader.
        for piece in bytes.chunks(4096) {
            let end = at + piece.len();
            let written = if is_whole && end == length {
                self.recording.write_last(node, at as u64, piece)
            } else {
                self.recording.write(node, at as u64, piece)
            };
            if done(written)?.is_none() {
                return Ok(false);
            }
            let now = self.moment();
            self.model.change(path, |node| {
                node.bytes.extend(piece);
                node.modified = now;
            });
            at = end;
        }
        if is_whole {
            self.set_time_of(path, node, None)?;
        }
        Ok(true)
    }

    /// Sets the times of a node, and its mode if that changes too; without room it keeps its old ones.
    fn set_time_of(&mut self, path: &str, node: NodeId, mode: Option<u32>) -> Result<(), Broken> {
        let Attributes {
            accessed, modified, ..
        } = Attributes::at(0, time(MODIFIED));
        let changes = Changes {
            mode,
            accessed: Some(accessed),
            modified: Some(modified),
            ..Changes::default()
        };
        if done(self.recording.set_attributes(node, &changes))?.is_some() {
            self.model.change(path, |node| {
                node.modified = modified.to_unix().unwrap_or_default();
                node.mode = mode.unwrap_or(node.mode);
            });
        }
        Ok(())
    }
}
