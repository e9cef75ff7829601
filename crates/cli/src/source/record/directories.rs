//! The directories that are being filled.

use std::path::{Path, PathBuf};

use recording::{Attributes, Changes, Error, Kind, NodeId};

use super::{Recorder, times};
use crate::failure::{Failure, Outcome};
use crate::source::batch::Place;

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
    node: NodeId,
    /// Made by this command, so that nothing of the disc is in it.
    is_new: bool,
    /// What it gets when it is complete.
    attributes: Attributes,
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
    pub fn path_of(&self, place: &Place) -> String {
        place.path(&self.path).display().to_string()
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn enter(&mut self, place: &Place, directory: Directory) {
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

    fn lowest(&self) -> Option<Directory> {
        self.entered.last().map(|entered| entered.directory)
    }

    fn leave(&mut self) {
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

impl Recorder<'_> {
    /// The node that has this name in the lowest directory already.
    pub(super) fn existing(&mut self, name: &str) -> Result<Option<NodeId>, Error> {
        if self.directories.is_new() {
            Ok(None)
        } else {
            self.recording.lookup(self.directories.node(), name)
        }
    }

    pub(super) fn enter(&mut self, place: &Place, attributes: &Attributes) -> Result<(), Error> {
        let existing = match &place.name {
            None => Some(self.directories.node()),
            Some(name) => self.existing(name)?,
        };
        let node = match existing {
            Some(node) if !self.recording.is_directory(node)? => return Err(Error::NotADirectory),
            Some(node) => node,
            None => self.create(place, &Kind::Directory, attributes, None)?,
        };
        self.recorded.totals.directories += 1;
        let directory = Directory {
            node,
            is_new: existing.is_none(),
            attributes: *attributes,
        };
        self.directories.enter(place, directory);
        Ok(())
    }

    /// Ends the lowest directory; `false` where none is entered.
    pub(super) fn leave(&mut self) -> Outcome<bool> {
        let Some(directory) = self.directories.lowest() else {
            return Ok(false);
        };
        let complete = self.complete(&directory);
        let complete = complete.map_err(|error| Failure::from(error).at(self.directories.path().display()));
        self.directories.leave();
        complete.map(|()| true)
    }

    /// Gives a directory its attributes, which what was put into it has moved.
    pub(super) fn complete(&mut self, directory: &Directory) -> Result<(), Error> {
        let attributes = &directory.attributes;
        let changes = Changes {
            mode: Some(attributes.mode),
            uid: Some(attributes.uid),
            gid: Some(attributes.gid),
            ..times(attributes)
        };
        match self.recording.set_attributes(directory.node, &changes) {
            // Its attributes were given to it when it was made.
            Err(Error::MediumFull { .. }) if directory.is_new && !self.all_or_nothing => Ok(()),
            done => done,
        }
    }
}
