//! RESERVE TRACK.

use crate::recorder::Recorder;
use mmc::command::ReserveTrack;
use mmc::{Failure, Sense};

impl Recorder {
    pub(super) fn reserve_track(&mut self, command: &ReserveTrack) -> Result<usize, Failure> {
        self.check_recordable()?;
        if command.by_address() {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let blocks = command.reservation_size.get();
        self.disc.reserve_track(blocks, &self.behaviour)?;
        self.pass_account();
        self.keep_state()?;
        self.wait();
        Ok(0)
    }
}
