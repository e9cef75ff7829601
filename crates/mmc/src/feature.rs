//! Features and their descriptors (`MMC-6 5.3`).

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, IntoBytes};

wire! {
    /// The header of a feature descriptor (`MMC-6 5.2.2`).
    pub struct FeatureDescriptor [4] {
        /// The feature number.
        pub feature_code: U16,
        /// The version in bits 2-5, persistent in bit 1, current in bit 0.
        pub flags: u8,
        /// Bytes of its data, a multiple of 4.
        pub additional_length: u8,
    }
}

impl FeatureDescriptor {
    /// Current: the feature works with the medium in the drive.
    #[must_use]
    pub const fn current(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Persistent: the feature is always current.
    #[must_use]
    pub const fn persistent(&self) -> bool {
        self.flags & 2 != 0
    }
}

/// The number of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeatureNumber(pub u16);

#[allow(missing_docs)] // the names are the standard's
impl FeatureNumber {
    pub const PROFILE_LIST: Self = Self(0x0000);
    pub const CORE: Self = Self(0x0001);
    pub const MORPHING: Self = Self(0x0002);
    pub const REMOVABLE_MEDIUM: Self = Self(0x0003);
    pub const RANDOM_READABLE: Self = Self(0x0010);
    pub const MULTI_READ: Self = Self(0x001D);
    pub const CD_READ: Self = Self(0x001E);
    pub const DVD_READ: Self = Self(0x001F);
    pub const INCREMENTAL_STREAMING_WRITABLE: Self = Self(0x0021);
    pub const DVD_PLUS_R: Self = Self(0x002B);
    pub const CD_TRACK_AT_ONCE: Self = Self(0x002D);
    pub const CD_MASTERING: Self = Self(0x002E);
    pub const DVD_R_RW_WRITE: Self = Self(0x002F);
    pub const DVD_PLUS_R_DUAL_LAYER: Self = Self(0x003B);
    pub const BD_READ: Self = Self(0x0040);
    pub const BD_WRITE: Self = Self(0x0041);
    pub const POWER_MANAGEMENT: Self = Self(0x0100);
    pub const REAL_TIME_STREAMING: Self = Self(0x0107);
    pub const DRIVE_SERIAL_NUMBER: Self = Self(0x0108);
}

wire! {
    /// An entry of the profile list (feature 0000h).
    pub struct ProfileEntry [4] {
        /// The profile.
        pub profile: U16,
        /// Current in bit 0.
        pub current: u8,
        /// Reserved.
        pub reserved: u8,
    }
}

wire! {
    /// The data of feature 0010h, random readable.
    pub struct RandomReadable [8] {
        /// Bytes in a block.
        pub logical_block_size: U32,
        /// Blocks that the drive reads best at once.
        pub blocking: U16,
        /// PP in bit 0: the drive has an error recovery page.
        pub page_present: u8,
        /// Reserved.
        pub reserved: u8,
    }
}

/// One feature of a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature<'a> {
    /// The header of its descriptor.
    pub descriptor: FeatureDescriptor,
    /// The data after the header.
    pub data: &'a [u8],
}

impl Feature<'_> {
    /// The feature's number.
    #[must_use]
    pub fn number(&self) -> FeatureNumber {
        FeatureNumber(self.descriptor.feature_code.get())
    }

    /// Whether the feature works with the medium in the drive.
    #[must_use]
    pub fn current(&self) -> bool {
        self.descriptor.current()
    }

    /// The profiles, if this is the profile list, and whether each is current.
    pub fn profiles(&self) -> impl Iterator<Item = (crate::Profile, bool)> {
        let entries = if self.number() == FeatureNumber::PROFILE_LIST {
            self.data
        } else {
            &[]
        };
        entries
            .chunks_exact(4)
            .filter_map(|entry| ProfileEntry::read_from_bytes(entry).ok())
            .map(|entry| {
                (
                    crate::Profile::from_number(entry.profile.get()),
                    entry.current & 1 != 0,
                )
            })
    }

    /// Appends the descriptor of a feature. `data` is cut to 252 bytes and padded to a multiple of 4.
    pub fn encode(
        number: FeatureNumber,
        version: u8,
        persistent: bool,
        current: bool,
        data: &[u8],
        to: &mut Vec<u8>,
    ) {
        let data = &data[..data.len().min(252)];
        let padded = data.len().next_multiple_of(4);
        let flags = (version & 0x0F) << 2 | u8::from(persistent) << 1 | u8::from(current);
        let head = FeatureDescriptor {
            feature_code: number.0.into(),
            flags,
            additional_length: u8::try_from(padded).unwrap_or(252),
        };
        to.extend_from_slice(head.as_bytes());
        to.extend_from_slice(data);
        to.resize(to.len() + padded - data.len(), 0);
    }
}

/// Iterates over the feature descriptors after the feature header. A truncated descriptor ends the iteration.
#[derive(Clone, Debug)]
pub struct Features<'a>(&'a [u8]);

impl<'a> Features<'a> {
    /// Iterates over the bytes after the feature header.
    #[must_use]
    pub const fn new(descriptors: &'a [u8]) -> Self {
        Self(descriptors)
    }
}

impl<'a> Iterator for Features<'a> {
    type Item = Feature<'a>;

    fn next(&mut self) -> Option<Feature<'a>> {
        let (descriptor, rest) = FeatureDescriptor::read_from_prefix(self.0).ok()?;
        let (data, rest) = rest.split_at_checked(usize::from(descriptor.additional_length))?;
        self.0 = rest;
        Some(Feature { descriptor, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn features_come_back_in_order(
            features in proptest::collection::vec(
                (any::<u16>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..8)
        ) {
            let mut bytes = Vec::new();
            for (number, current, data) in &features {
                Feature::encode(FeatureNumber(*number), 1, false, *current, data, &mut bytes);
            }
            let read: Vec<_> = Features::new(&bytes).collect();
            prop_assert_eq!(read.len(), features.len());
            for (feature, (number, current, data)) in read.iter().zip(&features) {
                prop_assert_eq!(feature.number().0, *number);
                prop_assert_eq!(feature.current(), *current);
                prop_assert_eq!(&feature.data[..data.len()], &data[..]);
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            for feature in Features::new(&bytes) {
                let _ = feature.profiles().count();
            }
        }
    }
}
