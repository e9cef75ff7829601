//! Profiles: the type of medium in the drive (`MMC-6 5.3.1`).

/// A profile that this project knows, or the number of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// No medium, or none that the drive recognises (0000h).
    None,
    /// CD-ROM (0008h).
    CdRom,
    /// CD-R (0009h).
    CdR,
    /// CD-RW (000Ah).
    CdRw,
    /// DVD-ROM (0010h).
    DvdRom,
    /// DVD-R sequential recording (0011h).
    DvdR,
    /// DVD-RAM (0012h).
    DvdRam,
    /// DVD-RW restricted overwrite (0013h).
    DvdRwRestrictedOverwrite,
    /// DVD-RW sequential recording (0014h).
    DvdRwSequential,
    /// DVD-R dual layer sequential recording (0015h).
    DvdRDlSequential,
    /// DVD-R dual layer jump recording (0016h).
    DvdRDlLayerJump,
    /// DVD+RW (001Ah).
    DvdPlusRw,
    /// DVD+R (001Bh).
    DvdPlusR,
    /// DVD+R dual layer (002Bh).
    DvdPlusRDl,
    /// BD-ROM (0040h).
    BdRom,
    /// BD-R sequential recording (0041h).
    BdRSequential,
    /// BD-R random recording (0042h).
    BdRRandom,
    /// BD-RE (0043h).
    BdRe,
    /// Another profile.
    Other(u16),
}

/// Every named profile, with its number and name.
const PROFILES: [(Profile, u16, &str); 18] = [
    (Profile::None, 0x0000, "no medium"),
    (Profile::CdRom, 0x0008, "CD-ROM"),
    (Profile::CdR, 0x0009, "CD-R"),
    (Profile::CdRw, 0x000A, "CD-RW"),
    (Profile::DvdRom, 0x0010, "DVD-ROM"),
    (Profile::DvdR, 0x0011, "DVD-R"),
    (Profile::DvdRam, 0x0012, "DVD-RAM"),
    (
        Profile::DvdRwRestrictedOverwrite,
        0x0013,
        "DVD-RW restricted overwrite",
    ),
    (Profile::DvdRwSequential, 0x0014, "DVD-RW sequential"),
    (Profile::DvdRDlSequential, 0x0015, "DVD-R DL"),
    (Profile::DvdRDlLayerJump, 0x0016, "DVD-R DL layer jump"),
    (Profile::DvdPlusRw, 0x001A, "DVD+RW"),
    (Profile::DvdPlusR, 0x001B, "DVD+R"),
    (Profile::DvdPlusRDl, 0x002B, "DVD+R DL"),
    (Profile::BdRom, 0x0040, "BD-ROM"),
    (Profile::BdRSequential, 0x0041, "BD-R"),
    (Profile::BdRRandom, 0x0042, "BD-R random recording"),
    (Profile::BdRe, 0x0043, "BD-RE"),
];

impl Profile {
    /// The profile number.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Other(number) => number,
            known => PROFILES
                .iter()
                .find(|entry| entry.0 == known)
                .map_or(0, |entry| entry.1),
        }
    }

    /// The profile with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Self {
        PROFILES
            .iter()
            .find(|entry| entry.1 == number)
            .map_or(Self::Other(number), |entry| entry.0)
    }

    /// Whether the medium is a CD.
    #[must_use]
    pub const fn is_cd(self) -> bool {
        matches!(self, Self::CdRom | Self::CdR | Self::CdRw)
    }

    /// Whether the medium is a Blu-ray Disc.
    #[must_use]
    pub const fn is_bd(self) -> bool {
        matches!(
            self,
            Self::BdRom | Self::BdRSequential | Self::BdRRandom | Self::BdRe
        )
    }

    /// Whether the medium is a DVD of either family.
    #[must_use]
    pub const fn is_dvd(self) -> bool {
        !matches!(self, Self::None | Self::Other(_)) && !self.is_cd() && !self.is_bd()
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match PROFILES.iter().find(|entry| entry.0 == *self) {
            Some(entry) => f.write_str(entry.2),
            None => write!(f, "profile {:04X}h", self.number()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_profile_number_comes_back(number: u16) {
            prop_assert_eq!(Profile::from_number(number).number(), number);
        }
    }

    #[test]
    fn a_profile_belongs_to_at_most_one_family() {
        for (profile, ..) in PROFILES {
            let families = [profile.is_cd(), profile.is_dvd(), profile.is_bd()];
            let expected = usize::from(profile != Profile::None);
            assert_eq!(
                families.iter().filter(|family| **family).count(),
                expected,
                "{profile}"
            );
        }
    }
}
