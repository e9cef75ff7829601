//! Reserving a track.

use super::{DiscLayout, Track};
use crate::behaviour::Behaviour;
use crate::medium::Family;
use mmc::Sense;

/// Open `RZones` of a DVD-R in addition to the invisible one: its recording management area has fields for
/// two.
const OPEN_RZONES: usize = 2;
/// Open ranges of a BD-R, including the one that is not reserved.
const OPEN_RANGES: usize = 16;
/// Fragments of a DVD+R session before the last one, which cannot be reserved: if a reservation opened the
/// session, and if a WRITE did.
const FRAGMENTS: [usize; 2] = [15, 14];

impl DiscLayout {
    /// Reserves the blank invisible track with at least `blocks` blocks, and opens the next one after it.
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

    /// Whether the medium has room to record another reservation.
    fn allows_reservation(&self) -> bool {
        let open = self
            .tracks
            .iter()
            .filter(|track| track.reserved && track.writable());
        match self.medium.family() {
            // Only the number of the next track limits a CD: numbers end at 99.
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
