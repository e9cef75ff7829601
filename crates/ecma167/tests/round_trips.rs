//! Every value decodes as it was encoded.

use std::fmt::Debug;

use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{
    AllocationExtent, AllocationForm, FileCharacteristics, FileEntry, FileIdentifier, FileSetDescriptor,
    FileType, IcbFlags, IcbTag, IndirectEntry, LongAd, Permissions, TerminalEntry, path_component,
};
use ecma167::general::{
    Charspec, DString, Descriptor, EntityIdentifier, ExtentAd, TagVersion, Timestamp, identifiers,
};
use ecma167::osta::{Revision, cs0};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, IntegrityImplementationUse,
    IntegrityType, LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionDescriptor,
    PartitionMap, PrimaryVolumeDescriptor, TerminatingDescriptor, UnallocatedSpaceDescriptor,
    VolumeDescriptorPointer, partition_map,
};
use ecma167::{BLOCK_SIZE, LogicalBlock};
use proptest::collection::vec;
use proptest::prelude::*;
use zerocopy::FromBytes;

/// Any value of a structure for which every bit pattern is valid.
fn any_bits<T: FromBytes + Debug>() -> impl Strategy<Value = T> {
    vec(any::<u8>(), size_of::<T>()).prop_map(|bytes| T::read_from_bytes(&bytes).unwrap())
}

fn version() -> impl Strategy<Value = TagVersion> {
    prop_oneof![Just(TagVersion::Two), Just(TagVersion::Three)]
}

fn check_fixed<D: Descriptor + Debug>(bytes: &[u8], version: TagVersion, location: u32) {
    let (descriptor, _) = D::read_from_prefix(bytes).unwrap();
    let block = descriptor.to_block(version, location);
    let read = D::read(&block, Some(location)).unwrap();
    assert_eq!(read.as_bytes()[16..], descriptor.as_bytes()[16..]);
    assert!(block[size_of::<D>()..].iter().all(|byte| *byte == 0));
    assert!(D::read(&block, Some(location.wrapping_add(1))).is_err());
}

fn partition_maps() -> impl Strategy<Value = PartitionMap> {
    let numbers = (any::<u16>(), any::<u16>(), any::<u16>().prop_map(Revision));
    prop_oneof![
        numbers.clone().prop_map(
            |(volume_sequence_number, partition_number, _)| PartitionMap::Type1 {
                volume_sequence_number,
                partition_number
            }
        ),
        numbers
            .clone()
            .prop_map(|(volume_sequence_number, partition_number, revision)| {
                PartitionMap::Virtual {
                    volume_sequence_number,
                    partition_number,
                    revision,
                }
            }),
        (numbers.clone(), any_bits::<partition_map::Sparable>()).prop_map(|(numbers, sparable)| {
            let (volume_sequence_number, partition_number, revision) = numbers;
            PartitionMap::Sparable {
                volume_sequence_number,
                partition_number,
                revision,
                sparable,
            }
        }),
        (numbers, any_bits::<partition_map::Metadata>()).prop_map(|(numbers, metadata)| {
            let (volume_sequence_number, partition_number, revision) = numbers;
            PartitionMap::Metadata {
                volume_sequence_number,
                partition_number,
                revision,
                metadata,
            }
        }),
        vec(any::<u8>(), 0..60).prop_map(|rest| {
            let length = u8::try_from(rest.len() + 2).unwrap();
            PartitionMap::Unknown([&[3, length], &rest[..]].concat())
        }),
    ]
}

prop_compose! {
    fn logical_volume()(
        number in any::<u32>(),
        name in any_bits::<DString<128>>(),
        contents in any_bits::<LongAd>(),
        domain in any_bits::<EntityIdentifier>(),
        integrity in any_bits::<ExtentAd>(),
        implementation_use in any_bits::<[u8; 128]>(),
        partition_maps in vec(partition_maps(), 0..12),
    ) -> LogicalVolumeDescriptor {
        LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: number,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier: name,
            logical_block_size: 2048,
            domain_identifier: domain,
            logical_volume_contents_use: contents,
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use,
            integrity_sequence_extent: integrity,
            partition_maps,
        }
    }
}

prop_compose! {
    fn integrity()(
        time in any_bits::<Timestamp>(),
        close in any::<bool>(),
        next in any_bits::<ExtentAd>(),
        unique_id in any::<u64>(),
        tables in vec((any::<u32>(), any::<u32>()), 0..5),
        implementation_use in proptest::option::of(any_bits::<IntegrityImplementationUse>()),
    ) -> LogicalVolumeIntegrityDescriptor {
        let (free_space_table, size_table) = tables.into_iter().unzip();
        LogicalVolumeIntegrityDescriptor {
            recording_date_and_time: time,
            integrity_type: if close { IntegrityType::Close } else { IntegrityType::Open },
            next_integrity_extent: next,
            unique_id,
            free_space_table,
            size_table,
            implementation_use,
        }
    }
}

prop_compose! {
    fn file_entry()(
        extended in any::<bool>(),
        icb_tag in any_bits::<IcbTag>(),
        (uid, gid, permissions, links) in any::<(u32, u32, u32, u16)>(),
        (length, size, blocks, unique_id) in any::<(u64, u64, u64, u64)>(),
        times in any_bits::<[Timestamp; 4]>(),
        icbs in any_bits::<[LongAd; 2]>(),
        implementation_identifier in any_bits::<EntityIdentifier>(),
        checkpoint in any::<u32>(),
        attributes in vec(any::<u8>(), 0..900),
        descriptors in vec(any::<u8>(), 0..900),
    ) -> FileEntry {
        let embedded = icb_tag.form() == Some(AllocationForm::Embedded);
        let information_length = if embedded { u64::try_from(descriptors.len()).unwrap() } else { length };
        FileEntry {
            extended,
            icb_tag,
            uid,
            gid,
            permissions: Permissions::from_bits_retain(permissions),
            file_link_count: links,
            information_length,
            object_size: if extended { size } else { information_length },
            logical_blocks_recorded: blocks,
            access_time: times[0],
            modification_time: times[1],
            creation_time: extended.then_some(times[2]),
            attribute_time: times[3],
            checkpoint,
            extended_attribute_icb: icbs[0],
            stream_directory_icb: if extended { icbs[1] } else { LongAd::default() },
            implementation_identifier,
            unique_id,
            extended_attributes: attributes,
            allocation_descriptors: descriptors,
        }
    }
}

prop_compose! {
    fn file_identifier()(
        file_version_number in any::<u16>(),
        characteristics in any::<u8>(),
        icb in any_bits::<LongAd>(),
        implementation_use in vec(any::<u8>(), 0..300),
        identifier in vec(any::<u8>(), 0..=255),
    ) -> FileIdentifier {
        let characteristics = FileCharacteristics::from_bits_retain(characteristics);
        FileIdentifier { file_version_number, characteristics, icb, implementation_use, identifier }
    }
}

/// Attributes in the order of the standard, in whole words, without those that need a header checksum.
fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    let content = || vec(any::<[u8; 4]>(), 0..8).prop_map(|words| words.concat());
    let device = any::<(u32, u32)>().prop_map(|(major, minor)| Attribute::Device(Device { major, minor }));
    let identifier = EntityIdentifier::implementation();
    let other =
        (1_u32..12, any::<u8>(), content()).prop_map(|(attribute_type, attribute_subtype, content)| {
            Attribute::Other {
                attribute_type,
                attribute_subtype,
                content,
            }
        });
    let implementation =
        vec(any::<u8>(), 0..40).prop_map(move |content| Attribute::ImplementationUse { identifier, content });
    let application =
        vec(any::<u8>(), 0..40).prop_map(move |content| Attribute::ApplicationUse { identifier, content });
    let free = (13_usize..40).prop_map(|words| Attribute::free_space(Revision::V2_01, 4 * words).unwrap());
    (
        vec(prop_oneof![device, other], 0..4),
        vec(prop_oneof![implementation, free], 0..4),
        vec(application, 0..4),
    )
        .prop_map(|(ecma, implementation, application)| [ecma, implementation, application].concat())
}

/// Any text that CS0 can express.
fn text() -> impl Strategy<Value = String> {
    vec(
        any::<char>().prop_filter("not in the set", |c| cs0::is_recordable(*c)),
        0..60,
    )
    .prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn descriptors_of_fixed_size(
        bytes in vec(any::<u8>(), 512), version in version(), location in any::<u32>()
    ) {
        check_fixed::<PrimaryVolumeDescriptor>(&bytes, version, location);
        check_fixed::<AnchorVolumeDescriptorPointer>(&bytes, version, location);
        check_fixed::<VolumeDescriptorPointer>(&bytes, version, location);
        check_fixed::<ImplementationUseVolumeDescriptor>(&bytes, version, location);
        check_fixed::<PartitionDescriptor>(&bytes, version, location);
        check_fixed::<TerminatingDescriptor>(&bytes, version, location);
        check_fixed::<FileSetDescriptor>(&bytes, version, location);
        check_fixed::<IndirectEntry>(&bytes, version, location);
        check_fixed::<TerminalEntry>(&bytes, version, location);
    }

    #[test]
    fn logical_volume_descriptors(value in logical_volume(), version in version(), location in any::<u32>()) {
        let block = value.encode(version, location).unwrap();
        prop_assert_eq!(LogicalVolumeDescriptor::decode(&block, Some(location)), Ok(value));
    }

    #[test]
    fn logical_volume_integrity_descriptors(value in integrity(), version in version(), location in any::<u32>()) {
        let block = value.encode(version, location).unwrap();
        prop_assert_eq!(LogicalVolumeIntegrityDescriptor::decode(&block, Some(location)), Ok(value));
    }

    #[test]
    fn unallocated_space_descriptors(
        extents in vec(any_bits::<ExtentAd>(), 0..=253), number in any::<u32>(), location in any::<u32>()
    ) {
        let value = UnallocatedSpaceDescriptor {
            volume_descriptor_sequence_number: number,
            allocation_descriptors: extents,
        };
        let block = value.encode(TagVersion::Three, location).unwrap();
        prop_assert_eq!(UnallocatedSpaceDescriptor::decode(&block, Some(location)), Ok(value));
    }

    #[test]
    fn file_entries(value in file_entry(), version in version(), location in any::<u32>()) {
        let block = value.encode(version, location).unwrap();
        prop_assert_eq!(FileEntry::decode(&block, Some(location)), Ok(value));
    }

    #[test]
    fn allocation_extents(
        allocation_descriptors in vec(any::<u8>(), 0..=AllocationExtent::CAPACITY), location in any::<u32>()
    ) {
        let value = AllocationExtent { previous_allocation_extent_location: 0, allocation_descriptors };
        let block = value.encode(TagVersion::Three, location).unwrap();
        prop_assert_eq!(AllocationExtent::decode(&block, Some(location)), Ok(value));
    }

    #[test]
    fn file_identifiers(
        value in file_identifier(), version in version(), location in any::<u32>(), tail in vec(any::<u8>(), 0..99)
    ) {
        let mut bytes = value.encode(version, location).unwrap();
        let length = bytes.len();
        prop_assert_eq!(length, value.encoded_len());
        prop_assert_eq!(length % 4, 0);
        bytes.extend_from_slice(&tail);
        prop_assert_eq!(FileIdentifier::stated_len(&bytes), Some(length));
        let decoded = FileIdentifier::decode(&bytes, Some(LogicalBlock(location)));
        prop_assert_eq!(decoded, Ok((value, length)));
    }

    #[test]
    fn a_padded_file_identifier_leaves_room_for_the_next_tag(
        name in "[a-z]{1,200}", at in 0..BLOCK_SIZE / 4, entity in any::<bool>()
    ) {
        let mut value =
            FileIdentifier::new(&name, FileCharacteristics::empty(), LongAd::default()).unwrap();
        if entity {
            let developer = zerocopy::IntoBytes::as_bytes(&EntityIdentifier::implementation()).to_vec();
            value.implementation_use = developer;
        }
        let plain = value.encoded_len();
        value.pad_for_block(4 * at);
        let end = (4 * at + value.encoded_len()) % BLOCK_SIZE;
        prop_assert!(end <= BLOCK_SIZE - 16);
        let unpadded_end = (4 * at + plain) % BLOCK_SIZE;
        prop_assert_eq!(value.encoded_len() == plain, unpadded_end <= BLOCK_SIZE - 16);
        prop_assert!(value.implementation_use.is_empty() || value.implementation_use.len() >= 32);
        prop_assert_eq!(value.implementation_use.len() % 4, 0);
    }

    #[test]
    fn extended_attributes(attributes in attributes(), location in any::<u32>()) {
        let space = extended_attribute::encode(&attributes, TagVersion::Three, location).unwrap();
        prop_assert_eq!(space.len() % 4, 0);
        prop_assert_eq!(extended_attribute::decode(&space, Some(location)), Ok(attributes));
    }

    #[test]
    fn compressed_unicode(text in text()) {
        let coded = cs0::encode(&text).unwrap();
        prop_assert_eq!(coded.len(), cs0::encoded_len(&text));
        prop_assert_eq!(cs0::decode_lossy(&coded), text.clone());
        prop_assert_eq!(cs0::decode(&coded), Ok(text));
    }

    /// Zeros at the end would be taken for padding that the length counts.
    #[test]
    fn dstrings(text in text()) {
        match DString::<128>::new(&text) {
            Ok(field) => prop_assert_eq!(field.decode(), Ok(text.trim_end_matches('\0').to_owned())),
            Err(_) => prop_assert!(cs0::encoded_len(&text) > 127),
        }
        let beginning = DString::<32>::truncated(&text).decode().unwrap();
        prop_assert!(text.starts_with(&beginning));
    }

    #[test]
    fn timestamps(
        seconds in -62_135_596_800_i64..=253_402_300_799, micros in 0..1_000_000_u32, offset in -1440_i16..=1440
    ) {
        let mut time = Timestamp::from_unix(seconds, micros * 1000 + 999);
        prop_assert_eq!(time.to_unix(), Some((seconds, micros * 1000)));
        time.type_and_time_zone = (0x1000 | offset.cast_unsigned() & 0xFFF).into();
        prop_assert_eq!(time.to_unix(), Some((seconds - 60 * i64::from(offset), micros * 1000)));
    }

    #[test]
    fn symbolic_links(
        absolute in any::<bool>(), names in vec("[^/\0\u{FEFF}\u{FFFE}]{1,40}", 1..9)
    ) {
        let path = format!("{}{}", if absolute { "/" } else { "" }, names.join("/"));
        let body = path_component::encode(&path).unwrap();
        prop_assert_eq!(path_component::decode(&body), Ok(path));
    }
}

#[test]
fn content_beyond_a_block_is_an_error() {
    let entry = FileEntry {
        extended: true,
        icb_tag: IcbTag::new(FileType::FILE, IcbFlags::empty()),
        uid: FileEntry::NO_ID,
        gid: FileEntry::NO_ID,
        permissions: Permissions::empty(),
        file_link_count: 1,
        information_length: 0,
        object_size: 0,
        logical_blocks_recorded: 0,
        access_time: Timestamp::unspecified(),
        modification_time: Timestamp::unspecified(),
        creation_time: None,
        attribute_time: Timestamp::unspecified(),
        checkpoint: 1,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::new(identifiers::ONCEFS, [0; 8]),
        unique_id: 0,
        extended_attributes: Vec::new(),
        allocation_descriptors: vec![0; FileEntry::capacity(true)],
    };
    entry.encode(TagVersion::Three, 0).unwrap();
    let longer = FileEntry {
        allocation_descriptors: vec![0; FileEntry::capacity(true) + 1],
        ..entry
    };
    let refused = longer.encode(TagVersion::Three, 0).unwrap_err();
    assert_eq!((refused.asked, refused.room), (BLOCK_SIZE + 1, BLOCK_SIZE));
}
