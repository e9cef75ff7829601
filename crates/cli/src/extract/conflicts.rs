//! Finds the files in the way before the first file is written.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use oncefs::nodes::{Node, NodeKind, Volume};
use rustix::fs::FileType;

use super::attributes::{Caller, Wanted};
use super::{host, names};
use crate::descent::Descent;
use crate::failure::{Failure, Outcome, Refusal};
use crate::source::OwnFiles;
use crate::streams::{self, beside};
use crate::tree::{Entry, Step, Tree};

/// A file of the host that would have to be replaced.
pub struct Conflict {
    /// What is to be copied there, and why it conflicts.
    pub refusal: Refusal,
    /// Whether it may be replaced: a directory and another kind of file never replace each other, and the
    /// disc itself is never replaced.
    pub is_replaceable: bool,
}

/// The search for files of the host that would have to be replaced.
pub struct Search<'a> {
    found: Vec<Conflict>,
    own: &'a OwnFiles,
    streams: bool,
    goes_on: bool,
    caller: Caller,
}

impl<'a> Search<'a> {
    /// `own` are the files of the disc itself. `streams`: named streams are copied too. `goes_on`: the files
    /// that an earlier run left are completed, so they are not in the way.
    pub fn new(own: &'a OwnFiles, streams: bool, goes_on: bool) -> Self {
        Self {
            found: Vec::new(),
            own,
            streams,
            goes_on,
            caller: Caller::of_process(),
        }
    }

    /// Looks where `node` is to become `name` below `top`; without a name, where its contents are to go.
    pub fn run(
        &mut self,
        volume: &mut Volume,
        top: BorrowedFd<'_>,
        name: Option<&str>,
        node: &Node,
        path: &str,
    ) -> Outcome {
        self.streams(volume, top, name.unwrap_or_default(), node, path);
        let start = match name {
            None => top.try_clone_to_owned().map_err(Failure::failed).map(Some)?,
            Some(name) => self.look(top, name, (node, node), path),
        };
        if let (Some(start), NodeKind::Directory) = (start, &node.kind) {
            self.below(volume, start, node, path);
        }
        Ok(())
    }

    /// What was found.
    pub fn found(self) -> Vec<Conflict> {
        self.found
    }

    /// Checks one name; returns the directory of the host if both are directories.
    /// `of` is the node whose times it gets.
    fn look(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &str,
        (node, of): (&Node, &Node),
        path: &str,
    ) -> Option<OwnedFd> {
        if names::check(name).is_err() {
            // The copy reports it when it gets there; other files can still be copied.
            return None;
        }
        let existing = host::kind(parent, name).ok().flatten()?;
        let reason = match (node.kind == NodeKind::Directory, existing == FileType::Directory) {
            (true, true) => return host::open_directory(parent, name).ok(),
            (true, false) => "exists already and is not a directory",
            (false, true) => "a directory of this name exists already",
            (false, false) if self.own.stand_at(parent, name) => "it belongs to the disc itself",
            (false, false) if self.is_left(parent, name, existing, (node, of)) => return None,
            (false, false) => "exists already",
        };
        let refusal = Refusal {
            path: path.to_owned(),
            reason: reason.into(),
        };
        let is_replaceable = node.kind != NodeKind::Directory
            && existing != FileType::Directory
            && !self.own.stand_at(parent, name);
        self.found.push(Conflict {
            refusal,
            is_replaceable,
        });
        None
    }

    /// Whether an earlier run, which is to be completed, left the file with the times of `of`.
    fn is_left(
        &self,
        parent: BorrowedFd<'_>,
        name: &str,
        kind: FileType,
        (node, of): (&Node, &Node),
    ) -> bool {
        let same_kind = (node.kind == NodeKind::File) == (kind == FileType::RegularFile);
        self.goes_on && same_kind && Wanted::new(of, self.caller).is_left(parent, name, kind, node.size())
    }

    /// Checks the names for the streams of a node.
    fn streams(&mut self, volume: &mut Volume, parent: BorrowedFd<'_>, name: &str, node: &Node, path: &str) {
        if !self.streams {
            return;
        }
        // The copy reports what cannot be read.
        let (streams, _) = streams::of(volume, node, path);
        for stream in streams {
            if let Ok(stream_node) = stream.node(volume) {
                let (name, path) = (beside(name, &stream.name), beside(path, &stream.name));
                self.look(parent, &name, (&stream_node, node), &path);
            }
        }
    }

    fn below(&mut self, volume: &mut Volume, start: OwnedFd, node: &Node, path: &str) {
        let mut descent = Descent::default();
        // The copy reports what cannot be checked.
        if descent.push(start).is_err() {
            return;
        }
        let mut tree = Tree::new(node.clone(), path);
        while let Some(step) = tree.step(volume) {
            match step {
                Ok(Step::Leave) => {
                    descent.pop();
                }
                Ok(Step::Entry(entry)) => {
                    // The copy reports what cannot be read.
                    let Ok(node) = entry.node(volume) else { continue };
                    let Entry { path, name, .. } = entry;
                    let Ok(parent) = descent.lowest() else { continue };
                    self.streams(volume, parent.as_fd(), &name, &node, &path);
                    if let Some(directory) = self.look(parent.as_fd(), &name, (&node, &node), &path)
                        && descent.push(directory).is_ok()
                    {
                        tree.enter(node, &path);
                    }
                }
                // A damaged directory is reported when its files are copied.
                Err(_) => {}
            }
        }
    }
}
