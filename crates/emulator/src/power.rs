//! What a power cut leaves on the disc.

use crate::fault::Keep;
use crate::recorder::Recorder;
use mmc::Failure;
use std::io;

/// Blocks written one behind the other and not synchronized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    track: u16,
    start: u32,
    count: u32,
}

impl Run {
    /// Where it starts, if it was written in this track.
    pub(crate) fn start_in(&self, track: u16) -> Option<u32> {
        (self.track == track).then_some(self.start)
    }
}

impl Recorder {
    /// Cuts the power: what was synchronized stands, and of the rest the whole units that `keep` says. Every command from
    /// now on finds no device; open the image again to see what is left.
    pub fn cut_power(&mut self, keep: Keep) {
        let _ = self.cut(keep);
    }

    /// Notes that blocks were written.
    pub(crate) fn note(&mut self, track: u16, start: u32, count: u32) {
        match self.pending.last_mut() {
            Some(run) if run.track == track && run.start + run.count == start => run.count += count,
            _ => self.pending.push(Run { track, start, count }),
        }
    }

    pub(crate) fn cut(&mut self, keep: Keep) -> Failure {
        if !self.unit.dead
            && !self.store.is_read_only()
            && let Err(failure) = self.lose(keep)
        {
            return failure;
        }
        self.kill();
        no_device()
    }

    /// Ends the recorder as a killed process ends: image and side file stay as they are. Every command from now on finds no
    /// device.
    pub fn kill(&mut self) {
        self.unit.dead = true;
        // The next recorder may come while this one is still there, as after a real cut.
        self.store.unlock();
    }

    /// Goes back to what was synchronized and the whole units of the rest that `keep` says.
    pub(crate) fn lose(&mut self, keep: Keep) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let unit = self.disc.medium.write_unit();
        let mut left = match keep {
            Keep::None => 0,
            Keep::Units(units) => units,
            Keep::All => u32::MAX,
        };
        let mut disc = self.store.kept().clone();
        for run in core::mem::take(&mut self.pending) {
            let units = (run.count / unit).min(left);
            if units == 0 {
                break;
            }
            disc.record(run.track, run.start, units * unit);
            if self
                .disc
                .track(run.track)
                .is_some_and(|track| track.uninterrupted)
            {
                disc.record_without_links(run.track);
            }
            left -= units;
            if units * unit < run.count {
                break;
            }
        }
        disc.end_packets(self.behaviour.link(disc.medium));
        self.disc = disc;
        self.store.cut_to(&self.disc)?;
        self.keep_state()
    }
}

/// What a host sees of a drive without power.
pub(crate) fn no_device() -> Failure {
    Failure::Transport(io::Error::from(rustix::io::Errno::NODEV))
}
