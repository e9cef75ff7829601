//! Decoding and execution of command blocks.

use crate::data_phase::{no_device, wrong_way};
use crate::fault::Action;
use crate::recorder::Recorder;
use mmc::{Command, Data, DecodeError, Failure, Lba, Sense, Transport};
use std::io;

impl Transport for Recorder {
    fn execute(&mut self, command: &[u8], mut data: Data<'_>) -> Result<usize, Failure> {
        let mut result = self.carry_out(command, data.reborrow());
        self.overfill(&mut result, &mut data);
        self.log.note(command, &data, &result);
        result
    }

    fn fills_files(&self) -> bool {
        true
    }
}

impl Recorder {
    fn carry_out(&mut self, bytes: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        if self.unit.is_dead() {
            return Err(no_device());
        }
        self.go_wrong(bytes.first().copied().unwrap_or(0))?;
        let command = Command::decode(bytes).map_err(|error| match error {
            DecodeError::UnknownOperation(_) => Sense::INVALID_COMMAND_OPERATION_CODE,
            DecodeError::Empty | DecodeError::Truncated(_) => Sense::INVALID_FIELD_IN_CDB,
        })?;
        self.look_at_the_clock();
        self.unit.ready(&command)?;
        self.refuse(&command)?;
        match command.blocks() {
            Some((at, count)) => {
                let moved = self.transfer(&command, at, count, data)?;
                self.end_transfer(&command)?;
                Ok(moved)
            }
            None => self.dispatch(&command, data),
        }
    }

    /// Applies the faults that the script has for this command.
    fn go_wrong(&mut self, code: u8) -> Result<(), Failure> {
        for action in self.faults.at_command(code) {
            match action {
                Action::Fail(sense) => return Err(sense.into()),
                Action::Busy(polls) => self.unit.be_busy_longer(polls),
                Action::Remove => self.remove_medium()?,
                Action::Cut(keep) => return Err(self.cut(keep)),
                Action::Kill => {
                    self.kill();
                    return Err(no_device());
                }
                Action::Hang => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            }
        }
        Ok(())
    }

    fn transfer(&mut self, command: &Command, at: Lba, count: u32, data: Data<'_>) -> Result<usize, Failure> {
        let reads = matches!(command, Command::Read10(_) | Command::Read12(_));
        match data {
            Data::In(out) if reads => self.read(at, count, out),
            Data::ToFile(part) if reads => self.read_to_file(at, count, part),
            Data::Out(blocks) if !reads => self.write(at, count, blocks),
            Data::None if reads => self.read(at, count, &mut []),
            Data::None => self.write(at, count, &[]),
            Data::In(_) | Data::ToFile(_) | Data::Out(_) => Err(wrong_way()),
        }
    }

    fn dispatch(&mut self, command: &Command, data: Data<'_>) -> Result<usize, Failure> {
        match command {
            Command::TestUnitReady(_) => Ok(0),
            Command::SetCdSpeed(command) => self.set_cd_speed(command),
            Command::RequestSense(command) => self.request_sense(command, data),
            Command::Inquiry(command) => Self::inquiry(command, data),
            Command::StartStopUnit(command) => self.start_stop_unit(command),
            Command::PreventAllowMediumRemoval(command) => {
                self.prevent_allow(command);
                Ok(0)
            }
            Command::GetEventStatusNotification(command) => self.event_status(command, data),
            Command::ModeSense6(command) => self.mode_sense_6(command, data),
            Command::ModeSense10(command) => self.mode_sense_10(command, data),
            Command::ModeSelect10(command) => self.mode_select(command, data),
            Command::SynchronizeCache(command) => self.synchronize_cache(command),
            Command::ReserveTrack(command) => self.reserve_track(command),
            Command::CloseTrackSession(command) => self.close_track_session(command),
            Command::SendCueSheet(command) => self.send_cue_sheet(command, data),
            Command::SendOpcInformation(command) => self.send_opc(command),
            Command::SetStreaming(command) => self.set_streaming(command, data),
            _ => self.inform(command, data),
        }
    }
}
