//! Takes up the current session, and repairs its start if that is missing, interrupted or damaged.

use drive::{Disposition, Drive, Medium, Session, SessionState};
use ecma167::LogicalSector;
use ecma167::general::Descriptor;
use ecma167::recognition::RECOGNITION_SECTOR;
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use mmc::Profile;

use crate::error::{Error, ReadOnly};
use crate::point::SHORTEST_TRACK_BLOCKS;
use crate::queue::Entry;
use crate::session::SESSION_END_BLOCKS;
use crate::session_form::{ReservedStart, SessionForm};
use crate::session_start::State;
use crate::track::Track;
use crate::whole::{read_block, session_start_can_be_whole};

impl<I: Clone + PartialEq> Track<I> {
    /// Determines how far the start of the current session is recorded. Records nothing.
    ///
    /// # Errors
    /// [`ReadOnly::Finalized`]; errors from the drive.
    pub fn take_up_session(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let (session, has_reserved) = current_session(drive.medium())?;
        if session.state == SessionState::Empty && !has_reserved {
            self.session_start.mark_missing();
        } else if drive.medium().next_writable_address.is_some() {
            let start = LogicalSector(session.start.0);
            let next = self.point(drive)?.next;
            // A session interrupted before its anchor continues where its structures broke off. Links on CD
            // may have replaced some of them, so the anchor at S+256 then names the sequences that were read.
            self.form = self.form_of_session(drive, start, has_reserved)?;
            if self.form == SessionForm::AfterReservedTrack
                && !has_reserved
                && !self.is_begun_to_close(drive, start)?
            {
                self.lose_reserved_track();
            }
            let has_data = self.acknowledged.is_some_and(|last| last >= start);
            if has_reserved && self.form == SessionForm::Ordinary && !has_data {
                // The reserved track becomes the start of an ordinary session.
                let count = self.form.start_blocks();
                self.session_start.state = State::BrokenOff { start, count };
                return Ok(());
            }
            let end = start.0.saturating_add(self.form.start_blocks());
            if self.is_damaged_session(drive, start, next)? {
                self.session_start.state = State::Damaged;
            } else if (start.0..end).contains(&next.0) {
                self.session_start.state = State::BrokenOff {
                    start,
                    count: end - next.0,
                };
            }
        }
        Ok(())
    }

    /// Learns the form of the current session, but not how far its start is recorded. Asks nothing of a
    /// recorder.
    ///
    /// # Errors
    /// [`ReadOnly::Finalized`]; errors from the drive.
    pub fn look_at_session(&mut self, drive: &mut Drive) -> Result<(), Error> {
        let (session, has_reserved) = current_session(drive.medium())?;
        if session.state == SessionState::Empty && !has_reserved {
            self.session_start.mark_missing();
        } else {
            self.form = self.form_of_session(drive, LogicalSector(session.start.0), has_reserved)?;
        }
        Ok(())
    }

    /// The form of the current session: with a reserved track if it has one or a filled one. If that track is
    /// not too long, this holds even if the anchor of the session was lost: an earlier anchor leads to the
    /// volume, and closing records more.
    fn form_of_session(
        &self,
        drive: &mut Drive,
        start: LogicalSector,
        has_reserved: bool,
    ) -> Result<SessionForm, Error> {
        let form = SessionForm::AfterReservedTrack;
        let anchor = LogicalSector(start.0.saturating_add(form.anchor()));
        let is_of_two = if self.next_form != form {
            has_reserved
        } else if has_reserved {
            let mut tracks = drive.medium().tracks.iter();
            let next = tracks.find(|track| track.start.0 > start.0);
            next.is_some_and(|next| next.start.0 <= anchor.0)
        } else {
            has_anchor(drive, anchor)?
        };
        Ok(if is_of_two { form } else { SessionForm::Ordinary })
    }

    /// Whether the closing of what was acknowledged last has begun to fill the place of the reserved track,
    /// which no track is reserved for any more. If not, the image was recorded on in the meantime without its
    /// side file, or the drive closed the track.
    fn is_begun_to_close(&self, drive: &mut Drive, start: LogicalSector) -> Result<bool, Error> {
        if let Some(anchor) = anchor_at(drive, LogicalSector(start.0.saturating_add(ANCHOR_SECTOR)))? {
            // A closing records the reserve sequence after its VAT.
            let reserve = anchor.reserve_volume_descriptor_sequence_extent.location();
            return Ok(self.acknowledged.is_none_or(|last| last < reserve));
        }
        if self.reserved_start == ReservedStart::Recognition {
            return Ok(false);
        }
        let first = read_block(drive, LogicalSector(start.0.saturating_add(RECOGNITION_SECTOR)))?;
        Ok(!first.is_some_and(|block| block.iter().all(|byte| *byte == 0)))
    }

    /// Whether the start of the session must be [mended](Track::mend_session) before anything else is
    /// recorded.
    #[must_use]
    pub fn is_session_broken(&self) -> bool {
        matches!(self.session_start.state, State::BrokenOff { .. } | State::Damaged)
    }

    /// Closes a session with a damaged start, and queues what is missing of an interrupted one.
    ///
    /// # Errors
    /// Errors from the drive; the call can be repeated.
    pub fn mend_session(&mut self, drive: &mut Drive) -> Result<(), Error> {
        match self.session_start.state {
            State::Begun | State::Missing => {}
            State::Damaged => self.leave_session(drive)?,
            State::BrokenOff { start, count } => {
                self.session_start.state = State::Begun;
                self.queue.push(Entry::SessionStart {
                    start: Some(start),
                    length: self.form.start_blocks(),
                    count,
                });
            }
        }
        Ok(())
    }

    fn leave_session(&mut self, drive: &mut Drive) -> Result<(), Error> {
        drive.close_session(Disposition::Appendable)?;
        self.run = None;
        self.session_start.mark_missing();
        Ok(())
    }

    /// Maximum number of blocks that mending takes.
    #[must_use]
    pub fn blocks_to_mend(&self, medium: &Medium) -> u64 {
        match self.session_start.state {
            State::Begun | State::Missing => 0,
            State::BrokenOff { count, .. } => u64::from(count),
            State::Damaged => blocks_to_leave_session(medium),
        }
    }

    /// Maximum number of blocks of the start of the session, if it is missing.
    #[must_use]
    pub fn session_start_blocks(&self) -> u64 {
        match self.session_start.state {
            State::Missing => match self.next_form {
                SessionForm::Ordinary => u64::from(self.next_form.start_blocks() + self.unit),
                // The reserved track is padded, and there are gaps around it.
                SessionForm::AfterReservedTrack => {
                    u64::from(self.next_form.start_blocks() + self.unit + SHORTEST_TRACK_BLOCKS)
                }
            },
            _ => 0,
        }
    }

    /// Maximum number of blocks of the end of the session.
    #[must_use]
    pub fn session_end_blocks(&self) -> u64 {
        u64::from(SESSION_END_BLOCKS + self.unit)
    }

    /// Whether the last acknowledged block is in the current session.
    #[must_use]
    pub fn is_acknowledged_in_session(&self, medium: &Medium) -> bool {
        let start = medium.recordable_session().map(|session| session.start.0);
        let begun = self.session_start.state != State::Missing;
        let last = self.acknowledged.map_or(0, |last| last.0);
        begun && start.is_none_or(|start| start <= last)
    }

    /// Queues the structures at the start of a session before its first item.
    pub fn begin_session(&mut self) {
        if self.session_start.state == State::Missing {
            self.session_start.state = State::Begun;
            self.form = self.next_form;
            self.is_reserved_lost = false;
            let length = self.form.start_blocks();
            self.queue.push(Entry::SessionStart {
                start: None,
                length,
                count: length,
            });
        }
    }

    /// Queues what is missing of the start of the session at `first`: `length` blocks from there on, with the
    /// sequences that the track was created with.
    pub fn begin_session_at(&mut self, first: LogicalSector, length: u32) {
        self.queue.push(Entry::SessionStart {
            start: Some(first),
            length,
            count: length,
        });
    }

    /// After a write failed at `failed` while the start of a session was being recorded: continues with the
    /// rest of it, or in a further session if the failed block is one that readers look for.
    pub(crate) fn take_up_session_start(
        &mut self,
        drive: &mut Drive,
        failed: LogicalSector,
    ) -> Result<(), Error> {
        let Some(Entry::SessionStart { start, .. }) = self.queue.entries.first() else {
            return Ok(());
        };
        let first = start.unwrap_or(failed);
        let next = self.point(drive)?.next;
        let anew = self.is_damaged_session(drive, first, next)?;
        if anew {
            self.leave_session(drive)?;
            // It is already in the queue.
            self.session_start.state = State::Begun;
            self.queue.resize(0, 0, self.form.start_blocks());
        } else {
            // Which of its sequences were recorded despite the failed write is unknown.
            self.session_start.distrust();
        }
        if let Some(Entry::SessionStart { start, .. }) = self.queue.entries.first_mut() {
            *start = (!anew).then_some(first);
        }
        Ok(())
    }

    /// Whether to abandon a session. If links fall on the recognition sequence or the anchor of a further
    /// session that contains nothing of the volume yet, it is closed and the next one begun: readers of
    /// closed discs look only at the start of the last session. If the medium may not have room for that, the
    /// session continues as it is; the volume is then found through the previous session and, once this one
    /// is closed, through its anchors at N-256 and before.
    fn is_damaged_session(
        &mut self,
        drive: &mut Drive,
        start: LogicalSector,
        next: LogicalSector,
    ) -> Result<bool, Error> {
        let is_reserved = self.form == SessionForm::AfterReservedTrack;
        if is_reserved || self.acknowledged.is_some_and(|last| last >= start) {
            return Ok(false);
        }
        let free = self.point(drive)?.free;
        let has_room = !drive.medium().single_session && free >= blocks_to_leave_session(drive.medium());
        // A broken-off track recorded at once is closed, and what follows it is not the start of this
        // session.
        let broke_off =
            next.0.saturating_sub(start.0) < self.form.start_blocks() && drive.medium().track_at_once;
        let revision = self.descriptors.revision;
        Ok(has_room && (broke_off || !session_start_can_be_whole(drive, start, next, revision)?))
    }
}

/// The session that takes data, and whether it begins with a reserved track.
fn current_session(medium: &Medium) -> Result<(Session, bool), Error> {
    let session = medium.recordable_session().copied();
    let session = session.ok_or(ReadOnly::Finalized)?;
    let has_reserved = medium.reserved_tracks().any(|track| track.start == session.start);
    Ok((session, has_reserved))
}

fn has_anchor(drive: &mut Drive, at: LogicalSector) -> Result<bool, Error> {
    Ok(anchor_at(drive, at)?.is_some())
}

fn anchor_at(drive: &mut Drive, at: LogicalSector) -> Result<Option<AnchorVolumeDescriptorPointer>, Error> {
    let block = read_block(drive, at)?;
    Ok(block.and_then(|block| AnchorVolumeDescriptorPointer::read(&block, Some(at.0)).ok()))
}

/// Number of blocks sufficient to close a session with little in it, and to begin and end another one after
/// it.
fn blocks_to_leave_session(medium: &Medium) -> u64 {
    // The widest gap between sessions that drives are known to leave on the medium, and the length they pad a
    // track to.
    let gap: u64 = match medium.profile {
        Profile::CdR => 11_400 + u64::from(SHORTEST_TRACK_BLOCKS),
        Profile::DvdR => 28_672,
        _ => 4_096,
    };
    gap + 2 * u64::from(SessionForm::Ordinary.start_blocks() + SESSION_END_BLOCKS)
        + 8 * u64::from(medium.write_unit)
}
