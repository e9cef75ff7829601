//! The anchor volume descriptor pointer.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{Descriptor, ExtentAd, Tag, TagIdentifier};

/// Anchor volume descriptor pointer, 512 bytes (`ECMA-167 3/10.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AnchorVolumeDescriptorPointer {
    /// Identifier 2.
    pub descriptor_tag: Tag,
    /// Main volume descriptor sequence, at least 16 sectors.
    pub main_volume_descriptor_sequence_extent: ExtentAd,
    /// Reserve volume descriptor sequence, at least 16 sectors.
    pub reserve_volume_descriptor_sequence_extent: ExtentAd,
    /// Zeros.
    pub reserved: [u8; 480],
}

const _: () = assert!(size_of::<AnchorVolumeDescriptorPointer>() == 512);

impl Descriptor for AnchorVolumeDescriptorPointer {
    const IDENTIFIER: TagIdentifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
}

impl AnchorVolumeDescriptorPointer {
    /// An anchor that names two sequences.
    #[must_use]
    pub fn new(main: ExtentAd, reserve: ExtentAd) -> Self {
        Self {
            descriptor_tag: Tag::default(),
            main_volume_descriptor_sequence_extent: main,
            reserve_volume_descriptor_sequence_extent: reserve,
            reserved: [0; 480],
        }
    }
}
