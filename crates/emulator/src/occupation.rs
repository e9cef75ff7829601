//! The time that the commands of a host would have kept a real recorder busy, added up.

use crate::duration::{self, CALIBRATION, LOADING, POSITIONING};
use crate::pace::Schedule;
use crate::recorder::Recorder;
use core::time::Duration;

/// What the drive was busy with since power on.
#[derive(Default)]
pub(crate) struct Occupation {
    time: Duration,
    pub(crate) schedule: Option<Schedule>,
    /// The power of the laser is found for the disc that is in.
    calibrated: bool,
}

impl Occupation {
    fn add(&mut self, time: Duration) {
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
    fn move_on(&mut self) {
        if !self.calibrated {
            self.calibrate();
        }
        self.add(POSITIONING);
    }
}

impl Recorder {
    /// How long a real recorder would have been busy with what it was told to record since power on, by the model of
    /// `docs/media.md`. Reading counts nothing, and the side file does not keep it.
    #[must_use]
    pub const fn occupied(&self) -> Duration {
        self.occupation.time
    }

    /// `blocks` more pass under the laser.
    pub(crate) fn pass(&mut self, blocks: impl Into<u64>) {
        let time = duration::of_blocks(self.disc.medium, self.write_speed, blocks.into());
        self.occupation.add(time);
    }

    /// `blocks` are recorded elsewhere than where the drive has come to.
    pub(crate) fn pass_elsewhere(&mut self, blocks: impl Into<u64>) {
        self.occupation.move_on();
        self.pass(blocks);
    }

    /// `count` blocks from `at` on are recorded in track `number`, which does not have them yet: with the link behind the packet
    /// before, or the pregap before the first, where this begins a new one.
    pub(crate) fn pass_in_track(&mut self, number: u16, at: u32, count: u32) {
        let Some(track) = self.disc.track(number) else {
            return;
        };
        if track.packet_open {
            return self.pass(count);
        }
        let before = if track.has_data() {
            at.saturating_sub(track.recorded_end)
        } else {
            self.disc.medium.pregap_blocks()
        };
        self.pass_elsewhere(u64::from(before) + u64::from(count));
    }

    /// The drive keeps account of a track or session that is closed or reserved.
    pub(crate) fn pass_account(&mut self) {
        self.pass_elsewhere(self.disc.medium.account_blocks());
    }
}
