//! Metadata partitions: the metadata file that contains their blocks, and its mirror (`UDF 2.60 2.2.10`,
//! `2.2.13`).
//!
//! A block of a metadata partition is a block of the metadata file. The extents of the file and of its mirror
//! are in the partition below. The mirror has blocks of its own if the volume keeps its metadata twice.

use ecma167::volume::partition_map;
use ecma167::{BlockSize, LogicalBlock, PartitionReference, RecordedAddress};

use crate::address::after;
use crate::body::{Extent, ExtentKind};
use crate::error::{CorruptKind, Error};

/// The files of a metadata partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFiles {
    /// The type 1 or sparable map of the partition below.
    below: PartitionReference,
    main_icb: LogicalBlock,
    mirror_icb: LogicalBlock,
    /// The extents of the metadata file; `None` if it is lost.
    main: Option<Vec<Extent>>,
    mirror: Mirror,
}

/// The mirror of the metadata file, which is read only when needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mirror {
    /// Not read yet.
    Unread,
    /// Where its blocks are.
    Read(Vec<Extent>),
    /// It cannot be used.
    Lost,
}

impl MetadataFiles {
    /// The files that a map names, not read yet.
    pub(crate) fn new(below: PartitionReference, map: &partition_map::Metadata) -> Self {
        Self {
            below,
            main_icb: LogicalBlock(map.metadata_file_location.get()),
            mirror_icb: LogicalBlock(map.metadata_mirror_file_location.get()),
            main: None,
            mirror: Mirror::Unread,
        }
    }

    /// Whether the mirror replaces the metadata file because that is lost.
    #[must_use]
    pub fn is_from_mirror(&self) -> bool {
        self.main.is_none()
    }

    /// The address of the ICB of the metadata file.
    pub(crate) fn main_icb(&self) -> RecordedAddress {
        self.in_partition_below(self.main_icb)
    }

    /// The address of the ICB of the mirror.
    pub(crate) fn mirror_icb(&self) -> RecordedAddress {
        self.in_partition_below(self.mirror_icb)
    }

    fn in_partition_below(&self, block: LogicalBlock) -> RecordedAddress {
        RecordedAddress {
            partition: self.below,
            block: block.0,
        }
    }

    /// Whether the mirror was read.
    pub(crate) fn has_mirror(&self) -> bool {
        matches!(self.mirror, Mirror::Read(_))
    }

    pub(crate) fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Sets the extents of the metadata file.
    pub(crate) fn set_main(&mut self, extents: Vec<Extent>) {
        self.main = Some(extents);
    }

    /// Sets what reading the mirror found.
    pub(crate) fn set_mirror(&mut self, mirror: Mirror) {
        self.mirror = mirror;
    }

    /// The place of a block in the partition below, and the number of blocks left in its extent from there
    /// on.
    ///
    /// # Errors
    /// [`CorruptKind::BeyondMetadata`].
    pub(crate) fn place(
        &self,
        at: RecordedAddress,
        size: BlockSize,
        from_mirror: bool,
    ) -> Result<(RecordedAddress, u64), Error> {
        let mirror = match &self.mirror {
            Mirror::Read(extents) => Some(extents),
            Mirror::Unread | Mirror::Lost => None,
        };
        let main = self.main.as_ref().filter(|_| !from_mirror);
        let extents = main.or(mirror).map_or(&[][..], Vec::as_slice);
        match Extent::find(extents, u64::from(at.block) * u64::from(size.bytes())) {
            Some((
                Extent {
                    kind: ExtentKind::Recorded(first),
                    length,
                    ..
                },
                inside,
            )) => {
                let (blocks, _) = size.split(inside);
                let left = (length - inside).div_ceil(size.bytes().into());
                Ok((after(*first, blocks)?, left))
            }
            _ => Err(Error::corrupt(CorruptKind::BeyondMetadata, at)),
        }
    }
}
