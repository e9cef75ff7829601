//! The implementation use volume descriptor `*UDF LV Info`.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{Charspec, DString, Descriptor, EntityIdentifier, Tag, TagIdentifier, identifiers};
use crate::osta::Revision;

/// Implementation use volume descriptor with the LV information of UDF, 512 bytes (`ECMA-167 3/10.4`,
/// `UDF 2.60 2.2.7`).
///
/// The fields from `lvi_charset` on have this meaning only if the identifier is `*UDF LV Info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ImplementationUseVolumeDescriptor {
    /// Identifier 4.
    pub descriptor_tag: Tag,
    /// The descriptor with the highest number of its kind prevails.
    pub volume_descriptor_sequence_number: U32,
    /// `*UDF LV Info` with UDF suffix.
    pub implementation_identifier: EntityIdentifier,
    /// Character set of the strings that follow.
    pub lvi_charset: Charspec,
    /// Name of the logical volume.
    pub logical_volume_identifier: DString<128>,
    /// Owner.
    pub lv_info_1: DString<36>,
    /// Organization.
    pub lv_info_2: DString<36>,
    /// Contact.
    pub lv_info_3: DString<36>,
    /// Who recorded this.
    pub implementation_id: EntityIdentifier,
    /// Zeros.
    pub implementation_use: [u8; 128],
}

const _: () = assert!(size_of::<ImplementationUseVolumeDescriptor>() == 512);

impl Descriptor for ImplementationUseVolumeDescriptor {
    const IDENTIFIER: TagIdentifier = TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR;
}

impl ImplementationUseVolumeDescriptor {
    /// The information on a logical volume, without an owner, organization or contact.
    #[must_use]
    pub fn new(
        revision: Revision,
        volume_descriptor_sequence_number: u32,
        logical_volume_identifier: DString<128>,
    ) -> Self {
        Self {
            volume_descriptor_sequence_number: volume_descriptor_sequence_number.into(),
            implementation_identifier: EntityIdentifier::udf(identifiers::UDF_LV_INFO, revision),
            lvi_charset: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier,
            implementation_id: EntityIdentifier::implementation(),
            ..Self::new_zeroed()
        }
    }
}
