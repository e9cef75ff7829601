//! Reserving a track.

use super::{DiscLayout, Track};
use crate::behaviour::Behaviour;
use crate::medium::Family;
use mmc::Sense;

/// Open `RZones` of a DVD-R beside the invisible one: its recording management area has fields for two.
const OPEN_RZONES: usize = 2;
/// Open ranges of a BD-R, the one that is not reserved among them.
const OPEN_RANGES: usize = 16;
/// Fragments of a session of a DVD+R beside the last, which cannot be reserved: if a reservation opened the session, and if a
/// WRITE did.
const FRAGMENTS: [usize; 2] = [15, 14];

impl DiscLayout {
    /// Reserves the blank invisible track, at least `blocks` long, and opens the next one after it.
    pub(crate) fn reserve_track(&mut self, blocks: u32, behaviour: &Behaviour) -> Result<(), Sense> {
        let medium = self.medium;
        let track = self
            .invisible_track()
            .ok_or(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED)?;
        if !track.blank() {
            return Err(Sense::CURRENT_PROGRAM_AREA_IS_NOT_EMPTY);
        }
        if !self.allows_reservation() {
            return Err(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED);
        }
        let number = track.number;
        let shortest = medium.shortest_track() - medium.run_out_blocks();
        let size = blocks.max(shortest);
        let size = size.checked_next_multiple_of(behaviour.reservation_unit(medium));
        let end = size
            .and_then(|size| track.start.checked_add(size))
            .filter(|end| *end <= track.end);
        let end = end.ok_or(Sense::INVALID_FIELD_IN_CDB)?;
        let next = end
            .saturating_add(medium.run_out_blocks())
            .saturating_add(behaviour.track_gap(medium, true));
        let before = self.clone();
        if let Some(track) = self.track_mut(number) {
            track.end = end;
            track.reserved = true;
        }
        if !self.push_invisible_track(next) {
            *self = before;
            return Err(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED);
        }
        Ok(())
    }

    /// Whether the medium has room for the account of one more.
    fn allows_reservation(&self) -> bool {
        let open = self
            .tracks
            .iter()
            .filter(|track| track.reserved && track.writable());
        match self.medium.family() {
            // Numbers end at 99, and the track after this one needs one too.
            Family::Cd => true,
            Family::DvdR => open.count() < OPEN_RZONES,
            Family::BdR => open.count() + 1 < OPEN_RANGES,
            Family::DvdPlusR => {
                let of_session: Vec<&Track> = self.tracks_of(self.last_session()).collect();
                let by_write = of_session
                    .first()
                    .is_some_and(|first| first.has_data() && !first.reserved);
                of_session.len() <= FRAGMENTS[usize::from(by_write)]
            }
        }
    }
}
