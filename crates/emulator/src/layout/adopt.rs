//! Taking a disc from an image that says nothing about it.

use super::{DiscLayout, Session};
use crate::adopted_sessions::AdoptedSessions;
use crate::behaviour::Behaviour;

impl DiscLayout {
    /// Treats the blank disc as recorded up to `blocks`, in these sessions.
    pub(crate) fn adopt(&mut self, blocks: u32, sessions: &AdoptedSessions, behaviour: &Behaviour) {
        let blank = self.clone();
        if self.adopt_sessions(blocks, sessions, behaviour).is_none() {
            *self = blank;
            self.adopt_open_track(blocks, behaviour);
        }
    }

    /// `None` if the sessions cannot be on this medium.
    fn adopt_sessions(
        &mut self,
        blocks: u32,
        sessions: &AdoptedSessions,
        behaviour: &Behaviour,
    ) -> Option<()> {
        for (number, session) in sessions.closed.iter().enumerate() {
            let unit = self.medium.write_unit();
            let track = self.tracks.last_mut()?;
            let is_there = track.start == session.start && session.start < session.end;
            if !is_there || session.end > blocks.min(track.end) {
                return None;
            }
            let end = session.end.checked_next_multiple_of(unit)?.min(track.end);
            (track.recorded_end, track.next, track.end) = (session.end, end, end);
            track.closed = true;
            let next = sessions.closed.get(number + 1).map(|next| next.start);
            let Some(next) = next.or(sessions.open) else {
                self.close_session(false, behaviour);
                return Some(());
            };
            if next < end || !next.is_multiple_of(unit) {
                return None;
            }
            self.sessions.last_mut()?.lead_out = Some(end);
            self.sessions.push(Session { lead_out: None });
            if !self.push_invisible_track(next) {
                return None;
            }
        }
        if let Some(reserved) = sessions.reserved {
            self.reserve_track(reserved.blocks, behaviour).ok()?;
            let [.., track, _] = self.tracks.as_mut_slice() else {
                return None;
            };
            if reserved.recorded > 0 {
                let link = behaviour.link(self.medium);
                track.recorded_end = track.start.checked_add(reserved.recorded)?;
                track.next = after_unit(track.recorded_end, self.medium.write_unit(), link);
                if track.next >= track.end {
                    (track.recorded_end, track.next) = (track.end, track.end);
                    track.closed = true;
                }
            }
        }
        let open = self.tracks.last()?;
        if open.start >= blocks {
            return None;
        }
        self.adopt_open_track(blocks, behaviour);
        Some(())
    }

    /// Treats the last track as recorded up to `blocks`. The rest of the last unit is lost.
    fn adopt_open_track(&mut self, blocks: u32, behaviour: &Behaviour) {
        let link = behaviour.link(self.medium);
        let unit = self.medium.write_unit();
        if let Some(track) = self.tracks.last_mut().filter(|track| track.start < blocks) {
            track.recorded_end = blocks;
            track.next = after_unit(blocks, unit, link).min(track.end);
        }
    }
}

/// The block after the unit and the link that follow what is recorded up to `end`.
fn after_unit(end: u32, unit: u32, link: u32) -> u32 {
    end.next_multiple_of(unit).saturating_add(link)
}
