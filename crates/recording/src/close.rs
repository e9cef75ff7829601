//! Closing: the end of session data and the drive's close functions. All callers share this one
//! implementation.

use drive::{Disposition, DriveError, SessionState};
use ecma167::LogicalSector;
use ecma167::general::{Descriptor, Timestamp};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use track::{End, SESSION_END_BLOCKS, Track};

use crate::Recording;
use crate::commit::Commit;
use crate::error::Error;
use crate::plain::{Ended, NoPlainVolume, PlainVolume};
use crate::tree::Piece;

/// Blocks of the widest gap between two sessions on any medium, plus the least that a session takes. With
/// fewer left, no session may fit after the closed one, and the drive finalizes the medium.
const ROOM_FOR_SESSION: u32 = 30_500;

/// Whether the medium stays appendable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseDisc {
    /// The session is closed; a further session can follow.
    No,
    /// The medium is finalized; nothing can be added.
    Yes,
}

/// What closing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The VAT ICB at N, the last block of the closed session; `None` if no session was recorded.
    pub vat_icb: Option<LogicalSector>,
    /// The number of the closed session, counted from 1; `None` if no session was recorded.
    pub session: Option<u16>,
    /// Blocks recorded for closing, including the end of session data.
    pub blocks: u64,
    /// Whether the medium is now finalized.
    pub finalized: bool,
    /// What became of the plain volume, on a disc that gets one with each session.
    pub plain: PlainVolume,
}

impl Recording {
    /// Commits what is pending, records the end of session data (`UDF 2.60 6.10.1.2`) and closes the session.
    ///
    /// If the drive fails to close, the caller can ask again, even after reopening the disc. End of session
    /// data that is already on disc is not recorded twice.
    ///
    /// If no session is open, nothing is pending and no plain volume is owed, [`CloseDisc::No`] records
    /// nothing; [`CloseDisc::Yes`] finalizes, on CD-R and DVD-R with one more complete session. A medium with
    /// a single session is finalized either way.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::MediumFull`], [`Error::FinalizedUnasked`], or any error of the drive.
    #[doc(alias = "FSCTL_MAKE_MEDIA_COMPATIBLE")]
    pub fn close(&mut self, close_disc: CloseDisc, now: Timestamp) -> Result<Closed, Error> {
        self.require_open_medium()?;
        self.set_time(now);
        if !self.can_go_on_closing()? {
            self.recover()?;
        }
        // Blocks recorded since the last snapshot may have opened a session.
        let single = self.volume.drive_mut().refresh()?.single_session;
        let disposition = if close_disc == CloseDisc::Yes || single {
            Disposition::Finalized
        } else {
            Disposition::Appendable
        };
        self.prepare_plain_wish()?;
        let owed = self.owed_plain_volume()?;
        if !self.session_has_data()
            && !self.is_dirty()
            && self.added_companion.is_none()
            && owed != PlainVolume::Recorded
        {
            let nothing = |finalized| Closed {
                vat_icb: None,
                session: None,
                blocks: 0,
                finalized,
                plain: owed,
            };
            if close_disc == CloseDisc::No {
                return Ok(nothing(false));
            }
            if let Some(finalized) = self.track.finalize(self.volume.drive_mut())? {
                return Ok(nothing(finalized));
            }
            self.require_plain_volume_again()?;
        }
        let mut ended = self.end_of_session(now)?;
        if ended.plain == PlainVolume::LeftOut(NoPlainVolume::StartSpoiled) {
            ended = self.end_further_session(ended, now)?;
        }
        let Ended { commit, plain } = ended;
        let Commit { vat_icb, blocks } = commit;
        let finalized = self.track.close_session(self.volume.drive_mut(), disposition)?;
        if finalized
            && disposition == Disposition::Appendable
            && self.track.blocks_from(vat_icb) > ROOM_FOR_SESSION
        {
            return Err(Error::FinalizedUnasked { vat_icb });
        }
        let session = self.volume.drive().medium().last_session_with_data();
        Ok(Closed {
            vat_icb: Some(vat_icb),
            session: session.map(|session| session.number),
            blocks,
            finalized,
            plain,
        })
    }

    /// Commits what is pending, and ends the session in the form in which it started.
    fn end_of_session(&mut self, now: Timestamp) -> Result<Ended, Error> {
        let Some(companion) = self.companion() else {
            let commit = self.end_vat_session()?;
            let plain = PlainVolume::None;
            return Ok(Ended { commit, plain });
        };
        let mut before = 0;
        if self.is_dirty() {
            before = self.commit(now)?.blocks;
        } else if !self
            .track
            .is_acknowledged_in_session(self.volume.drive().medium())
        {
            before = self.record_vat_again()?.blocks;
        }
        self.volume.drive_mut().refresh()?;
        let Ended { commit, plain } = if !self.is_plain_volume_wanted() {
            self.end_without_plain_volume(NoPlainVolume::NotWanted)?
        } else if self.has_reserved_start() {
            self.end_with_plain_volume(companion, now)?
        } else {
            let commit = self.end_vat_session()?;
            let plain = PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack);
            Ended { commit, plain }
        };
        let blocks = before + commit.blocks;
        let commit = Commit { blocks, ..commit };
        Ok(Ended { commit, plain })
    }

    /// Records the end of session data of the volume with the VAT, unless that is already done.
    pub(crate) fn end_vat_session(&mut self) -> Result<Commit, Error> {
        if self.session_is_ended()? {
            let vat_icb = self.vat_icb;
            return Ok(Commit { vat_icb, blocks: 0 });
        }
        self.end_session()
    }

    /// If there is room for a further session, closes this one, whose start has unreadable blocks that
    /// readers of plain volumes need, and ends the further one in its place.
    fn end_further_session(&mut self, ended: Ended, now: Timestamp) -> Result<Ended, Error> {
        if !self.has_room_for_further_session()? {
            return Ok(ended);
        }
        let vat_icb = ended.commit.vat_icb;
        if self
            .track
            .close_session(self.volume.drive_mut(), Disposition::Appendable)?
        {
            return Err(Error::FinalizedUnasked { vat_icb });
        }
        let again = self.end_of_session(now)?;
        let blocks = ended.commit.blocks + again.commit.blocks;
        let commit = Commit {
            blocks,
            ..again.commit
        };
        Ok(Ended { commit, ..again })
    }

    /// Fails before the first block of a session that only finalizes if it would lack the plain volume that
    /// the last one has: readers that follow sessions would find none.
    fn require_plain_volume_again(&mut self) -> Result<(), Error> {
        let is_wanted = self.is_plain_volume_wanted() && self.volume.is_ended_by_plain_volume();
        match self.companion().filter(|_| is_wanted) {
            Some(companion) => self.require_plain_volume(companion),
            None => Ok(()),
        }
    }

    /// What a further session would make of the plain volume that the last closed session should have.
    fn owed_plain_volume(&mut self) -> Result<PlainVolume, Error> {
        if self.is_left_out_wanted() {
            return Ok(PlainVolume::Recorded);
        }
        let is_owed = self.is_last_start_spoiled()? && self.has_room_for_further_session()?;
        match self.companion().filter(|_| is_owed) {
            Some(companion) => self.forecast_plain_volume(companion),
            None => Ok(PlainVolume::None),
        }
    }

    /// Whether another session fits after the open one, or after the last one if none is open.
    fn has_room_for_further_session(&mut self) -> Result<bool, Error> {
        if self.volume.drive().medium().single_session {
            return Ok(false);
        }
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        Ok(free > u64::from(ROOM_FOR_SESSION))
    }

    pub(crate) fn session_has_data(&self) -> bool {
        let sessions = &self.volume.drive().medium().sessions;
        sessions.iter().any(|session| session.state == SessionState::Open)
    }

    /// Whether the session already ends as it should: an earlier close got this far before the drive failed
    /// to close.
    fn session_is_ended(&mut self) -> Result<bool, Error> {
        if self.is_dirty() || !self.volume.clean() {
            return Ok(false);
        }
        let medium = self.volume.drive().medium();
        let vat_icb = self.vat_icb;
        let start = medium.recordable_session().map(|session| session.start.0);
        let anchor = vat_icb.0.checked_sub(SESSION_END_BLOCKS - 1);
        let (Some(start), Some(anchor)) = (start, anchor) else {
            return Ok(false);
        };
        // The anchor at S+256 may happen to be 256 blocks before a VAT ICB, but the end of the session needs
        // its own.
        if anchor <= start.saturating_add(ANCHOR_SECTOR) || Track::<Piece>::is_padded_after(medium, vat_icb) {
            return Ok(false);
        }
        match self.volume.read_sector(LogicalSector(anchor)) {
            Ok(block) => Ok(AnchorVolumeDescriptorPointer::read(block, Some(anchor)).is_ok()),
            Err(volume::Error::Drive(DriveError::Unreadable { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Records what is pending and the end of session data up to N.
    pub(crate) fn end_session(&mut self) -> Result<Commit, Error> {
        self.require_room_to_close()?;
        if self.is_dirty() {
            self.enqueue_changes()?;
        } else {
            self.enqueue_committed_vat()?;
        }
        self.end_with(End::Session)
    }
}
