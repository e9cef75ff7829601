//! The effect of a power cut on the disc.

use crate::data_phase::no_device;
use crate::fault::Keep;
use crate::recorder::Recorder;
use crate::written::Run;
use mmc::Failure;

impl Recorder {
    /// Cuts the power. Synchronized blocks remain, and of the others the whole units that `keep` allows.
    /// Every later command finds no device; open the image again to see the result.
    pub fn cut_power(&mut self, keep: Keep) {
        let _ = self.cut(keep);
    }

    pub(super) fn cut(&mut self, keep: Keep) -> Failure {
        if !self.unit.is_dead()
            && !self.store.is_read_only()
            && let Err(failure) = self.lose(keep)
        {
            return failure;
        }
        self.kill();
        no_device()
    }

    /// Ends the recorder as if its process were killed. Image and side file remain as they are. Every later
    /// command finds no device.
    pub fn kill(&mut self) {
        self.unit.die();
        // The next recorder may start while this one still exists, as after a real cut.
        self.store.unlock();
    }

    /// Goes back to the synchronized blocks, and of the others the whole units that `keep` allows.
    pub(super) fn lose(&mut self, keep: Keep) -> Result<(), Failure> {
        if self.written.is_empty() {
            return Ok(());
        }
        let mut disc = self.store.kept().clone();
        for Run { track, start, count } in self.written.cut(keep, self.disc.medium().write_unit()) {
            disc.record(track, start, count);
            if self.disc.track(track).is_some_and(|track| track.uninterrupted) {
                disc.record_without_links(track);
            }
        }
        disc.end_packets(self.behaviour.link(disc.medium()));
        self.disc = disc;
        self.store.cut_to(&self.disc)?;
        self.keep_state()
    }
}
