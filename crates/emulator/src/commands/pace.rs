//! How long a drive is busy with what it is told, and keeping pace with that: as long as a real one, by a clock that the program
//! hands in.

use crate::behaviour::Pace;
use crate::clock::Clock;
use crate::duration;
use crate::recorder::Recorder;
use mmc::Sense;
use std::time::Duration;

/// Blocks of the buffer: 4 MiB.
pub(super) const BUFFER_BLOCKS: u32 = 2048;

impl Recorder {
    /// How long a real recorder would have been busy with what it was told to record since power on, by the model of
    /// `docs/media.md`. Reading counts nothing, and the side file does not keep it.
    #[must_use]
    pub const fn occupied(&self) -> Duration {
        self.occupation.time()
    }

    /// Hands in a clock: with the switch `pace` at [`Pace::Model`] the drive is then busy for as long as
    /// [`Recorder::occupied`] counts. Without a clock no command takes time.
    pub fn set_clock(&mut self, clock: Box<dyn Clock>) {
        self.occupation.keep_to(clock);
    }

    /// `blocks` more pass under the laser.
    pub(super) fn pass(&mut self, blocks: impl Into<u64>) {
        let time = duration::of_blocks(self.disc.medium(), self.mode.speed(), blocks.into());
        self.occupation.add(time);
    }

    /// `blocks` are recorded elsewhere than where the drive has come to.
    pub(super) fn pass_elsewhere(&mut self, blocks: impl Into<u64>) {
        self.occupation.move_on();
        self.pass(blocks);
    }

    /// `count` blocks from `at` on are recorded in track `number`, which does not have them yet: with the link behind the packet
    /// before, or the pregap before the first, where this begins a new one.
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

    /// The drive keeps account of a track or session that is closed or reserved.
    pub(super) fn pass_account(&mut self) {
        self.pass_elsewhere(self.disc.medium().account_blocks());
    }

    /// How long the drive is still busy with what it was told.
    fn left(&self) -> Duration {
        match self.behaviour.pace {
            Pace::Model => self.occupation.left(),
            Pace::None => Duration::ZERO,
        }
    }

    /// Returns when the drive has done what it was told.
    pub(super) fn wait(&self) {
        let left = self.left();
        if !left.is_zero() {
            self.occupation.wait(left);
        }
    }

    /// The end of a command that makes the drive record for long: it answers at once, or when all is done.
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

    /// The drive answers `sense` until it has done what it was told.
    pub(super) fn go_on_with(&mut self, sense: Sense) {
        let goes_on = !self.left().is_zero();
        self.unit.go_on_with(goes_on.then_some(sense));
    }

    /// Ends what the drive was busy with, once its time has passed.
    pub(super) fn look_at_the_clock(&mut self) {
        if self.unit.goes_on() && self.left().is_zero() {
            self.unit.go_on_with(None);
        }
    }

    /// Blocks for which the buffer has room: the drive is behind the host by the rest.
    pub(super) fn free_buffer(&self) -> u32 {
        let waiting = duration::blocks_in(self.disc.medium(), self.mode.speed(), self.left());
        BUFFER_BLOCKS.saturating_sub(u32::try_from(waiting).unwrap_or(u32::MAX))
    }
}
