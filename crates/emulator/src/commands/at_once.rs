//! SEND CUE SHEET, and the CD session recorded at once that it announces.

use crate::data_phase::parameters;
use crate::fault::WriteFault;
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::session_at_once::SessionAtOnce;
use crate::zones::Radius;
use mmc::command::SendCueSheet;
use mmc::{Data, Failure, Lba, MultiSession, Sense, WriteType};

impl Recorder {
    pub(super) fn send_cue_sheet(
        &mut self,
        command: &SendCueSheet,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        self.check_recordable()?;
        let [high, middle, low] = command.cue_sheet_size;
        if self.disc.medium().family() != Family::Cd || high != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        if self.mode.parameters().write_type() != WriteType::SessionAtOnce {
            return Err(Sense::COMMAND_SEQUENCE_ERROR.into());
        }
        let list = parameters(data, u16::from_be_bytes([middle, low]))?;
        let session = SessionAtOnce::announced(&self.disc, list)?;
        self.mode.set_session(Some(session));
        Ok(list.len())
    }

    /// Writes blocks of the session at once. The last one before the lead-out closes the session.
    pub(super) fn write_at_once(&mut self, at: Lba, count: u32, blocks: &[u8]) -> Result<usize, Failure> {
        let mut session = self.mode.session().ok_or(Sense::COMMAND_SEQUENCE_ERROR)?;
        let skipped = session.take(at, count)?;
        if !self.mode.parameters().test_write() {
            let first = at.0.wrapping_add(skipped);
            self.record_at_once(
                first,
                count - skipped,
                &blocks[skipped as usize * mmc::BLOCK_SIZE..],
            )?;
        }
        let is_complete = session.is_complete();
        self.mode.set_session((!is_complete).then_some(session));
        if is_complete && !self.mode.parameters().test_write() {
            let last = self.mode.parameters().multi_session() != MultiSession::Allowed;
            self.disc.close_at_once(session.lead_out());
            self.end_session(last, Radius::LEAST)?;
        }
        Ok(blocks.len())
    }

    fn record_at_once(&mut self, at: u32, count: u32, blocks: &[u8]) -> Result<(), Failure> {
        let Some(number) = self
            .disc
            .invisible_track()
            .map(|track| track.number)
            .filter(|_| count > 0)
        else {
            return Ok(());
        };
        self.begin()?;
        let (recorded, fault) = self.faults.at_write(at, count);
        if recorded > 0 {
            let bytes = &blocks[..recorded as usize * mmc::BLOCK_SIZE];
            self.store.write(at, bytes)?;
            self.pass_in_track(number, at, recorded);
            self.disc.record(number, at, recorded);
            self.disc.record_without_links(number);
            self.written.add(number, at, recorded);
        }
        match fault {
            Some(WriteFault::Cut(keep)) => Err(self.cut(keep)),
            Some(WriteFault::Block(block, sense)) => {
                // The session cannot continue as announced.
                self.mode.set_session(None);
                self.disc
                    .spoil(number, block, self.behaviour.link(self.disc.medium()));
                Err(sense.at(Lba(block)).into())
            }
            None => Ok(()),
        }
    }
}
