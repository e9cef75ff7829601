//! Closing sessions and finalizing discs: which close functions each profile takes, and in which order.

use std::time::Duration;

use mmc::command::CloseTrackSession;
use mmc::{CloseFunction, Data, MultiSession, Profile, Sense};

use crate::disposition::{Disposition, SaysOfDisc};
use crate::drive::{Backing, Drive};
use crate::error::{DriveError, ReadOnly};
use crate::initiator::Initiator;
use crate::medium::{SessionState, Status};
use crate::policy::{Kind, is_refused, says_there_is_none};
use crate::wait::Patience;

/// How long a drive may still report the state before a close.
const SHOWN: Duration = Duration::from_secs(5);

impl Drive {
    /// Synchronizes, closes the open track, the reserved tracks and the session, and takes a new snapshot.
    ///
    /// A single-session medium (DVD-R DL) is finalized whatever `disposition` says. Check the snapshot
    /// afterwards: it says whether the drive finalized a disc that was to stay appendable.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], [`DriveError::NotClosed`] if the drive then reports another state, or the
    /// error of a command. A drive may refuse to close a track that a synchronize has already ended; that is
    /// no error.
    #[doc(alias = "CLOSE TRACK/SESSION")]
    pub fn close_session(&mut self, disposition: Disposition) -> Result<(), DriveError> {
        let profile = self.medium.profile;
        let finalize = disposition == Disposition::Finalized || self.medium.single_session;
        let track = self.open_track()?;
        let reserved = self.reserved_tracks(track);
        let recorder = self.closing_recorder()?;
        recorder.prevent_removal()?;
        recorder.synchronize()?;
        for track in reserved.into_iter().chain([track]) {
            recorder.close_track(track)?;
        }
        let next = if finalize {
            MultiSession::None
        } else {
            MultiSession::Allowed
        };
        self.set_way_of_writing(next)?;
        // Function 6 also closes the open session. Using function 2 first would finalize a full disc, which
        // would then refuse function 6.
        let before = self.closed_sessions().len();
        let recorder = self.closing_recorder()?;
        let closed = if finalize && finalizes_by_function(profile) {
            recorder.finalize(profile)
        } else {
            recorder.close(CloseFunction::Session, 0)
        };
        self.unless_done(closed, before)?;
        self.closed(if finalize {
            Disposition::Finalized
        } else {
            Disposition::Appendable
        })
    }

    /// Finalizes a disc whose sessions are all closed, and takes a new snapshot.
    ///
    /// # Errors
    /// [`DriveError::NeedsSession`] on CD-R and DVD-R, which only one more complete session can finalize;
    /// [`DriveError::SessionOpen`] if a session contains data and is not closed; [`DriveError::ReadOnly`] if
    /// the disc is finalized or cannot be recorded; [`DriveError::NotClosed`] if the drive then reports
    /// another state; or the error of a command.
    #[doc(alias = "CLOSE TRACK/SESSION")]
    pub fn finalize(&mut self) -> Result<(), DriveError> {
        // Recording since the last snapshot may have opened a session.
        self.refresh()?;
        let profile = self.medium.profile;
        let open = self
            .medium
            .sessions
            .iter()
            .any(|session| session.state == SessionState::Open);
        let recorder = self.closing_recorder()?;
        if open {
            return Err(DriveError::SessionOpen);
        }
        if !finalizes_by_function(profile) {
            return Err(DriveError::NeedsSession);
        }
        recorder.prevent_removal()?;
        let closed = recorder.finalize(profile);
        self.unless_done(closed, self.closed_sessions().len())?;
        self.closed(Disposition::Finalized)
    }

    /// Ignores a refusal if the close has taken effect: a drive that ends the command too early receives it
    /// twice and refuses the second.
    fn unless_done(&mut self, closed: Result<(), DriveError>, before: usize) -> Result<(), DriveError> {
        let Err(DriveError::Sense { command, sense, at }) = closed else {
            return closed;
        };
        // The drive may also report the close late.
        let mut patience = Patience::for_showing(SHOWN);
        let mut shows_later = is_refused(sense);
        while shows_later {
            self.refresh()?;
            if self.medium.status == Status::Finalized || self.closed_sessions().len() > before {
                return Ok(());
            }
            shows_later = self.waits(&mut patience);
        }
        Err(DriveError::Sense { command, sense, at })
    }

    /// The recorder, even if no track takes data: its session can still be closed.
    pub(crate) fn closing_recorder(&mut self) -> Result<&mut Initiator, DriveError> {
        match (&mut self.backing, self.medium.read_only) {
            (Backing::Recorder(recorder), None | Some(ReadOnly::NoNextWritableAddress)) => Ok(recorder),
            (Backing::Recorder(_), Some(why)) => Err(DriveError::ReadOnly(why)),
            (Backing::Image(_), _) => Err(DriveError::ReadOnly(ReadOnly::BareImage)),
        }
    }

    /// The numbers of the reserved tracks of the last session, except the open one. All of them, full or not,
    /// must be closed before the session.
    fn reserved_tracks(&self, open: u16) -> Vec<u16> {
        let session = self.medium.tracks.last().map(|track| track.session);
        let tracks = self.medium.tracks.iter();
        let reserved =
            tracks.filter(|track| track.reserved && track.number != open && Some(track.session) == session);
        reserved.map(|track| track.number).collect()
    }

    /// The number of the track that takes data.
    fn open_track(&mut self) -> Result<u16, DriveError> {
        let recorder = self.closing_recorder()?;
        for number in recorder.append_numbers() {
            if let Some(track) = recorder
                .track(number)?
                .filter(|reported| reported.track.next_writable_address.is_some())
            {
                return Ok(track.track.number);
            }
        }
        Ok(recorder.last_track)
    }

    /// Ends the preparation for the session. The drive now has new tracks and sessions, and this checks that
    /// it did what was asked.
    fn closed(&mut self, asked: Disposition) -> Result<(), DriveError> {
        // The disc may be finalized and therefore read-only now.
        if let Backing::Recorder(recorder) = &mut self.backing {
            recorder.prepared = false;
            recorder.allow_removal();
            recorder.append_track = None;
        }
        let mut patience = Patience::for_showing(SHOWN);
        loop {
            self.refresh()?;
            let Some(says) = self.contradicts(asked) else {
                if let Backing::Recorder(recorder) = &mut self.backing {
                    recorder.may_precede_close = true;
                }
                return Ok(());
            };
            if !self.waits(&mut patience) {
                return Err(DriveError::NotClosed { asked, says });
            }
        }
    }

    /// Waits a little longer than before; `false` if the time is used up.
    fn waits(&mut self, patience: &mut Patience) -> bool {
        match &mut self.backing {
            Backing::Recorder(recorder) => recorder.waits(patience),
            Backing::Image(_) => false,
        }
    }

    /// The state that the drive reports, if that is less than requested.
    fn contradicts(&self, asked: Disposition) -> Option<SaysOfDisc> {
        if self.medium.status == Status::Finalized {
            return None;
        }
        let mut sessions = self.medium.sessions.iter();
        if sessions.any(|session| session.state == SessionState::Open) {
            Some(SaysOfDisc::SessionOpen)
        } else {
            (asked == Disposition::Finalized).then_some(SaysOfDisc::Appendable)
        }
    }
}

impl Initiator {
    /// Closes a track. Ignores an error if the drive has already ended the track.
    pub(crate) fn close_track(&mut self, track: u16) -> Result<(), DriveError> {
        match self.close(CloseFunction::Track, track) {
            Err(DriveError::Sense { sense, .. }) if says_there_is_none(sense) => Ok(()),
            closed => closed,
        }
    }

    /// Finalizes with the close function of the profile. Some drives only know the function for the minimal
    /// radius.
    fn finalize(&mut self, profile: Profile) -> Result<(), DriveError> {
        match self.close(CloseFunction::Finalize, 0) {
            Err(DriveError::Sense { sense, .. })
                if sense.is(Sense::INVALID_FIELD_IN_CDB) && profile != Profile::BdRSequential =>
            {
                self.close(CloseFunction::FinalizeMinimalRadius, 0)
            }
            closed => closed,
        }
    }

    /// Sends a close function and waits until the drive has completed it.
    fn close(&mut self, function: CloseFunction, track: u16) -> Result<(), DriveError> {
        let command = CloseTrackSession::new(function, track, false);
        self.send(command, Data::None, Kind::Write, None)?;
        self.wait_for_writes()
    }
}

/// Whether close function 6 finalizes the disc, instead of mode page 05h at the close of its last session.
fn finalizes_by_function(profile: Profile) -> bool {
    matches!(
        profile,
        Profile::DvdPlusR | Profile::DvdPlusRDl | Profile::BdRSequential
    )
}
