//! Write speeds: those that the drive offers, and the current one.

use crate::data_phase::{parameters, reply};
use crate::recorder::Recorder;
use mmc::command::{GetPerformance, SetCdSpeed, SetStreaming};
use mmc::reply::{PerformanceHeader, StreamingDescriptor, WriteSpeed};
use mmc::{Data, Failure, Sense};
use zerocopy::{FromBytes as _, IntoBytes as _};

/// WRITE in the header of the answer.
const WRITE: u8 = 0b10;

impl Recorder {
    pub(super) fn performance(&self, command: &GetPerformance, data: Data<'_>) -> Result<usize, Failure> {
        if command.kind != GetPerformance::WRITE_SPEEDS || command.data_type != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let most = usize::from(command.descriptors.get());
        let speeds = self.disc.medium().write_speeds();
        let mut answer = PerformanceHeader {
            // The length counts all speeds, even if the host accepts fewer.
            data_length: u32::try_from(4 + speeds.len() * size_of::<WriteSpeed>())
                .unwrap_or(u32::MAX)
                .into(),
            flags: WRITE,
            ..PerformanceHeader::default()
        }
        .as_bytes()
        .to_vec();
        for speed in speeds.iter().take(most) {
            let descriptor = WriteSpeed {
                end: (self.disc.capacity() - 1).into(),
                read_speed: (*speed).into(),
                write_speed: (*speed).into(),
                ..WriteSpeed::default()
            };
            answer.extend_from_slice(descriptor.as_bytes());
        }
        reply(data, answer.len(), &answer)
    }

    pub(super) fn set_cd_speed(&mut self, command: &SetCdSpeed) -> Result<usize, Failure> {
        let asked = command.write_speed.get().into();
        self.mode.set_speed(self.disc.medium(), asked);
        Ok(0)
    }

    pub(super) fn set_streaming(&mut self, command: &SetStreaming, data: Data<'_>) -> Result<usize, Failure> {
        let list = parameters(data, command.parameter_list_length.get())?;
        let descriptor = StreamingDescriptor::read_from_bytes(list);
        let (0, Ok(descriptor)) = (command.kind, descriptor) else {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        };
        let (size, time) = (descriptor.write_size.get(), descriptor.write_time.get());
        if time == 0 || descriptor.read_time.get() == 0 {
            return Err(Sense::INVALID_FIELD_IN_PARAMETER_LIST.into());
        }
        let speed = u64::from(size) * 1000 / u64::from(time);
        let asked = u32::try_from(speed).unwrap_or(u32::MAX);
        self.mode.set_speed(self.disc.medium(), asked);
        Ok(list.len())
    }
}
