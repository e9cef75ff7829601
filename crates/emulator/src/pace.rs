//! Keeping pace: a drive that is busy for as long as a real one, by a clock that the program hands in.

use crate::behaviour::Pace;
use crate::duration;
use crate::recorder::Recorder;
use core::time::Duration;
use mmc::Sense;

/// Blocks of the buffer: 4 MiB.
pub(crate) const BUFFER_BLOCKS: u32 = 2048;

/// The time of the world around a drive. A library reads no clock; a program has one, and a test makes one.
pub trait Clock: Send {
    /// The time since some fixed moment.
    fn now(&self) -> Duration;

    /// Returns after about `time`.
    fn wait(&self, time: Duration);
}

/// A clock, and the moment on it at which all is recorded that was begun.
pub(crate) struct Schedule {
    clock: Box<dyn Clock>,
    done: Duration,
}

impl Schedule {
    /// The drive has `time` more to do.
    pub(crate) fn add(&mut self, time: Duration) {
        self.done = self.done.max(self.clock.now()).saturating_add(time);
    }
}

impl Recorder {
    /// Hands in a clock: with the switch `pace` at [`Pace::Model`] the drive is then busy for as long as
    /// [`Recorder::occupied`] counts. Without a clock no command takes time.
    pub fn set_clock(&mut self, clock: Box<dyn Clock>) {
        let done = clock.now();
        self.occupation.schedule = Some(Schedule { clock, done });
    }

    /// How long the drive is still busy with what it was told.
    fn left(&self) -> Duration {
        match (&self.occupation.schedule, self.behaviour.pace) {
            (Some(schedule), Pace::Model) => schedule.done.saturating_sub(schedule.clock.now()),
            _ => Duration::ZERO,
        }
    }

    /// Returns when the drive has done what it was told.
    pub(crate) fn wait(&self) {
        let left = self.left();
        if let (false, Some(schedule)) = (left.is_zero(), &self.occupation.schedule) {
            schedule.clock.wait(left);
        }
    }

    /// The end of a command that makes the drive record for long: it answers at once, or when all is done.
    pub(crate) fn answer(&mut self, immediate: bool) {
        if immediate {
            self.unit.busy = self.behaviour.long_write_polls;
            self.go_on_with(Sense::LONG_WRITE_IN_PROGRESS);
        } else {
            self.unit.operating = self.behaviour.operation_in_progress_polls;
            self.wait();
        }
    }

    /// The drive answers `sense` until it has done what it was told.
    pub(crate) fn go_on_with(&mut self, sense: Sense) {
        self.unit.busy_with = Some(sense).filter(|_| !self.left().is_zero());
    }

    /// Ends what the drive was busy with, once its time has passed.
    pub(crate) fn look_at_the_clock(&mut self) {
        if self.unit.busy_with.is_some() && self.left().is_zero() {
            self.unit.busy_with = None;
        }
    }

    /// Blocks for which the buffer has room: the drive is behind the host by the rest.
    pub(crate) fn free_buffer(&self) -> u32 {
        let waiting = duration::blocks_in(self.disc.medium, self.write_speed, self.left());
        BUFFER_BLOCKS.saturating_sub(u32::try_from(waiting).unwrap_or(u32::MAX))
    }
}
