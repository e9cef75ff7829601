//! Going into a directory and out of it: it is made where it is not there, and has its attributes when it is complete.

use recording::{Attributes, Changes, Error, NodeId, NodeKind};

use super::directories::Directory;
use super::{New, Writer, times};
use crate::failure::{Failure, Outcome};
use crate::source::batch::Destination;

impl Writer<'_> {
    /// The node that has this name in the lowest directory already.
    pub(super) fn existing(&mut self, name: &str) -> Result<Option<NodeId>, Error> {
        if self.directories.is_new() {
            Ok(None)
        } else {
            self.recording.lookup(self.directories.node(), name)
        }
    }

    pub(super) fn enter(&mut self, place: &Destination, attributes: &Attributes) -> Result<(), Error> {
        let existing = match &place.name {
            None => Some(self.directories.node()),
            Some(name) => self.existing(name)?,
        };
        let node = match existing {
            Some(node) if !self.recording.is_directory(node)? => return Err(Error::NotADirectory),
            Some(node) => node,
            None => self.create(place, New::Node(NodeKind::Directory), attributes, None)?,
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
