//! Logical blocks of other sizes than write-once media have.

use crate::address::{BLOCK_BYTES, BLOCK_SIZE};

/// Bytes of a logical block and of a logical sector of a volume, which UDF makes equal (`UDF 2.60 2.2.4.2`):
/// a power of two from 512 to 32,768.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockSize(u32);

impl BlockSize {
    /// 2,048 bytes: that of every optical disc.
    pub const OPTICAL: Self = Self(BLOCK_BYTES);

    /// All others, the likeliest first.
    pub const OTHERS: [Self; 6] = [
        Self(512),
        Self(4096),
        Self(1024),
        Self(8192),
        Self(16384),
        Self(32768),
    ];

    /// The block size of `bytes` bytes; `None` if it is none of those.
    #[must_use]
    pub fn new(bytes: u32) -> Option<Self> {
        let all = std::iter::once(Self::OPTICAL).chain(Self::OTHERS);
        all.into_iter().find(|size| size.0 == bytes)
    }

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u32 {
        self.0
    }

    /// In bytes, as the length of a buffer.
    #[must_use]
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }

    /// Whether it is that of every optical disc.
    #[must_use]
    pub fn is_optical(self) -> bool {
        self == Self::OPTICAL
    }

    /// Splits a byte offset into whole blocks and the byte inside the last.
    #[must_use]
    pub fn split(self, offset: u64) -> (u64, usize) {
        let inside = offset % u64::from(self.0);
        (offset / u64::from(self.0), usize::try_from(inside).unwrap_or(0))
    }

    /// Blocks of this size in whole sectors of 2,048 bytes, without a block that they do not fill.
    #[must_use]
    pub fn blocks_in(self, sectors: u32) -> u64 {
        u64::from(sectors) * BLOCK_SIZE as u64 / u64::from(self.0)
    }
}

impl Default for BlockSize {
    fn default() -> Self {
        Self::OPTICAL
    }
}
