//! Speeds of writing: those that the drive offers, and the one that is set.

use crate::execute::reply;
use crate::medium::{Family, Medium};
use crate::mode::parameters;
use crate::recorder::Recorder;
use mmc::command::{GetPerformance, SetCdSpeed, SetStreaming};
use mmc::reply::{PerformanceHeader, StreamingDescriptor, WriteSpeed};
use mmc::{Data, Failure, Sense};
use zerocopy::{FromBytes as _, IntoBytes as _};

/// WRITE in the header of the answer.
const WRITE: u8 = 0b10;

/// Speeds of writing in kB/s, the fastest first: 48 to 8 times 176 on CD, 16 to 4 times 1385 on DVD, 6 to 2 times 4496 on BD.
const fn offered(medium: Medium) -> &'static [u32] {
    match medium.family() {
        Family::Cd => &[8448, 5632, 4224, 2816, 1408],
        Family::DvdR | Family::DvdPlusR => &[22_160, 16_620, 11_080, 5540],
        Family::BdR => &[26_976, 17_984, 8992],
    }
}

/// What the drive starts with: the fastest.
pub(crate) const fn fastest(medium: Medium) -> u32 {
    offered(medium)[0]
}

impl Recorder {
    pub(crate) fn performance(&self, command: &GetPerformance, data: Data<'_>) -> Result<usize, Failure> {
        if command.kind != GetPerformance::WRITE_SPEEDS || command.data_type != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let most = usize::from(command.descriptors.get());
        let speeds = offered(self.disc.medium);
        let mut answer = PerformanceHeader {
            // The length is that of all, however many the host takes.
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
                end: (self.disc.capacity - 1).into(),
                read_speed: (*speed).into(),
                write_speed: (*speed).into(),
                ..WriteSpeed::default()
            };
            answer.extend_from_slice(descriptor.as_bytes());
        }
        reply(data, answer.len(), &answer)
    }

    pub(crate) fn set_cd_speed(&mut self, command: &SetCdSpeed) -> Result<usize, Failure> {
        self.set_write_speed(command.write_speed.get().into());
        Ok(0)
    }

    pub(crate) fn set_streaming(&mut self, command: &SetStreaming, data: Data<'_>) -> Result<usize, Failure> {
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
        self.set_write_speed(u32::try_from(speed).unwrap_or(u32::MAX));
        Ok(list.len())
    }

    /// Sets the fastest speed that is not faster than asked for, or the slowest.
    fn set_write_speed(&mut self, asked: u32) {
        let speeds = offered(self.disc.medium);
        let slowest = speeds.last().copied().unwrap_or(asked);
        let taken = speeds.iter().copied().find(|speed| *speed <= asked);
        self.write_speed = taken.unwrap_or(slowest);
    }
}
