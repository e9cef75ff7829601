//! Closing tracks and sessions.

use super::{DiscLayout, Session};
use crate::behaviour::Behaviour;
use mmc::Sense;
use std::ops::Range;

impl DiscLayout {
    /// Closes a track whose packet has ended, and returns the blocks to pad with zeros. On a closed track
    /// this has no effect.
    pub(crate) fn close_track(
        &mut self,
        number: u16,
        behaviour: &Behaviour,
    ) -> Result<Option<Range<u32>>, Sense> {
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
        let run_out = if behaviour.run_out {
            medium.run_out_blocks()
        } else {
            0
        };
        // A reserved track is padded to its end, a short one to the minimum length of the medium.
        let least = track.start.saturating_add(shortest).min(track.end);
        let filled = if track.reserved {
            track.end
        } else {
            least.max(track.recorded_end)
        };
        let is_padded = !track.reserved || behaviour.pads_reserved_tracks(medium);
        let recorded_end = if is_padded { filled } else { track.recorded_end };
        let pad = track.recorded_end..recorded_end;
        // If the last unit is spoiled, the track still ends with it; on a CD only links are there.
        let written = if unit > 1 { track.next.max(filled) } else { filled };
        track.recorded_end = recorded_end;
        track.next = filled;
        let run_out_start = written.next_multiple_of(unit);
        track.end = run_out_start + run_out;
        track.closed = true;
        let end = track.end;
        self.links.add(run_out_start..end);
        if invisible {
            self.push_invisible_track(end.saturating_add(behaviour.track_gap(medium, false)));
        }
        Ok(Some(pad).filter(|pad| !pad.is_empty()))
    }

    /// Closes the last session, whose tracks are closed, and opens the next one if another may follow and
    /// fits.
    pub(crate) fn close_session(&mut self, last: bool, behaviour: &Behaviour) {
        self.drop_blank_track();
        let number = self.last_session();
        if behaviour.reads_as_one_track(self.medium) {
            self.join_tracks_of(number);
        }
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

    /// Finalizes a disc whose sessions are all closed.
    pub(crate) fn finalize(&mut self) {
        self.drop_empty_session();
        self.finalized = true;
    }

    /// Joins the tracks of the last session. The blocks between them remain unreadable.
    fn join_tracks_of(&mut self, session: u16) {
        let first = self.tracks.partition_point(|track| track.session < session);
        let Some([head, rest @ ..]) = self.tracks.get_mut(first..) else {
            return;
        };
        for track in rest.iter() {
            self.links.add(head.recorded_end..track.start);
            head.recorded_end = track.recorded_end;
            head.next = track.next;
            head.end = track.end;
        }
        head.reserved = false;
        self.tracks.truncate(first + 1);
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
