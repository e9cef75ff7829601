//! Closing: the end of session data and the drive's close functions, with one implementation for whoever asks.

use drive::{Disposition, DriveError, SessionState};
use ecma167::LogicalSector;
use ecma167::general::{Descriptor, Timestamp};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use track::{End, SESSION_END_BLOCKS, Track};

use crate::Recording;
use crate::commit::Commit;
use crate::error::Error;
use crate::tree::Piece;

/// The widest gap between two sessions of any medium, with the least that a session takes: where a medium has not so much left, no
/// session may fit after the one that is closed, and the drive finalizes it.
const ROOM_FOR_SESSION: u32 = 30_500;

/// Whether the medium stays appendable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseDisc {
    /// The session is closed; more can be added in a further one.
    No,
    /// The medium is finalized; nothing can be added.
    Yes,
}

/// What closing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The VAT ICB at N, the last block of the closed session; `None` when no session was recorded.
    pub vat_icb: Option<LogicalSector>,
    /// Blocks recorded for it, end of session data included.
    pub blocks: u64,
    /// Whether the medium is finalized now.
    pub finalized: bool,
}

impl Recording {
    /// Commits what is pending, records the end of session data (`UDF 2.60 6.10.1.2`) and closes the session.
    ///
    /// When the drive fails to close, closing can be asked for again, also after the disc was opened anew: end of session
    /// data that stands already is not recorded twice.
    ///
    /// With nothing open, [`CloseDisc::No`] records nothing; [`CloseDisc::Yes`] finalizes, on CD-R and DVD-R by one more
    /// complete session. A medium of a single session is finalized either way.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::MediumFull`], [`Error::FinalizedUnasked`], what the drive reports.
    #[doc(alias = "FSCTL_MAKE_MEDIA_COMPATIBLE")]
    pub fn close(&mut self, close_disc: CloseDisc, now: Timestamp) -> Result<Closed, Error> {
        self.require_open_medium()?;
        self.set_time(now);
        if !self.can_go_on_closing()? {
            self.recover()?;
        }
        // What was recorded since the last snapshot may have opened a session.
        let single = self.volume.drive_mut().refresh()?.single_session;
        let disposition = if close_disc == CloseDisc::Yes || single {
            Disposition::Finalized
        } else {
            Disposition::Appendable
        };
        if !self.session_has_data() && !self.is_dirty() {
            let nothing = |finalized| Closed {
                vat_icb: None,
                blocks: 0,
                finalized,
            };
            if close_disc == CloseDisc::No {
                return Ok(nothing(false));
            }
            if let Some(finalized) = self.track.finalize(self.volume.drive_mut())? {
                return Ok(nothing(finalized));
            }
        }
        let Commit { vat_icb, blocks } = if let Some(commit) = self.end_with_plain_volume(now)? {
            commit
        } else if self.session_is_ended()? {
            let vat_icb = self.vat_icb;
            Commit { vat_icb, blocks: 0 }
        } else {
            self.end_session()?
        };
        let finalized = self.track.close_session(self.volume.drive_mut(), disposition)?;
        if finalized
            && disposition == Disposition::Appendable
            && self.track.blocks_from(vat_icb) > ROOM_FOR_SESSION
        {
            return Err(Error::FinalizedUnasked { vat_icb });
        }
        Ok(Closed {
            vat_icb: Some(vat_icb),
            blocks,
            finalized,
        })
    }

    /// Ends a session that starts with a reserved track; `None` where it starts with none.
    fn end_with_plain_volume(&mut self, now: Timestamp) -> Result<Option<Commit>, Error> {
        let Some(companion) = self.companion() else {
            return Ok(None);
        };
        let mut before = 0;
        if self.is_dirty() {
            before = self.commit(now)?.blocks;
        } else if !self.session_has_data() {
            before = self.record_vat_again()?.blocks;
        }
        self.volume.drive_mut().refresh()?;
        if self.reserved_track().is_none() && !self.volume.is_ended_by_plain_volume() {
            return Ok(None);
        }
        let commit = self.record_plain_volume(companion, now)?;
        Ok(Some(Commit {
            blocks: before + commit.blocks,
            ..commit
        }))
    }

    pub(crate) fn session_has_data(&self) -> bool {
        let sessions = &self.volume.drive().medium().sessions;
        sessions.iter().any(|session| session.state == SessionState::Open)
    }

    /// Whether the session ends as it should already: an earlier close got so far, and then the drive failed to close.
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
        // The anchor at S+256 may happen to stand 256 blocks before a commit, but the session has to have another.
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
