//! The drive's close functions, and what a track knows after them.

use drive::{Disposition, Drive, DriveError, Medium, Status};
use ecma167::LogicalSector;

use crate::error::Error;
use crate::point::least_end;
use crate::track::Track;

impl<I: Clone + PartialEq> Track<I> {
    /// Closes a reserved track, of which nothing waits. The drive pads what is left of it, on BD-R not every one: fill it
    /// before. Does nothing on the last track, which is closed with its session.
    ///
    /// # Errors
    /// What the drive reports.
    pub fn close(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let Some(number) = self.reserved else {
            return Ok(());
        };
        self.require_health()?;
        self.run = None;
        Ok(drive.close_track(number)?)
    }

    /// Closes the session. Whether the medium is finalized now, asked for or not.
    ///
    /// # Errors
    /// What the drive reports.
    pub fn close_session(&mut self, drive: &mut Drive, disposition: Disposition) -> Result<bool, Error> {
        drive.close_session(disposition)?;
        self.know_closed(drive)
    }

    /// Finalizes a medium all of whose sessions are closed. `None` where that takes one more session. Whether the medium is
    /// finalized now.
    ///
    /// # Errors
    /// What the drive reports.
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

    /// Whether closing the open track pads it after this block, since a track of a CD may not be as short.
    #[must_use]
    pub fn is_padded_after(medium: &Medium, last: LogicalSector) -> bool {
        let mut tracks = medium.tracks.iter().rev();
        let track = tracks.find(|track| track.start.0 <= last.0);
        let open = track.filter(|track| track.next_writable_address.is_some());
        open.is_some_and(|track| least_end(medium, track.start) > LogicalSector(last.0.saturating_add(1)))
    }
}
