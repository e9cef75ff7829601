//! The total time for which the commands of a host would have kept a real recorder busy.

use crate::clock::{Clock, Schedule};
use crate::duration::{CALIBRATION, LOADING, POSITIONING};
use std::time::Duration;

/// The time for which the drive was busy since power on.
#[derive(Default)]
pub(crate) struct Occupation {
    time: Duration,
    schedule: Option<Schedule>,
    /// Whether the laser power is calibrated for the present disc.
    calibrated: bool,
}

impl Occupation {
    /// The total busy time.
    pub(crate) const fn time(&self) -> Duration {
        self.time
    }

    /// Uses a clock from now on.
    pub(crate) fn keep_to(&mut self, clock: Box<dyn Clock>) {
        self.schedule = Some(Schedule::new(clock));
    }

    /// How long the drive remains busy according to the clock; without a clock no command takes time.
    pub(crate) fn left(&self) -> Duration {
        self.schedule.as_ref().map_or(Duration::ZERO, Schedule::left)
    }

    /// Waits for `time` on the clock.
    pub(crate) fn wait(&self, time: Duration) {
        if let Some(schedule) = &self.schedule {
            schedule.wait(time);
        }
    }

    /// Adds the time of recording or positioning.
    pub(crate) fn add(&mut self, time: Duration) {
        self.time = self.time.saturating_add(time);
        if let Some(schedule) = &mut self.schedule {
            schedule.add(time);
        }
    }

    /// Adds the time of loading a disc.
    pub(crate) fn load(&mut self) {
        self.add(LOADING);
        self.calibrated = false;
    }

    /// Adds the time of calibrating the laser power.
    pub(crate) fn calibrate(&mut self) {
        self.add(CALIBRATION);
        self.calibrated = true;
    }

    /// Adds the time of moving to another position. Before the first recording on a disc the drive also
    /// calibrates.
    pub(crate) fn move_on(&mut self) {
        if !self.calibrated {
            self.calibrate();
        }
        self.add(POSITIONING);
    }
}
