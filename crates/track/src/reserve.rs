//! Reserving the track that a session starts with.

use drive::{Drive, DriveError};
use ecma167::LogicalSector;

use crate::error::Error;
use crate::queue::Entry;
use crate::session_form::SessionForm;
use crate::track::Track;

impl<I: Clone + PartialEq> Track<I> {
    /// Reserves a track, where the session whose start waits has one and it is not reserved yet. A drive that does not do that
    /// gets an ordinary session.
    ///
    /// # Errors
    /// [`Error::ReservedTrackTooLong`]; what the drive reports.
    pub(crate) fn reserve_before_session(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let Some(Entry::SessionStart { start: None, .. }) = self.queue.entries.first() else {
            return Ok(());
        };
        if self.form != SessionForm::AfterReservedTrack {
            return Ok(());
        }
        self.run = None;
        drive.prepare_recording()?;
        let reserved = match drive.medium().reserved_track_blocks() {
            Some(blocks) => drive.reserve(blocks).map(Some),
            None => Ok(None),
        };
        let (form, first) = match reserved {
            Ok(Some(reserved)) if reserved.blocks_to_next() > SessionForm::AfterReservedTrack.anchor() => {
                return Err(Error::ReservedTrackTooLong {
                    next: LogicalSector(reserved.next.start.0),
                });
            }
            Ok(Some(reserved)) => (self.form, Some(LogicalSector(reserved.track.start.0))),
            Ok(None) | Err(DriveError::NotReserved { .. }) => (SessionForm::Ordinary, None),
            Err(error) => return Err(error.into()),
        };
        self.form = form;
        self.queue.resize(0, 0, form.start_blocks());
        if let Some(Entry::SessionStart { start, length, .. }) = self.queue.entries.first_mut() {
            *start = first;
            *length = form.start_blocks();
        }
        if let Some(first) = first {
            self.session_start.place(first, form);
        }
        Ok(())
    }
}
