//! The logical volume descriptor and its partition maps (`ECMA-167 3/10.6`, `3/10.7`, `UDF 2.60 2.2.4`,
//! `2.2.8`).

use ecma167::general::EntityIdentifier;
use ecma167::osta::Revision;
use ecma167::recognition::Nsr;
use ecma167::volume::{AccessType, LogicalVolumeDescriptor, PartitionMap};
use zerocopy::FromBytes;

use crate::basic::Entity;
use crate::descriptor::FoundDescriptor;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::metadata_file::MetadataPartition;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::resealed;

impl Judge<'_> {
    pub fn logical(&mut self, found: &FoundDescriptor, partitions: Vec<Partition>) -> Option<Layout> {
        let place = FindingPlace::Sector(found.sector);
        let copy = resealed(&found.block, found.identifier);
        let logical = match LogicalVolumeDescriptor::decode(&copy, None) {
            Ok(logical) => logical,
            Err(fault) => {
                self.find(K::PartitionMaps, place, format_args!("{}", fault.kind));
                return None;
            }
        };
        let table = u32::from_le_bytes([copy[264], copy[265], copy[266], copy[267]]);
        let maps: usize = logical.partition_maps.iter().map(PartitionMap::encoded_len).sum();
        if usize::try_from(table) != Ok(maps) {
            self.find(
                K::PartitionMaps,
                place,
                format_args!("maps of {maps} bytes in a table of {table}"),
            );
        }
        let length = LogicalVolumeDescriptor::HEADER_LEN + usize::try_from(table).unwrap_or(0);
        self.descriptor_length(found, length.min(self.disc.size().as_usize()));
        self.logical_fields(place, &logical);
        let revision = logical.domain_identifier.revision();
        let mut layout = Layout {
            revision,
            logical_sector: found.sector,
            maps: Vec::new(),
            vat_revision: revision,
            vat: None,
            logical,
        };
        self.maps(
            place,
            &copy[LogicalVolumeDescriptor::HEADER_LEN..],
            &mut layout,
            &partitions,
        );
        let overwritable = |partition: &&Partition| partition.access == AccessType::PseudoOverwritable;
        if let Some(partition) = partitions
            .iter()
            .find(overwritable)
            .filter(|_| revision < Revision::V2_60)
        {
            let place = FindingPlace::Sector(partition.sector);
            self.find(
                K::PartitionAccess,
                place,
                format_args!("access type 0 in UDF {revision}"),
            );
        }
        self.report.summary.revision = Some(revision);
        Some(layout)
    }

    fn logical_fields(&mut self, place: FindingPlace, logical: &LogicalVolumeDescriptor) {
        self.charspec(
            place,
            "UDF 2.60 2.2.4.1",
            "descriptor character set",
            &logical.descriptor_character_set,
        );
        let name = &logical.logical_volume_identifier;
        self.dstring(place, "ECMA-167 3/10.6.4", "logical volume identifier", &name.0);
        if name.characters().is_empty() {
            self.find(
                K::VolumeIdentifierEmpty,
                place,
                format_args!("logical volume identifier"),
            );
        }
        if logical.logical_block_size != self.disc.size().bytes() {
            let size = logical.logical_block_size;
            self.find(K::LogicalBlockSize, place, format_args!("{size} bytes"));
        }
        let domain = &logical.domain_identifier;
        self.entity(
            place,
            "UDF 2.60 2.2.4.3",
            "domain identifier",
            domain,
            Entity::Domain,
        );
        let revision = domain.revision();
        if !Revision::ALL.contains(&revision) {
            self.find(
                K::Revision,
                place,
                format_args!("{:#06x} in the domain identifier", revision.0),
            );
        } else if self.edition.is_some_and(|edition| edition != revision.nsr()) {
            let clause = "ECMA-167 3/9.1";
            self.find_by(
                K::RecognitionEdition,
                clause,
                place,
                format_args!("UDF {revision} with {:?}", self.edition.unwrap_or(Nsr::Nsr02)),
            );
        }
        let contents = &logical.logical_volume_contents_use;
        let length = contents.length();
        let size = self.disc.size().bytes();
        if length.bytes() < size
            || length.0 >> 30 != 0
            || !length.bytes().is_multiple_of(size)
            || usize::from(contents.address().partition.0) >= logical.partition_maps.len()
        {
            self.find(
                K::FileSetExtent,
                place,
                format_args!("length field {:#x} at {}", length.0, contents.address()),
            );
        }
        if contents.implementation_use != [0; 6] {
            let used = contents.implementation_use;
            self.find(
                K::AddressUse,
                place,
                format_args!("logical volume contents use: {used:?}"),
            );
        }
        self.entity(
            place,
            "UDF 2.60 2.2.4",
            "implementation identifier",
            &logical.implementation_identifier,
            Entity::Implementation,
        );
        let extent = logical.integrity_sequence_extent;
        self.volume_extent(place, "UDF 2.60 2.2.4", "integrity sequence extent", extent);
    }

    /// Resolves the maps; `table` contains the recorded ones.
    fn maps(&mut self, place: FindingPlace, table: &[u8], layout: &mut Layout, partitions: &[Partition]) {
        let mut at = 0;
        let all = layout.logical.partition_maps.clone();
        for (reference, map) in all.iter().enumerate() {
            let bytes = table.get(at..at + map.encoded_len()).unwrap_or_default();
            at += map.encoded_len();
            let number = map.partition_number();
            let partition = partitions
                .iter()
                .find(|partition| Some(partition.number) == number)
                .copied();
            if let (Some(number), None) = (number, partition) {
                let described: Vec<String> = partitions
                    .iter()
                    .map(|partition| partition.number.to_string())
                    .collect();
                let described = match &described[..] {
                    [] => "there is no partition descriptor".to_owned(),
                    [one] => format!("the only partition descriptor is that of partition {one}"),
                    all => format!("there are descriptors of the partitions {}", all.join(", ")),
                };
                self.find(
                    K::PartitionMapPartition,
                    place,
                    format_args!("map {reference} refers to partition {number}, {described}"),
                );
            }
            let (volume, found, revision) = match map {
                PartitionMap::Type1 {
                    volume_sequence_number,
                    ..
                } => (*volume_sequence_number, partition.map(Map::Physical), None),
                PartitionMap::Virtual {
                    volume_sequence_number,
                    revision,
                    ..
                } => {
                    layout.vat_revision = *revision;
                    (
                        *volume_sequence_number,
                        partition.map(Map::Virtual),
                        Some(*revision),
                    )
                }
                PartitionMap::Sparable {
                    volume_sequence_number,
                    revision,
                    sparable,
                    ..
                } => {
                    let map = partition
                        .map(|partition| Map::Sparable(partition, self.sparing(place, sparable, &partition)));
                    (*volume_sequence_number, map, Some(*revision))
                }
                PartitionMap::Metadata {
                    volume_sequence_number,
                    revision,
                    metadata,
                    ..
                } => {
                    if partition.is_some_and(|partition| partition.access == AccessType::WriteOnce) {
                        self.find(K::PartitionMapMetadata, place, format_args!("map {reference}"));
                    }
                    let below = all.iter().position(|other| {
                        let is_below =
                            matches!(other, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
                        is_below && other.partition_number() == number
                    });
                    let map = partition
                        .map(|partition| Map::Metadata(MetadataPartition::new(metadata, partition, below)));
                    (*volume_sequence_number, map, Some(*revision))
                }
                PartitionMap::Unknown(_) => (1, None, None),
            };
            if volume != 1 {
                self.find(
                    K::PartitionMapVolume,
                    place,
                    format_args!("map {reference} refers to volume {volume}"),
                );
            }
            if let Some(revision) = revision {
                self.map_fields(place, reference, bytes, revision, layout.revision);
            }
            if matches!(map, PartitionMap::Unknown(_)) {
                self.find(
                    K::NotJudged,
                    place,
                    format_args!(
                        "partition map {reference}, of a kind that UDF does not define, and what is in it"
                    ),
                );
            }
            layout.maps.push(found.unwrap_or(Map::Other));
        }
        self.map_order(place, layout);
    }

    /// Judges a type 2 map defined by UDF.
    fn map_fields(
        &mut self,
        place: FindingPlace,
        reference: usize,
        bytes: &[u8],
        revision: Revision,
        volume: Revision,
    ) {
        let clause = "UDF 2.60 2.2.8";
        self.zeros(
            place,
            clause,
            "map, reserved",
            bytes.get(2..4).unwrap_or_default(),
        );
        let Some(identifier) = bytes
            .get(4..36)
            .and_then(|bytes| EntityIdentifier::read_from_bytes(bytes).ok())
        else {
            return;
        };
        for name in ["*UDF Sparable Partition", "*UDF Metadata Partition"] {
            if identifier.is(name) {
                self.entity(
                    place,
                    clause,
                    "partition type identifier",
                    &identifier,
                    Entity::Udf(name),
                );
            }
        }
        if identifier.is("*UDF Virtual Partition") {
            let expected = Entity::Udf("*UDF Virtual Partition");
            self.entity(place, clause, "partition type identifier", &identifier, expected);
            self.zeros(
                place,
                clause,
                "map, reserved",
                bytes.get(40..64).unwrap_or_default(),
            );
        }
        let what = format!("identifier of map {reference}");
        self.same_revision(place, &what, revision, volume);
    }

    pub fn same_revision(&mut self, place: FindingPlace, what: &str, found: Revision, expected: Revision) {
        if found != expected {
            self.find(
                K::RevisionsDiffer,
                place,
                format_args!("{what}: {:#06x} instead of {:#06x}", found.0, expected.0),
            );
        }
    }

    /// Judges the relations between the maps and with their partitions.
    fn map_order(&mut self, place: FindingPlace, layout: &Layout) {
        let position = |is_it: fn(&Map) -> bool| layout.maps.iter().position(is_it);
        let count = |is_it: fn(&Map) -> bool| layout.maps.iter().filter(|map| is_it(map)).count();
        let virtual_map = |map: &Map| matches!(map, Map::Virtual(_));
        let physical = |map: &Map| matches!(map, Map::Physical(_));
        let Some(partition) = layout.virtual_partition() else {
            for map in &layout.maps {
                if let Map::Physical(partition) = map
                    && partition.access == AccessType::WriteOnce
                {
                    self.find(K::NoVirtualPartition, place, format_args!(""));
                }
            }
            return;
        };
        let same = layout.maps.iter().any(|map| match map {
            Map::Physical(other) => other.number == partition.number,
            _ => false,
        });
        if !same || count(virtual_map) != 1 {
            self.find(
                K::PartitionMapVirtual,
                place,
                format_args!("{} virtual maps", count(virtual_map)),
            );
        }
        if position(physical) > position(virtual_map) {
            self.find(K::PartitionMapOrder, place, format_args!(""));
        }
        let place = FindingPlace::Sector(partition.sector);
        if partition.access != AccessType::WriteOnce {
            self.find(K::PartitionAccess, place, format_args!("{:?}", partition.access));
        }
        if partition.has_tables {
            self.find(
                K::PartitionHeader,
                place,
                format_args!("partition {}", partition.number),
            );
        }
    }
}
