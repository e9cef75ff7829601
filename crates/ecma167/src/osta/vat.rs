//! The virtual allocation table, VAT (`UDF 2.60 2.2.11`, `UDF 1.50 2.2.10`).
//!
//! From UDF 2.00 on the body of the VAT is a header, then the entries. In UDF 1.50 it is the entries, then a
//! tail. Entry n, a little-endian u32, is the logical block of virtual address n.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{DString, EntityIdentifier, identifiers};
use crate::malformed::{Malformed, MalformedKind};
use crate::osta::Revision;

/// Entry of an unused virtual address; also "no previous VAT ICB".
pub const NONE: u32 = 0xFFFF_FFFF;

/// Bytes of an entry.
pub const ENTRY_LEN: usize = 4;

/// Header of the VAT of UDF 2.00 and later, 152 bytes and the implementation use (`UDF 2.60 2.2.11`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VatHeader {
    /// Length in bytes of everything before the entries: 152 and the implementation use.
    pub length_of_header: U16,
    /// Bytes, a multiple of 4.
    pub length_of_implementation_use: U16,
    /// Name of the logical volume; it overrides the one in the logical volume descriptor.
    pub logical_volume_identifier: DString<128>,
    /// Logical block of the previous VAT ICB in the partition of this one, or [`NONE`].
    pub previous_vat_icb_location: U32,
    /// Files and hard links. This and the fields below override those of the integrity descriptor.
    pub number_of_files: U32,
    /// Directories, including the root.
    pub number_of_directories: U32,
    /// Lowest revision that can read everything on the volume.
    pub minimum_udf_read_revision: U16,
    /// Lowest revision that can write to the volume.
    pub minimum_udf_write_revision: U16,
    /// Highest revision that has written to the volume.
    pub maximum_udf_write_revision: U16,
    /// Zero.
    pub reserved: U16,
}

const _: () = assert!(size_of::<VatHeader>() == VatHeader::LEN);

impl VatHeader {
    /// Length of the header in bytes without implementation use.
    pub const LEN: usize = 152;

    /// A header without implementation use for a volume of one revision.
    #[must_use]
    pub fn new(revision: Revision, logical_volume_identifier: DString<128>) -> Self {
        Self {
            length_of_header: 152.into(),
            length_of_implementation_use: 0.into(),
            logical_volume_identifier,
            previous_vat_icb_location: NONE.into(),
            number_of_files: 0.into(),
            number_of_directories: 0.into(),
            minimum_udf_read_revision: revision.minimum_read().0.into(),
            minimum_udf_write_revision: revision.0.into(),
            maximum_udf_write_revision: revision.0.into(),
            reserved: 0.into(),
        }
    }

    /// The header at the start of a VAT. `body_length` is the information length of the VAT in bytes.
    ///
    /// # Errors
    /// A header length below 152 or beyond the body.
    pub fn decode(bytes: &[u8], body_length: u64) -> Result<Self, Malformed> {
        let fault = |kind| Malformed {
            kind,
            structure: "virtual allocation table",
            clause: "UDF 2.60 2.2.11",
        };
        let (header, _) = Self::read_from_prefix(bytes).map_err(|_| fault(MalformedKind::Truncated))?;
        let length = usize::from(header.length_of_header.get());
        if length < Self::LEN || u64::from(header.length_of_header.get()) > body_length {
            return Err(fault(MalformedKind::Field("length of header")));
        }
        Ok(header)
    }

    /// Offset of the entries in the body, in bytes.
    #[must_use]
    pub fn entries_offset(&self) -> usize {
        usize::from(self.length_of_header.get())
    }
}

/// Tail of the VAT of UDF 1.50, 36 bytes (`UDF 1.50 2.2.10`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VatTail {
    /// `*UDF Virtual Alloc Tbl` with UDF suffix.
    pub entity_identifier: EntityIdentifier,
    /// Logical block of the previous VAT ICB in the partition of this one, or [`NONE`].
    pub previous_vat_icb_location: U32,
}

const _: () = assert!(size_of::<VatTail>() == VatTail::LEN);

impl VatTail {
    /// Length of the tail in bytes.
    pub const LEN: usize = 36;

    /// The tail for a volume of UDF 1.50.
    #[must_use]
    pub fn new(previous_vat_icb_location: u32) -> Self {
        let name = identifiers::UDF_VIRTUAL_ALLOC_TBL;
        Self {
            entity_identifier: EntityIdentifier::udf(name, Revision::V1_50),
            previous_vat_icb_location: previous_vat_icb_location.into(),
        }
    }

    /// The tail in the last 36 bytes of a VAT.
    ///
    /// # Errors
    /// Too few bytes, or another identifier.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let fault = |kind| Malformed {
            kind,
            structure: "virtual allocation table",
            clause: "UDF 1.50 2.2.10",
        };
        let (_, tail) = Self::read_from_suffix(bytes).map_err(|_| fault(MalformedKind::Truncated))?;
        if !tail.entity_identifier.is(identifiers::UDF_VIRTUAL_ALLOC_TBL) {
            return Err(fault(MalformedKind::Field("entity identifier")));
        }
        Ok(tail)
    }
}

#[cfg(test)]
mod tests {
    use zerocopy::IntoBytes;

    use super::*;

    #[test]
    fn a_header_reads_back_and_says_where_the_entries_begin() {
        let header = VatHeader::new(Revision::V2_60, DString::new("volume").unwrap());
        let decoded = VatHeader::decode(header.as_bytes(), 160).unwrap();
        assert_eq!(decoded, header);
        assert_eq!(decoded.entries_offset(), 152);
        assert_eq!(decoded.minimum_udf_read_revision.get(), 0x0250);
        assert_eq!(decoded.maximum_udf_write_revision.get(), 0x0260);
    }

    #[test]
    fn a_header_that_is_too_long_or_too_short_is_an_error() {
        let header = VatHeader::new(Revision::V2_01, DString::EMPTY);
        let kind = MalformedKind::Field("length of header");
        assert_eq!(VatHeader::decode(header.as_bytes(), 151).unwrap_err().kind, kind);
        let short = VatHeader {
            length_of_header: 151.into(),
            ..header
        };
        assert_eq!(VatHeader::decode(short.as_bytes(), 160).unwrap_err().kind, kind);
    }

    #[test]
    fn a_tail_is_at_the_end() {
        let tail = VatTail::new(77);
        let body = [&[1, 0, 0, 0][..], tail.as_bytes()].concat();
        assert_eq!(VatTail::decode(&body), Ok(tail));
        assert!(VatTail::decode(&body[..39]).is_err());
    }
}
