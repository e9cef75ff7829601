//! Closing sessions and finalizing discs: which close functions a profile takes, in which order.

use mmc::command::CloseTrackSession;
use mmc::{CloseFunction, Data, MultiSession, Profile};

use crate::drive::{Backing, Drive};
use crate::error::{DriveError, ReadOnly};
use crate::medium::SessionState;
use crate::policy::Kind;
use crate::recorder::Recorder;
use crate::snapshot::says_there_is_none;

/// What becomes of the disc when its session is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Another session may follow.
    Appendable,
    /// Nothing can be recorded any more.
    Finalized,
}

impl Drive {
    /// Makes everything last, closes the open track, what is left of reserved ones, and the session, and takes a new snapshot.
    ///
    /// A medium of a single session (DVD-R DL) is finalized whatever `disposition` says.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], or what a command met. A drive may refuse to close a track that a synchronize ended
    /// already; that is no error.
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
            match recorder.close(CloseFunction::Track, track) {
                Ok(()) => {}
                Err(DriveError::Sense { sense, .. }) if says_there_is_none(sense) => {}
                Err(other) => return Err(other),
            }
        }
        let next = if finalize {
            MultiSession::None
        } else {
            MultiSession::Allowed
        };
        recorder.set_write_parameters(profile, next)?;
        // Function 6 closes the open session too; after function 2 a full disc would refuse it, being finalized already.
        let function = if finalize && finalizes_by_function(profile) {
            CloseFunction::Finalize
        } else {
            CloseFunction::Session
        };
        recorder.close(function, 0)?;
        self.closed()
    }

    /// Finalizes a disc whose sessions are all closed, and takes a new snapshot.
    ///
    /// # Errors
    /// [`DriveError::NeedsSession`] on CD-R and DVD-R, where only one more complete session can end the disc,
    /// [`DriveError::SessionOpen`] where a session holds data and is not closed, [`DriveError::ReadOnly`] where the disc is
    /// finalized or cannot be recorded, or what a command met.
    #[doc(alias = "CLOSE TRACK/SESSION")]
    pub fn finalize(&mut self) -> Result<(), DriveError> {
        // What was recorded since the last snapshot may have opened a session.
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
        recorder.close(CloseFunction::Finalize, 0)?;
        self.closed()
    }

    /// The recorder, also where no track takes data any more: its session can still be closed.
    fn closing_recorder(&mut self) -> Result<&mut Recorder, DriveError> {
        match (&mut self.backing, self.medium.read_only) {
            (Backing::Recorder(recorder), None | Some(ReadOnly::NoNextWritableAddress)) => Ok(recorder),
            (Backing::Recorder(_), Some(why)) => Err(DriveError::ReadOnly(why)),
            (Backing::Image(_), _) => Err(DriveError::ReadOnly(ReadOnly::BareImage)),
        }
    }

    /// The numbers of the tracks beside the open one that were reserved and never filled: a session is not closed with them.
    fn reserved_tracks(&self, open: u16) -> Vec<u16> {
        let tracks = self.medium.tracks.iter();
        let unfinished = tracks
            .filter(|track| track.reserved && track.number != open && track.next_writable_address.is_some());
        unfinished.map(|track| track.number).collect()
    }

    /// The number of the track that takes data.
    fn open_track(&mut self) -> Result<u16, DriveError> {
        let recorder = self.closing_recorder()?;
        for number in recorder.append_numbers() {
            if let Some(track) = recorder
                .track(number)?
                .filter(|track| track.next_writable_address.is_some())
            {
                return Ok(track.number);
            }
        }
        Ok(recorder.last_track)
    }

    /// What was arranged for the session is over; the drive has new tracks and sessions.
    fn closed(&mut self) -> Result<(), DriveError> {
        let recorder = self.closing_recorder()?;
        recorder.prepared = false;
        recorder.allow_removal();
        recorder.append_track = None;
        self.refresh().map(drop)
    }
}

impl Recorder {
    /// Sends one close function and waits until the drive is done with it.
    fn close(&mut self, function: CloseFunction, track: u16) -> Result<(), DriveError> {
        let command = CloseTrackSession::new(function, track, false);
        self.send(command, Data::None, Kind::Write, None)?;
        self.wait_for_writes()
    }
}

/// Whether close function 6 ends the disc, and not mode page 05h before the close of its last session.
fn finalizes_by_function(profile: Profile) -> bool {
    matches!(
        profile,
        Profile::DvdPlusR | Profile::DvdPlusRDl | Profile::BdRSequential
    )
}
