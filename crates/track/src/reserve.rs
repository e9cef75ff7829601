//! Reserving the track that a session starts with.

use drive::{Drive, DriveError, Reserved};
use ecma167::LogicalSector;

use crate::error::Error;
use crate::queue::Entry;
use crate::session_form::SessionForm;
use crate::source::Source;
use crate::track::Track;

impl<I: Clone + PartialEq> Track<I> {
    /// Reserves a track, where the session whose start waits has one and it is not reserved yet. A drive that does not do that
    /// gets an ordinary session. Where the next track begins after the place of its anchor, the reserved one is recorded as the
    /// start of an ordinary session.
    ///
    /// # Errors
    /// As [`Track::issue`].
    pub(crate) fn reserve_before_session<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
    ) -> Result<(), S::Error> {
        let Some(Entry::SessionStart { start, .. }) = self.queue.entries.first() else {
            return Ok(());
        };
        match (*start, self.form) {
            (None, SessionForm::AfterReservedTrack) => {
                if let Some(reserved) = self.reserve(drive)? {
                    self.start_after(&reserved);
                }
            }
            (Some(_), SessionForm::Ordinary) if self.reserved.is_none() => {}
            _ => return Ok(()),
        }
        self.record_start_in_reserved(drive, source)
    }

    /// Reserves a track; `None` where the drive does not, or cannot record it as it has to be.
    fn reserve(&mut self, drive: &mut Drive) -> Result<Option<Reserved>, Error> {
        self.run = None;
        drive.prepare_recording()?;
        let reserved = match drive.reservable_blocks()? {
            Some(blocks) => drive.reserve(blocks).map(Some),
            None => Ok(None),
        };
        match reserved {
            Ok(Some(reserved)) => Ok(Some(reserved)),
            Ok(None) | Err(DriveError::NotReserved { .. }) => {
                self.form = SessionForm::Ordinary;
                self.place_start(None);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn start_after(&mut self, reserved: &Reserved) {
        if reserved.blocks_to_next() > self.form.anchor() {
            self.form = SessionForm::Ordinary;
        }
        self.place_start(Some(LogicalSector(reserved.track.start.0)));
    }

    /// The start of the session that waits begins at `first`, which for `None` is where the drive goes on.
    fn place_start(&mut self, first: Option<LogicalSector>) {
        let form = self.form;
        self.queue.resize(0, 0, form.start_blocks());
        if let Some(Entry::SessionStart { start, length, .. }) = self.queue.entries.first_mut() {
            *start = first;
            *length = form.start_blocks();
        }
        if let Some(first) = first {
            self.session_start.place(first, form);
        }
    }

    /// Records the start of an ordinary session that waits into the reserved track where it belongs, if there is one.
    fn record_start_in_reserved<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
    ) -> Result<(), S::Error> {
        let (
            Some(Entry::SessionStart {
                start: Some(first), ..
            }),
            SessionForm::Ordinary,
        ) = (self.queue.entries.first(), self.form)
        else {
            return Ok(());
        };
        let first = *first;
        let starts_session = |track: &&drive::Track| track.start.0 == first.0;
        let Some(reserved) = drive.medium().reserved_tracks().find(starts_session).copied() else {
            return Ok(());
        };
        let (descriptors, sequences) = (self.descriptors.clone(), *self.session_start.sequences());
        let track = Self::in_reserved(drive.medium(), &reserved, descriptors, sequences);
        let mut track = track.ending_with_write_errors();
        // The drive need not pad what is left of the track.
        track.begin_session_at(first, reserved.size);
        track.issue(drive, source)?;
        track.acknowledge(drive)?;
        track.close(drive)?;
        self.run = None;
        self.queue.resize(0, 0, 0);
        self.queue.entries.remove(0);
        Ok(())
    }
}
