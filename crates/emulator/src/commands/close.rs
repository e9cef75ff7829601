//! CLOSE TRACK/SESSION.

use crate::behaviour::{Behaviour, SessionClose};
use crate::layout::{DiscLayout, Session};
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::zones::Radius;
use core::ops::Range;
use mmc::command::CloseTrackSession;
use mmc::{CloseFunction, Failure, MultiSession, Sense};

impl Recorder {
    pub(super) fn close_track_session(&mut self, command: &CloseTrackSession) -> Result<usize, Failure> {
        self.check_recordable()?;
        let family = self.disc.medium.family();
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
        // Number FFh is the invisible track, as in READ TRACK INFORMATION, where no track has that number.
        let invisible = self.disc.invisible_track().map(|track| track.number);
        let number = match (self.disc.track(number), invisible) {
            (None, Some(invisible)) if number == 0xFF => invisible,
            _ => number,
        };
        let track = self.disc.track(number).ok_or(Sense::INVALID_FIELD_IN_CDB)?;
        let synchronized = !track.packet_open && track.has_data();
        let cd = self.disc.medium.family() == Family::Cd;
        if cd && synchronized && self.behaviour.close_track_refused_after_synchronize {
            return Err(Sense::COMMAND_SEQUENCE_ERROR.into());
        }
        self.close_one_track(number)
    }

    pub(super) fn close_one_track(&mut self, number: u16) -> Result<(), Failure> {
        self.synchronize()?;
        let open = self.disc.track(number).is_some_and(|track| !track.closed);
        // What fails on the host can be tried again: the disc is as it was then.
        let mut closed = self.disc.clone();
        if let Some(pad) = closed.close_track(number, self.behaviour.run_out)? {
            self.begin()?;
            self.pass(pad.end - pad.start);
            self.store.fill_with_zeros(&pad)?;
        }
        self.disc = closed;
        if open {
            self.pass(self.disc.medium.run_out_blocks());
            self.pass_account();
        }
        self.keep_state()
    }

    fn close_session(&mut self) -> Result<(), Failure> {
        let medium = self.disc.medium;
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

    /// Closes the last session, whose tracks are closed: the disc is finalized where this is its last one, or no other fits.
    pub(super) fn end_session(&mut self, last: bool, radius: Radius) -> Result<(), Failure> {
        let (medium, number) = (self.disc.medium, self.disc.last_session());
        self.disc.close_session(last, &self.behaviour);
        let before = medium.session_start(number);
        if before > 0 {
            self.pass_elsewhere(before);
        }
        self.pass_behind(number, radius);
        self.keep_state()
    }

    /// Records what follows the blocks of session `number`.
    fn pass_behind(&mut self, number: u16, radius: Radius) {
        let medium = self.disc.medium;
        let behind = if self.disc.finalized {
            let end = self.disc.lead_out(number).unwrap_or(0);
            medium.disc_end(number, end, radius)
        } else {
            medium.session_end(number).into()
        };
        if behind > 0 {
            self.pass_elsewhere(behind);
        }
        self.pass_account();
    }

    /// DVD+R and BD-R close an open track with the session; CD-R and DVD-R want it closed before.
    fn close_tracks_of_session(&mut self) -> Result<(), Failure> {
        let family = self.disc.medium.family();
        let implicit = matches!(family, Family::DvdPlusR | Family::BdR)
            || family == Family::Cd && self.behaviour.close_track_refused_after_synchronize;
        let open: Vec<_> = self
            .disc
            .tracks
            .iter()
            .filter(|track| !track.closed && (track.reserved || !track.blank()))
            .map(|track| (track.number, track.reserved))
            .collect();
        for (number, reserved) in open {
            if reserved {
                return Err(Sense::EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK.into());
            }
            if !implicit {
                return Err(Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK.into());
            }
            self.close_one_track(number)?;
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
        self.disc.drop_empty_session();
        self.disc.finalized = true;
        self.pass_behind(last, radius);
        self.keep_state()
    }
}

impl DiscLayout {
    /// Closes a track whose packet is ended; returns what is padded with zeros. Closing a closed track does nothing.
    fn close_track(&mut self, number: u16, with_run_out: bool) -> Result<Option<Range<u32>>, Sense> {
        let medium = self.medium;
        let track = self.track_mut(number).ok_or(Sense::INVALID_FIELD_IN_CDB)?;
        if track.closed {
            return Ok(None);
        }
        if track.blank() && !track.reserved {
            return Err(Sense::CURRENT_PROGRAM_AREA_IS_EMPTY);
        }
        let invisible = track.invisible();
        let unit = medium.write_unit();
        let shortest = medium.shortest_track() - medium.run_out_blocks();
        let run_out = if with_run_out { medium.run_out_blocks() } else { 0 };
        // A reserved track is padded to its end, a short one to the least that the medium allows.
        let least = track.start.saturating_add(shortest).min(track.end);
        let filled = if track.reserved {
            track.end
        } else {
            least.max(track.recorded_end)
        };
        let pad = track.recorded_end..filled;
        // Where the last unit was spoiled, the track still ends with it; on a CD only links stand there.
        let written = if unit > 1 { track.next.max(filled) } else { filled };
        track.recorded_end = filled;
        track.next = filled;
        let run_out_start = written.next_multiple_of(unit);
        track.end = run_out_start + run_out;
        track.closed = true;
        let end = track.end;
        self.links.add(run_out_start..end);
        if invisible {
            self.push_invisible_track(end + medium.pregap_blocks());
        }
        Ok(Some(pad).filter(|pad| !pad.is_empty()))
    }

    /// Closes the last session, whose tracks are closed, and opens the next one where one may follow and fits.
    pub(super) fn close_session(&mut self, last: bool, behaviour: &Behaviour) {
        self.drop_blank_track();
        let number = self.last_session();
        let lead_out = self.tracks.last().map_or(0, |track| track.end);
        if let Some(session) = self.sessions.last_mut() {
            session.lead_out = Some(lead_out);
        }
        let next = lead_out.checked_add(behaviour.gap(self.medium, number));
        let next = next.and_then(|next| next.checked_next_multiple_of(self.medium.write_unit()));
        self.finalized = last;
        if let (false, Some(next), Some(_)) = (last, next, number.checked_add(1)) {
            self.sessions.push(Session { lead_out: None });
            if self.push_invisible_track(next) {
                return;
            }
            self.sessions.pop();
        }
        // A disc without room for another session is complete.
        self.finalized = true;
    }

    fn drop_empty_session(&mut self) {
        self.drop_blank_track();
        if self
            .sessions
            .last()
            .is_some_and(|session| session.lead_out.is_none())
        {
            self.sessions.pop();
        }
    }

    fn drop_blank_track(&mut self) {
        if self
            .tracks
            .last()
            .is_some_and(|track| track.invisible() && track.blank())
        {
            self.tracks.pop();
        }
    }
}
