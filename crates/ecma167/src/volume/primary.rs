//! The primary volume descriptor.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{
    Charspec, DString, Descriptor, EntityIdentifier, ExtentAd, Tag, TagIdentifier, Timestamp,
};

/// Primary volume descriptor, 512 bytes (`ECMA-167 3/10.1`, `UDF 2.60 2.2.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PrimaryVolumeDescriptor {
    /// Identifier 1.
    pub descriptor_tag: Tag,
    /// The descriptor with the highest number of its kind prevails.
    pub volume_descriptor_sequence_number: U32,
    /// 0 for the descriptor that identifies the volume.
    pub primary_volume_descriptor_number: U32,
    /// Name of this volume.
    pub volume_identifier: DString<32>,
    /// 1: the only volume of its set.
    pub volume_sequence_number: U16,
    /// 1.
    pub maximum_volume_sequence_number: U16,
    /// 2 for a set of one volume (`UDF 2.60 2.2.2`).
    pub interchange_level: U16,
    /// 3: no limit (`UDF 2.60 2.2.2`).
    pub maximum_interchange_level: U16,
    /// 1: CS0.
    pub character_set_list: U32,
    /// 1: CS0.
    pub maximum_character_set_list: U32,
    /// Name of the set; its first 16 characters make it unique (`UDF 2.60 2.2.2`).
    pub volume_set_identifier: DString<128>,
    /// Character set of the identifiers.
    pub descriptor_character_set: Charspec,
    /// Character set of the abstract and the notice.
    pub explanatory_character_set: Charspec,
    /// None.
    pub volume_abstract: ExtentAd,
    /// None.
    pub volume_copyright_notice: ExtentAd,
    /// Not used: all zeros.
    pub application_identifier: EntityIdentifier,
    /// When the descriptor was recorded.
    pub recording_date_and_time: Timestamp,
    /// Who recorded it.
    pub implementation_identifier: EntityIdentifier,
    /// Zeros.
    pub implementation_use: [u8; 64],
    /// 0: no predecessor.
    pub predecessor_volume_descriptor_sequence_location: U32,
    /// Bit 0: all volumes of the set share the volume set identifier (`ECMA-167 3/10.1.21`).
    pub flags: U16,
    /// Zeros.
    pub reserved: [u8; 22],
}

const _: () = assert!(size_of::<PrimaryVolumeDescriptor>() == 512);

impl Descriptor for PrimaryVolumeDescriptor {
    const IDENTIFIER: TagIdentifier = TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR;
}

impl PrimaryVolumeDescriptor {
    /// The descriptor of a single volume.
    #[must_use]
    pub fn new(
        volume_identifier: DString<32>,
        volume_set_identifier: DString<128>,
        recording_date_and_time: Timestamp,
    ) -> Self {
        Self {
            volume_identifier,
            volume_sequence_number: 1.into(),
            maximum_volume_sequence_number: 1.into(),
            interchange_level: 2.into(),
            maximum_interchange_level: 3.into(),
            character_set_list: 1.into(),
            maximum_character_set_list: 1.into(),
            volume_set_identifier,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            explanatory_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            recording_date_and_time,
            implementation_identifier: EntityIdentifier::implementation(),
            flags: 1.into(),
            ..Self::new_zeroed()
        }
    }
}
