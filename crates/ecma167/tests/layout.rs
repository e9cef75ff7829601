//! Byte positions of the fields, copied from the tables of ECMA-167 (3rd edition) and UDF, not from the code.

use std::mem::offset_of;

use ecma167::file::{
    FileCharacteristics, FileEntry, FileIdentifier, FileSetDescriptor, FileType, IcbFlags, IcbTag, LongAd,
    Permissions, extended_attribute,
};
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, ExtentAd, TagVersion, Timestamp};
use ecma167::osta::Revision;
use ecma167::osta::sparing::{SparingEntry, SparingTableHeader};
use ecma167::osta::vat::{VatHeader, VatTail};
use ecma167::volume::partition_map::{Metadata, Sparable};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, IntegrityImplementationUse,
    IntegrityType, LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionDescriptor,
    PartitionMap, PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
};
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};

macro_rules! fields {
    ($structure:ty: $($field:ident $offset:literal),+ $(,)?) => {
        $(assert_eq!(offset_of!($structure, $field), $offset, stringify!($field));)+
    };
}

#[test]
fn volume_descriptors_are_laid_out_as_in_part_3() {
    fields!(AnchorVolumeDescriptorPointer:
        main_volume_descriptor_sequence_extent 16, reserve_volume_descriptor_sequence_extent 24);
    fields!(PrimaryVolumeDescriptor:
        volume_descriptor_sequence_number 16, primary_volume_descriptor_number 20, volume_identifier 24,
        volume_sequence_number 56, maximum_volume_sequence_number 58, interchange_level 60,
        maximum_interchange_level 62, character_set_list 64, maximum_character_set_list 68,
        volume_set_identifier 72, descriptor_character_set 200, explanatory_character_set 264,
        volume_abstract 328, volume_copyright_notice 336, application_identifier 344,
        recording_date_and_time 376, implementation_identifier 388, implementation_use 420,
        predecessor_volume_descriptor_sequence_location 484, flags 488, reserved 490);
    fields!(ImplementationUseVolumeDescriptor:
        volume_descriptor_sequence_number 16, implementation_identifier 20, lvi_charset 52,
        logical_volume_identifier 116, lv_info_1 244, lv_info_2 280, lv_info_3 316, implementation_id 352,
        implementation_use 384);
    fields!(PartitionDescriptor:
        volume_descriptor_sequence_number 16, partition_flags 20, partition_number 22, partition_contents 24,
        partition_contents_use 56, access_type 184, partition_starting_location 188, partition_length 192,
        implementation_identifier 196, implementation_use 228, reserved 356);
}

#[test]
fn file_set_descriptor_and_vat_are_laid_out_as_in_part_4_and_udf() {
    fields!(FileSetDescriptor:
        recording_date_and_time 16, interchange_level 28, maximum_interchange_level 30, character_set_list 32,
        maximum_character_set_list 36, file_set_number 40, file_set_descriptor_number 44,
        logical_volume_identifier_character_set 48, logical_volume_identifier 112,
        file_set_character_set 240, file_set_identifier 304, copyright_file_identifier 336,
        abstract_file_identifier 368, root_directory_icb 400, domain_identifier 416, next_extent 448,
        system_stream_directory_icb 464, reserved 480);
    fields!(IcbTag:
        prior_recorded_number_of_direct_entries 0, strategy_type 4, strategy_parameter 6,
        maximum_number_of_entries 8, reserved 10, file_type 11, parent_icb_location 12, flags 18);
    fields!(VatHeader:
        length_of_header 0, length_of_implementation_use 2, logical_volume_identifier 4,
        previous_vat_icb_location 132, number_of_files 136, number_of_directories 140,
        minimum_udf_read_revision 144, minimum_udf_write_revision 146, maximum_udf_write_revision 148,
        reserved 150);
    fields!(VatTail: entity_identifier 0, previous_vat_icb_location 32);
}

#[test]
fn partition_maps_and_the_sparing_table_are_laid_out_as_in_udf() {
    fields!(Sparable:
        packet_length 0, number_of_sparing_tables 2, reserved 3, size_of_each_sparing_table 4,
        locations_of_sparing_tables 8);
    fields!(Metadata:
        metadata_file_location 0, metadata_mirror_file_location 4, metadata_bitmap_file_location 8,
        allocation_unit_size 12, alignment_unit_size 16, flags 18, reserved 19);
    fields!(SparingTableHeader:
        descriptor_tag 0, sparing_identifier 16, reallocation_table_length 48, reserved 50, sequence_number 52);
    fields!(SparingEntry: original_location 0, mapped_location 4);
}

/// The little-endian number of `length` bytes at an offset.
fn number(bytes: &[u8], offset: usize, length: usize) -> u64 {
    bytes[offset..offset + length]
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn long_ad(block: u32, partition: u16) -> LongAd {
    LongAd::icb(RecordedAddress {
        partition: PartitionReference(partition),
        block,
    })
}

#[test]
fn the_logical_volume_descriptor_is_laid_out_as_in_3_10_6() {
    let descriptor = LogicalVolumeDescriptor {
        volume_descriptor_sequence_number: 4,
        descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
        logical_volume_identifier: DString::new("label").unwrap(),
        logical_block_size: 2048,
        domain_identifier: EntityIdentifier::domain(Revision::V2_01, DomainFlags::empty()),
        logical_volume_contents_use: long_ad(0x1234, 1),
        implementation_identifier: EntityIdentifier::implementation(),
        implementation_use: [0; 128],
        integrity_sequence_extent: ExtentAd::new(4096, LogicalSector(64)),
        partition_maps: vec![
            PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: 0x0203,
            },
            PartitionMap::Virtual {
                volume_sequence_number: 1,
                partition_number: 0x0203,
                revision: Revision::V2_01,
            },
        ],
    };
    let block = descriptor.encode(TagVersion::Three, 35).unwrap();
    assert_eq!(number(&block, 16, 4), 4);
    assert_eq!(&block[20..25], b"\0OSTA");
    assert_eq!(&block[84..90], b"\x08label");
    assert_eq!(block[211], 6);
    assert_eq!(number(&block, 212, 4), 2048);
    assert_eq!(&block[217..236], b"*OSTA UDF Compliant");
    assert_eq!(number(&block, 248, 4), 2048);
    assert_eq!(number(&block, 252, 4), 0x1234);
    assert_eq!(number(&block, 256, 2), 1);
    assert_eq!((number(&block, 264, 4), number(&block, 268, 4)), (70, 2));
    assert_eq!(&block[273..280], b"*oncefs");
    assert_eq!((number(&block, 432, 4), number(&block, 436, 4)), (4096, 64));
    assert_eq!(&block[440..446], [1, 6, 1, 0, 3, 2]);
    assert_eq!(&block[446..450], [2, 64, 0, 0]);
    assert_eq!(&block[451..473], b"*UDF Virtual Partition");
    assert_eq!(number(&block, 474, 2), 0x0201);
    assert_eq!((number(&block, 482, 2), number(&block, 484, 2)), (1, 0x0203));
    assert_eq!(number(&block, 10, 2), 510 - 16);
}

#[test]
fn the_integrity_descriptor_is_laid_out_as_in_3_10_10() {
    let descriptor = LogicalVolumeIntegrityDescriptor {
        recording_date_and_time: Timestamp::from_unix(0, 0),
        integrity_type: IntegrityType::Close,
        next_integrity_extent: ExtentAd::new(2048, LogicalSector(65)),
        unique_id: 0x1_0000_0010,
        free_space_table: vec![11, 0xFFFF_FFFF],
        size_table: vec![22, 0xFFFF_FFFF],
        implementation_use: Some(IntegrityImplementationUse::new(Revision::V2_60, 33, 44)),
    };
    let block = descriptor.encode(TagVersion::Three, 64).unwrap();
    assert_eq!(number(&block, 18, 2), 1970);
    assert_eq!(number(&block, 28, 4), 1);
    assert_eq!((number(&block, 32, 4), number(&block, 36, 4)), (2048, 65));
    assert_eq!(number(&block, 40, 8), 0x1_0000_0010);
    assert_eq!((number(&block, 72, 4), number(&block, 76, 4)), (2, 46));
    assert_eq!((number(&block, 80, 4), number(&block, 84, 4)), (11, 0xFFFF_FFFF));
    assert_eq!((number(&block, 88, 4), number(&block, 92, 4)), (22, 0xFFFF_FFFF));
    assert_eq!(&block[97..104], b"*oncefs");
    assert_eq!((number(&block, 128, 4), number(&block, 132, 4)), (33, 44));
    assert_eq!(
        (
            number(&block, 136, 2),
            number(&block, 138, 2),
            number(&block, 140, 2)
        ),
        (0x250, 0x260, 0x260)
    );
}

#[test]
fn the_unallocated_space_descriptor_is_laid_out_as_in_3_10_8() {
    let descriptor = UnallocatedSpaceDescriptor {
        volume_descriptor_sequence_number: 5,
        allocation_descriptors: vec![ExtentAd::new(2048, LogicalSector(19))],
    };
    let block = descriptor.encode(TagVersion::Three, 36).unwrap();
    assert_eq!((number(&block, 16, 4), number(&block, 20, 4)), (5, 1));
    assert_eq!((number(&block, 24, 4), number(&block, 28, 4)), (2048, 19));
}

fn entry(extended: bool) -> FileEntry {
    FileEntry {
        extended,
        icb_tag: IcbTag::new(FileType::FILE, IcbFlags::SET_UID | IcbFlags::FORM_0),
        uid: 0x1111_1111,
        gid: 0x2222_2222,
        permissions: Permissions::OWNER_READ,
        file_link_count: 0x3333,
        information_length: 0x44,
        object_size: 0x55,
        logical_blocks_recorded: 0x66,
        access_time: Timestamp::from_unix(86_400 * 365, 0),
        modification_time: Timestamp::from_unix(86_400 * 365 * 2, 0),
        creation_time: Some(Timestamp::from_unix(86_400 * 366 * 3, 0)),
        attribute_time: Timestamp::from_unix(86_400 * 366 * 4, 0),
        checkpoint: 1,
        extended_attribute_icb: long_ad(0x77, 0),
        stream_directory_icb: long_ad(0x88, 0),
        implementation_identifier: EntityIdentifier::implementation(),
        unique_id: 0x99,
        extended_attributes: vec![0xEA; 8],
        allocation_descriptors: vec![0xAD; 16],
    }
}

#[test]
fn the_file_entry_is_laid_out_as_in_4_14_9() {
    let block = entry(false).encode(TagVersion::Two, 9).unwrap();
    assert_eq!(number(&block, 0, 2), 261);
    assert_eq!(
        (number(&block, 20, 2), number(&block, 24, 2), block[27]),
        (4, 1, 5)
    );
    assert_eq!(number(&block, 34, 2), 0x41);
    assert_eq!(
        (number(&block, 36, 4), number(&block, 40, 4)),
        (0x1111_1111, 0x2222_2222)
    );
    assert_eq!((number(&block, 44, 4), number(&block, 48, 2)), (0x1000, 0x3333));
    assert_eq!((number(&block, 56, 8), number(&block, 64, 8)), (0x44, 0x66));
    assert_eq!(
        [74, 86, 98].map(|year| number(&block, year, 2)),
        [1971, 1972, 1974]
    );
    assert_eq!(number(&block, 108, 4), 1);
    assert_eq!(number(&block, 116, 4), 0x77);
    assert_eq!(&block[129..136], b"*oncefs");
    assert_eq!(
        (
            number(&block, 160, 8),
            number(&block, 168, 4),
            number(&block, 172, 4)
        ),
        (0x99, 8, 16)
    );
    assert_eq!(
        (&block[176..184], &block[184..200]),
        (&[0xEA; 8][..], &[0xAD; 16][..])
    );
    assert_eq!(number(&block, 10, 2), 200 - 16);
}

#[test]
fn the_extended_file_entry_is_laid_out_as_in_4_14_17() {
    let block = entry(true).encode(TagVersion::Three, 9).unwrap();
    assert_eq!(number(&block, 0, 2), 266);
    assert_eq!(
        (
            number(&block, 56, 8),
            number(&block, 64, 8),
            number(&block, 72, 8)
        ),
        (0x44, 0x55, 0x66)
    );
    assert_eq!(
        [82, 94, 106, 118].map(|year| number(&block, year, 2)),
        [1971, 1972, 1973, 1974]
    );
    assert_eq!((number(&block, 128, 4), number(&block, 132, 4)), (1, 0));
    assert_eq!((number(&block, 140, 4), number(&block, 156, 4)), (0x77, 0x88));
    assert_eq!(&block[169..176], b"*oncefs");
    assert_eq!(
        (
            number(&block, 200, 8),
            number(&block, 208, 4),
            number(&block, 212, 4)
        ),
        (0x99, 8, 16)
    );
    assert_eq!(
        (&block[216..224], &block[224..240]),
        (&[0xEA; 8][..], &[0xAD; 16][..])
    );
}

#[test]
fn the_file_identifier_descriptor_is_laid_out_as_in_4_14_4() {
    let icb = long_ad(0x1234, 1).with_unique_id(0x0A0B_0C0D);
    let bytes = FileIdentifier::new("ab", FileCharacteristics::DIRECTORY, icb)
        .unwrap()
        .encode(TagVersion::Three, 3)
        .unwrap();
    assert_eq!(bytes.len(), 44);
    assert_eq!((number(&bytes, 16, 2), bytes[18], bytes[19]), (1, 2, 3));
    assert_eq!(
        (
            number(&bytes, 20, 4),
            number(&bytes, 24, 4),
            number(&bytes, 28, 2)
        ),
        (2048, 0x1234, 1)
    );
    assert_eq!((number(&bytes, 30, 2), number(&bytes, 32, 4)), (0, 0x0A0B_0C0D));
    assert_eq!(&bytes[36..], b"\0\0\x08ab\0\0\0");
}

#[test]
fn a_device_specification_is_laid_out_as_in_4_14_10_7() {
    let device = extended_attribute::Attribute::Device(extended_attribute::Device { major: 8, minor: 17 });
    let space = extended_attribute::encode(&[device], TagVersion::Three, 9).unwrap();
    assert_eq!(space.len(), 24 + 56);
    assert_eq!(number(&space, 0, 2), 262);
    assert_eq!(
        (number(&space, 16, 4), number(&space, 20, 4)),
        (0xFFFF_FFFF, 0xFFFF_FFFF)
    );
    assert_eq!(
        (number(&space, 24, 4), space[28], number(&space, 32, 4)),
        (12, 1, 56)
    );
    assert_eq!(
        (
            number(&space, 36, 4),
            number(&space, 40, 4),
            number(&space, 44, 4)
        ),
        (32, 8, 17)
    );
    assert_eq!(&space[49..56], b"*oncefs");
}

#[test]
fn the_vat_extension_is_laid_out_as_in_udf_1_50() {
    let extension = extended_attribute::VatLvExtension::new(16, 2, 3, DString::new("name").unwrap());
    let attribute = extended_attribute::Attribute::vat_lv_extension(&extension);
    let space = extended_attribute::encode(&[attribute], TagVersion::Two, 9).unwrap();
    assert_eq!(space.len(), 220);
    assert_eq!((number(&space, 16, 4), number(&space, 20, 4)), (24, 0xFFFF_FFFF));
    assert_eq!((number(&space, 24, 4), space[28]), (2048, 1));
    assert_eq!((number(&space, 32, 4), number(&space, 36, 4)), (196, 146));
    assert_eq!(&space[41..60], b"*UDF VAT LVExtensio");
    // The header is the same for every implementation on Linux; mkudffs 2.3 records this sum.
    assert_eq!(number(&space, 72, 2), 2124);
    assert_eq!(
        (
            number(&space, 74, 8),
            number(&space, 82, 4),
            number(&space, 86, 4)
        ),
        (16, 2, 3)
    );
    assert_eq!(&space[90..95], b"\x08name");
}
