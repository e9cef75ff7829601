//! File identifier descriptors, the entries of a directory.

use bitflags::bitflags;
use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::{BLOCK_SIZE, LogicalBlock};
use crate::file::LongAd;
use crate::general::tag::{self, TagVersion};
use crate::general::{EntityIdentifier, Tag, TagIdentifier};
use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::osta::cs0::{self, DecodeError, EncodeError};

/// The 38 bytes before the implementation use (`ECMA-167 4/14.4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    descriptor_tag: Tag,
    file_version_number: U16,
    file_characteristics: u8,
    length_of_file_identifier: u8,
    icb: LongAd,
    length_of_implementation_use: U16,
}

const _: () = assert!(size_of::<Front>() == FileIdentifier::HEADER_LEN);

const IDENTIFIER: TagIdentifier = TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR;

bitflags! {
    /// File characteristics (`ECMA-167 4/14.4.3`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct FileCharacteristics: u8 {
        /// Hidden: the user need not learn that the file exists.
        const EXISTENCE = 1;
        /// The file is a directory.
        const DIRECTORY = 1 << 1;
        /// The entry is deleted.
        const DELETED = 1 << 2;
        /// The entry is that of the parent directory, without an identifier.
        const PARENT = 1 << 3;
        /// In a stream directory: the stream is for the implementation, not for the user.
        const METADATA = 1 << 4;
    }
}

/// File identifier descriptor, FID (`ECMA-167 4/14.4`, `UDF 2.60 2.3.4`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIdentifier {
    /// 1 (`UDF 2.60 2.3.4.1`).
    pub file_version_number: u16,
    /// What kind of entry it is.
    pub characteristics: FileCharacteristics,
    /// Location of the file entry and, from UDF 2.00 on, the unique identifier of this FID.
    pub icb: LongAd,
    /// Empty, or an entity identifier and the data that it defines.
    pub implementation_use: Vec<u8>,
    /// The coded name, including its compression identifier; empty in the entry of the parent.
    pub identifier: Vec<u8>,
}

impl FileIdentifier {
    /// Bytes before the implementation use.
    pub const HEADER_LEN: usize = 38;

    /// An entry for a name.
    ///
    /// # Errors
    /// A name that CS0 cannot express or that exceeds the field of 255 bytes.
    pub fn new(name: &str, characteristics: FileCharacteristics, icb: LongAd) -> Result<Self, EncodeError> {
        let identifier = cs0::encode(name)?;
        if identifier.len() > cs0::MAX_FILE_IDENTIFIER {
            let (asked, room) = (identifier.len(), cs0::MAX_FILE_IDENTIFIER);
            return Err(TooLong {
                structure: "file identifier",
                asked,
                room,
            }
            .into());
        }
        Ok(Self {
            file_version_number: 1,
            characteristics,
            icb,
            implementation_use: Vec::new(),
            identifier,
        })
    }

    /// The entry of the parent, which comes first in every directory (`ECMA-167 4/8.6`).
    #[must_use]
    pub fn parent(icb: LongAd) -> Self {
        Self {
            file_version_number: 1,
            characteristics: FileCharacteristics::PARENT | FileCharacteristics::DIRECTORY,
            icb,
            implementation_use: Vec::new(),
            identifier: Vec::new(),
        }
    }

    /// The name.
    ///
    /// # Errors
    /// The errors of [`cs0::decode`]; the entry of the parent has no name.
    pub fn name(&self) -> Result<String, DecodeError> {
        cs0::decode(&self.identifier)
    }

    /// Turns this into a deleted entry of the same length, so that no reader finds the name or the ICB
    /// (`UDF 2.60 2.3.4.2`, `2.3.4.3`).
    pub fn delete(&mut self) {
        self.characteristics |= FileCharacteristics::DELETED;
        self.icb = LongAd::default();
        cs0::mark_deleted(&mut self.identifier);
    }

    /// Length on disc in bytes, a multiple of 4.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        (Self::HEADER_LEN + self.implementation_use.len() + self.identifier.len()).next_multiple_of(4)
    }

    /// The length in bytes that the first 38 bytes of a FID state, without any check; `None` if there are
    /// fewer bytes.
    #[must_use]
    pub fn stated_len(front: &[u8]) -> Option<usize> {
        let (front, _) = Front::ref_from_prefix(front).ok()?;
        let implementation_use = usize::from(front.length_of_implementation_use.get());
        let identifier = usize::from(front.length_of_file_identifier);
        Some((Self::HEADER_LEN + implementation_use + identifier).next_multiple_of(4))
    }

    /// Extends the implementation use if the FID would leave fewer than 16 bytes in its block, because the
    /// tag of the next FID must not cross a block boundary on a write-once medium (`UDF 2.60 2.3.4.4`).
    ///
    /// `offset_in_block` is the offset in bytes at which the FID begins.
    pub fn pad_for_block(&mut self, offset_in_block: usize) {
        let end = (offset_in_block + self.encoded_len()) % BLOCK_SIZE;
        if end > BLOCK_SIZE - Tag::LEN {
            let entity = EntityIdentifier::implementation();
            if self.implementation_use.is_empty() {
                self.implementation_use.extend_from_slice(entity.as_bytes());
            } else {
                let grown = self.implementation_use.len() + BLOCK_SIZE - end;
                self.implementation_use.resize(grown, 0);
            }
        }
    }

    /// Whether the implementation use is the padding that [`Self::pad_for_block`] adds.
    #[must_use]
    pub fn is_padded(&self) -> bool {
        self.implementation_use
            .starts_with(EntityIdentifier::implementation().as_bytes())
    }

    /// The FID at the start of `bytes`, and its length in bytes. `location` is the block that contains its
    /// tag.
    ///
    /// # Errors
    /// [`MalformedKind::Truncated`] if the bytes end too early; a tag that does not verify; a length of more
    /// than a block (`UDF 2.60 2.3.4`).
    pub fn decode(bytes: &[u8], location: Option<LogicalBlock>) -> Result<(Self, usize), Malformed> {
        let fault = |kind| IDENTIFIER.malformed(kind);
        let (front, _) = Front::read_from_prefix(bytes).map_err(|_| fault(MalformedKind::Truncated))?;
        if front.descriptor_tag.identifier() != IDENTIFIER {
            let found = front.descriptor_tag.tag_identifier.get();
            return Err(fault(MalformedKind::TagIdentifier { found }));
        }
        let length = Self::stated_len(bytes).ok_or(fault(MalformedKind::Truncated))?;
        if length > BLOCK_SIZE {
            return Err(fault(MalformedKind::Field("length of implementation use")));
        }
        let whole = bytes.get(..length).ok_or(fault(MalformedKind::Truncated))?;
        tag::verify(whole, IDENTIFIER, location.map(|block| block.0))?;
        let (implementation_use, rest) =
            whole[Self::HEADER_LEN..].split_at(usize::from(front.length_of_implementation_use.get()));
        let fid = Self {
            file_version_number: front.file_version_number.get(),
            characteristics: FileCharacteristics::from_bits_retain(front.file_characteristics),
            icb: front.icb,
            implementation_use: implementation_use.to_vec(),
            identifier: rest[..usize::from(front.length_of_file_identifier)].to_vec(),
        };
        Ok((fid, length))
    }

    /// The bytes of the FID, with a CRC over all of them. `location` is the block that contains its tag.
    ///
    /// # Errors
    /// An identifier of more than 255 bytes, or a FID of more than a block.
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<Vec<u8>, TooLong> {
        let too_long = |asked, room| TooLong {
            structure: IDENTIFIER.name(),
            asked,
            room,
        };
        let length = self.encoded_len();
        if length > BLOCK_SIZE {
            return Err(too_long(length, BLOCK_SIZE));
        }
        let front = Front {
            descriptor_tag: Tag::default(),
            file_version_number: self.file_version_number.into(),
            file_characteristics: self.characteristics.bits(),
            length_of_file_identifier: u8::try_from(self.identifier.len())
                .map_err(|_| too_long(self.identifier.len(), cs0::MAX_FILE_IDENTIFIER))?,
            icb: self.icb,
            length_of_implementation_use: u16::try_from(self.implementation_use.len())
                .map_err(|_| too_long(length, BLOCK_SIZE))?
                .into(),
        };
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(front.as_bytes());
        bytes.extend_from_slice(&self.implementation_use);
        bytes.extend_from_slice(&self.identifier);
        bytes.resize(length, 0);
        tag::seal(&mut bytes, IDENTIFIER, version, location);
        Ok(bytes)
    }

    /// The ICB in an encoded FID; `None` if there are too few bytes.
    #[must_use]
    pub fn stated_icb(bytes: &[u8]) -> Option<LongAd> {
        Front::ref_from_prefix(bytes).ok().map(|(front, _)| front.icb)
    }

    /// Changes the ICB of a whole encoded FID and seals its tag again for the location.
    pub fn set_icb(bytes: &mut [u8], icb: LongAd, version: TagVersion, location: u32) {
        if let Ok((front, _)) = Front::mut_from_prefix(bytes) {
            front.icb = icb;
            tag::seal(bytes, IDENTIFIER, version, location);
        }
    }

    /// Changes the location in the tag of an encoded FID. The CRC does not cover the tag and remains valid.
    pub fn restamp(bytes: &mut [u8], location: u32) {
        tag::restamp(bytes, location);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fid(name: &str) -> FileIdentifier {
        FileIdentifier::new(
            name,
            FileCharacteristics::empty(),
            LongAd::default().with_unique_id(9),
        )
        .unwrap()
    }

    #[test]
    fn deletion_keeps_the_length_and_clears_the_icb() {
        let live = fid("name");
        let mut deleted = live.clone();
        deleted.delete();
        assert!(deleted.characteristics.contains(FileCharacteristics::DELETED));
        assert_eq!(deleted.identifier[0], 254);
        assert_eq!(deleted.icb, LongAd::default());
        assert_eq!(deleted.encoded_len(), live.encoded_len());
        assert_eq!(deleted.name().unwrap(), "name");
    }

    #[test]
    fn the_parent_has_no_name_and_takes_40_bytes() {
        let parent = FileIdentifier::parent(LongAd::default());
        assert_eq!(parent.encode(TagVersion::Three, 0).unwrap().len(), 40);
        assert_eq!(parent.name(), Err(DecodeError::Empty));
    }

    #[test]
    fn only_the_icb_of_an_encoded_file_identifier_changes() {
        let mut bytes = fid("name").encode(TagVersion::Three, 7).unwrap();
        FileIdentifier::set_icb(
            &mut bytes,
            LongAd::default().with_unique_id(10),
            TagVersion::Three,
            8,
        );
        let (changed, _) = FileIdentifier::decode(&bytes, Some(LogicalBlock(8))).unwrap();
        let wanted = FileIdentifier {
            icb: LongAd::default().with_unique_id(10),
            ..fid("name")
        };
        assert_eq!(changed, wanted);
    }

    #[test]
    fn a_moved_file_identifier_verifies_at_its_new_place() {
        let mut bytes = fid("name").encode(TagVersion::Three, 5).unwrap();
        FileIdentifier::restamp(&mut bytes, 6);
        assert!(FileIdentifier::decode(&bytes, Some(LogicalBlock(6))).is_ok());
        let fault = FileIdentifier::decode(&bytes, Some(LogicalBlock(5))).unwrap_err();
        assert_eq!(
            fault.kind,
            MalformedKind::TagLocation {
                expected: 5,
                found: 6
            }
        );
    }

    #[test]
    fn a_crc_that_covers_less_than_the_whole_is_accepted() {
        // UDF allows a CRC that leaves out the implementation use, and other implementations record one
        // (`UDF 2.60 2.3.4.4`).
        let mut bytes = fid("name").encode(TagVersion::Three, 5).unwrap();
        tag::seal(&mut bytes[..38], IDENTIFIER, TagVersion::Three, 5);
        assert!(FileIdentifier::decode(&bytes, None).is_ok());
    }

    #[test]
    fn a_part_of_a_file_identifier_is_truncated() {
        let bytes = fid("name").encode(TagVersion::Three, 5).unwrap();
        let fault = FileIdentifier::decode(&bytes[..bytes.len() - 1], None).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::Truncated);
    }

    #[test]
    fn names_that_do_not_fit_are_errors() {
        let error = FileIdentifier::new(&"x".repeat(255), FileCharacteristics::empty(), LongAd::default());
        let refused = TooLong {
            structure: "file identifier",
            asked: 256,
            room: 255,
        };
        assert_eq!(error, Err(EncodeError::TooLong(refused)));
    }

    #[test]
    fn more_than_a_block_is_an_error_in_both_directions() {
        let long = FileIdentifier {
            implementation_use: vec![0; 2010],
            ..fid("name")
        };
        assert_eq!(long.encode(TagVersion::Three, 0).unwrap_err().asked, 2056);
        let mut bytes = vec![0; 4096];
        (bytes[36], bytes[37]) = (0xDB, 0x07);
        tag::seal(&mut bytes, IDENTIFIER, TagVersion::Three, 0);
        let fault = FileIdentifier::decode(&bytes, None).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::Field("length of implementation use"));
    }

    #[test]
    fn padding_is_an_entity_identifier() {
        let mut value = fid("name");
        value.pad_for_block(BLOCK_SIZE - 44 - 12);
        assert_eq!(
            value.implementation_use,
            EntityIdentifier::implementation().as_bytes()
        );
        let mut exact = fid("name");
        exact.pad_for_block(BLOCK_SIZE - 44);
        assert!(exact.implementation_use.is_empty());
        let mut enough = fid("name");
        enough.pad_for_block(BLOCK_SIZE - 44 - 16);
        assert!(enough.implementation_use.is_empty());
    }
}
