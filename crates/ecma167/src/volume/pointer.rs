//! The volume descriptor pointer, which says where a volume descriptor sequence continues.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{Descriptor, ExtentAd, Tag, TagIdentifier};

/// Volume descriptor pointer, 512 bytes (`ECMA-167 3/10.3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VolumeDescriptorPointer {
    /// Identifier 3.
    pub descriptor_tag: Tag,
    /// The descriptor with the highest number of its kind prevails.
    pub volume_descriptor_sequence_number: U32,
    /// Where the sequence continues.
    pub next_volume_descriptor_sequence_extent: ExtentAd,
    /// Zeros.
    pub reserved: [u8; 484],
}

const _: () = assert!(size_of::<VolumeDescriptorPointer>() == 512);

impl Descriptor for VolumeDescriptorPointer {
    const IDENTIFIER: TagIdentifier = TagIdentifier::VOLUME_DESCRIPTOR_POINTER;
}
