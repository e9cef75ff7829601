//! Joins partition maps with the partition descriptors that they name (`ECMA-167 3/10.7`).

use ecma167::general::TagIdentifier;
use ecma167::volume::PartitionMap;
use ecma167::{BlockSize, PartitionReference};

use crate::error::{CorruptKind, Error, ErrorPlace, Unsupported};
use crate::map::{Map, Maps, MetadataFiles, Partition, Sparing};
use crate::prevailing::Prevailing;

/// The partition maps of the logical volume, joined with the partition descriptors that they name by number.
/// Maps of unknown kinds and of other volumes stay in the table, because a reader may need none of them.
/// Logical blocks have the size of the sectors, `size`, and virtual partitions that of optical discs.
pub(super) fn partition_maps(prevailing: &Prevailing, size: BlockSize) -> Result<Maps, Error> {
    let logical = &prevailing.logical;
    let here = prevailing.maps_of_this_volume();
    if logical.logical_block_size != size.bytes() || (prevailing.has_virtual_map() && !size.is_optical()) {
        return Err(Unsupported::BlockSize(logical.logical_block_size).into());
    }
    if let Some(absent) = prevailing.absent_partition() {
        return Err(Error::corrupt(absent, ErrorPlace::Volume));
    }
    let mut maps = vec![Map::Unusable(Unsupported::VolumeSet); logical.partition_maps.len()];
    for (reference, map) in &here {
        maps[usize::from(reference.0)] = joined(prevailing, &here, map)?;
    }
    let mut grounds = maps.iter_mut().filter(|map| matches!(map, Map::Virtual { .. }));
    let first = grounds.next().map(|map| map.partition().copied());
    // The VAT belongs to the first: a medium has no place for a second one (`UDF 2.60 2.2.11`).
    grounds
        .filter(|map| Some(map.partition().copied()) != first)
        .for_each(|map| *map = Map::Unusable(Unsupported::SecondVirtualPartition));
    Ok(Maps::new(maps))
}

/// One map of this volume.
fn joined(
    prevailing: &Prevailing,
    here: &[(PartitionReference, &PartitionMap)],
    map: &PartitionMap,
) -> Result<Map, Error> {
    let partition = |number: u16| {
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
    Ok(match *map {
        PartitionMap::Type1 { partition_number, .. } => Map::Physical(partition(partition_number)?),
        PartitionMap::Virtual { partition_number, .. } => Map::Virtual {
            on: partition(partition_number)?,
            physical: Some(physical(here, partition_number).ok_or_else(no_map_below)?),
        },
        PartitionMap::Sparable {
            partition_number,
            ref sparable,
            ..
        } => Map::Sparable {
            on: partition(partition_number)?,
            sparing: Sparing::new(sparable)?,
        },
        PartitionMap::Metadata {
            partition_number,
            ref metadata,
            ..
        } => {
            let below = below(here, partition_number).ok_or_else(no_map_below)?;
            Map::Metadata {
                on: partition(partition_number)?,
                files: MetadataFiles::new(below, metadata),
            }
        }
        PartitionMap::Unknown(_) => Map::Unusable(Unsupported::PartitionMap),
    })
}

fn no_map_below() -> Error {
    Error::corrupt(CorruptKind::NoMapBelow, ErrorPlace::Volume)
}

/// The reference of the type 1 map of a partition.
fn physical(here: &[(PartitionReference, &PartitionMap)], number: u16) -> Option<PartitionReference> {
    let is_it = |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. });
    reference(here, number, is_it)
}

/// The reference of the map of the partition that contains a metadata partition's files: type 1 or sparable
/// (`UDF 2.60 2.2.10`).
fn below(here: &[(PartitionReference, &PartitionMap)], number: u16) -> Option<PartitionReference> {
    let is_it =
        |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
    reference(here, number, is_it)
}

/// The reference of the first map of a partition that has this kind.
fn reference(
    here: &[(PartitionReference, &PartitionMap)],
    number: u16,
    is_it: impl Fn(&PartitionMap) -> bool,
) -> Option<PartitionReference> {
    let mut found = here
        .iter()
        .filter(|(_, map)| is_it(map) && map.partition_number() == Some(number));
    found.next().map(|(reference, _)| *reference)
}
