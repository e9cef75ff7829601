//! Joins partition maps with the partition descriptors that they name (`ECMA-167 3/10.7`).

use ecma167::general::TagIdentifier;
use ecma167::volume::{LogicalVolumeDescriptor, PartitionMap};
use ecma167::{BlockSize, PartitionReference};

use crate::error::{CorruptKind, Error, ErrorPlace, Unsupported};
use crate::map::{Map, Maps, MetadataFiles, Partition, Sparing};
use crate::prevailing::{Prevailing, absent_partition};

/// The partition maps of the logical volume, joined with the partition descriptors that they name by number.
/// Logical blocks have the size of the sectors, `size`, and virtual partitions that of optical discs.
pub(super) fn partition_maps(prevailing: &Prevailing, size: BlockSize) -> Result<Maps, Error> {
    let logical = &prevailing.logical;
    if logical.logical_block_size != size.bytes() || (prevailing.has_virtual_map() && !size.is_optical()) {
        return Err(Unsupported::BlockSize(logical.logical_block_size).into());
    }
    let numbers = prevailing.partitions.iter().map(|one| one.partition_number.get());
    if let Some(absent) = absent_partition(logical, &numbers.collect::<Vec<_>>()) {
        return Err(Error::corrupt(absent, ErrorPlace::Volume));
    }
    let volume = prevailing.primary.volume_sequence_number.get();
    let partition = |of_volume: u16, number: u16| {
        if of_volume != volume {
            return Err(Unsupported::VolumeSet.into());
        }
        let descriptor = prevailing
            .partitions
            .iter()
            .find(|one| one.partition_number.get() == number);
        let missing = CorruptKind::MissingDescriptor(TagIdentifier::PARTITION_DESCRIPTOR);
        let descriptor = descriptor.ok_or_else(|| Error::corrupt(missing, ErrorPlace::Volume))?;
        Ok::<_, Error>(Partition {
            number,
            start: descriptor.start(),
            length: descriptor.length(),
        })
    };
    let maps = logical.partition_maps.iter().map(|map| {
        Ok(match *map {
            PartitionMap::Type1 {
                volume_sequence_number,
                partition_number,
            } => Map::Physical(partition(volume_sequence_number, partition_number)?),
            PartitionMap::Virtual {
                volume_sequence_number,
                partition_number,
                ..
            } => Map::Virtual {
                on: partition(volume_sequence_number, partition_number)?,
                physical: physical(logical, partition_number),
            },
            PartitionMap::Sparable {
                volume_sequence_number,
                partition_number,
                ref sparable,
                ..
            } => Map::Sparable {
                on: partition(volume_sequence_number, partition_number)?,
                sparing: Sparing::new(sparable)?,
            },
            PartitionMap::Metadata {
                volume_sequence_number,
                partition_number,
                ref metadata,
                ..
            } => {
                let on = partition(volume_sequence_number, partition_number)?;
                let below = below(logical, partition_number).ok_or_else(no_map_below)?;
                let files = MetadataFiles::new(below, metadata);
                Map::Metadata { on, files }
            }
            PartitionMap::Unknown(_) => return Err(Unsupported::PartitionMap.into()),
        })
    });
    let maps: Vec<Map> = maps.collect::<Result<_, Error>>()?;
    if maps
        .iter()
        .any(|map| matches!(map, Map::Virtual { physical: None, .. }))
    {
        return Err(no_map_below());
    }
    Ok(Maps::new(maps))
}

fn no_map_below() -> Error {
    Error::corrupt(CorruptKind::NoMapBelow, ErrorPlace::Volume)
}

/// The reference of the type 1 map of a partition.
fn physical(logical: &LogicalVolumeDescriptor, number: u16) -> Option<PartitionReference> {
    let is_it = |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. });
    reference(logical, number, is_it)
}

/// The reference of the map of the partition that contains a metadata partition's files: type 1 or sparable
/// (`UDF 2.60 2.2.10`).
fn below(logical: &LogicalVolumeDescriptor, number: u16) -> Option<PartitionReference> {
    let is_it =
        |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
    reference(logical, number, is_it)
}

/// The reference of the first map of a partition that has this kind.
fn reference(
    logical: &LogicalVolumeDescriptor,
    number: u16,
    is_it: impl Fn(&PartitionMap) -> bool,
) -> Option<PartitionReference> {
    let maps = &logical.partition_maps;
    let at = maps
        .iter()
        .position(|map| is_it(map) && map.partition_number() == Some(number))?;
    u16::try_from(at).ok().map(PartitionReference)
}
