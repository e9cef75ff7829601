//! The drive's close functions, and the state of a track after them.

use drive::{Disposition, Drive, DriveError, Medium, Status};
use ecma167::LogicalSector;

use crate::error::Error;
use crate::point::least_end;
use crate::track::Track;

impl<I: Clone + PartialEq> Track<I> {
    /// Closes a reserved track with nothing waiting. The drive pads the rest of the track, but on BD-R not
    /// every drive does, so fill it first. Does nothing on the last track, which is closed with its session.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn close(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let Some(number) = self.reserved else {
            return Ok(());
        };
        self.require_health()?;
        self.run = None;
        Ok(drive.close_track(number)?)
    }

    /// Closes the session. Returns whether the medium is now finalized, requested or not.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn close_session(&mut self, drive: &mut Drive, disposition: Disposition) -> Result<bool, Error> {
        drive.close_session(disposition)?;
        self.know_closed(drive)
    }

    /// Finalizes a medium with all sessions closed. Returns whether the medium is now finalized, or `None` if
    /// that takes one more session.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn finalize(&mut self, drive: &mut Drive) -> Result<Option<bool>, Error> {
        match drive.finalize() {
            Ok(()) => self.know_closed(drive).map(Some),
            Err(DriveError::NeedsSession) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn know_closed(&mut self, drive: &mut Drive) -> Result<bool, Error> {
        self.run = None;
        self.finalized = drive.refresh()?.status == Status::Finalized;
        if !self.finalized {
            self.session_start.mark_missing();
        }
        Ok(self.finalized)
    }

    /// Whether closing the open track pads it after this block, because a track on CD has a minimum length.
    #[must_use]
    pub fn is_padded_after(medium: &Medium, last: LogicalSector) -> bool {
        let mut tracks = medium.tracks.iter().rev();
        let track = tracks.find(|track| track.start.0 <= last.0);
        let open = track.filter(|track| track.next_writable_address.is_some());
        open.is_some_and(|track| least_end(medium, track.start) > LogicalSector(last.0.saturating_add(1)))
    }
}
