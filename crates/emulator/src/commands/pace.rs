//! How long a drive is busy with a command, and waiting for that time. It is busy as long as a real one, by a
//! clock that the program provides.

use crate::behaviour::Pace;
use crate::clock::Clock;
use crate::duration;
use crate::recorder::Recorder;
use mmc::Sense;
use std::time::Duration;

/// Blocks of the buffer: 4 MiB.
pub(super) const BUFFER_BLOCKS: u32 = 2048;

impl Recorder {
    /// How long a real recorder would have been busy recording since power on, according to the model of
    /// `docs/understanding/media.md`. Reading does not count, and the side file does not contain it.
    #[must_use]
    pub const fn occupied(&self) -> Duration {
        self.occupation.time()
    }

    /// Sets the clock. With the switch `pace` set to [`Pace::Model`], the drive is then busy for the time
    /// that [`Recorder::occupied`] counts. Without a clock no command takes time.
    pub fn set_clock(&mut self, clock: Box<dyn Clock>) {
        self.occupation.keep_to(clock);
    }

    /// Adds the time for `blocks` more to pass under the laser.
    pub(super) fn pass(&mut self, blocks: impl Into<u64>) {
        let time = duration::of_blocks(self.disc.medium(), self.mode.speed(), blocks.into());
        self.occupation.add(time);
    }

    /// Adds the time to record `blocks` at another position.
    pub(super) fn pass_elsewhere(&mut self, blocks: impl Into<u64>) {
        self.occupation.move_on();
        self.pass(blocks);
    }

    /// Adds the time to record `count` blocks from `at` on in track `number`, before the track contains them.
    /// If they begin a packet, this includes the link after the previous packet, or the pregap before the
    /// first.
    pub(super) fn pass_in_track(&mut self, number: u16, at: u32, count: u32) {
        let Some(track) = self.disc.track(number) else {
            return;
        };
        if track.packet_open {
            return self.pass(count);
        }
        let before = if track.has_data() {
            at.saturating_sub(track.recorded_end)
        } else {
            self.disc.medium().pregap_blocks()
        };
        self.pass_elsewhere(u64::from(before) + u64::from(count));
    }

    /// Adds the time in which the drive keeps account of a closed or reserved track or session.
    pub(super) fn pass_account(&mut self) {
        self.pass_elsewhere(self.disc.medium().account_blocks());
    }

    /// How long the drive remains busy.
    fn left(&self) -> Duration {
        match self.behaviour.pace {
            Pace::Model => self.occupation.left(),
            Pace::None => Duration::ZERO,
        }
    }

    /// Returns when the drive is no longer busy.
    pub(super) fn wait(&self) {
        let left = self.left();
        if !left.is_zero() {
            self.occupation.wait(left);
        }
    }

    /// Ends a command that makes the drive record for long: at once if `immediate`, otherwise when the drive
    /// is no longer busy.
    pub(super) fn answer(&mut self, immediate: bool) {
        if immediate {
            self.unit.answer_busy(self.behaviour.long_write_polls);
            self.go_on_with(Sense::LONG_WRITE_IN_PROGRESS);
        } else {
            self.unit
                .answer_operating(self.behaviour.operation_in_progress_polls);
            self.wait();
        }
    }

    /// Makes the drive answer `sense` until it is no longer busy.
    pub(super) fn go_on_with(&mut self, sense: Sense) {
        let goes_on = !self.left().is_zero();
        self.unit.go_on_with(goes_on.then_some(sense));
    }

    /// Ends the busy state once its time has passed.
    pub(super) fn look_at_the_clock(&mut self) {
        if self.unit.goes_on() && self.left().is_zero() {
            self.unit.go_on_with(None);
        }
    }

    /// Free blocks of the buffer; the drive has yet to record the others.
    pub(super) fn free_buffer(&self) -> u32 {
        let waiting = duration::blocks_in(self.disc.medium(), self.mode.speed(), self.left());
        BUFFER_BLOCKS.saturating_sub(u32::try_from(waiting).unwrap_or(u32::MAX))
    }
}
