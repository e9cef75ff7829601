//! The extent descriptor that the volume structures use.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::LogicalSector;
use crate::block_size::BlockSize;

/// extent_ad, 8 bytes: an extent of the volume space (`ECMA-167 3/7.1`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ExtentAd {
    /// Length in bytes.
    pub extent_length: U32,
    /// Logical sector number of its first sector.
    pub extent_location: U32,
}

const _: () = assert!(size_of::<ExtentAd>() == 8);

impl ExtentAd {
    /// An extent of `length` bytes.
    #[must_use]
    pub const fn new(length: u32, location: LogicalSector) -> Self {
        Self {
            extent_length: U32::new(length),
            extent_location: U32::new(location.0),
        }
    }

    /// Its first sector.
    #[must_use]
    pub fn location(&self) -> LogicalSector {
        LogicalSector(self.extent_location.get())
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u32 {
        self.extent_length.get()
    }

    /// The number of its whole sectors of 2,048 bytes.
    #[must_use]
    pub fn sectors(&self) -> u32 {
        self.sectors_of(BlockSize::OPTICAL)
    }

    /// The number of its whole sectors of a size.
    #[must_use]
    pub fn sectors_of(&self, size: BlockSize) -> u32 {
        self.length() / size.bytes()
    }
}
