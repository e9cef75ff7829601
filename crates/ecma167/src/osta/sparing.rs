//! Sparing tables: the replacements for defective packets of a sparable partition (`UDF 2.60 2.2.12`).
//!
//! The partition map names the logical sectors of up to four copies of a table. The tag of a table has
//! identifier 0.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::tag::{self, TagVersion};
use crate::general::{EntityIdentifier, Tag, TagIdentifier, identifiers};
use crate::malformed::{Malformed, MalformedKind};
use crate::osta::Revision;

/// Original location of a spare packet that is not in use.
pub const AVAILABLE: u32 = 0xFFFF_FFFF;
/// Original location of a spare packet that is itself defective.
pub const DEFECTIVE: u32 = 0xFFFF_FFF0;

/// The tag identifier of a sparing table, which no descriptor of ECMA-167 has.
const IDENTIFIER: TagIdentifier = TagIdentifier(0);

/// The part of a sparing table before its entries, 56 bytes (`UDF 2.60 2.2.12`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SparingTableHeader {
    /// Identifier 0; the location is a logical sector.
    pub descriptor_tag: Tag,
    /// `*UDF Sparing Table` with UDF suffix.
    pub sparing_identifier: EntityIdentifier,
    /// Number of entries.
    pub reallocation_table_length: U16,
    /// Zeros.
    pub reserved: [u8; 2],
    /// Increases whenever the table is recorded again; the copy with the highest number is in force.
    pub sequence_number: U32,
}

const _: () = assert!(size_of::<SparingTableHeader>() == SparingTableHeader::LEN);

/// An entry of a sparing table, 8 bytes (`UDF 2.60 2.2.12`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SparingEntry {
    /// The first logical block of the packet in its partition, or [`AVAILABLE`], or [`DEFECTIVE`].
    pub original_location: U32,
    /// The first logical sector of the spare packet.
    pub mapped_location: U32,
}

const _: () = assert!(size_of::<SparingEntry>() == SparingEntry::LEN);

impl SparingEntry {
    /// Bytes of an entry.
    pub const LEN: usize = 8;

    /// Whether the entry spares a packet.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        self.original_location.get() < DEFECTIVE
    }
}

/// A sparing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparingTable {
    /// See [`SparingTableHeader::sequence_number`].
    pub sequence_number: u32,
    /// The entries; those in use come first, in ascending order.
    pub entries: Vec<SparingEntry>,
}

impl SparingTableHeader {
    /// Length of the header in bytes.
    pub const LEN: usize = 56;

    /// The header at the start of a table, to learn the length of the whole. It checks nothing but the
    /// identifiers.
    ///
    /// # Errors
    /// Too few bytes, or another structure.
    pub fn peek(bytes: &[u8]) -> Result<Self, Malformed> {
        let (header, _) = Self::read_from_prefix(bytes).map_err(|_| fault(MalformedKind::Truncated))?;
        let found = header.descriptor_tag.tag_identifier.get();
        if found != IDENTIFIER.0 {
            return Err(fault(MalformedKind::TagIdentifier { found }));
        }
        if !header.sparing_identifier.is(identifiers::UDF_SPARING_TABLE) {
            return Err(fault(MalformedKind::Field("sparing identifier")));
        }
        Ok(header)
    }

    /// Bytes of the header and the entries: 524,336 at most.
    #[must_use]
    pub fn table_len(&self) -> usize {
        Self::LEN + usize::from(self.reallocation_table_length.get()) * SparingEntry::LEN
    }
}

impl SparingTable {
    /// The table at the start of `bytes`. `location` is the logical sector where it begins.
    ///
    /// # Errors
    /// The errors of [`SparingTableHeader::peek`]; a tag that does not verify; more entries than there are
    /// bytes.
    pub fn decode(bytes: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        let header = SparingTableHeader::peek(bytes)?;
        tag::verify(bytes, IDENTIFIER, location).map_err(|malformed| fault(malformed.kind))?;
        let table = bytes.get(SparingTableHeader::LEN..header.table_len());
        let table = table.ok_or(fault(MalformedKind::Field("reallocation table length")))?;
        let (entries, _) =
            <[SparingEntry]>::ref_from_prefix_with_elems(table, table.len() / SparingEntry::LEN)
                .map_err(|_| fault(MalformedKind::Truncated))?;
        Ok(Self {
            sequence_number: header.sequence_number.get(),
            entries: entries.to_vec(),
        })
    }

    /// The bytes of the table. Entries after the first 65,535 are left out.
    #[must_use]
    pub fn encode(&self, revision: Revision, location: u32) -> Vec<u8> {
        let count = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        let header = SparingTableHeader {
            sparing_identifier: EntityIdentifier::udf(identifiers::UDF_SPARING_TABLE, revision),
            reallocation_table_length: count.into(),
            sequence_number: self.sequence_number.into(),
            ..SparingTableHeader::new_zeroed()
        };
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(self.entries[..usize::from(count)].as_bytes());
        tag::seal(&mut bytes, IDENTIFIER, TagVersion::of(revision), location);
        bytes
    }
}

const fn fault(kind: MalformedKind) -> Malformed {
    Malformed {
        kind,
        structure: "sparing table",
        clause: "UDF 2.60 2.2.12",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> SparingTable {
        let entry = |original: u32, mapped: u32| SparingEntry {
            original_location: original.into(),
            mapped_location: mapped.into(),
        };
        SparingTable {
            sequence_number: 5,
            entries: vec![entry(32, 900), entry(DEFECTIVE, 932), entry(AVAILABLE, 964)],
        }
    }

    #[test]
    fn a_table_reads_back() {
        let bytes = table().encode(Revision::V2_01, 77);
        let decoded = SparingTable::decode(&bytes, Some(77)).unwrap();
        assert_eq!(decoded, table());
        let in_use: Vec<_> = decoded.entries.iter().map(SparingEntry::is_in_use).collect();
        assert_eq!(in_use, [true, false, false]);
    }

    #[test]
    fn every_fault_of_a_table_has_its_kind() {
        let kind = |bytes: &[u8], at| SparingTable::decode(bytes, Some(at)).unwrap_err().kind;
        let good = table().encode(Revision::V1_50, 77);
        assert_eq!(
            kind(&good, 78),
            MalformedKind::TagLocation {
                expected: 78,
                found: 77
            }
        );
        assert_eq!(kind(&good[..40], 77), MalformedKind::Truncated);
        assert_eq!(kind(&good[..60], 77), MalformedKind::CrcLength);
        assert_eq!(kind(&[0; 2048], 0), MalformedKind::Field("sparing identifier"));
        let mut changed = good.clone();
        changed[57] ^= 1;
        assert_eq!(kind(&changed, 77), MalformedKind::Crc);
        let mut long = good.clone();
        long[48] = 4;
        tag::seal(&mut long, IDENTIFIER, TagVersion::Two, 77);
        assert_eq!(kind(&long, 77), MalformedKind::Field("reallocation table length"));
        let mut other = good;
        other[0] = 8;
        assert_eq!(kind(&other, 77), MalformedKind::TagIdentifier { found: 8 });
    }
}
