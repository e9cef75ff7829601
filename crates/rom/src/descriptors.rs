//! The volume descriptors of a plain volume.

use ecma167::file::FileSetDescriptor;
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, ExtentAd, TagVersion};
use ecma167::osta::{Revision, unique_id};
use ecma167::volume::{
    AccessType, ImplementationUseVolumeDescriptor, IntegrityImplementationUse, IntegrityType,
    LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionDescriptor, PartitionMap,
    PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
};
use ecma167::{BLOCK_BYTES, LogicalBlock, LogicalSector};
use track::Descriptors;
use volume::{Companion, Placement, Volume};

use crate::directory::icb;
use crate::layout::Layout;
use crate::options::{Bridge, Links, Options};

/// The partition number of the only partition.
const PARTITION: u16 = 0;

/// The descriptors in which a plain volume describes itself.
pub(crate) fn descriptors(
    layout: &Layout,
    volume: &Volume,
    integrity: ExtentAd,
    file_set: LogicalSector,
    placement: &Placement,
) -> Descriptors {
    let options = &layout.options;
    let revision = options.revision;
    let name = label(volume);
    let length = placement.reserve.0.saturating_sub(options.partition_start.0);
    let vat_volume = &volume.descriptors().primary;
    let mut primary = PrimaryVolumeDescriptor::new(
        vat_volume.volume_identifier,
        vat_volume.volume_set_identifier,
        options.now,
    );
    primary.volume_descriptor_sequence_number = 0.into();
    let (files, directories) = layout.counts();
    Descriptors {
        revision,
        version: TagVersion::of(revision),
        serial: options.serial_number,
        primary,
        implementation_use: Some(ImplementationUseVolumeDescriptor {
            implementation_use: placement.implementation_use(),
            ..ImplementationUseVolumeDescriptor::new(revision, 1, name)
        }),
        partitions: vec![PartitionDescriptor::new(
            revision,
            2,
            PARTITION,
            AccessType::ReadOnly,
            options.partition_start,
            length,
        )],
        logical: LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: 3,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier: name,
            logical_block_size: BLOCK_BYTES,
            domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
            logical_volume_contents_use: icb(layout.block(file_set), 0, Revision::V1_02),
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use: companion(options).implementation_use(),
            integrity_sequence_extent: integrity,
            partition_maps: vec![PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: PARTITION,
            }],
        },
        unallocated: Some(UnallocatedSpaceDescriptor {
            volume_descriptor_sequence_number: 4,
            ..Default::default()
        }),
        integrity: Some(LogicalVolumeIntegrityDescriptor {
            recording_date_and_time: options.now,
            integrity_type: IntegrityType::Close,
            next_integrity_extent: Default::default(),
            unique_id: unique_id::next(layout.unique_id).max(unique_id::FIRST),
            free_space_table: vec![0],
            size_table: vec![length],
            implementation_use: Some(IntegrityImplementationUse::new(revision, files, directories)),
        }),
    }
}

fn companion(options: &Options) -> Companion {
    Companion {
        is_plain: true,
        bridge: options.bridge == Bridge::Iso9660,
        links: options.links == Links::Keep,
        revision: options.revision,
    }
}

/// The file set, whose root directory is at a block.
pub(crate) fn file_set(layout: &Layout, volume: &Volume, root: LogicalBlock) -> FileSetDescriptor {
    let revision = layout.options.revision;
    let identifier = DString::truncated(&volume.label());
    let root = icb(root, 0, Revision::V1_02);
    FileSetDescriptor::new(revision, label(volume), identifier, root, layout.options.now)
}

fn label(volume: &Volume) -> DString<128> {
    DString::truncated(&volume.label())
}
