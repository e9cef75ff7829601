//! CLOSE TRACK/SESSION.

use crate::behaviour::{CloseOverReserved, SessionClose};
use crate::layout::Track;
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::zones::Radius;
use mmc::command::CloseTrackSession;
use mmc::{CloseFunction, Failure, MultiSession, Sense};

impl Recorder {
    pub(super) fn close_track_session(&mut self, command: &CloseTrackSession) -> Result<usize, Failure> {
        self.check_recordable()?;
        let family = self.disc.medium().family();
        let before = self.information_of_disc();
        let disc = self.disc.clone();
        let finalizes = matches!(
            command.function(),
            CloseFunction::Finalize | CloseFunction::FinalizeMinimalRadius
        );
        match (command.function(), family) {
            _ if finalizes && self.behaviour.finalizing_without_effect => {}
            (CloseFunction::Track, _) => self.close_track(command.number.get())?,
            (CloseFunction::Session, _) => self.close_session()?,
            (CloseFunction::Finalize, Family::DvdPlusR | Family::BdR) => self.finalize(Radius::LEAST)?,
            (CloseFunction::FinalizeMinimalRadius, Family::DvdPlusR) => self.finalize(Radius::MINIMAL)?,
            _ => return Err(Sense::INVALID_FIELD_IN_CDB.into()),
        }
        self.unit.say(self.behaviour.close_shows_late, before);
        self.answer(command.immediate());
        if self.disc != disc {
            self.end_close()?;
        }
        Ok(0)
    }

    fn close_track(&mut self, number: u16) -> Result<(), Failure> {
        // Number FFh is the invisible track, as in READ TRACK INFORMATION, unless a track has that number.
        let invisible = self.disc.invisible_track().map(|track| track.number);
        let number = match (self.disc.track(number), invisible) {
            (None, Some(invisible)) if number == 0xFF => invisible,
            _ => number,
        };
        let track = self.disc.track(number).ok_or(Sense::INVALID_FIELD_IN_CDB)?;
        let synchronized = !track.packet_open && track.has_data();
        let cd = self.disc.medium().family() == Family::Cd;
        if cd && synchronized && self.behaviour.close_track_refused_after_synchronize {
            return Err(Sense::COMMAND_SEQUENCE_ERROR.into());
        }
        self.close_one_track(number)
    }

    pub(super) fn close_one_track(&mut self, number: u16) -> Result<(), Failure> {
        self.synchronize()?;
        let open = self.disc.track(number).is_some_and(|track| !track.closed);
        // If the host fails, the command can be repeated, because the disc remains as it was.
        let mut closed = self.disc.clone();
        if let Some(pad) = closed.close_track(number, &self.behaviour)? {
            self.begin()?;
            self.pass(pad.end - pad.start);
            self.store.fill_with_zeros(&pad)?;
        }
        self.disc = closed;
        if open {
            self.pass(self.disc.medium().run_out_blocks());
            self.pass_account();
        }
        self.keep_state()
    }

    fn close_session(&mut self) -> Result<(), Failure> {
        let medium = self.disc.medium();
        if self.disc.last_session_empty() {
            return Err(Sense::CURRENT_PROGRAM_AREA_IS_EMPTY.into());
        }
        if self.behaviour.session_close == SessionClose::Nothing {
            return Ok(());
        }
        self.close_tracks_of_session()?;
        let by_page = medium.has_write_parameters() || self.behaviour.multi_session_counts_always;
        let last = match self.behaviour.session_close {
            SessionClose::Finalized => true,
            SessionClose::Appendable => false,
            SessionClose::AsAsked | SessionClose::Nothing => {
                medium.single_session()
                    || by_page && self.mode.parameters().multi_session() != MultiSession::Allowed
            }
        };
        self.end_session(last, Radius::LEAST)
    }

    /// Closes the last session, whose tracks are closed. This finalizes the disc if the session is the last
    /// one or no other fits.
    pub(super) fn end_session(&mut self, last: bool, radius: Radius) -> Result<(), Failure> {
        let (medium, number) = (self.disc.medium(), self.disc.last_session());
        self.disc.close_session(last, &self.behaviour);
        let before = medium.session_start(number);
        if before > 0 {
            self.pass_elsewhere(before);
        }
        self.pass_end(number, radius);
        self.keep_state()
    }

    /// Records what follows the blocks of session `number`.
    fn pass_end(&mut self, number: u16, radius: Radius) {
        let medium = self.disc.medium();
        let blocks = if self.disc.is_finalized() {
            let end = self.disc.lead_out(number).unwrap_or(0);
            medium.disc_end(number, end, radius)
        } else {
            medium.session_end(number).into()
        };
        if blocks > 0 {
            self.pass_elsewhere(blocks);
        }
        self.pass_account();
    }

    /// Closes or refuses open tracks. DVD+R and BD-R close an open track with the session; CD-R and DVD-R
    /// require it to be closed before.
    fn close_tracks_of_session(&mut self) -> Result<(), Failure> {
        let medium = self.disc.medium();
        let is_cd = medium.family() == Family::Cd;
        let implicit = matches!(medium.family(), Family::DvdPlusR | Family::BdR)
            || is_cd && self.behaviour.close_track_refused_after_synchronize;
        let is_left = |track: &&Track| !track.closed && (track.reserved || !track.blank());
        let open: Vec<Track> = self.disc.tracks().iter().filter(is_left).cloned().collect();
        let over_reserved = self.behaviour.close_over_reserved(medium);
        for track in &open {
            // A full reserved track is complete, except on a CD, where its run-out is still missing.
            let is_unfinished = track.reserved && (is_cd || track.writable());
            match over_reserved {
                CloseOverReserved::IncompleteTrack if is_unfinished => {
                    return Err(Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK.into());
                }
                CloseOverReserved::ReservedTrack if is_unfinished => {
                    return Err(Sense::EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK.into());
                }
                _ if !track.reserved && !implicit => {
                    return Err(Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK.into());
                }
                _ => {}
            }
        }
        for track in open {
            self.close_one_track(track.number)?;
        }
        Ok(())
    }

    fn finalize(&mut self, radius: Radius) -> Result<(), Failure> {
        if !self.disc.last_session_empty() {
            self.close_tracks_of_session()?;
            return self.end_session(true, radius);
        }
        let last = self.disc.last_closed_session();
        if last == 0 {
            return Err(Sense::CURRENT_PROGRAM_AREA_IS_EMPTY.into());
        }
        self.disc.finalize();
        self.pass_end(last, radius);
        self.keep_state()
    }
}
