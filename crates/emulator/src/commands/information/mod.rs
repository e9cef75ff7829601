//! The commands that ask about the medium and the drive.

mod capacity;
mod configuration;
mod disc;
mod structure;
mod toc;
mod track;

use crate::recorder::Recorder;
use mmc::{Command, Data, Failure, Sense};

impl Recorder {
    pub(super) fn inform(&mut self, command: &Command, data: Data<'_>) -> Result<usize, Failure> {
        match command {
            Command::ReadFormatCapacities(_) if !self.behaviour.optional_commands => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE.into())
            }
            Command::ReadCapacity(_) => self.read_capacity(data),
            Command::ReadFormatCapacities(command) => self.format_capacities(command, data),
            Command::ReadBufferCapacity(command) => self.buffer_capacity(command, data),
            Command::ReadDiscInformation(command) => self.disc_information(command, data),
            Command::ReadTrackInformation(command) => self.track_information(command, data),
            Command::ReadTocPmaAtip(command) => self.toc(command, data),
            Command::GetConfiguration(command) => self.configuration(command, data),
            Command::GetPerformance(command) => self.performance(command, data),
            Command::ReadDiscStructure(command) => self.disc_structure(command, data),
            _ => Err(Sense::INVALID_COMMAND_OPERATION_CODE.into()),
        }
    }
}
