//! How long a drive may keep the host waiting, and how to wait.

use std::time::Duration;

use mmc::{Lba, Sense};

use crate::policy::Kind;

/// Waits while a drive becomes ready or is busy writing. Tests pass an implementation that only counts.
pub trait Wait: Send {
    /// Returns after about `duration`.
    fn wait(&mut self, duration: Duration);
}

/// Waits by putting the calling thread to sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sleep;

impl Wait for Sleep {
    fn wait(&mut self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// The rest of the time that a drive may take, as the sum of the waits; this reads no clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    left: Duration,
    next: Duration,
    longest: Duration,
}

impl Patience {
    /// A disc just loaded spins up, and the drive examines it (`MMC-6 4.1.6.2`).
    const BECOMING_READY: Duration = Duration::from_secs(120);
    /// Closing a session or finalizing writes a lead-out or border-out for minutes.
    const LONG_WRITE: Duration = Duration::from_secs(30 * 60);

    const FIRST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_secs(1);
    /// A drive with a full buffer has room again within this time, and an empty buffer costs a link.
    const LONGEST_FOR_BLOCKS: Duration = Duration::from_millis(40);

    pub(crate) fn new(whole: Duration, longest: Duration) -> Self {
        Self {
            left: whole,
            next: Self::FIRST,
            longest,
        }
    }

    /// For the activity that the sense names.
    pub(crate) fn for_sense(sense: Sense, kind: Kind, at: Option<Lba>) -> Self {
        let whole = if sense.is(Sense::BECOMING_READY) {
            Self::BECOMING_READY
        } else {
            Self::LONG_WRITE
        };
        Self::new(whole, Self::longest(kind, at))
    }

    /// For a busy connection to the drive.
    pub(crate) fn for_bus(kind: Kind, at: Option<Lba>) -> Self {
        Self::new(Self::BECOMING_READY, Self::longest(kind, at))
    }

    /// For a drive that reports a completed command late.
    pub(crate) fn for_showing(whole: Duration) -> Self {
        Self::new(whole, Self::LONGEST)
    }

    fn longest(kind: Kind, at: Option<Lba>) -> Duration {
        if kind == Kind::Write && at.is_some() {
            Self::LONGEST_FOR_BLOCKS
        } else {
            Self::LONGEST
        }
    }

    /// Waits a little longer than before; `false` if the time is used up.
    pub(crate) fn wait(&mut self, wait: &mut dyn Wait) -> bool {
        let pause = self.next.min(self.left);
        if pause.is_zero() {
            return false;
        }
        wait.wait(pause);
        self.left = self.left.saturating_sub(pause);
        self.next = (self.next * 2).min(self.longest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(Duration);

    impl Wait for Counted {
        fn wait(&mut self, duration: Duration) {
            self.0 += duration;
        }
    }

    #[test]
    fn patience_ends_after_exactly_the_time_allowed() {
        let mut counted = Counted(Duration::ZERO);
        let mut patience = Patience::new(Duration::from_secs(7), Duration::from_secs(1));
        while patience.wait(&mut counted) {}
        assert_eq!(counted.0, Duration::from_secs(7));
    }
}
