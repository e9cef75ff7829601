//! The volume descriptors of a new volume.

use ecma167::BLOCK_BYTES;
use ecma167::file::LongAd;
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier};
use ecma167::osta::{Revision, unique_id};
use ecma167::volume::{
    AccessType, ImplementationUseVolumeDescriptor, IntegrityImplementationUse, IntegrityType,
    LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionDescriptor, PartitionMap,
    PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
};
use track::{Descriptors, Sequences};
use volume::Companion;

use super::new_volume::FILE_SET;
use super::options::FormatOptions;
use crate::tree::Form;

/// The partition number of the only partition.
const PARTITION: u16 = 0;

/// The integrity descriptor of a new volume whose partition has `length` blocks.
pub(crate) fn integrity(
    revision: Revision,
    length: u32,
    options: &FormatOptions,
) -> LogicalVolumeIntegrityDescriptor {
    LogicalVolumeIntegrityDescriptor {
        recording_date_and_time: options.now,
        integrity_type: IntegrityType::Open,
        next_integrity_extent: Default::default(),
        unique_id: unique_id::FIRST,
        free_space_table: vec![0, u32::MAX],
        size_table: vec![length, u32::MAX],
        implementation_use: Some(IntegrityImplementationUse::new(revision, 0, 1)),
    }
}

/// The descriptors of a new volume whose partition has `length` blocks.
pub(crate) fn descriptors(
    form: Form,
    name: DString<128>,
    length: u32,
    sequences: &Sequences,
    options: &FormatOptions,
) -> Descriptors {
    let revision = form.revision;
    let set = format!("{:08x}{:08x}{}", options.seconds, options.unique, options.label);
    let volume_set = DString::truncated(&set);
    let contents = LongAd::icb(form.address_of(FILE_SET));
    let logical = LogicalVolumeDescriptor {
        volume_descriptor_sequence_number: 3,
        descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
        logical_volume_identifier: name,
        logical_block_size: BLOCK_BYTES,
        domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
        logical_volume_contents_use: contents,
        implementation_identifier: EntityIdentifier::implementation(),
        implementation_use: options.rom.map_or([0; 128], |rom| {
            let companion = Companion {
                is_plain: false,
                bridge: rom.bridge,
                links: rom.links,
                revision: rom.revision,
            };
            companion.implementation_use()
        }),
        integrity_sequence_extent: sequences.integrity_extent(),
        partition_maps: vec![
            PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: PARTITION,
            },
            PartitionMap::Virtual {
                volume_sequence_number: 1,
                partition_number: PARTITION,
                revision,
            },
        ],
    };
    let mut primary =
        PrimaryVolumeDescriptor::new(DString::truncated(&options.label), volume_set, options.now);
    primary.volume_descriptor_sequence_number = 0.into();
    Descriptors {
        revision,
        version: form.version,
        serial: form.serial,
        primary,
        implementation_use: Some(ImplementationUseVolumeDescriptor::new(revision, 1, name)),
        partitions: vec![PartitionDescriptor::new(
            revision,
            2,
            PARTITION,
            AccessType::WriteOnce,
            form.partition_start,
            length,
        )],
        logical,
        unallocated: Some(UnallocatedSpaceDescriptor {
            volume_descriptor_sequence_number: 4,
            ..Default::default()
        }),
        integrity: Some(integrity(revision, length, options)),
    }
}
