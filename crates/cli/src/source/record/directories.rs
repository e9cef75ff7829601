//! The directories being filled.

use std::path::{Path, PathBuf};

use oncefs::nodes::{Attributes, NodeId};

use crate::source::batch::Destination;

/// The path from the target directory down to the one being filled.
pub struct Directories {
    target: NodeId,
    /// The directories below the target, from the top down.
    entered: Vec<Entered>,
    /// The path of the lowest, as the user would write it.
    path: PathBuf,
}

/// A directory that has been entered.
#[derive(Clone, Copy)]
pub struct Directory {
    pub node: NodeId,
    /// Made by this command, so that it contains nothing else of the disc.
    pub is_new: bool,
    /// Its attributes once it is complete.
    pub attributes: Attributes,
}

/// A directory, and how to return from it.
struct Entered {
    directory: Directory,
    /// The path above, if it is not this path without the last name.
    above: Option<PathBuf>,
    /// Something was added to it since the last commit.
    is_touched: bool,
}

impl Directories {
    /// Starts at a target directory.
    pub fn new(target: NodeId) -> Self {
        Self {
            target,
            entered: Vec::new(),
            path: PathBuf::new(),
        }
    }

    /// The node of the lowest.
    pub fn node(&self) -> NodeId {
        self.entered
            .last()
            .map_or(self.target, |entered| entered.directory.node)
    }

    /// Whether the lowest contains nothing else of the disc.
    pub fn is_new(&self) -> bool {
        self.entered
            .last()
            .is_some_and(|entered| entered.directory.is_new)
    }

    /// Notes that something is added to the lowest.
    pub fn touch(&mut self) {
        if let Some(lowest) = self.entered.last_mut() {
            lowest.is_touched = true;
        }
    }

    /// The path of a place in the lowest, as the user would write it.
    pub fn path_of(&self, place: &Destination) -> String {
        place.path(&self.path).display().to_string()
    }

    /// The path of the lowest, as the user would write it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Enters a directory of the lowest.
    pub fn enter(&mut self, place: &Destination, directory: Directory) {
        let above = match &place.named {
            Some(path) => Some(std::mem::replace(&mut self.path, path.clone())),
            None => {
                self.path.push(place.name());
                None
            }
        };
        self.entered.push(Entered {
            directory,
            above,
            is_touched: false,
        });
    }

    /// The lowest; `None` at the target.
    pub fn lowest(&self) -> Option<Directory> {
        self.entered.last().map(|entered| entered.directory)
    }

    /// Leaves the lowest.
    pub fn leave(&mut self) {
        match self.entered.pop().map(|entered| entered.above) {
            Some(Some(path)) => self.path = path,
            _ => drop(self.path.pop()),
        }
    }

    /// The directories to which something was added since the last call, from the top down.
    pub fn take_touched(&mut self) -> Vec<Directory> {
        let touched = self.entered.iter_mut();
        let touched = touched
            .filter_map(|entered| std::mem::take(&mut entered.is_touched).then_some(entered.directory));
        touched.collect()
    }
}
