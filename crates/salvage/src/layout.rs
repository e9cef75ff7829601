//! What a volume may have been: the size of its blocks, where its partitions begin, and what partition
//! references mean.

use ecma167::file::{ExtentType, LongAd};
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, ExtentAd, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::partition_map::{Metadata, Sparable};
use ecma167::volume::{
    AccessType, LogicalVolumeDescriptor, PartitionDescriptor, PartitionMap, PrimaryVolumeDescriptor,
};
use ecma167::{BlockSize, LogicalSector, PartitionReference};
use volume::{Assembly, Extent, Prevailing};
use zerocopy::FromZeros as _;

use crate::index::{Index, sector_of};

/// A volume that may have been on the disc.
#[derive(Clone, Debug)]
pub struct Layout {
    pub(crate) block_size: BlockSize,
    pub(crate) logical: LogicalVolumeDescriptor,
    pub(crate) partitions: Vec<PartitionDescriptor>,
    /// Whether the descriptor of the volume was found, and not worked out.
    pub(crate) is_found: bool,
    /// Whether it is known where the partition begins. If not, no data is found outside of entries.
    pub(crate) is_placed: bool,
    /// Whether enough tells where the partition begins.
    pub(crate) is_proved: bool,
    /// The extents of the metadata file, if its ICBs are lost.
    pub(crate) metadata: Vec<Extent>,
}

/// The kind of the partition that has the nodes of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Type 1 or sparable: nodes are named by their blocks.
    Plain,
    /// Virtual: nodes are named by virtual addresses.
    Virtual,
    /// Metadata: nodes are named by blocks of the metadata file.
    Metadata,
}

/// Blocks of a packet of a sparable partition (`UDF 2.60 2.2.9`).
pub(crate) const PACKET: u32 = 32;
/// The number of a partition that no descriptor describes.
const NUMBER: u16 = 0;

impl Layout {
    /// A volume whose descriptor was found, with the partitions that its maps name.
    pub(crate) fn found(
        logical: &LogicalVolumeDescriptor,
        partitions: Vec<PartitionDescriptor>,
    ) -> Option<Self> {
        Some(Self {
            block_size: BlockSize::new(logical.logical_block_size)?,
            logical: logical.clone(),
            partitions,
            is_found: true,
            is_placed: true,
            is_proved: false,
            metadata: Vec::new(),
        })
    }

    /// A volume without a descriptor, in a partition from `start` on.
    pub(crate) fn made(size: BlockSize, start: u32, length: u32, maps: Vec<PartitionMap>) -> Self {
        let revision = Revision::V2_01;
        let logical = LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: 1,
            descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            logical_volume_identifier: DString::EMPTY,
            logical_block_size: size.bytes(),
            domain_identifier: EntityIdentifier::domain(revision, DomainFlags::empty()),
            logical_volume_contents_use: LongAd::new(ExtentType::Recorded, 0, Default::default()),
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use: [0; 128],
            integrity_sequence_extent: ExtentAd::new_zeroed(),
            partition_maps: maps,
        };
        let start = LogicalSector(start);
        let partition = PartitionDescriptor::new(revision, 1, NUMBER, AccessType::WriteOnce, start, length);
        Self {
            block_size: size,
            logical,
            partitions: vec![partition],
            is_found: false,
            is_placed: true,
            is_proved: false,
            metadata: Vec::new(),
        }
    }

    /// A volume with a virtual partition of which nothing tells where it begins. Entries are found by their
    /// places on the disc, and no extent leads anywhere.
    pub(crate) fn unplaced(end: u32) -> Self {
        let unknown = PartitionMap::Unknown(vec![0, 2]);
        let maps = vec![unknown, virtual_map(), type_1()];
        Self {
            is_placed: false,
            ..Self::made(BlockSize::OPTICAL, 0, end, maps)
        }
    }

    /// Whether it is known where the partition begins. If not, only files inside their entries come out.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.is_placed
    }

    /// Whether structures that do not depend on each other agree on where the partition begins. If not, data
    /// outside of entries may be that of something else.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.is_proved
    }

    /// Bytes of a logical block.
    #[must_use]
    pub fn block_size(&self) -> BlockSize {
        self.block_size
    }

    /// The name of the volume, if its descriptor was found.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        self.is_found
            .then(|| self.logical.logical_volume_identifier.decode_lossy())
    }

    /// Whether the descriptor of the volume was found.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.is_found
    }

    /// The kind of the partition with the nodes.
    #[must_use]
    pub fn form(&self) -> Form {
        let maps = &self.logical.partition_maps;
        if maps.iter().any(|map| matches!(map, PartitionMap::Virtual { .. })) {
            Form::Virtual
        } else if maps
            .iter()
            .any(|map| matches!(map, PartitionMap::Metadata { .. }))
        {
            Form::Metadata
        } else {
            Form::Plain
        }
    }

    /// The first sector of the partition below, and its length in blocks.
    #[must_use]
    pub fn ground(&self) -> Option<(u32, u32)> {
        let maps = &self.logical.partition_maps;
        let number = maps.iter().find_map(|map| match (self.form(), map) {
            (Form::Plain, _)
            | (Form::Virtual, PartitionMap::Virtual { .. })
            | (Form::Metadata, PartitionMap::Metadata { .. }) => map.partition_number(),
            _ => None,
        });
        let of_number = |one: &&PartitionDescriptor| Some(one.partition_number.get()) == number;
        let partition = self.partitions.iter().find(of_number)?;
        Some((partition.start().0, partition.length()))
    }

    /// The reference of the partition with the nodes.
    pub(crate) fn nodes(&self) -> PartitionReference {
        let form = self.form();
        let mut maps = self.logical.partition_maps.iter();
        let at = maps.position(|map| match map {
            PartitionMap::Virtual { .. } => form == Form::Virtual,
            PartitionMap::Metadata { .. } => form == Form::Metadata,
            PartitionMap::Unknown(_) => false,
            _ => form == Form::Plain,
        });
        PartitionReference(at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0))
    }

    /// What [`volume::Volume::assemble`] takes.
    pub(crate) fn assembly(&self) -> Assembly {
        Assembly {
            block_size: self.block_size,
            prevailing: Prevailing {
                primary: PrimaryVolumeDescriptor::new(
                    DString::EMPTY,
                    DString::EMPTY,
                    Timestamp::new_zeroed(),
                ),
                implementation_use: None,
                partitions: self.partitions.clone(),
                logical: self.logical.clone(),
                unallocated: None,
                integrity: None,
                volume_descriptor_sequence: ExtentAd::new_zeroed(),
                from_reserve: false,
                anchor: LogicalSector(0),
                tag_serial_number: 0,
            },
            metadata: self.metadata.clone(),
        }
    }
}

/// A type 1 map.
pub(crate) fn type_1() -> PartitionMap {
    PartitionMap::Type1 {
        volume_sequence_number: 1,
        partition_number: NUMBER,
    }
}

/// A virtual map.
pub(crate) fn virtual_map() -> PartitionMap {
    PartitionMap::Virtual {
        volume_sequence_number: 1,
        partition_number: NUMBER,
        revision: Revision::V2_01,
    }
}

/// A metadata map with the blocks of the ICBs of the metadata file and its mirror.
pub(crate) fn metadata_map(main: u32, mirror: u32) -> PartitionMap {
    let metadata = Metadata {
        metadata_file_location: main.into(),
        metadata_mirror_file_location: mirror.into(),
        metadata_bitmap_file_location: u32::MAX.into(),
        ..Metadata::new_zeroed()
    };
    PartitionMap::Metadata {
        volume_sequence_number: 1,
        partition_number: NUMBER,
        revision: Revision::V2_50,
        metadata,
    }
}

/// A sparable map with the sparing tables that were found; `None` if there are none.
pub(crate) fn sparable_map(index: &Index, size: BlockSize) -> Option<PartitionMap> {
    let mut tables = index.sparing_tables.clone();
    tables.sort_by_key(|(_, sequence)| std::cmp::Reverse(*sequence));
    let mut sectors = tables.iter().filter_map(|(unit, _)| sector_of(*unit, size));
    let mut locations = [0_u32.into(); 4];
    let mut number = 0;
    for (place, sector) in locations.iter_mut().zip(&mut sectors) {
        *place = sector.into();
        number += 1;
    }
    let sparable = Sparable {
        packet_length: 32.into(),
        number_of_sparing_tables: number,
        locations_of_sparing_tables: locations,
        ..Sparable::new_zeroed()
    };
    (number > 0).then_some(PartitionMap::Sparable {
        volume_sequence_number: 1,
        partition_number: NUMBER,
        revision: Revision::V2_01,
        sparable,
    })
}
