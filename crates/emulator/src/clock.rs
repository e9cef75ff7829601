//! The clock that a program provides, and how long a drive is busy according to it.

use std::time::Duration;

/// The time in the world around a drive. A library reads no clock, so a program or a test provides one.
pub trait Clock: Send {
    /// The time since a fixed moment.
    fn now(&self) -> Duration;

    /// Returns after about `time`.
    fn wait(&self, time: Duration);
}

/// A clock, and the time on it at which the drive has finished everything it was told to do.
pub(crate) struct Schedule {
    clock: Box<dyn Clock>,
    done: Duration,
}

impl Schedule {
    /// A schedule of an idle drive.
    pub(crate) fn new(clock: Box<dyn Clock>) -> Self {
        let done = clock.now();
        Self { clock, done }
    }

    /// Adds `time` to the work of the drive.
    pub(crate) fn add(&mut self, time: Duration) {
        self.done = self.done.max(self.clock.now()).saturating_add(time);
    }

    /// How long the drive is still busy.
    pub(crate) fn left(&self) -> Duration {
        self.done.saturating_sub(self.clock.now())
    }

    /// Returns after about `time`.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.wait(time);
    }
}
