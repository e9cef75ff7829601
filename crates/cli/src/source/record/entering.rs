//! Entering and leaving a directory: it is made if missing, and gets its attributes when it is complete.

use oncefs::nodes::{Attributes, NodeId, NodeKind};
use oncefs::{Changes, RecordingError};

use super::directories::Directory;
use super::{New, Writer, times};
use crate::failure::{Failure, Outcome};
use crate::source::batch::Destination;

impl Writer<'_> {
    /// The existing node of this name in the lowest directory.
    pub(super) fn existing(&mut self, name: &str) -> Result<Option<NodeId>, RecordingError> {
        if self.directories.is_new() {
            Ok(None)
        } else {
            self.recording.lookup(self.directories.node(), name)
        }
    }

    pub(super) fn enter(
        &mut self,
        place: &Destination,
        attributes: &Attributes,
    ) -> Result<(), RecordingError> {
        let existing = match &place.name {
            None => Some(self.directories.node()),
            Some(name) => self.existing(name)?,
        };
        let node = match existing {
            Some(node) if !self.recording.is_directory(node)? => return Err(RecordingError::NotADirectory),
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

    /// Ends the lowest directory; `false` at the target.
    pub(super) fn leave(&mut self) -> Outcome<bool> {
        let Some(directory) = self.directories.lowest() else {
            return Ok(false);
        };
        let complete = self.complete(&directory);
        let complete = complete.map_err(|error| Failure::from(error).at(self.directories.path().display()));
        self.directories.leave();
        complete.map(|()| true)
    }

    /// Sets the attributes of a directory, because filling it has changed them.
    pub(super) fn complete(&mut self, directory: &Directory) -> Result<(), RecordingError> {
        let attributes = &directory.attributes;
        let changes = Changes {
            mode: Some(attributes.mode),
            uid: Some(attributes.uid),
            gid: Some(attributes.gid),
            ..times(attributes)
        };
        match self.recording.set_attributes(directory.node, &changes) {
            // It got its attributes when it was made.
            Err(RecordingError::MediumFull { .. }) if directory.is_new && !self.all_or_nothing => Ok(()),
            done => done,
        }
    }
}
