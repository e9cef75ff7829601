//! File entries and extended file entries, as one structure.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::{BLOCK_SIZE, PartitionReference};
use crate::file::allocation_descriptor::{self, LongAd};
use crate::file::{AllocationForm, IcbTag, Permissions};
use crate::general::tag::{self, TagVersion};
use crate::general::{EntityIdentifier, Tag, TagIdentifier, Timestamp};
use crate::malformed::{Malformed, MalformedKind, TooLong};

/// The first 64 bytes, which both entries share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Common {
    descriptor_tag: Tag,
    icb_tag: IcbTag,
    uid: U32,
    gid: U32,
    permissions: U32,
    file_link_count: U16,
    record_format: u8,
    record_display_attributes: u8,
    record_length: U32,
    information_length: U64,
}

const _: () = assert!(size_of::<Common>() == 64);

/// Bytes 64 to 175 of a file entry (`ECMA-167 4/14.9`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Plain {
    logical_blocks_recorded: U64,
    access_date_and_time: Timestamp,
    modification_date_and_time: Timestamp,
    attribute_date_and_time: Timestamp,
    checkpoint: U32,
    extended_attribute_icb: LongAd,
    implementation_identifier: EntityIdentifier,
    unique_id: U64,
    length_of_extended_attributes: U32,
    length_of_allocation_descriptors: U32,
}

const _: () = assert!(size_of::<Common>() + size_of::<Plain>() == 176);

/// Bytes 64 to 215 of an extended file entry (`ECMA-167 4/14.17`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Extended {
    object_size: U64,
    logical_blocks_recorded: U64,
    access_date_and_time: Timestamp,
    modification_date_and_time: Timestamp,
    creation_date_and_time: Timestamp,
    attribute_date_and_time: Timestamp,
    checkpoint: U32,
    reserved: [u8; 4],
    extended_attribute_icb: LongAd,
    stream_directory_icb: LongAd,
    implementation_identifier: EntityIdentifier,
    unique_id: U64,
    length_of_extended_attributes: U32,
    length_of_allocation_descriptors: U32,
}

const _: () = assert!(size_of::<Common>() + size_of::<Extended>() == 216);

/// File entry (tag 261) or extended file entry (tag 266) in one block (`ECMA-167 4/14.9`, `4/14.17`,
/// `UDF 2.60 2.3.6`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Whether it is an extended file entry.
    pub extended: bool,
    /// Type of file and form of the allocation descriptors.
    pub icb_tag: IcbTag,
    /// Owner, or [`Self::NO_ID`] if not stated.
    pub uid: u32,
    /// Group, or [`Self::NO_ID`] if not stated.
    pub gid: u32,
    /// See [`crate::file::permissions::to_mode`].
    pub permissions: Permissions,
    /// How many FIDs name this entry; 0 for a file outside the directories, such as the VAT
    /// (`ECMA-167 4/14.9.6`).
    pub file_link_count: u16,
    /// Length of the body in bytes.
    pub information_length: u64,
    /// Bytes of the body and all streams. A file entry has no such field: the information length.
    pub object_size: u64,
    /// Blocks recorded for the body, without allocation extents.
    pub logical_blocks_recorded: u64,
    /// Last access to the body.
    pub access_time: Timestamp,
    /// Last change of the body.
    pub modification_time: Timestamp,
    /// Creation time; only in an extended file entry.
    pub creation_time: Option<Timestamp>,
    /// Last change of attributes.
    pub attribute_time: Timestamp,
    /// 1 (`ECMA-167 4/14.9.15`).
    pub checkpoint: u32,
    /// Length 0: all extended attributes are in the entry itself.
    pub extended_attribute_icb: LongAd,
    /// Length 0: no streams. Only in an extended file entry.
    pub stream_directory_icb: LongAd,
    /// Who recorded it.
    pub implementation_identifier: EntityIdentifier,
    /// Unique identifier in the volume; 0 for the root.
    pub unique_id: u64,
    /// The extended attributes space (`ECMA-167 4/9.1`), see [`crate::file::extended_attribute`].
    pub extended_attributes: Vec<u8>,
    /// Allocation descriptors, or the embedded body.
    pub allocation_descriptors: Vec<u8>,
}

const fn identifier(extended: bool) -> TagIdentifier {
    if extended {
        TagIdentifier::EXTENDED_FILE_ENTRY
    } else {
        TagIdentifier::FILE_ENTRY
    }
}

impl FileEntry {
    /// An owner or group that is not stated (`UDF 2.60 3.3.3.1`, `3.3.3.2`).
    pub const NO_ID: u32 = 0xFFFF_FFFF;

    /// Length in bytes of the fields before the extended attributes.
    #[must_use]
    pub const fn header_len(extended: bool) -> usize {
        if extended { 216 } else { 176 }
    }

    /// Bytes available for extended attributes and allocation descriptors together.
    #[must_use]
    pub const fn capacity(extended: bool) -> usize {
        BLOCK_SIZE - Self::header_len(extended)
    }

    /// Bytes available for the allocation descriptors, after the extended attributes of this entry.
    #[must_use]
    pub fn descriptor_room(&self) -> usize {
        Self::capacity(self.extended).saturating_sub(self.extended_attributes.len())
    }

    /// The body, if it is embedded in the entry.
    #[must_use]
    pub fn embedded(&self) -> Option<&[u8]> {
        (self.icb_tag.form() == Some(AllocationForm::Embedded)).then_some(&self.allocation_descriptors[..])
    }

    /// The extents that the entry itself describes, see [`allocation_descriptor::parse`]; an embedded body
    /// has none.
    ///
    /// `inherited` is the partition that contains the entry.
    ///
    /// # Errors
    /// An undefined form of allocation descriptors.
    pub fn extents(
        &self,
        inherited: PartitionReference,
    ) -> Result<allocation_descriptor::Parse<'_>, Malformed> {
        let form = self
            .icb_tag
            .form()
            .ok_or(identifier(self.extended).malformed(MalformedKind::Field("ICB flags")))?;
        Ok(allocation_descriptor::parse(
            form,
            inherited,
            &self.allocation_descriptors,
        ))
    }

    /// The entry in a block.
    ///
    /// # Errors
    /// A tag that does not verify or that belongs to neither entry; lengths beyond the block; an embedded
    /// body whose length is not the information length.
    pub fn decode(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        let (tag, _) = Tag::read_from_prefix(block)
            .map_err(|_| TagIdentifier::FILE_ENTRY.malformed(MalformedKind::Truncated))?;
        let extended = tag.identifier() == TagIdentifier::EXTENDED_FILE_ENTRY;
        tag::verify(block, identifier(extended), location)?;
        let fault = |kind| identifier(extended).malformed(kind);
        let truncated = fault(MalformedKind::Truncated);
        let (common, rest) = Common::read_from_prefix(block).map_err(|_| truncated)?;
        let (mut entry, lengths, rest) = if extended {
            let (part, rest) = Extended::read_from_prefix(rest).map_err(|_| truncated)?;
            let lengths = (
                part.length_of_extended_attributes,
                part.length_of_allocation_descriptors,
            );
            (Self::from_extended(&common, &part), lengths, rest)
        } else {
            let (part, rest) = Plain::read_from_prefix(rest).map_err(|_| truncated)?;
            let lengths = (
                part.length_of_extended_attributes,
                part.length_of_allocation_descriptors,
            );
            (Self::from_plain(&common, &part), lengths, rest)
        };
        let length = |field: U32| usize::try_from(field.get()).unwrap_or(usize::MAX);
        let (attributes, rest) = rest
            .split_at_checked(length(lengths.0))
            .ok_or(fault(MalformedKind::Field("length of extended attributes")))?;
        let descriptors = rest
            .get(..length(lengths.1))
            .ok_or(fault(MalformedKind::Field("length of allocation descriptors")))?;
        entry.extended_attributes = attributes.to_vec();
        entry.allocation_descriptors = descriptors.to_vec();
        let embedded = entry.embedded().map(|body| u64::try_from(body.len()));
        if embedded.is_some_and(|length| length != Ok(entry.information_length)) {
            return Err(fault(MalformedKind::Field("information length")));
        }
        Ok(entry)
    }

    /// One block that begins with the entry.
    ///
    /// A file entry has no creation time, object size or stream directory. An extended file entry without a
    /// creation time gets the modification time.
    ///
    /// # Errors
    /// Extended attributes and allocation descriptors of more than [`Self::capacity`] bytes.
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<[u8; BLOCK_SIZE], TooLong> {
        let common = Common {
            descriptor_tag: Tag::default(),
            icb_tag: self.icb_tag,
            uid: self.uid.into(),
            gid: self.gid.into(),
            permissions: self.permissions.bits().into(),
            file_link_count: self.file_link_count.into(),
            record_format: 0,
            record_display_attributes: 0,
            record_length: 0.into(),
            information_length: self.information_length.into(),
        };
        // A length that exceeds its field also exceeds the block, and that is the error to report.
        let length = |bytes: &[u8]| U32::new(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        let lengths = (
            length(&self.extended_attributes),
            length(&self.allocation_descriptors),
        );
        let (extended, plain);
        let part = if self.extended {
            extended = self.to_extended(lengths);
            extended.as_bytes()
        } else {
            plain = self.to_plain(lengths);
            plain.as_bytes()
        };
        let parts = [
            common.as_bytes(),
            part,
            &self.extended_attributes[..],
            &self.allocation_descriptors[..],
        ];
        tag::seal_parts(&parts, identifier(self.extended), version, location)
    }

    fn from_plain(common: &Common, part: &Plain) -> Self {
        Self {
            extended: false,
            icb_tag: common.icb_tag,
            uid: common.uid.get(),
            gid: common.gid.get(),
            permissions: Permissions::from_bits_retain(common.permissions.get()),
            file_link_count: common.file_link_count.get(),
            information_length: common.information_length.get(),
            object_size: common.information_length.get(),
            logical_blocks_recorded: part.logical_blocks_recorded.get(),
            access_time: part.access_date_and_time,
            modification_time: part.modification_date_and_time,
            creation_time: None,
            attribute_time: part.attribute_date_and_time,
            checkpoint: part.checkpoint.get(),
            extended_attribute_icb: part.extended_attribute_icb,
            stream_directory_icb: LongAd::default(),
            implementation_identifier: part.implementation_identifier,
            unique_id: part.unique_id.get(),
            extended_attributes: Vec::new(),
            allocation_descriptors: Vec::new(),
        }
    }

    fn from_extended(common: &Common, part: &Extended) -> Self {
        Self {
            extended: true,
            icb_tag: common.icb_tag,
            uid: common.uid.get(),
            gid: common.gid.get(),
            permissions: Permissions::from_bits_retain(common.permissions.get()),
            file_link_count: common.file_link_count.get(),
            information_length: common.information_length.get(),
            object_size: part.object_size.get(),
            logical_blocks_recorded: part.logical_blocks_recorded.get(),
            access_time: part.access_date_and_time,
            modification_time: part.modification_date_and_time,
            creation_time: Some(part.creation_date_and_time),
            attribute_time: part.attribute_date_and_time,
            checkpoint: part.checkpoint.get(),
            extended_attribute_icb: part.extended_attribute_icb,
            stream_directory_icb: part.stream_directory_icb,
            implementation_identifier: part.implementation_identifier,
            unique_id: part.unique_id.get(),
            extended_attributes: Vec::new(),
            allocation_descriptors: Vec::new(),
        }
    }

    fn to_plain(&self, (attributes, descriptors): (U32, U32)) -> Plain {
        Plain {
            logical_blocks_recorded: self.logical_blocks_recorded.into(),
            access_date_and_time: self.access_time,
            modification_date_and_time: self.modification_time,
            attribute_date_and_time: self.attribute_time,
            checkpoint: self.checkpoint.into(),
            extended_attribute_icb: self.extended_attribute_icb,
            implementation_identifier: self.implementation_identifier,
            unique_id: self.unique_id.into(),
            length_of_extended_attributes: attributes,
            length_of_allocation_descriptors: descriptors,
        }
    }

    fn to_extended(&self, (attributes, descriptors): (U32, U32)) -> Extended {
        Extended {
            object_size: self.object_size.into(),
            logical_blocks_recorded: self.logical_blocks_recorded.into(),
            access_date_and_time: self.access_time,
            modification_date_and_time: self.modification_time,
            creation_date_and_time: self.creation_time.unwrap_or(self.modification_time),
            attribute_date_and_time: self.attribute_time,
            checkpoint: self.checkpoint.into(),
            reserved: [0; 4],
            extended_attribute_icb: self.extended_attribute_icb,
            stream_directory_icb: self.stream_directory_icb,
            implementation_identifier: self.implementation_identifier,
            unique_id: self.unique_id.into(),
            length_of_extended_attributes: attributes,
            length_of_allocation_descriptors: descriptors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{FileType, IcbFlags};

    fn entry(body: &[u8]) -> FileEntry {
        let time = Timestamp::from_unix(0, 0);
        FileEntry {
            extended: true,
            icb_tag: IcbTag::new(
                FileType::FILE,
                IcbFlags::empty().with_form(AllocationForm::Embedded),
            ),
            uid: FileEntry::NO_ID,
            gid: 5,
            permissions: Permissions::OWNER_READ,
            file_link_count: 1,
            information_length: 5,
            object_size: 5,
            logical_blocks_recorded: 0,
            access_time: time,
            modification_time: time,
            creation_time: None,
            attribute_time: time,
            checkpoint: 1,
            extended_attribute_icb: LongAd::default(),
            stream_directory_icb: LongAd::default(),
            implementation_identifier: EntityIdentifier::implementation(),
            unique_id: 16,
            extended_attributes: Vec::new(),
            allocation_descriptors: body.to_vec(),
        }
    }

    #[test]
    fn an_embedded_body_has_the_information_length() {
        let block = entry(b"hello").encode(TagVersion::Three, 3).unwrap();
        assert_eq!(
            FileEntry::decode(&block, Some(3)).unwrap().embedded(),
            Some(&b"hello"[..])
        );
        let block = entry(b"hell").encode(TagVersion::Three, 3).unwrap();
        let fault = FileEntry::decode(&block, Some(3)).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::Field("information length"));
    }

    #[test]
    fn an_extended_entry_without_creation_time_gets_the_modification_time() {
        let block = entry(b"hello").encode(TagVersion::Three, 3).unwrap();
        let decoded = FileEntry::decode(&block, None).unwrap();
        assert_eq!(decoded.creation_time, Some(decoded.modification_time));
    }

    #[test]
    fn lengths_beyond_the_block_are_errors() {
        for (at, field) in [
            (208, "length of extended attributes"),
            (212, "length of allocation descriptors"),
        ] {
            let mut block = entry(b"hello").encode(TagVersion::Three, 3).unwrap();
            block[at..at + 4].fill(0xFF);
            tag::seal(
                &mut block,
                TagIdentifier::EXTENDED_FILE_ENTRY,
                TagVersion::Three,
                3,
            );
            let fault = FileEntry::decode(&block, Some(3)).unwrap_err();
            assert_eq!(fault.kind, MalformedKind::Field(field));
        }
    }

    #[test]
    fn another_descriptor_is_an_error_that_has_its_identifier() {
        let mut block = entry(b"hello").encode(TagVersion::Three, 3).unwrap();
        tag::seal(
            &mut block,
            TagIdentifier::FILE_SET_DESCRIPTOR,
            TagVersion::Three,
            3,
        );
        let fault = FileEntry::decode(&block, None).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::TagIdentifier { found: 256 });
    }

    #[test]
    fn descriptors_have_the_room_that_attributes_leave() {
        let with = FileEntry {
            extended_attributes: vec![0; 80],
            ..entry(b"")
        };
        assert_eq!(with.descriptor_room(), 2048 - 216 - 80);
        assert_eq!(
            FileEntry {
                extended: false,
                ..with
            }
            .descriptor_room(),
            2048 - 176 - 80
        );
    }
}
