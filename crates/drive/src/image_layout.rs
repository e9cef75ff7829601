//! Where the blocks of a volume are in the files of an image.

use std::fmt;
use std::fs::File;

use mmc::Lba;

/// The bytes of a block.
const BLOCK: u32 = 2048;

const _: () = assert!(BLOCK as usize == mmc::BLOCK_SIZE);

/// Consecutive blocks of a volume in a file: block `first + i` begins at byte `offset + i * stride + header`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageExtent {
    /// The address of the first block.
    pub first: u32,
    /// The number of blocks.
    pub blocks: u32,
    /// Index of the file in [`ImageLayout::files`].
    pub file: usize,
    /// The byte of the file at which the sector of the first block begins.
    pub offset: u64,
    /// The bytes of a sector, at least 2,048.
    pub stride: u32,
    /// The bytes of a sector before its block.
    pub header: u32,
}

/// The files of an image, and where the blocks of a volume are in them.
#[derive(Debug)]
pub struct ImageLayout {
    /// The files, open for reading.
    pub files: Vec<File>,
    /// The extents, without overlaps. Blocks between them are unreadable.
    pub extents: Vec<ImageExtent>,
    /// The bytes of the volume after the block that ends the last extent, fewer than a block.
    pub rest: u32,
    /// The source of the blocks; `None` if they are those of the file from its first byte on.
    pub origin: Option<ImageOrigin>,
}

/// The source of the blocks of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOrigin {
    /// The container, such as `CD sectors of 2352 bytes`; `None` for blocks of 2,048 bytes in a file.
    pub container: Option<String>,
    /// The track or partition in it.
    pub part: Option<String>,
    /// The byte of the file at which the first sector of the volume begins.
    pub offset: u64,
    /// The address of the first block in the image, if that is not block 0: the image begins later on the
    /// disc.
    pub first_block: u32,
}

/// A session found by its blocks, in an image that does not say where sessions begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSession {
    /// Its first block.
    pub start: Lba,
    /// Its last block with data.
    pub last: Lba,
}

/// Blocks at the end of an image that do not belong to its volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageRemainder {
    /// Their number.
    pub blocks: u32,
    /// What they are.
    pub kind: RemainderKind,
}

/// What follows a volume in its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemainderKind {
    /// Zeros after a closed session or a volume without a VAT: padding.
    Zeros,
    /// Zeros after a state of a session that is not closed: padding, or the start of a later state.
    ZerosAfterOpenSession,
    /// Error correction data of dvdisaster.
    Dvdisaster,
    /// Something else.
    Other,
}

impl fmt::Display for ImageOrigin {
    /// Container, part and offset in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.container.as_deref(), self.part.as_deref()];
        for part in parts.into_iter().flatten() {
            write!(f, "{part}, ")?;
        }
        write!(f, "from byte {}", self.offset)?;
        if self.container.is_none() && self.offset > 0 && self.offset.is_multiple_of(BLOCK.into()) {
            write!(
                f,
                ", after {} blocks of something else",
                self.offset / u64::from(BLOCK)
            )?;
        }
        if !self.offset.is_multiple_of(BLOCK.into()) {
            write!(f, ", which is no multiple of {BLOCK}")?;
        }
        if self.first_block > 0 {
            write!(f, ", begins with block {} of the disc", self.first_block)?;
        }
        Ok(())
    }
}

impl ImageExtent {
    /// The blocks of a file from its first byte on.
    #[must_use]
    pub fn plain(blocks: u32) -> Self {
        Self {
            first: 0,
            blocks,
            file: 0,
            offset: 0,
            stride: BLOCK,
            header: 0,
        }
    }

    /// The address after the last block.
    #[must_use]
    pub fn end(&self) -> u64 {
        u64::from(self.first) + u64::from(self.blocks)
    }

    /// The byte of the file at which a block of this extent begins; `None` past the end of the numbers.
    #[must_use]
    pub fn offset_of(&self, at: Lba) -> Option<u64> {
        let before = u64::from(at.0.checked_sub(self.first)?) * u64::from(self.stride);
        before
            .checked_add(self.offset)?
            .checked_add(u64::from(self.header))
    }

    /// Whether its blocks follow each other in the file without anything between them.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.stride == BLOCK
    }
}

/// The extent with a block, of extents in ascending order.
#[must_use]
pub fn extent_of(extents: &[ImageExtent], at: Lba) -> Option<&ImageExtent> {
    let after = extents.partition_point(|extent| extent.first <= at.0);
    let extent = extents.get(after.checked_sub(1)?)?;
    (u64::from(at.0) < extent.end()).then_some(extent)
}
