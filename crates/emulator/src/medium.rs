//! The media and their physics, with every number of `docs/understanding/media.md`.

use mmc::{BLOCK_SIZE, Profile};
use std::fmt;
use std::str::FromStr;

/// Bytes of a block, as an image offset.
pub(crate) const BLOCK: u64 = BLOCK_SIZE as u64;

/// More blocks than any medium has, but few enough that sums of addresses do not overflow.
pub(crate) const LARGEST_CAPACITY: u32 = 1 << 30;

/// A blank write-once medium for the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Medium {
    /// CD-R of 74 minutes.
    CdR74,
    /// CD-R of 80 minutes.
    CdR80,
    /// DVD-R.
    DvdR,
    /// DVD-R with two layers.
    DvdRDl,
    /// DVD+R.
    DvdPlusR,
    /// DVD+R with two layers.
    DvdPlusRDl,
    /// BD-R with one layer.
    BdR,
    /// BD-R with two layers.
    BdRDl,
    /// BD-R with three layers.
    BdRTl,
    /// BD-R with four layers.
    BdRQl,
}

/// Groups of media with common physics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Cd,
    DvdR,
    DvdPlusR,
    BdR,
}

const MEDIA: [(Medium, &str, u32); 10] = [
    (Medium::CdR74, "cd-r-74", 332_850),
    (Medium::CdR80, "cd-r", 359_844),
    (Medium::DvdR, "dvd-r", 2_298_496),
    (Medium::DvdRDl, "dvd-r-dl", 4_171_712),
    (Medium::DvdPlusR, "dvd+r", 2_295_104),
    (Medium::DvdPlusRDl, "dvd+r-dl", 4_173_824),
    (Medium::BdR, "bd-r", 12_219_392),
    (Medium::BdRDl, "bd-r-dl", 24_438_784),
    (Medium::BdRTl, "bd-r-tl", 48_878_592),
    (Medium::BdRQl, "bd-r-ql", 62_500_864),
];

impl Medium {
    /// Every medium.
    pub const ALL: [Self; 10] = [
        Self::CdR74,
        Self::CdR80,
        Self::DvdR,
        Self::DvdRDl,
        Self::DvdPlusR,
        Self::DvdPlusRDl,
        Self::BdR,
        Self::BdRDl,
        Self::BdRTl,
        Self::BdRQl,
    ];

    fn entry(self) -> &'static (Self, &'static str, u32) {
        MEDIA.iter().find(|entry| entry.0 == self).unwrap_or(&MEDIA[0])
    }

    /// The name that [`FromStr`] takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// User blocks of a medium of nominal size.
    #[must_use]
    pub fn nominal_capacity(self) -> u32 {
        self.entry().2
    }

    /// The profile that is current while this medium is in the drive.
    #[must_use]
    pub const fn profile(self) -> Profile {
        match self {
            Self::CdR74 | Self::CdR80 => Profile::CdR,
            Self::DvdR => Profile::DvdR,
            Self::DvdRDl => Profile::DvdRDlSequential,
            Self::DvdPlusR => Profile::DvdPlusR,
            Self::DvdPlusRDl => Profile::DvdPlusRDl,
            Self::BdR | Self::BdRDl | Self::BdRTl | Self::BdRQl => Profile::BdRSequential,
        }
    }

    /// The smallest recordable number of blocks: 1 on a CD, an ECC block of 16 on a DVD, a cluster of 32 on a
    /// BD.
    #[must_use]
    pub const fn write_unit(self) -> u32 {
        match self.family() {
            Family::Cd => 1,
            Family::DvdR | Family::DvdPlusR => 16,
            Family::BdR => 32,
        }
    }

    /// Number of recording layers.
    #[must_use]
    pub const fn layers(self) -> u8 {
        match self {
            Self::CdR74 | Self::CdR80 | Self::DvdR | Self::DvdPlusR | Self::BdR => 1,
            Self::DvdRDl | Self::DvdPlusRDl | Self::BdRDl => 2,
            Self::BdRTl => 3,
            Self::BdRQl => 4,
        }
    }

    pub(crate) const fn family(self) -> Family {
        match self {
            Self::CdR74 | Self::CdR80 => Family::Cd,
            Self::DvdR | Self::DvdRDl => Family::DvdR,
            Self::DvdPlusR | Self::DvdPlusRDl => Family::DvdPlusR,
            Self::BdR | Self::BdRDl | Self::BdRTl | Self::BdRQl => Family::BdR,
        }
    }

    /// Unreadable blocks between two packets: run-out (2), link (1) and run-in (4) of a CD.
    pub(crate) const fn link_blocks(self) -> u32 {
        match self.family() {
            Family::Cd => 7,
            _ => 0,
        }
    }

    /// Unreadable blocks at the end of a closed track, which count as part of it.
    pub(crate) const fn run_out_blocks(self) -> u32 {
        match self.family() {
            Family::Cd => 2,
            _ => 0,
        }
    }

    /// Unrecorded user blocks before every later track of a session.
    pub(crate) const fn pregap_blocks(self) -> u32 {
        match self.family() {
            Family::Cd => 150,
            _ => 0,
        }
    }

    /// Blocks of the shortest track, including run-out.
    pub(crate) const fn shortest_track(self) -> u32 {
        match self.family() {
            Family::Cd => 300,
            _ => self.write_unit(),
        }
    }

    /// The most tracks of the medium.
    pub(crate) const fn most_tracks(self) -> u16 {
        match self.family() {
            Family::Cd => 99,
            Family::DvdR => 2302,
            Family::DvdPlusR => 153,
            Family::BdR => 7927,
        }
    }

    /// Write speeds in kB/s, fastest first: 48 to 8 times 176 on CD, 16 to 4 times 1385 on DVD, 6 to 2 times
    /// 4496 on BD.
    pub(crate) const fn write_speeds(self) -> &'static [u32] {
        match self.family() {
            Family::Cd => &[8448, 5632, 4224, 2816, 1408],
            Family::DvdR | Family::DvdPlusR => &[22_160, 16_620, 11_080, 5540],
            Family::BdR => &[26_976, 17_984, 8992],
        }
    }

    /// Whether the disc ends with the first closed session.
    pub(crate) const fn single_session(self) -> bool {
        matches!(self, Self::DvdRDl)
    }

    /// Whether mode page 05h affects the recording.
    pub(crate) const fn has_write_parameters(self) -> bool {
        matches!(self.family(), Family::Cd | Family::DvdR)
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that belongs to no medium.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no medium is named {0:?}; the media are cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r, dvd+r-dl, bd-r, bd-r-dl, bd-r-tl, bd-r-ql"
)]
pub struct UnknownMedium(pub String);

impl FromStr for Medium {
    type Err = UnknownMedium;

    fn from_str(name: &str) -> Result<Self, UnknownMedium> {
        MEDIA
            .iter()
            .find(|entry| entry.1 == name)
            .map(|entry| entry.0)
            .ok_or_else(|| UnknownMedium(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_medium_is_found_by_its_name() {
        for medium in Medium::ALL {
            assert_eq!(medium.to_string().parse(), Ok(medium));
        }
        assert!("cd-rw".parse::<Medium>().is_err());
    }

    #[test]
    fn capacities_are_whole_units() {
        for medium in Medium::ALL {
            assert_eq!(medium.nominal_capacity() % medium.write_unit(), 0, "{medium}");
        }
    }
}
