//! The time that the commands of a host would have kept a real recorder busy, added up.

use crate::clock::{Clock, Schedule};
use crate::duration::{CALIBRATION, LOADING, POSITIONING};
use std::time::Duration;

/// What the drive was busy with since power on.
#[derive(Default)]
pub(crate) struct Occupation {
    time: Duration,
    schedule: Option<Schedule>,
    /// The power of the laser is found for the disc that is in.
    calibrated: bool,
}

impl Occupation {
    /// How long it was busy, in all.
    pub(crate) const fn time(&self) -> Duration {
        self.time
    }

    /// Keeps to a clock from now on.
    pub(crate) fn keep_to(&mut self, clock: Box<dyn Clock>) {
        self.schedule = Some(Schedule::new(clock));
    }

    /// How long it is still busy by the clock; without one no command takes time.
    pub(crate) fn left(&self) -> Duration {
        self.schedule.as_ref().map_or(Duration::ZERO, Schedule::left)
    }

    /// Lets `time` pass by the clock.
    pub(crate) fn wait(&self, time: Duration) {
        if let Some(schedule) = &self.schedule {
            schedule.wait(time);
        }
    }

    /// It records, or moves, for so long.
    pub(crate) fn add(&mut self, time: Duration) {
        self.time = self.time.saturating_add(time);
        if let Some(schedule) = &mut self.schedule {
            schedule.add(time);
        }
    }

    /// A disc comes in.
    pub(crate) fn load(&mut self) {
        self.add(LOADING);
        self.calibrated = false;
    }

    /// The power of the laser is found.
    pub(crate) fn calibrate(&mut self) {
        self.add(CALIBRATION);
        self.calibrated = true;
    }

    /// Recording begins at another place than before; the first time on a disc the drive calibrates by itself.
    pub(crate) fn move_on(&mut self) {
        if !self.calibrated {
            self.calibrate();
        }
        self.add(POSITIONING);
    }
}
