//! Whether a UDF volume begins at a byte.

use ecma167::LogicalSector;
use ecma167::general::{Descriptor as _, Tag, TagIdentifier};
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, PartitionDescriptor};

use crate::bytes::{Bytes, peek};
use crate::form::{Block, Form};

/// The number of sectors of a recognition sequence to search; bridges start with the descriptors of ISO 9660.
const RECOGNITION_SECTORS: u32 = 64;
/// The anchor of a volume with a track reserved before it (`UDF 2.60 6.10.1.2`).
const RESERVED_ANCHOR: u64 = 512;
/// Block sizes other than 2,048 that a volume may have.
pub(crate) const OTHER_BLOCK_SIZES: [u64; 7] = [512, 1024, 4096, 8192, 16384, 32768, 65536];
/// The number of descriptors of a volume descriptor sequence to search.
const DESCRIPTORS: u32 = 64;

/// Sectors of one form, from one byte to another.
#[derive(Clone, Copy)]
pub(crate) struct Region<'a> {
    pub bytes: &'a dyn Bytes,
    pub base: u64,
    pub end: u64,
    pub form: Form,
}

impl Region<'_> {
    /// The number of its bytes in the image.
    pub fn length(&self) -> u64 {
        self.end.min(self.bytes.length()).saturating_sub(self.base)
    }

    /// The number of its blocks.
    pub fn blocks(&self) -> u64 {
        self.form.blocks(0, self.length())
    }

    /// A block by its number in the region.
    pub fn block(&self, number: u64) -> Option<Block> {
        (number < self.blocks())
            .then(|| self.form.block(self.bytes, self.base, number))
            .flatten()
    }

    /// Whether the region contains a UDF volume from its first block on.
    pub fn has_udf(&self) -> bool {
        self.has_anchor()
            || self.has_nsr()
            || self.form == Form::PLAIN && self.has_anchor_of_other_block_size()
    }

    /// Whether an anchor states its own address.
    pub fn has_anchor(&self) -> bool {
        let last = self.blocks().checked_sub(1);
        let places = [
            Some(ANCHOR_SECTOR.into()),
            last,
            last.and_then(|last| last.checked_sub(ANCHOR_SECTOR.into())),
            Some(RESERVED_ANCHOR),
        ];
        places.into_iter().flatten().any(|place| {
            let block = self.block(place);
            block.is_some_and(|block| location_of_anchor(&block).map(u64::from) == Some(place))
        })
    }

    /// Whether an anchor in sector 256 of another size states that address.
    pub fn has_anchor_of_other_block_size(&self) -> bool {
        OTHER_BLOCK_SIZES.into_iter().any(|size| {
            let at = self.base.checked_add(u64::from(ANCHOR_SECTOR) * size);
            let end = self.end.min(self.bytes.length());
            let at = at.filter(|at| *at < end);
            let head = at.and_then(|at| peek::<512>(self.bytes, at));
            head.is_some_and(|head| location_of_anchor(&head) == Some(ANCHOR_SECTOR))
        })
    }

    /// Whether a recognition sequence begins in its sector, and names ECMA-167.
    pub fn has_nsr(&self) -> bool {
        let first = self.block(RECOGNITION_SECTOR.into());
        first.is_some_and(|block| recognise(&block).is_some())
            && self
                .recognised()
                .any(|found| matches!(found, Recognised::Nsr(_) | Recognised::Bea01))
    }

    /// Whether there is a descriptor of ISO 9660.
    pub fn has_iso9660(&self) -> bool {
        self.recognised().next() == Some(Recognised::Cd001)
    }

    fn recognised(&self) -> impl Iterator<Item = Recognised> + '_ {
        let sectors = RECOGNITION_SECTOR..RECOGNITION_SECTOR + RECOGNITION_SECTORS;
        // Descriptors of blocks of 4,096 bytes are two sectors apart.
        let mut missing = 0;
        sectors
            .map(|sector| self.block(sector.into()).and_then(|block| recognise(&block)))
            .take_while(move |found| {
                missing = if found.is_some() { 0 } else { missing + 1 };
                missing < 3
            })
            .flatten()
    }

    /// Whether a descriptor near the start states its own address, so that the volume begins with the region,
    /// whatever is damaged.
    pub fn has_descriptor_in_place(&self) -> bool {
        (0..2 * u64::from(ANCHOR_SECTOR) + 32).any(|place| {
            let block = self.block(place);
            block.is_some_and(|block| {
                Tag::peek(&block).is_some_and(|tag| {
                    (1..=9).contains(&tag.identifier().0) && u64::from(tag.tag_location.get()) == place
                })
            })
        })
    }
}

/// The address that an intact anchor states as its own.
pub(crate) fn location_of_anchor(block: &[u8]) -> Option<u32> {
    AnchorVolumeDescriptorPointer::read(block, None)
        .ok()
        .map(|anchor| anchor.descriptor_tag.tag_location.get())
}

/// The first block of the first partition that a sequence of an anchor describes; `None` if the sequences are
/// not at their addresses. `block` reads by address on the disc.
pub(crate) fn partition_start(anchor: &[u8], block: impl Fn(u32) -> Option<Block>) -> Option<LogicalSector> {
    let anchor = AnchorVolumeDescriptorPointer::read(anchor, None).ok()?;
    let sequences = [
        anchor.main_volume_descriptor_sequence_extent,
        anchor.reserve_volume_descriptor_sequence_extent,
    ];
    sequences.into_iter().find_map(|sequence| {
        let first = sequence.location().0;
        (first..first.saturating_add(DESCRIPTORS))
            .map_while(|at| block(at).filter(|bytes| verifies(bytes, at)))
            .find_map(|bytes| PartitionDescriptor::read(&bytes, None).ok())
            .map(|partition| partition.start())
    })
}

/// Whether a block has the tag of a volume descriptor with this location.
fn verifies(block: &[u8], at: u32) -> bool {
    Tag::peek(block).is_some_and(|tag| {
        let identifier = tag.identifier();
        (1..=9).contains(&identifier.0)
            && identifier != TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER
            && tag.tag_location.get() == at
    })
}
