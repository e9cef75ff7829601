//! RESERVE TRACK.

use crate::layout::DiscLayout;
use crate::recorder::Recorder;
use mmc::command::ReserveTrack;
use mmc::{Failure, Sense};

impl Recorder {
    pub(super) fn reserve_track(&mut self, command: &ReserveTrack) -> Result<usize, Failure> {
        self.check_recordable()?;
        if command.by_address() {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        self.disc.reserve_track(command.reservation_size.get())?;
        self.pass_account();
        self.keep_state()?;
        self.wait();
        Ok(0)
    }
}

impl DiscLayout {
    /// Reserves the blank invisible track, at least `blocks` long, and opens the next one behind it.
    fn reserve_track(&mut self, blocks: u32) -> Result<(), Sense> {
        let medium = self.medium;
        let track = self
            .invisible_track()
            .ok_or(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED)?;
        if !track.blank() {
            return Err(Sense::CURRENT_PROGRAM_AREA_IS_NOT_EMPTY);
        }
        let number = track.number;
        let shortest = medium.shortest_track() - medium.run_out_blocks();
        let size = blocks.max(shortest).checked_next_multiple_of(medium.write_unit());
        let end = size
            .and_then(|size| track.start.checked_add(size))
            .filter(|end| *end <= track.end);
        let end = end.ok_or(Sense::INVALID_FIELD_IN_CDB)?;
        let before = self.clone();
        if let Some(track) = self.track_mut(number) {
            track.end = end;
            track.reserved = true;
        }
        if !self.push_invisible_track(end + medium.run_out_blocks() + medium.pregap_blocks()) {
            *self = before;
            return Err(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED);
        }
        Ok(())
    }
}
