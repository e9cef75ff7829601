//! The extended attributes space of an entry (`ECMA-167 4/9.1`, `4/14.10`, `UDF 2.60 3.3.4`).
//!
//! A header comes first, then the attributes of ECMA-167, then the implementation use and the application use
//! attributes. The header says where the last two kinds begin.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::tag::{self, Descriptor, TagVersion};
use crate::general::{DString, EntityIdentifier, Tag, TagIdentifier, Timestamp, identifiers};
use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::osta::Revision;

/// Attribute type of file times (`ECMA-167 4/14.10.5`).
pub const FILE_TIMES: u32 = 5;
/// Attribute type of a device specification (`ECMA-167 4/14.10.7`).
pub const DEVICE_SPECIFICATION: u32 = 12;
/// Attribute type of implementation use attributes (`ECMA-167 4/14.10.8`).
pub const IMPLEMENTATION_USE: u32 = 2048;
/// Attribute type of application use attributes (`ECMA-167 4/14.10.9`).
pub const APPLICATION_USE: u32 = 65536;
/// Location field for a kind of attribute that the space has none of (`UDF 2.60 3.3.4.1`).
pub const NONE: u32 = 0xFFFF_FFFF;

/// Extended attribute header descriptor, 24 bytes (`ECMA-167 4/14.10.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ExtendedAttributeHeader {
    /// Identifier 262; its location is that of the entry.
    pub descriptor_tag: Tag,
    /// Offset of the implementation use attributes from the start of the space in bytes, or [`NONE`].
    pub implementation_attributes_location: U32,
    /// Offset of the application use attributes from the start of the space in bytes, or [`NONE`].
    pub application_attributes_location: U32,
}

const _: () = assert!(size_of::<ExtendedAttributeHeader>() == HEADER_LEN);
/// Bytes of the header of an extended attributes space.
pub const HEADER_LEN: usize = 24;

impl Descriptor for ExtendedAttributeHeader {
    const IDENTIFIER: TagIdentifier = TagIdentifier::EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR;
}

/// The first 12 bytes of every attribute (`ECMA-167 4/14.10.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    attribute_type: U32,
    attribute_subtype: u8,
    reserved: [u8; 3],
    attribute_length: U32,
}

const _: () = assert!(size_of::<Front>() == 12);

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// When a file was created (`ECMA-167 4/14.10.5`, `UDF 2.60 3.3.4.3.1`). Only an extended file entry has
    /// a field for it.
    CreationTime(Timestamp),
    /// The device of a special file (`ECMA-167 4/14.10.7`, `UDF 2.60 3.3.4.4`).
    Device(Device),
    /// An implementation use attribute (`ECMA-167 4/14.10.8`).
    ImplementationUse {
        /// Who defined it.
        identifier: EntityIdentifier,
        /// Its content; if UDF defines the attribute, the first two bytes are the header checksum.
        content: Vec<u8>,
    },
    /// An application use attribute (`ECMA-167 4/14.10.9`).
    ApplicationUse {
        /// Who defined it.
        identifier: EntityIdentifier,
        /// Its content; if UDF defines the attribute, the first two bytes are the header checksum.
        content: Vec<u8>,
    },
    /// Any other attribute of ECMA-167.
    Other {
        /// Attribute type.
        attribute_type: u32,
        /// Attribute subtype.
        attribute_subtype: u8,
        /// The bytes after the first 12.
        content: Vec<u8>,
    },
}

/// File times attribute with one time, 32 bytes (`ECMA-167 4/14.10.5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct FileTimes {
    front: Front,
    data_length: U32,
    file_time_existence: U32,
    file_time: Timestamp,
}

const _: () = assert!(size_of::<FileTimes>() == 32);

/// The bit of the file time existence field for the creation time, which is the first time
/// (`ECMA-167 4/14.10.5.6`).
const CREATION: u32 = 1;

/// Major and minor number of a device (`ECMA-167 4/14.10.7`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
}

/// Device specification, 24 bytes without its implementation use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct DeviceSpecification {
    front: Front,
    length_of_implementation_use: U32,
    major_device_identification: U32,
    minor_device_identification: U32,
}

const _: () = assert!(size_of::<DeviceSpecification>() == 24);

/// Implementation or application use attribute, 48 bytes without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct UseFront {
    front: Front,
    length_of_use: U32,
    identifier: EntityIdentifier,
}

const _: () = assert!(size_of::<UseFront>() == USE_FRONT_LEN);
const USE_FRONT_LEN: usize = 48;

/// Content of the implementation use attribute `*UDF VAT LVExtension` of a VAT ICB, 146 bytes
/// (`UDF 1.50 3.3.4.5.1.3`). It has what the VAT of UDF 1.50 has no field for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VatLvExtension {
    /// Sum of the first 48 bytes of the attribute.
    pub header_checksum: U16,
    /// The unique identifier of the VAT ICB. The attribute is valid only if the two are equal.
    pub verification_id: U64,
    /// Files and hard links.
    pub number_of_files: U32,
    /// Directories, including the root.
    pub number_of_directories: U32,
    /// Name of the logical volume.
    pub logical_volume_identifier: DString<128>,
}

const _: () = assert!(size_of::<VatLvExtension>() == 146);
/// Bytes of the attribute `*UDF VAT LVExtension`.
pub const VAT_LV_EXTENSION_LEN: usize = (USE_FRONT_LEN + size_of::<VatLvExtension>()).next_multiple_of(4);

impl VatLvExtension {
    /// The content for a VAT ICB. [`Attribute::vat_lv_extension`] fills in its checksum.
    #[must_use]
    pub fn new(
        verification_id: u64,
        number_of_files: u32,
        number_of_directories: u32,
        logical_volume_identifier: DString<128>,
    ) -> Self {
        Self {
            header_checksum: 0.into(),
            verification_id: verification_id.into(),
            number_of_files: number_of_files.into(),
            number_of_directories: number_of_directories.into(),
            logical_volume_identifier,
        }
    }
}

/// 16-bit sum of the bytes before the content (`UDF 2.60 3.3.4.5`).
fn header_checksum(front: &UseFront) -> U16 {
    front
        .as_bytes()
        .iter()
        .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)))
        .into()
}

fn malformed(kind: MalformedKind) -> Malformed {
    Malformed {
        kind,
        structure: "extended attribute",
        clause: "ECMA-167 4/14.10",
    }
}

impl FileTimes {
    /// Whether the creation time is the only time.
    fn is_creation(&self) -> bool {
        self.data_length.get() == 12 && self.file_time_existence.get() == CREATION
    }
}

impl Attribute {
    /// An implementation use attribute that UDF defines: the header checksum, then `rest`.
    #[must_use]
    pub fn udf(identifier: &str, revision: Revision, rest: &[u8]) -> Self {
        let identifier = EntityIdentifier::udf(identifier, revision);
        let mut content = vec![0; 2];
        content.extend_from_slice(rest);
        let front = use_front(IMPLEMENTATION_USE, identifier, content.len());
        content[..2].copy_from_slice(header_checksum(&front).as_bytes());
        Self::ImplementationUse { identifier, content }
    }

    /// The attribute `*UDF VAT LVExtension`. This fills in the checksum of `extension`.
    #[must_use]
    pub fn vat_lv_extension(extension: &VatLvExtension) -> Self {
        Self::udf(
            identifiers::UDF_VAT_LVEXTENSION,
            Revision::V1_50,
            &extension.as_bytes()[2..],
        )
    }

    /// A free space attribute of `length` bytes in total, which is a multiple of 4 and at least 52
    /// (`UDF 2.60 3.3.4.5.1.1`).
    #[must_use]
    pub fn free_space(revision: Revision, length: usize) -> Option<Self> {
        let rest = length
            .checked_sub(USE_FRONT_LEN + 2)
            .filter(|rest| rest % 4 == 2)?;
        Some(Self::udf(
            identifiers::UDF_FREE_EA_SPACE,
            revision,
            &vec![0; rest],
        ))
    }

    /// The content of a `*UDF VAT LVExtension`; `None` for any other attribute.
    ///
    /// # Errors
    /// A content that is too short.
    pub fn as_vat_lv_extension(&self) -> Result<Option<VatLvExtension>, Malformed> {
        match self {
            Self::ImplementationUse { identifier, content }
                if identifier.is(identifiers::UDF_VAT_LVEXTENSION) =>
            {
                let (extension, _) = VatLvExtension::read_from_prefix(content)
                    .map_err(|_| malformed(MalformedKind::Truncated))?;
                Ok(Some(extension))
            }
            _ => Ok(None),
        }
    }

    /// Bytes that it takes in an extended attributes space.
    #[must_use]
    pub fn recorded_len(&self) -> usize {
        self.encode().1.len()
    }

    /// The type and the recorded bytes, padded to a multiple of 4 (`UDF 2.60 3.3.4`).
    fn encode(&self) -> (u32, Vec<u8>) {
        let mut bytes = Vec::new();
        let attribute_type = match self {
            Self::CreationTime(time) => {
                let attribute = FileTimes {
                    front: front(FILE_TIMES, 1, size_of::<FileTimes>()),
                    data_length: 12.into(),
                    file_time_existence: CREATION.into(),
                    file_time: *time,
                };
                bytes.extend_from_slice(attribute.as_bytes());
                FILE_TIMES
            }
            Self::Device(device) => {
                let entity = EntityIdentifier::implementation();
                let attribute = DeviceSpecification {
                    front: front(DEVICE_SPECIFICATION, 1, 56),
                    length_of_implementation_use: 32.into(),
                    major_device_identification: device.major.into(),
                    minor_device_identification: device.minor.into(),
                };
                bytes.extend_from_slice(attribute.as_bytes());
                bytes.extend_from_slice(entity.as_bytes());
                DEVICE_SPECIFICATION
            }
            Self::ImplementationUse { identifier, content } => {
                bytes.extend_from_slice(use_front(IMPLEMENTATION_USE, *identifier, content.len()).as_bytes());
                bytes.extend_from_slice(content);
                IMPLEMENTATION_USE
            }
            Self::ApplicationUse { identifier, content } => {
                bytes.extend_from_slice(use_front(APPLICATION_USE, *identifier, content.len()).as_bytes());
                bytes.extend_from_slice(content);
                APPLICATION_USE
            }
            Self::Other {
                attribute_type,
                attribute_subtype,
                content,
            } => {
                let length = (size_of::<Front>() + content.len()).next_multiple_of(4);
                bytes.extend_from_slice(front(*attribute_type, *attribute_subtype, length).as_bytes());
                bytes.extend_from_slice(content);
                *attribute_type
            }
        };
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        (attribute_type, bytes)
    }

    fn decode(bytes: &[u8], front: &Front) -> Result<Self, Malformed> {
        let truncated = malformed(MalformedKind::Truncated);
        if (front.attribute_type.get(), front.attribute_subtype) == (FILE_TIMES, 1)
            && let Ok((times, _)) = FileTimes::read_from_prefix(bytes)
            && times.is_creation()
        {
            return Ok(Self::CreationTime(times.file_time));
        }
        match (front.attribute_type.get(), front.attribute_subtype) {
            (DEVICE_SPECIFICATION, 1) => {
                let (attribute, _) = DeviceSpecification::read_from_prefix(bytes).map_err(|_| truncated)?;
                Ok(Self::Device(Device {
                    major: attribute.major_device_identification.get(),
                    minor: attribute.minor_device_identification.get(),
                }))
            }
            (kind @ (IMPLEMENTATION_USE | APPLICATION_USE), 1) => {
                let (attribute, rest) = UseFront::read_from_prefix(bytes).map_err(|_| truncated)?;
                let content = usize::try_from(attribute.length_of_use.get())
                    .ok()
                    .and_then(|length| rest.get(..length))
                    .ok_or(malformed(MalformedKind::Field("implementation use length")))?;
                let identifier = attribute.identifier;
                if is_udf(&identifier) && content.get(..2) != Some(header_checksum(&attribute).as_bytes()) {
                    return Err(malformed(MalformedKind::HeaderChecksum));
                }
                let content = content.to_vec();
                Ok(if kind == IMPLEMENTATION_USE {
                    Self::ImplementationUse { identifier, content }
                } else {
                    Self::ApplicationUse { identifier, content }
                })
            }
            (attribute_type, attribute_subtype) => Ok(Self::Other {
                attribute_type,
                attribute_subtype,
                content: bytes.get(size_of::<Front>()..).unwrap_or_default().to_vec(),
            }),
        }
    }
}

/// Whether UDF defines the attribute, so that its content begins with a header checksum.
fn is_udf(identifier: &EntityIdentifier) -> bool {
    identifier.identifier_bytes().starts_with(b"*UDF ")
}

fn front(attribute_type: u32, attribute_subtype: u8, length: usize) -> Front {
    Front {
        attribute_type: attribute_type.into(),
        attribute_subtype,
        reserved: [0; 3],
        attribute_length: u32::try_from(length).unwrap_or(u32::MAX).into(),
    }
}

fn use_front(attribute_type: u32, identifier: EntityIdentifier, content: usize) -> UseFront {
    UseFront {
        front: front(attribute_type, 1, (USE_FRONT_LEN + content).next_multiple_of(4)),
        length_of_use: u32::try_from(content).unwrap_or(u32::MAX).into(),
        identifier,
    }
}

/// An extended attributes space with these attributes in the order of the standard; empty if there are none.
///
/// `location` is that of the entry that will contain the space; see [`restamp`].
///
/// # Errors
/// More bytes than any entry can hold.
pub fn encode(attributes: &[Attribute], version: TagVersion, location: u32) -> Result<Vec<u8>, TooLong> {
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    let mut kinds = [Vec::new(), Vec::new(), Vec::new()];
    for attribute in attributes {
        let (attribute_type, bytes) = attribute.encode();
        let kind = match attribute_type {
            0..IMPLEMENTATION_USE => 0,
            IMPLEMENTATION_USE..APPLICATION_USE => 1,
            APPLICATION_USE.. => 2,
        };
        kinds[kind].extend_from_slice(&bytes);
    }
    let [ecma, implementation, application] = &kinds;
    let asked = HEADER_LEN + ecma.len() + implementation.len() + application.len();
    let room = crate::file::FileEntry::capacity(false);
    let too_long = TooLong {
        structure: "extended attributes space",
        asked,
        room,
    };
    if asked > room {
        return Err(too_long);
    }
    let at = |attributes: &[u8], offset: usize| match u32::try_from(offset) {
        Ok(offset) if !attributes.is_empty() => Ok(U32::new(offset)),
        Ok(_) => Ok(U32::new(NONE)),
        Err(_) => Err(too_long),
    };
    let header = ExtendedAttributeHeader {
        implementation_attributes_location: at(implementation, HEADER_LEN + ecma.len())?,
        application_attributes_location: at(application, HEADER_LEN + ecma.len() + implementation.len())?,
        ..ExtendedAttributeHeader::new_zeroed()
    };
    let mut space = header.as_bytes().to_vec();
    tag::seal(&mut space, ExtendedAttributeHeader::IDENTIFIER, version, location);
    for kind in &kinds {
        space.extend_from_slice(kind);
    }
    Ok(space)
}

/// Changes the location in an extended attributes space when its entry moves. An empty space stays empty.
pub fn restamp(space: &mut [u8], location: u32) {
    if space.len() >= HEADER_LEN {
        tag::restamp(space, location);
    }
}

/// The attributes of an extended attributes space; an empty space has none.
///
/// # Errors
/// A header that does not verify; an attribute that is too short for its type, extends beyond the space, or
/// has a wrong header checksum.
pub fn decode(space: &[u8], location: Option<u32>) -> Result<Vec<Attribute>, Malformed> {
    let mut attributes = Vec::new();
    if space.is_empty() {
        return Ok(attributes);
    }
    ExtendedAttributeHeader::read(space.get(..HEADER_LEN).unwrap_or(space), location)?;
    let mut rest = &space[HEADER_LEN..];
    while !rest.is_empty() {
        let (front, _) = Front::read_from_prefix(rest).map_err(|_| malformed(MalformedKind::Truncated))?;
        // Zeros after the last attribute are unused space.
        if front.attribute_type.get() == 0 && front.attribute_length.get() == 0 {
            break;
        }
        let (attribute, after) = usize::try_from(front.attribute_length.get())
            .ok()
            .filter(|length| *length >= size_of::<Front>())
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(malformed(MalformedKind::Field("attribute length")))?;
        attributes.push(Attribute::decode(attribute, &front)?);
        rest = after;
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension() -> VatLvExtension {
        VatLvExtension::new(20, 3, 4, DString::new("volume").unwrap())
    }

    #[test]
    fn no_attributes_take_no_space() {
        assert_eq!(encode(&[], TagVersion::Three, 0).unwrap(), []);
        assert_eq!(decode(&[], None).unwrap(), []);
    }

    #[test]
    fn a_vat_extension_is_found_among_attributes() {
        let attributes = [
            Attribute::Device(Device { major: 1, minor: 3 }),
            Attribute::vat_lv_extension(&extension()),
        ];
        let space = encode(&attributes, TagVersion::Two, 7).unwrap();
        let decoded = decode(&space, Some(7)).unwrap();
        assert_eq!(decoded[0].as_vat_lv_extension(), Ok(None));
        let found = decoded[1].as_vat_lv_extension().unwrap().unwrap();
        assert_eq!(
            (found.verification_id.get(), found.number_of_files.get()),
            (20, 3)
        );
        assert_eq!(found.logical_volume_identifier.decode().unwrap(), "volume");
    }

    #[test]
    fn a_wrong_header_checksum_is_an_error() {
        let mut space = encode(&[Attribute::vat_lv_extension(&extension())], TagVersion::Two, 7).unwrap();
        space[HEADER_LEN + USE_FRONT_LEN] ^= 1;
        assert_eq!(
            decode(&space, None).unwrap_err().kind,
            MalformedKind::HeaderChecksum
        );
    }

    #[test]
    fn attributes_are_put_into_the_order_of_the_standard() {
        let identifier = EntityIdentifier::implementation();
        let application = Attribute::ApplicationUse {
            identifier,
            content: vec![1],
        };
        let device = Attribute::Device(Device { major: 1, minor: 3 });
        let space = encode(&[application.clone(), device.clone()], TagVersion::Three, 7).unwrap();
        assert_eq!(decode(&space, None).unwrap(), [device, application]);
        let header = ExtendedAttributeHeader::read(&space[..HEADER_LEN], Some(7)).unwrap();
        assert_eq!(header.implementation_attributes_location.get(), NONE);
        assert_eq!(header.application_attributes_location.get(), 24 + 56);
    }

    #[test]
    fn a_creation_time_takes_56_bytes_and_reads_back() {
        let created = [Attribute::CreationTime(Timestamp::from_unix(1_000_000_000, 0))];
        let space = encode(&created, TagVersion::Three, 7).unwrap();
        assert_eq!(space.len(), 56);
        assert_eq!(decode(&space, Some(7)).unwrap(), created);
    }

    #[test]
    fn file_times_with_more_than_the_creation_time_stay_as_they_are() {
        let mut content = vec![0; 32];
        content[..8].copy_from_slice(&[24, 0, 0, 0, 5, 0, 0, 0]);
        let other = [Attribute::Other {
            attribute_type: FILE_TIMES,
            attribute_subtype: 1,
            content,
        }];
        let space = encode(&other, TagVersion::Three, 7).unwrap();
        assert_eq!(decode(&space, Some(7)).unwrap(), other);
    }

    #[test]
    fn a_space_can_move_with_its_entry() {
        let mut space = encode(
            &[Attribute::Device(Device { major: 1, minor: 3 })],
            TagVersion::Three,
            7,
        )
        .unwrap();
        restamp(&mut space, 8);
        assert!(decode(&space, Some(8)).is_ok());
        assert!(decode(&space, Some(7)).is_err());
    }

    #[test]
    fn an_attribute_that_is_too_long_or_too_short_is_an_error() {
        for length in [0_u8, 11, 57] {
            let mut space = encode(
                &[Attribute::Device(Device { major: 1, minor: 3 })],
                TagVersion::Three,
                7,
            )
            .unwrap();
            space[HEADER_LEN + 8] = length;
            assert_eq!(
                decode(&space, None).unwrap_err().kind,
                MalformedKind::Field("attribute length")
            );
        }
    }

    #[test]
    fn more_than_an_entry_can_hold_is_an_error() {
        let identifier = EntityIdentifier::implementation();
        let attribute = Attribute::ImplementationUse {
            identifier,
            content: vec![0; 1801],
        };
        assert_eq!(
            encode(&[attribute], TagVersion::Three, 7).unwrap_err().asked,
            1876
        );
    }

    #[test]
    fn free_space_has_the_length_asked_for() {
        let attribute = Attribute::free_space(Revision::V2_01, 100).unwrap();
        assert_eq!(attribute.encode().1.len(), 100);
        assert_eq!(Attribute::free_space(Revision::V2_01, 48), None);
        assert_eq!(Attribute::free_space(Revision::V2_01, 101), None);
    }
}
