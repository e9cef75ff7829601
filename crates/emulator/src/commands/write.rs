//! WRITE(10) and WRITE(12): only at the next writable address, and only blocks that fit.

use crate::data_phase::check_length;
use crate::fault::WriteFault;
use crate::layout::{Status, Track};
use crate::medium::Family;
use crate::recorder::Recorder;
use mmc::{Failure, Lba, Sense, WriteType};

impl Recorder {
    /// Writes `blocks` at `at` with a single write to the image.
    pub(super) fn write(&mut self, at: Lba, count: u32, blocks: &[u8]) -> Result<usize, Failure> {
        check_length(blocks.len(), count)?;
        self.check_recordable()?;
        if count == 0 {
            return Ok(0);
        }
        if count > self.free_buffer() {
            return Err(Sense::LONG_WRITE_IN_PROGRESS.into());
        }
        let page = self.mode.parameters();
        if self.disc.medium().family() == Family::Cd && page.write_type() == WriteType::SessionAtOnce {
            return self.write_at_once(at, count, blocks);
        }
        let number = self.place(at, count)?;
        self.check_parameters(number)?;
        if self.mode.parameters().test_write() {
            self.mode.test(count);
            self.pass(count);
            return Ok(blocks.len());
        }
        self.begin()?;
        self.end_other_tracks(number)?;
        let (recorded, fault) = self.faults.at_write(at.0, count);
        if recorded > 0 {
            let bytes = &blocks[..recorded as usize * mmc::BLOCK_SIZE];
            self.store.write(at.0, bytes)?;
            self.pass_in_track(number, at.0, recorded);
            self.disc.record(number, at.0, recorded);
            if self.at_once() {
                self.disc.record_without_links(number);
            }
            self.written.add(number, at.0, recorded);
        }
        match fault {
            Some(WriteFault::Cut(keep)) => return Err(self.cut(keep)),
            Some(WriteFault::Block(block, sense)) => {
                self.disc
                    .spoil(number, block, self.behaviour.link(self.disc.medium()));
                return Err(sense.at(Lba(block)).into());
            }
            None => {}
        }
        self.maybe_underrun();
        Ok(blocks.len())
    }

    /// Ends open packets in tracks other than `number`, because a drive records in one place at a time.
    fn end_other_tracks(&mut self, number: u16) -> Result<(), Failure> {
        let is_other = |track: &Track| track.packet_open && track.number != number;
        if !self.disc.tracks().iter().any(is_other) {
            return Ok(());
        }
        let mut ended = self.disc.clone();
        for pad in ended.end_other_packets(number, self.behaviour.link(self.disc.medium())) {
            self.pass(pad.end - pad.start);
            self.store.fill_with_zeros(&pad)?;
        }
        self.disc = ended;
        Ok(())
    }

    /// Refuses a disc that cannot be recorded: write-protected 7/27/00, finalized 5/30/05.
    pub(super) fn check_recordable(&self) -> Result<(), Sense> {
        if self.store.is_read_only() {
            Err(Sense::WRITE_PROTECTED)
        } else if self.disc.status() == Status::Finalized {
            Err(Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT)
        } else {
            Ok(())
        }
    }

    /// The track whose next writable address is `at` and that has room for `count` blocks.
    fn place(&self, at: Lba, count: u32) -> Result<u16, Sense> {
        if at.0 >= self.disc.capacity() {
            return Err(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(at));
        }
        let testing = self.mode.tested();
        let open = self.disc.tracks().iter().rev().filter(|track| !track.closed);
        let track = open
            .into_iter()
            .find(|track| track.next + testing.min(track.end - track.next) == at.0);
        let track = track.ok_or(self.wrong_address().at(at))?;
        if count > track.end - at.0 {
            return Err(Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK.at(at));
        }
        Ok(track.number)
    }

    /// Whether mode page 05h requests that a track, or the disc, be recorded at once.
    fn at_once(&self) -> bool {
        self.disc.medium().has_write_parameters() && self.mode.parameters().write_type() != WriteType::Packet
    }

    /// Whether mode page 05h requests a recording that the medium accepts and that matches track `number` so
    /// far.
    fn check_parameters(&self, number: u16) -> Result<(), Sense> {
        let page = self.mode.parameters();
        let family = self.disc.medium().family();
        if !self.disc.medium().has_write_parameters() {
            return Ok(());
        }
        let taken = match page.write_type() {
            WriteType::Packet => true,
            WriteType::TrackAtOnce => family == Family::Cd,
            // Disc at once: the only track of a disc that was blank.
            WriteType::SessionAtOnce => self.disc.medium() == crate::Medium::DvdR && number == 1,
            _ => false,
        };
        let track = self.disc.track(number).filter(|track| track.has_data());
        if !taken || track.is_some_and(|track| track.uninterrupted != self.at_once()) {
            return Err(Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
        }
        if family == Family::Cd {
            let data_track = page.track_mode() & 0b1100 == 0b0100;
            let whole_blocks = matches!(page.data_block_type & 0x0F, 8 | 10);
            if page.fixed_packets() && !self.at_once() {
                return Err(Sense::INVALID_PACKET_SIZE);
            }
            return if data_track && whole_blocks {
                Ok(())
            } else {
                Err(Sense::ILLEGAL_MODE_FOR_THIS_TRACK)
            };
        }
        if self.at_once() {
            return Ok(());
        }
        let unit = self.disc.medium().write_unit();
        let linked = !page.link_size_valid() || u32::from(page.link_size) == unit;
        if page.fixed_packets() && page.packet_size.get() == unit && linked {
            Ok(())
        } else {
            Err(Sense::INVALID_PACKET_SIZE)
        }
    }

    /// Ends the CD packet if the buffer ran empty without protection.
    fn maybe_underrun(&mut self) {
        let protected = self.mode.parameters().buffer_underrun_free()
            || self.disc.medium().family() != Family::Cd
            || self.at_once();
        if protected {
            return;
        }
        let is_due = self.mode.is_nth_write(self.behaviour.underrun_after_writes);
        if is_due || self.faults.underrun() {
            self.disc.end_packets(self.behaviour.link(self.disc.medium()));
        }
    }
}
