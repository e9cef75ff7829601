//! The write speed: the speeds that the drive offers, and choosing one.

use mmc::command::{GetConfiguration, GetPerformance, RequestedFeatures, SetCdSpeed, SetStreaming};
use mmc::reply::{FeatureHeader, PerformanceHeader, StreamingDescriptor, WriteSpeed};
use mmc::{Data, FeatureNumber, Features, Profile, SenseKey};
use zerocopy::{FromBytes as _, IntoBytes as _};

use crate::drive::{Backing, Drive};
use crate::error::{DriveError, ReadOnly};
use crate::initiator::Initiator;
use crate::policy::is_refused;

/// The most speeds to request; drives have fewer.
const MOST_SPEEDS: u16 = 64;
/// FFFFh: the fastest (`MMC-6 6.37`).
const FASTEST: u32 = 0xFFFF;
/// WSPD: the drive has write speed descriptors (`MMC-6 5.3`, real-time streaming).
const WSPD: u8 = 0b10;
const SECOND: u32 = 1000;

/// The requested write speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// The fastest speed of the drive with this medium.
    Fastest,
    /// A multiple of the single speed of the medium: 176.4 kB/s on CD, 1385 on DVD, 4496 on BD.
    Factor(u16),
}

impl Drive {
    /// The speeds at which the drive writes this medium in kB/s (1000 bytes), fastest first; empty if the
    /// drive does not report them.
    ///
    /// # Errors
    /// The error of a command.
    #[doc(alias = "GET PERFORMANCE")]
    pub fn write_speeds(&mut self) -> Result<Vec<u32>, DriveError> {
        match &mut self.backing {
            Backing::Recorder(recorder) => recorder.write_speeds(),
            Backing::Image(_) => Ok(Vec::new()),
        }
    }

    /// Sets the write speed to the fastest offered one that is not above `speed`, or else to the slowest.
    /// Returns it in kB/s if the drive offers speeds; `None` if it refuses to set one.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`] for a bare image, or the error of a command.
    #[doc(alias = "SET STREAMING")]
    #[doc(alias = "SET CD SPEED")]
    pub fn set_write_speed(&mut self, speed: Speed) -> Result<Option<u32>, DriveError> {
        let profile = self.medium.profile;
        let last = self.medium.capacity_blocks.saturating_sub(1);
        let Backing::Recorder(recorder) = &mut self.backing else {
            return Err(DriveError::ReadOnly(ReadOnly::BareImage));
        };
        let offered = recorder.write_speeds()?;
        let chosen = choose(speed, profile, &offered);
        let mut set = false;
        if !profile.is_cd() && recorder.feature(FeatureNumber::REAL_TIME_STREAMING)?.is_some() {
            // Some drives accept the command only for other media.
            set = unless_refused(recorder.set_streaming(chosen, last))?;
        }
        // A drive that refuses both commands writes at its own speed.
        let set = set || unless_refused(recorder.set_cd_speed(chosen))?;
        Ok((set && !offered.is_empty()).then_some(chosen))
    }
}

/// `true` if the command succeeded, `false` if the drive refused it.
fn unless_refused(done: Result<(), DriveError>) -> Result<bool, DriveError> {
    match done {
        Err(DriveError::Sense { sense, .. }) if is_refused(sense) => Ok(false),
        done => done.map(|()| true),
    }
}

impl Initiator {
    /// The write speeds, fastest first.
    fn write_speeds(&mut self) -> Result<Vec<u32>, DriveError> {
        let descriptors = self.write_speed_descriptors()?.into_iter();
        let mut speeds: Vec<u32> = descriptors
            .map(|descriptor| descriptor.write_speed.get())
            .filter(|speed| *speed > 0)
            .collect();
        speeds.sort_unstable_by(|one, other| other.cmp(one));
        speeds.dedup();
        Ok(speeds)
    }

    /// The block after the last one to which the write speeds apply, which is the end of the medium; 0 if the
    /// drive does not report it.
    pub(crate) fn end_by_performance(&mut self) -> Result<u32, DriveError> {
        let descriptors = self.write_speed_descriptors()?;
        let last = descriptors.iter().map(|descriptor| descriptor.end.get()).max();
        Ok(last.map_or(0, |last| last.saturating_add(1)))
    }

    fn write_speed_descriptors(&mut self) -> Result<Vec<WriteSpeed>, DriveError> {
        let streaming = self.feature(FeatureNumber::REAL_TIME_STREAMING)?;
        let flags = streaming.and_then(|data| data.first().copied()).unwrap_or(0);
        if flags & WSPD == 0 {
            return Ok(Vec::new());
        }
        let mut reply =
            vec![0; size_of::<PerformanceHeader>() + usize::from(MOST_SPEEDS) * size_of::<WriteSpeed>()];
        match self.control(GetPerformance::write_speeds(MOST_SPEEDS), Data::In(&mut reply)) {
            Ok(_) => {}
            Err(DriveError::Sense { sense, .. }) if sense.key == SenseKey::IllegalRequest => {
                return Ok(Vec::new());
            }
            Err(other) => return Err(other),
        }
        let Ok((header, descriptors)) = PerformanceHeader::read_from_prefix(&reply) else {
            return Ok(Vec::new());
        };
        // The length counts the bytes after its own four, and four of these are the rest of the header.
        let length = usize::try_from(header.data_length.get())
            .unwrap_or(usize::MAX)
            .saturating_sub(4);
        let descriptors = &descriptors[..length.min(descriptors.len())];
        Ok(descriptors
            .chunks_exact(size_of::<WriteSpeed>())
            .filter_map(|bytes| WriteSpeed::read_from_bytes(bytes).ok())
            .collect())
    }

    /// The data of a feature, if it is current.
    fn feature(&mut self, number: FeatureNumber) -> Result<Option<Vec<u8>>, DriveError> {
        let mut reply = vec![0; 256];
        let command = GetConfiguration::new(RequestedFeatures::One, number.0, 256);
        self.control(command, Data::In(&mut reply))?;
        let Ok((header, features)) = FeatureHeader::read_from_prefix(&reply) else {
            return Ok(None);
        };
        let found = Features::new(header.of(features))
            .find(|feature| feature.number() == number && feature.current());
        Ok(found.map(|feature| feature.data.to_vec()))
    }

    fn set_cd_speed(&mut self, speed: u32) -> Result<(), DriveError> {
        let fastest = u16::MAX;
        let speed = u16::try_from(speed).unwrap_or(fastest);
        self.control(SetCdSpeed::new(fastest, speed), Data::None)
            .map(drop)
    }

    fn set_streaming(&mut self, speed: u32, last: u32) -> Result<(), DriveError> {
        let descriptor = StreamingDescriptor {
            end: last.into(),
            read_size: speed.into(),
            read_time: SECOND.into(),
            write_size: speed.into(),
            write_time: SECOND.into(),
            ..StreamingDescriptor::default()
        };
        const LENGTH: usize = size_of::<StreamingDescriptor>();
        let command = SetStreaming::performance(u16::try_from(LENGTH).unwrap_or(0));
        self.control(command, Data::Out(descriptor.as_bytes())).map(drop)
    }
}

/// The speed in kB/s.
fn choose(speed: Speed, profile: Profile, offered: &[u32]) -> u32 {
    let asked = match speed {
        Speed::Fastest => return offered.first().copied().unwrap_or(FASTEST),
        Speed::Factor(factor) => {
            // In tenths of kB/s.
            let single = if profile.is_cd() {
                1764
            } else if profile.is_dvd() {
                13_850
            } else {
                44_960
            };
            u32::from(factor).saturating_mul(single).div_ceil(10)
        }
    };
    let slower = offered.iter().copied().find(|offered| *offered <= asked);
    slower.or(offered.last().copied()).unwrap_or(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_exceeds_the_request_only_without_a_slower_one() {
        let offered = [8467, 4234, 1411];
        let of = |factor| choose(Speed::Factor(factor), Profile::CdR, &offered);
        assert_eq!(
            (of(52), of(48), of(47), of(24), of(1)),
            (8467, 8467, 4234, 4234, 1411)
        );
        assert_eq!(choose(Speed::Fastest, Profile::CdR, &offered), 8467);
    }

    #[test]
    fn a_drive_that_offers_no_speeds_gets_the_requested_one() {
        assert_eq!(choose(Speed::Factor(8), Profile::DvdR, &[]), 11_080);
        assert_eq!(choose(Speed::Fastest, Profile::BdRSequential, &[]), FASTEST);
    }
}
