//! The directories that are being filled.

use std::path::{Path, PathBuf};

use recording::{Attributes, NodeId};

use crate::source::batch::Destination;

/// The way from the directory that is added to down to the one that is filled.
pub struct Directories {
    target: NodeId,
    /// Below the target, from the top down.
    entered: Vec<Entered>,
    /// The path of the lowest, as the user would name it.
    path: PathBuf,
}

/// A directory that was entered.
#[derive(Clone, Copy)]
pub struct Directory {
    pub node: NodeId,
    /// Made by this command, so that nothing of the disc is in it.
    pub is_new: bool,
    /// What it gets when it is complete.
    pub attributes: Attributes,
}

/// A directory, and what the way back out of it takes.
struct Entered {
    directory: Directory,
    /// The path above it, where it does not end with its name.
    above: Option<PathBuf>,
    /// Something was put into it since the last commit.
    is_touched: bool,
}

impl Directories {
    /// Those below a target, of which none is entered yet.
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

    /// Whether nothing of the disc is in the lowest.
    pub fn is_new(&self) -> bool {
        self.entered
            .last()
            .is_some_and(|entered| entered.directory.is_new)
    }

    /// Notes that something is put into the lowest.
    pub fn touch(&mut self) {
        if let Some(lowest) = self.entered.last_mut() {
            lowest.is_touched = true;
        }
    }

    /// The path of a place in the lowest, as the user would name it.
    pub fn path_of(&self, place: &Destination) -> String {
        place.path(&self.path).display().to_string()
    }

    /// The path of the lowest, as the user would name it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Goes into a directory of the lowest.
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

    /// The lowest; none where only the target is there.
    pub fn lowest(&self) -> Option<Directory> {
        self.entered.last().map(|entered| entered.directory)
    }

    /// Goes out of the lowest.
    pub fn leave(&mut self) {
        match self.entered.pop().map(|entered| entered.above) {
            Some(Some(path)) => self.path = path,
            _ => drop(self.path.pop()),
        }
    }

    /// Those into which something was put since this was last asked, from the top down.
    pub fn take_touched(&mut self) -> Vec<Directory> {
        let touched = self.entered.iter_mut();
        let touched = touched
            .filter_map(|entered| std::mem::take(&mut entered.is_touched).then_some(entered.directory));
        touched.collect()
    }
}
