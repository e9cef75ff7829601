//! Closing: the end of session data and the drive's close functions, with one implementation for whoever asks.

use drive::{Disposition, DriveError, SessionState, Status};
use ecma167::{
    LogicalSector,
    general::{Descriptor, Timestamp},
    volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer},
};

use crate::{
    Recording,
    error::{Error, ReadOnly},
    issue::least_end_of_track,
    queue::Item,
    session::SESSION_END_BLOCKS,
};

/// The widest gap between two sessions of any medium, with the least that a session takes: where a medium has not so much left, no
/// session may fit behind the one that is closed, and the drive finalizes it.
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
        self.now = now;
        self.recover()?;
        // What was recorded since the last snapshot may have opened a session.
        let single = self.disc.volume.drive_mut().refresh()?.single_session;
        let disposition = if close_disc == CloseDisc::Yes || single {
            Disposition::Finalized
        } else {
            Disposition::Appendable
        };
        if !self.session_has_data() && !self.is_dirty() {
            if close_disc == CloseDisc::No {
                return Ok(Closed {
                    vat_icb: None,
                    blocks: 0,
                    finalized: false,
                });
            }
            match self.disc.volume.drive_mut().finalize() {
                Ok(()) => return self.closed(None, 0, Disposition::Finalized),
                Err(DriveError::NeedsSession) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (vat_icb, blocks) = if self.session_is_ended()? {
            (self.committed.vat_icb, 0)
        } else {
            self.end_session()?
        };
        self.disc.volume.drive_mut().close_session(disposition)?;
        self.closed(Some(vat_icb), blocks, disposition)
    }

    fn closed(
        &mut self,
        vat_icb: Option<LogicalSector>,
        blocks: u64,
        disposition: Disposition,
    ) -> Result<Closed, Error> {
        self.run = None;
        let medium = self.disc.volume.drive_mut().refresh()?;
        let finalized = medium.status == Status::Finalized;
        self.session_is_new = !finalized;
        self.finalized = finalized;
        if let (true, Disposition::Appendable, Some(vat_icb)) = (finalized, disposition, vat_icb)
            && self.partition_end.0.saturating_sub(vat_icb.0) > ROOM_FOR_SESSION
        {
            return Err(Error::FinalizedUnasked { vat_icb });
        }
        Ok(Closed {
            vat_icb,
            blocks,
            finalized,
        })
    }

    fn session_has_data(&self) -> bool {
        let sessions = &self.disc.volume.drive().medium().sessions;
        sessions.iter().any(|session| session.state == SessionState::Open)
    }

    /// Whether the session ends as it should already: an earlier close got so far, and then the drive failed to close.
    fn session_is_ended(&mut self) -> Result<bool, Error> {
        if self.is_dirty() || !self.disc.volume.clean() {
            return Ok(false);
        }
        let start = self
            .disc
            .volume
            .drive()
            .medium()
            .recordable_session()
            .map(|session| session.start.0);
        let anchor = self.committed.vat_icb.0.checked_sub(SESSION_END_BLOCKS - 1);
        let (Some(start), Some(anchor)) = (start, anchor) else {
            return Ok(false);
        };
        // The anchor at S+256 may happen to stand 256 blocks before a commit, but the session has to have another.
        if anchor <= start.saturating_add(ANCHOR_SECTOR) {
            return Ok(false);
        }
        if self.track_is_padded_behind(self.committed.vat_icb) {
            return Ok(false);
        }
        match self.disc.volume.read_sector(LogicalSector(anchor)) {
            Ok(block) => Ok(AnchorVolumeDescriptorPointer::read(block, Some(anchor)).is_ok()),
            Err(volume::Error::Drive(DriveError::Unreadable { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether closing the open track pads it behind this block, since a track of a CD may not be as short.
    fn track_is_padded_behind(&self, last: LogicalSector) -> bool {
        let medium = self.disc.volume.drive().medium();
        let mut tracks = medium.tracks.iter().rev();
        let track = tracks.find(|track| track.start.0 <= last.0);
        let open = track.filter(|track| track.next_writable_address.is_some());
        open.is_some_and(|track| {
            least_end_of_track(medium, track.start) > LogicalSector(last.0.saturating_add(1))
        })
    }

    /// Records what is pending and the end of session data up to N.
    fn end_session(&mut self) -> Result<(LogicalSector, u64), Error> {
        self.require_room_to_close()?;
        if self.is_dirty() {
            self.enqueue_changes()?;
        } else {
            self.enqueue_committed_vat()?;
        }
        self.issue_up_to(Item::SessionEnd {
            count: 0,
            anchors: Vec::new(),
        })?;
        let commit = self.acknowledge()?;
        Ok((commit.vat_icb, commit.blocks))
    }

    /// Fails on a medium that takes nothing more.
    pub(crate) fn require_open_medium(&self) -> Result<(), Error> {
        if self.finalized {
            Err(Error::ReadOnly(ReadOnly::Finalized))
        } else {
            self.require_health()
        }
    }
}
