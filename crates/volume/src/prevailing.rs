//! The prevailing descriptors in the volume descriptor sequences of a volume (`ECMA-167 3/8.4.3`).

use ecma167::LogicalSector;
use ecma167::general::ExtentAd;
use ecma167::volume::{
    ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor,
    PartitionDescriptor, PartitionMap, PrimaryVolumeDescriptor, UnallocatedSpaceDescriptor,
};

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
}

impl Prevailing {
    /// Whether the volume has a virtual partition, and so a VAT.
    pub(crate) fn has_virtual_map(&self) -> bool {
        let mut maps = self.logical.partition_maps.iter();
        maps.any(|map| matches!(map, PartitionMap::Virtual { .. }))
    }
}

/// The first map whose partition has no descriptor.
pub(crate) fn absent_partition(
    logical: &LogicalVolumeDescriptor,
    described: &[u16],
) -> Option<AbsentPartition> {
    let maps = logical.partition_maps.iter().enumerate();
    let mut named = maps.filter_map(|(at, map)| Some((at, map.partition_number()?)));
    let (map, number) = named.find(|(_, number)| !described.contains(number))?;
    Some(AbsentPartition {
        map,
        number,
        described: described.to_vec(),
    })
}
