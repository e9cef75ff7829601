//! The prevailing descriptors in the volume descriptor sequences of a volume (`ECMA-167 3/8.4.3`).

use ecma167::general::ExtentAd;
use ecma167::volume::{
    ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor,
    PartitionDescriptor, PartitionMap, PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
};
use ecma167::{LogicalSector, PartitionReference};

use crate::error::AbsentPartition;

/// The prevailing descriptors of the volume, and where they were found.
#[derive(Clone, Debug)]
pub struct Prevailing {
    /// The primary volume descriptor (`ECMA-167 3/10.1`).
    pub primary: PrimaryVolumeDescriptor,
    /// The implementation use volume descriptor `*UDF LV Info` (`UDF 2.60 2.2.7`).
    pub implementation_use: Option<ImplementationUseVolumeDescriptor>,
    /// The partition descriptors, one for each partition number (`ECMA-167 3/10.5`).
    pub partitions: Vec<PartitionDescriptor>,
    /// The logical volume descriptor (`ECMA-167 3/10.6`).
    pub logical: LogicalVolumeDescriptor,
    /// The unallocated space descriptor (`ECMA-167 3/10.8`).
    pub unallocated: Option<UnallocatedSpaceDescriptor>,
    /// The last logical volume integrity descriptor (`ECMA-167 3/10.10`); on write-once media it is open and
    /// stale.
    pub integrity: Option<LogicalVolumeIntegrityDescriptor>,
    /// The extent that the descriptors were read from.
    pub volume_descriptor_sequence: ExtentAd,
    /// Whether that is the reserve sequence, because the main one is damaged.
    pub from_reserve: bool,
    /// The sector of the anchor that led here.
    pub anchor: LogicalSector,
    /// The serial number in its tag, which every tag of the volume has from UDF 2.50 on (`UDF 2.60 2.2.1.1`,
    /// `2.3.1.1`).
    pub tag_serial_number: u16,
}

impl Prevailing {
    /// The partition maps of partitions on this volume, and those of unknown kinds.
    pub(crate) fn maps_of_this_volume(&self) -> Vec<(PartitionReference, &PartitionMap)> {
        maps_of_this_volume(&self.primary, &self.logical).collect()
    }

    /// Whether the volume has a virtual partition, and so a VAT.
    pub(crate) fn has_virtual_map(&self) -> bool {
        let mut maps = maps_of_this_volume(&self.primary, &self.logical);
        maps.any(|(_, map)| matches!(map, PartitionMap::Virtual { .. }))
    }

    /// The first map whose partition has no descriptor.
    pub(crate) fn absent_partition(&self) -> Option<AbsentPartition> {
        absent_partition(&self.primary, &self.logical, &self.partitions)
    }
}

/// A descriptor describes partitions of its own volume only, so a map of another volume has none here
/// (`ECMA-167 3/10.5`). In a set of one volume there is no other, whatever number a map has: mkudfiso records
/// 0.
fn maps_of_this_volume<'a>(
    primary: &PrimaryVolumeDescriptor,
    logical: &'a LogicalVolumeDescriptor,
) -> impl Iterator<Item = (PartitionReference, &'a PartitionMap)> {
    let here = primary.volume_sequence_number.get();
    let is_alone = primary.maximum_volume_sequence_number.get() <= 1;
    let references = (0..=u16::MAX).map(PartitionReference);
    references.zip(&logical.partition_maps).filter(move |(_, map)| {
        map.volume_sequence_number()
            .is_none_or(|volume| is_alone || volume == here)
    })
}

/// The first map of a partition on this volume that has no descriptor.
pub(crate) fn absent_partition(
    primary: &PrimaryVolumeDescriptor,
    logical: &LogicalVolumeDescriptor,
    partitions: &[PartitionDescriptor],
) -> Option<AbsentPartition> {
    let described: Vec<u16> = partitions.iter().map(|one| one.partition_number.get()).collect();
    let mut named = maps_of_this_volume(primary, logical)
        .filter_map(|(reference, map)| Some((usize::from(reference.0), map.partition_number()?)));
    let (map, number) = named.find(|(_, number)| !described.contains(number))?;
    Some(AbsentPartition {
        map,
        number,
        described,
    })
}
