//! SYNCHRONIZE CACHE: ends packets and units, and makes the image and the side file reflect that.

use crate::layout::Track;
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::zones::Radius;
use mmc::Failure;
use mmc::command::SynchronizeCache;
use std::io;

impl Recorder {
    pub(super) fn synchronize_cache(&mut self, command: &SynchronizeCache) -> Result<usize, Failure> {
        self.mode.end_test();
        self.unit.note_synchronized();
        if self.store.is_read_only() {
            return Ok(0);
        }
        if self.mode.session().is_some() {
            // The session continues up to its lead-out.
            return Ok(0);
        }
        let wrote = !self.written.is_empty();
        self.synchronize()?;
        if wrote {
            self.end_at_once()?;
            self.answer(command.immediate());
        }
        Ok(0)
    }

    /// Closes a CD track recorded at once, and finalizes a DVD-R recorded at once. Some drives treat every
    /// recording as track at once.
    fn end_at_once(&mut self) -> Result<(), Failure> {
        let every = self.behaviour.synchronize_closes_track;
        let cd = self.disc.medium().family() == Family::Cd;
        let ended = |track: &&Track| !track.closed && track.has_data() && (track.uninterrupted || every);
        let Some(track) = self.disc.tracks().iter().find(ended) else {
            return Ok(());
        };
        let (number, uninterrupted) = (track.number, track.uninterrupted);
        self.close_one_track(number)?;
        if uninterrupted && !cd {
            self.end_session(true, Radius::LEAST)?;
        }
        Ok(())
    }

    /// Ends open packets and units and keeps the state. Without any change this costs nothing.
    pub(super) fn synchronize(&mut self) -> Result<(), Failure> {
        // Blocks taken over from an interrupted recording are kept with the first block of this one.
        if self.written.is_empty() && (!self.store.has_begun() || self.disc == *self.store.kept()) {
            return Ok(());
        }
        if self.disc.tracks().iter().any(|track| track.packet_open) {
            // If the host fails, the command can be repeated, because the disc remains as it was.
            let mut ended = self.disc.clone();
            for pad in ended.end_packets(self.behaviour.link(self.disc.medium())) {
                self.pass(pad.end - pad.start);
                self.store.fill_with_zeros(&pad)?;
            }
            self.disc = ended;
        }
        self.keep_state()
    }

    /// Puts the mark of this recorder into the side file before its first block is recorded.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let begun = self.store.begin(&self.disc, &self.behaviour, &mut self.faults);
        self.or_cut(begun)
    }

    /// Writes the state of the disc to the side file, once the image contains all of it.
    pub(super) fn keep_state(&mut self) -> Result<(), Failure> {
        if self.store.is_read_only() {
            return Ok(());
        }
        self.begin()?;
        let kept = self.store.keep(&self.disc, &self.behaviour, &mut self.faults);
        self.or_cut(kept)?;
        self.written.clear();
        Ok(())
    }

    /// Kills the drive if the script cut the power at the side file.
    fn or_cut(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        if result.is_err() && self.faults.is_cut() {
            self.kill();
        }
        Ok(result?)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.unit.is_dead() && !self.store.is_read_only() {
            // An error has nowhere to go here. The last synchronized state remains, and the mark explains the
            // rest.
            if self.synchronize().is_ok() {
                let _ = self.store.end();
            }
        }
    }
}
