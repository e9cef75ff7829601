//! The clock that a program hands in, and what a drive has to do by it.

use std::time::Duration;

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
    /// Nothing is to be done yet.
    pub(crate) fn new(clock: Box<dyn Clock>) -> Self {
        let done = clock.now();
        Self { clock, done }
    }

    /// The drive has `time` more to do.
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
