//! The tag at the start of every descriptor.

use std::fmt;

use crc::{CRC_16_XMODEM, Crc, Table};
use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;
use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::osta::Revision;

/// Polynomial 0x1021, initial value 0, not reflected (`ECMA-167 3/7.2.6`).
static CRC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_XMODEM);

/// The descriptor CRC of some bytes (`ECMA-167 3/7.2.6`).
#[must_use]
pub fn crc(bytes: &[u8]) -> u16 {
    CRC.checksum(bytes)
}

/// Descriptor tag, 16 bytes (`ECMA-167 3/7.2`, `4/7.2`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Tag {
    /// Type of the descriptor.
    pub tag_identifier: U16,
    /// 2 or 3, the edition of the standard.
    pub descriptor_version: U16,
    /// Sum of the other 15 bytes of the tag, modulo 256.
    pub tag_checksum: u8,
    /// Zero.
    pub reserved: u8,
    /// Number of a set of descriptors; 0 if unused (`UDF 2.60 2.2.1.1`).
    pub tag_serial_number: U16,
    /// CRC of the bytes after the tag.
    pub descriptor_crc: U16,
    /// Number of bytes that the CRC covers.
    pub descriptor_crc_length: U16,
    /// Location of the descriptor, in its own address space.
    pub tag_location: U32,
}

const _: () = assert!(size_of::<Tag>() == Tag::LEN);

impl Tag {
    /// Bytes of a tag.
    pub const LEN: usize = 16;

    /// The identifier as a value.
    #[must_use]
    pub fn identifier(&self) -> TagIdentifier {
        TagIdentifier(self.tag_identifier.get())
    }

    /// The tag at the start of `bytes`, if its checksum matches and its identifier is not 0.
    ///
    /// An all-zero block has a matching checksum, but its identifier 0 says that nothing is recorded there.
    #[must_use]
    pub fn peek(bytes: &[u8]) -> Option<Self> {
        let (tag, _) = Self::read_from_prefix(bytes).ok()?;
        (tag.tag_identifier.get() != 0 && checksum(tag.as_bytes()) == tag.tag_checksum).then_some(tag)
    }
}

/// Sum of the bytes of the tag except the checksum itself.
fn checksum(tag: &[u8]) -> u8 {
    tag.iter()
        .take(Tag::LEN)
        .enumerate()
        .filter(|(at, _)| *at != 4)
        .fold(0, |sum, (_, byte)| sum.wrapping_add(*byte))
}

/// Tag identifier (`ECMA-167 3/7.2.1`, `4/7.2.1`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TagIdentifier(pub u16);

macro_rules! tag_identifiers {
    ($($name:ident = $value:literal, $text:literal, $clause:literal;)*) => {
        impl TagIdentifier {
            $(#[doc = concat!($text, " (`", $clause, "`).")] pub const $name: Self = Self($value);)*

            /// Name of the descriptor in the standard.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self.0 { $($value => $text,)* _ => "unknown descriptor" }
            }

            /// Clause that defines the descriptor.
            #[must_use]
            pub const fn clause(self) -> &'static str {
                match self.0 { $($value => $clause,)* _ => "ECMA-167 3/7.2.1" }
            }
        }
    };
}

tag_identifiers! {
    PRIMARY_VOLUME_DESCRIPTOR = 1, "primary volume descriptor", "ECMA-167 3/10.1";
    ANCHOR_VOLUME_DESCRIPTOR_POINTER = 2, "anchor volume descriptor pointer", "ECMA-167 3/10.2";
    VOLUME_DESCRIPTOR_POINTER = 3, "volume descriptor pointer", "ECMA-167 3/10.3";
    IMPLEMENTATION_USE_VOLUME_DESCRIPTOR = 4, "implementation use volume descriptor", "ECMA-167 3/10.4";
    PARTITION_DESCRIPTOR = 5, "partition descriptor", "ECMA-167 3/10.5";
    LOGICAL_VOLUME_DESCRIPTOR = 6, "logical volume descriptor", "ECMA-167 3/10.6";
    UNALLOCATED_SPACE_DESCRIPTOR = 7, "unallocated space descriptor", "ECMA-167 3/10.8";
    TERMINATING_DESCRIPTOR = 8, "terminating descriptor", "ECMA-167 3/10.9";
    LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR = 9, "logical volume integrity descriptor", "ECMA-167 3/10.10";
    FILE_SET_DESCRIPTOR = 256, "file set descriptor", "ECMA-167 4/14.1";
    FILE_IDENTIFIER_DESCRIPTOR = 257, "file identifier descriptor", "ECMA-167 4/14.4";
    ALLOCATION_EXTENT_DESCRIPTOR = 258, "allocation extent descriptor", "ECMA-167 4/14.5";
    INDIRECT_ENTRY = 259, "indirect entry", "ECMA-167 4/14.7";
    TERMINAL_ENTRY = 260, "terminal entry", "ECMA-167 4/14.8";
    FILE_ENTRY = 261, "file entry", "ECMA-167 4/14.9";
    EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR = 262, "extended attribute header descriptor", "ECMA-167 4/14.10.1";
    UNALLOCATED_SPACE_ENTRY = 263, "unallocated space entry", "ECMA-167 4/14.11";
    SPACE_BITMAP_DESCRIPTOR = 264, "space bitmap descriptor", "ECMA-167 4/14.12";
    PARTITION_INTEGRITY_ENTRY = 265, "partition integrity entry", "ECMA-167 4/14.13";
    EXTENDED_FILE_ENTRY = 266, "extended file entry", "ECMA-167 4/14.17";
}

impl TagIdentifier {
    /// A fault of this descriptor.
    #[must_use]
    pub const fn malformed(self, kind: MalformedKind) -> Malformed {
        Malformed {
            kind,
            structure: self.name(),
            clause: self.clause(),
        }
    }
}

impl fmt::Debug for TagIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name())
    }
}

/// Descriptor version: the edition of the standard that a volume follows (`ECMA-167 3/7.2.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagVersion {
    /// Up to UDF 1.50, with NSR02.
    Two,
    /// From UDF 2.00, with NSR03.
    Three,
}

impl TagVersion {
    /// The version for a revision of UDF.
    #[must_use]
    pub fn of(revision: Revision) -> Self {
        if revision < Revision::V2_00 {
            Self::Two
        } else {
            Self::Three
        }
    }

    /// The number in the tag.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

/// Checks identifier, checksum, version, location (unless it is `None`) and CRC of the tag at the start of a
/// descriptor.
///
/// `bytes` limits the CRC and may be longer than the descriptor.
///
/// # Errors
/// The first of these checks that fails.
pub fn verify(bytes: &[u8], identifier: TagIdentifier, location: Option<u32>) -> Result<Tag, Malformed> {
    let fault = |kind| identifier.malformed(kind);
    let Ok((tag, body)) = Tag::read_from_prefix(bytes) else {
        return Err(fault(MalformedKind::Truncated));
    };
    // The identifier comes first, because the checksum of an all-zero block matches.
    if tag.identifier() != identifier {
        return Err(fault(MalformedKind::TagIdentifier {
            found: tag.tag_identifier.get(),
        }));
    }
    if checksum(tag.as_bytes()) != tag.tag_checksum {
        return Err(fault(MalformedKind::TagChecksum));
    }
    if !matches!(tag.descriptor_version.get(), 2 | 3) {
        return Err(fault(MalformedKind::TagVersion {
            found: tag.descriptor_version.get(),
        }));
    }
    let found = tag.tag_location.get();
    if let Some(expected) = location.filter(|expected| *expected != found) {
        return Err(fault(MalformedKind::TagLocation { expected, found }));
    }
    let Some(covered) = body.get(..usize::from(tag.descriptor_crc_length.get())) else {
        return Err(fault(MalformedKind::CrcLength));
    };
    if crc(covered) != tag.descriptor_crc.get() {
        return Err(fault(MalformedKind::Crc));
    }
    Ok(tag)
}

/// Writes the tag over the first 16 bytes of a whole descriptor. The CRC covers everything after the tag
/// (`UDF 2.60 2.2.1.2`).
///
/// No descriptor is longer than 65,551 bytes. For a longer one, the CRC would cover 65,535 bytes after the
/// tag.
pub fn seal(descriptor: &mut [u8], identifier: TagIdentifier, version: TagVersion, location: u32) {
    let Some((front, body)) = descriptor.split_at_mut_checked(Tag::LEN) else {
        return;
    };
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    let mut tag = Tag {
        tag_identifier: identifier.0.into(),
        descriptor_version: version.number().into(),
        tag_location: location.into(),
        descriptor_crc: crc(&body[..usize::from(length)]).into(),
        descriptor_crc_length: length.into(),
        ..Tag::default()
    };
    tag.tag_checksum = checksum(tag.as_bytes());
    front.copy_from_slice(tag.as_bytes());
}

/// One block that begins with a descriptor made of these parts. The first part begins with room for the tag.
pub(crate) fn seal_parts(
    parts: &[&[u8]],
    identifier: TagIdentifier,
    version: TagVersion,
    location: u32,
) -> Result<[u8; BLOCK_SIZE], TooLong> {
    let mut block = [0; BLOCK_SIZE];
    let asked = parts.iter().map(|part| part.len()).sum();
    let too_long = TooLong {
        structure: identifier.name(),
        asked,
        room: BLOCK_SIZE,
    };
    let descriptor = block.get_mut(..asked).ok_or(too_long)?;
    let mut at = 0;
    for part in parts {
        descriptor[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    seal(descriptor, identifier, version, location);
    Ok(block)
}

/// Changes the location of a sealed descriptor. The CRC does not cover the tag and remains valid.
pub fn restamp(descriptor: &mut [u8], location: u32) {
    if let Ok((tag, _)) = Tag::mut_from_prefix(descriptor) {
        tag.tag_location = location.into();
        tag.tag_checksum = checksum(tag.as_bytes());
    }
}

/// Sets the tag serial number of a sealed descriptor to that of its volume (`UDF 2.60 2.2.1.1`). The CRC does
/// not cover the tag and remains valid. Bytes without a tag do not change.
pub fn set_serial_number(descriptor: &mut [u8], serial_number: u16) {
    if Tag::peek(descriptor).is_some()
        && let Ok((tag, _)) = Tag::mut_from_prefix(descriptor)
    {
        tag.tag_serial_number = serial_number.into();
        tag.tag_checksum = checksum(tag.as_bytes());
    }
}

/// A descriptor of fixed size that begins with a tag.
pub trait Descriptor: FromBytes + IntoBytes + KnownLayout + Immutable + Unaligned + Sized {
    /// The identifier in its tag.
    const IDENTIFIER: TagIdentifier;

    /// The descriptor at the start of a block, after a check of its tag and CRC. A location of `None` is not
    /// checked.
    ///
    /// # Errors
    /// The errors of [`verify`], or too few bytes.
    fn read(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        verify(block, Self::IDENTIFIER, location)?;
        let (descriptor, _) = Self::read_from_prefix(block)
            .map_err(|_| Self::IDENTIFIER.malformed(MalformedKind::Truncated))?;
        Ok(descriptor)
    }

    /// One block that begins with the descriptor. This fills in the tag and ignores the tag field.
    fn to_block(&self, version: TagVersion, location: u32) -> [u8; BLOCK_SIZE] {
        const { assert!(size_of::<Self>() >= Tag::LEN && size_of::<Self>() <= BLOCK_SIZE) };
        let mut block = [0; BLOCK_SIZE];
        let descriptor = &mut block[..size_of::<Self>()];
        descriptor.copy_from_slice(self.as_bytes());
        seal(descriptor, Self::IDENTIFIER, version, location);
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TagIdentifier = TagIdentifier::TERMINATING_DESCRIPTOR;

    fn sealed() -> [u8; 512] {
        let mut descriptor = [7; 512];
        seal(&mut descriptor, ID, TagVersion::Three, 300);
        descriptor
    }

    fn kind(bytes: &[u8], location: Option<u32>) -> MalformedKind {
        verify(bytes, ID, location).unwrap_err().kind
    }

    #[test]
    fn the_crc_is_that_of_the_standard() {
        // The example in the standard (`ECMA-167 3/7.2.6`), and the check value of the polynomial.
        assert_eq!(crc(&[0x70, 0x6A, 0x77]), 0x3299);
        assert_eq!(crc(b"123456789"), 0x31C3);
    }

    #[test]
    fn only_bytes_with_a_tag_get_a_serial_number() {
        let mut descriptor = sealed();
        set_serial_number(&mut descriptor, 7);
        assert_eq!(
            verify(&descriptor, ID, Some(300))
                .unwrap()
                .tag_serial_number
                .get(),
            7
        );
        let mut recognition = crate::recognition::bea01();
        set_serial_number(&mut recognition, 7);
        assert_eq!(recognition, crate::recognition::bea01());
    }

    #[test]
    fn a_sealed_descriptor_verifies() {
        let tag = verify(&sealed(), ID, Some(300)).unwrap();
        assert_eq!(tag.descriptor_crc_length.get(), 496);
        assert_eq!(tag.descriptor_version.get(), 3);
        assert_eq!(Tag::peek(&sealed()), Some(tag));
    }

    #[test]
    fn an_all_zero_block_is_no_descriptor_despite_its_checksum() {
        assert_eq!(checksum(&[0; 16]), 0);
        assert_eq!(Tag::peek(&[0; 512]), None);
        assert_eq!(kind(&[0; 512], None), MalformedKind::TagIdentifier { found: 0 });
    }

    #[test]
    fn every_fault_has_its_kind() {
        let with = |at: usize, xor: u8| {
            let mut bytes = sealed();
            bytes[at] ^= xor;
            bytes
        };
        assert_eq!(
            kind(&sealed(), Some(301)),
            MalformedKind::TagLocation {
                expected: 301,
                found: 300
            }
        );
        assert_eq!(kind(&with(4, 1), None), MalformedKind::TagChecksum);
        assert_eq!(kind(&with(12, 1), None), MalformedKind::TagChecksum);
        assert_eq!(kind(&with(511, 1), None), MalformedKind::Crc);
        assert_eq!(kind(&sealed()[..15], None), MalformedKind::Truncated);
        assert_eq!(kind(&sealed()[..511], None), MalformedKind::CrcLength);
        let mut old = sealed();
        (old[2], old[4]) = (4, old[4].wrapping_add(1));
        assert_eq!(kind(&old, None), MalformedKind::TagVersion { found: 4 });
    }

    #[test]
    fn a_descriptor_can_be_moved_without_touching_its_body() {
        let mut moved = sealed();
        restamp(&mut moved, 77);
        verify(&moved, ID, Some(77)).unwrap();
        assert_eq!(moved[16..], sealed()[16..]);
    }

    #[test]
    fn revisions_before_2_00_have_version_2() {
        assert_eq!(TagVersion::of(Revision::V1_50).number(), 2);
        assert_eq!(TagVersion::of(Revision::V2_00).number(), 3);
    }
}
