//! The file set descriptor.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::file::LongAd;
use crate::general::{
    Charspec, DString, Descriptor, DomainFlags, EntityIdentifier, Tag, TagIdentifier, Timestamp,
};
use crate::osta::Revision;

/// File set descriptor, 512 bytes (`ECMA-167 4/14.1`, `UDF 2.60 2.3.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct FileSetDescriptor {
    /// Identifier 256; if the volume has a VAT, its location is a virtual address.
    pub descriptor_tag: Tag,
    /// When it was recorded.
    pub recording_date_and_time: Timestamp,
    /// 3 (`UDF 2.60 2.3.2`).
    pub interchange_level: U16,
    /// 3.
    pub maximum_interchange_level: U16,
    /// 1: CS0.
    pub character_set_list: U32,
    /// 1: CS0.
    pub maximum_character_set_list: U32,
    /// 0: the only file set.
    pub file_set_number: U32,
    /// 0.
    pub file_set_descriptor_number: U32,
    /// Character set of the volume's name.
    pub logical_volume_identifier_character_set: Charspec,
    /// Name of the logical volume.
    pub logical_volume_identifier: DString<128>,
    /// Character set of the names of the set.
    pub file_set_character_set: Charspec,
    /// Name of the set.
    pub file_set_identifier: DString<32>,
    /// Name of a file in the root; not used.
    pub copyright_file_identifier: DString<32>,
    /// Name of a file in the root; not used.
    pub abstract_file_identifier: DString<32>,
    /// The root directory.
    pub root_directory_icb: LongAd,
    /// `*OSTA UDF Compliant` with domain suffix.
    pub domain_identifier: EntityIdentifier,
    /// Length 0: this is the last file set descriptor.
    pub next_extent: LongAd,
    /// Defined from UDF 2.00 on, reserved before. Length 0: none.
    pub system_stream_directory_icb: LongAd,
    /// Zeros.
    pub reserved: [u8; 32],
}

const _: () = assert!(size_of::<FileSetDescriptor>() == 512);

impl Descriptor for FileSetDescriptor {
    const IDENTIFIER: TagIdentifier = TagIdentifier::FILE_SET_DESCRIPTOR;
}

impl FileSetDescriptor {
    /// The only file set of a volume.
    #[must_use]
    pub fn new(
        revision: Revision,
        logical_volume_identifier: DString<128>,
        file_set_identifier: DString<32>,
        root_directory_icb: LongAd,
        recording_date_and_time: Timestamp,
    ) -> Self {
        Self {
            recording_date_and_time,
            interchange_level: 3.into(),
            maximum_interchange_level: 3.into(),
            character_set_list: 1.into(),
            maximum_character_set_list: 1.into(),
            logical_volume_identifier_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier,
            file_set_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            file_set_identifier,
            root_directory_icb,
            domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
            ..Self::new_zeroed()
        }
    }
}
