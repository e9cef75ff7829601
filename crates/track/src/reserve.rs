//! Reserves the track at the start of a session.

use drive::{Drive, DriveError, Reserved};
use ecma167::{BLOCK_SIZE, LogicalSector};

use crate::error::Error;
use crate::issue::send;
use crate::queue::Entry;
use crate::session_form::{RECOGNITION_BLOCKS, ReservedStart, SessionForm};
use crate::source::Source;
use crate::track::Track;

impl<I: Clone + PartialEq> Track<I> {
    /// Reserves a track if the waiting session starts with one and it is not reserved yet. On a drive that
    /// cannot do that, the session becomes an ordinary one. If the next track begins after the place of the
    /// session's anchor, the reserved one is recorded as the start of an ordinary session.
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
            (Some(_), _) if self.reserved.is_none() => {}
            _ => return Ok(()),
        }
        match self.form {
            SessionForm::Ordinary => self.record_start_in_reserved(drive, source),
            SessionForm::AfterReservedTrack => Ok(self.record_recognition(drive)?),
        }
    }

    /// Reserves a track; `None` if the drive does not, or cannot record it as required.
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

    /// Places the start of the waiting session at `first`; `None` means the append point.
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

    /// S of the session start at the head of the queue, and the reserved track that begins there.
    fn waiting_start(&self, drive: &Drive) -> Option<(LogicalSector, drive::Track)> {
        let Some(Entry::SessionStart { start, .. }) = self.queue.entries.first() else {
            return None;
        };
        let first = (*start)?;
        let mut reserved = drive.medium().reserved_tracks();
        let track = reserved.find(|track| track.start.0 == first.0)?;
        Some((first, *track))
    }

    /// Records the recognition sequence into the reserved track before the start of a waiting session, if its
    /// open session has one.
    ///
    /// Nothing committed depends on it: if the drive cannot write it, closing the session reports that.
    fn record_recognition(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let waiting = self.waiting_start(drive);
        let (Some((first, reserved)), ReservedStart::Recognition) = (waiting, self.reserved_start) else {
            return Ok(());
        };
        let sequences = *self.session_start.sequences();
        let mut track = Self::in_reserved(drive.medium(), &reserved, self.descriptors.clone(), sequences);
        self.run = None;
        let end = first.0.saturating_add(RECOGNITION_BLOCKS);
        let mut next = track.point(drive)?.next;
        while next.0 < end {
            let mut blocks = vec![0; (end - next.0) as usize * BLOCK_SIZE];
            for (at, slot) in (next.0..end).zip(blocks.chunks_exact_mut(BLOCK_SIZE)) {
                let (start, at) = ((first, SessionForm::Ordinary), LogicalSector(at));
                let encoded = self.descriptors.session_start_block(start, &sequences, at, slot);
                encoded.map_err(Error::DescriptorTooLong)?;
            }
            let (_, sent) = send(drive, next, &blocks, None);
            self.medium_changed = true;
            drive.synchronize()?;
            let medium = drive.refresh()?;
            let is_open = |track: &drive::Track| track.number == reserved.number;
            if !medium.reserved_tracks().any(is_open) {
                self.lose_reserved_track();
                return Ok(());
            }
            track.run = None;
            let from = std::mem::replace(&mut next, track.point(drive)?.next);
            if next <= from {
                return sent.map_err(Error::Drive);
            }
        }
        Ok(())
    }

    /// Records that the drive closed the reserved track too early: no further session begins with one.
    pub(crate) fn lose_reserved_track(&mut self) {
        self.reserved_start = ReservedStart::Blank;
        self.is_reserved_lost = true;
    }

    /// If there is a reserved track, records the start of a waiting ordinary session into it, at its place.
    fn record_start_in_reserved<S: Source<Item = I>>(
        &mut self,
        drive: &mut Drive,
        source: &mut S,
    ) -> Result<(), S::Error> {
        let waiting = self.waiting_start(drive);
        let (Some((first, reserved)), SessionForm::Ordinary) = (waiting, self.form) else {
            return Ok(());
        };
        let (descriptors, sequences) = (self.descriptors.clone(), *self.session_start.sequences());
        let track = Self::in_reserved(drive.medium(), &reserved, descriptors, sequences);
        let mut track = track.ending_with_write_errors();
        // The drive need not pad the rest of the track.
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
