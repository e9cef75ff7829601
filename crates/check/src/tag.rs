//! Descriptor tags (`ECMA-167 3/7.2`, `4/7.2`, `UDF 2.60 2.2.1`).

use ecma167::general::tag::{crc, seal};
use ecma167::general::{Tag, TagIdentifier, TagVersion};
use ecma167::recognition::Nsr;
use zerocopy::{FromBytes, IntoBytes};

use crate::disc::Block;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// The identifier in a tag, even if the rest is wrong; 0 if nothing is recorded.
pub(crate) fn identifier_of(bytes: &[u8]) -> TagIdentifier {
    match bytes {
        [low, high, ..] => TagIdentifier(u16::from_le_bytes([*low, *high])),
        _ => TagIdentifier(0),
    }
}

/// Whether a block that may contain anything is that descriptor, possibly damaged: besides the identifier,
/// its checksum, location or CRC is correct. Data may begin like a tag.
pub(crate) fn may_be(block: &[u8], identifier: TagIdentifier, location: u32) -> bool {
    let Ok((tag, body)) = Tag::read_from_prefix(block) else {
        return false;
    };
    let covered = usize::from(tag.descriptor_crc_length.get());
    let crc_is_right = || {
        let covered = body.get(..covered).filter(|covered| !covered.is_empty());
        covered.is_some_and(|covered| crc(covered) == tag.descriptor_crc.get())
    };
    let one_is_right = tag.tag_location.get() == location || sum_is_right(&tag) || crc_is_right();
    tag.identifier() == identifier && one_is_right
}

/// Whether the checksum is the sum of the other bytes (`ECMA-167 3/7.2.3`).
fn sum_is_right(tag: &Tag) -> bool {
    let bytes = tag.as_bytes().iter();
    let sum = bytes.fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    sum.wrapping_sub(tag.tag_checksum) == tag.tag_checksum
}

/// The same descriptor with a valid tag, so that it decodes whatever its own tag contains.
pub(crate) fn resealed(block: &[u8], identifier: TagIdentifier) -> Block {
    let mut copy = Block::from(block);
    seal(&mut copy, identifier, TagVersion::Two, 0);
    copy
}

impl Judge<'_> {
    /// The tag at the start of `bytes`, which bound its CRC, if the descriptor is usable: identifier,
    /// checksum and CRC are correct. `locations` are the valid tag locations.
    pub fn tag(
        &mut self,
        place: FindingPlace,
        bytes: &[u8],
        identifier: TagIdentifier,
        locations: &[u32],
    ) -> Option<Tag> {
        let (tag, body) = Tag::read_from_prefix(bytes).ok()?;
        if tag.identifier() != identifier {
            let found = tag.identifier();
            self.find_by(
                K::TagIdentifier,
                identifier.clause(),
                place,
                format_args!("{found:?} instead of {identifier:?}"),
            );
            return None;
        }
        if !sum_is_right(&tag) {
            self.find(
                K::TagChecksum,
                place,
                format_args!("{} with checksum {:#04x}", identifier.name(), tag.tag_checksum),
            );
            return None;
        }
        self.tag_fields(place, &tag, identifier, locations);
        let length = tag.descriptor_crc_length.get();
        let Some(covered) = body.get(..usize::from(length)) else {
            self.find(
                K::TagCrc,
                place,
                format_args!("{}: a CRC of {length} bytes exceeds it", identifier.name()),
            );
            return None;
        };
        if crc(covered) != tag.descriptor_crc.get() {
            let stated = tag.descriptor_crc.get();
            self.find(
                K::TagCrc,
                place,
                format_args!("{} with CRC {stated:#06x}", identifier.name()),
            );
            return None;
        }
        Some(tag)
    }

    fn tag_fields(&mut self, place: FindingPlace, tag: &Tag, identifier: TagIdentifier, locations: &[u32]) {
        let name = identifier.name();
        let version = tag.descriptor_version.get();
        let expected: &[u16] = match self.edition {
            Some(Nsr::Nsr02) => &[2],
            Some(Nsr::Nsr03) => &[3],
            None => &[2, 3],
        };
        if !expected.contains(&version) {
            self.find(
                K::TagVersion,
                place,
                format_args!("{name} of version {version} instead of {expected:?}"),
            );
        }
        if tag.reserved != 0 {
            self.find(K::TagReserved, place, format_args!("{name}: {}", tag.reserved));
        }
        let serial = tag.tag_serial_number.get();
        let first = *self.serial.get_or_insert(serial);
        if serial != first {
            self.find(
                K::TagSerial,
                place,
                format_args!("{name} with {serial} instead of {first}"),
            );
        }
        let location = tag.tag_location.get();
        if !locations.contains(&location) {
            let clause = match place {
                FindingPlace::Volume | FindingPlace::Sector(_) => "ECMA-167 3/7.2.8",
                FindingPlace::Virtual(_) => "UDF 2.60 2.2.1.3",
                _ => "ECMA-167 4/7.2.8",
            };
            self.find_by(
                K::TagLocation,
                clause,
                place,
                format_args!("{name} with location {location} instead of {locations:?}"),
            );
        }
    }

    /// The CRC must cover the descriptor, which may have one of these lengths.
    pub fn crc_length(&mut self, place: FindingPlace, tag: &Tag, lengths: &[usize]) {
        let covered = usize::from(tag.descriptor_crc_length.get());
        if !lengths.iter().any(|length| covered + Tag::LEN == *length) {
            let name = tag.identifier().name();
            let kind = match tag.identifier() {
                TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR => K::FidCrcLength,
                _ => K::TagCrcLength,
            };
            self.find(
                kind,
                place,
                format_args!("{name}: {covered} of its {lengths:?} bytes with the tag"),
            );
        }
    }
}
