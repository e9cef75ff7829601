//! The fields of the prevailing volume descriptors (`ECMA-167 3/10`, `UDF 2.60 2.2`).

use ecma167::LogicalSector;
use ecma167::general::{DString, Tag};
use ecma167::osta::cs0;
use ecma167::recognition::Nsr;
use ecma167::volume::{
    AccessType, ImplementationUseVolumeDescriptor, PartitionDescriptor, PrimaryVolumeDescriptor,
};
use zerocopy::{FromBytes, IntoBytes};

use crate::basic::Entity;
use crate::descriptor::FoundDescriptor;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::Layout;
use crate::partition::Partition;
use crate::rules::FindingKind as K;

/// The prevailing descriptors of a sequence.
pub(crate) struct Prevailing {
    pub start: LogicalSector,
    pub primary: Vec<FoundDescriptor>,
    pub information: Option<FoundDescriptor>,
    pub has_information: bool,
    pub partitions: Vec<FoundDescriptor>,
    pub logical: Vec<FoundDescriptor>,
    pub unallocated: Vec<FoundDescriptor>,
}

impl Prevailing {
    pub fn logical_sector(&self) -> LogicalSector {
        self.logical.first().map_or(self.start, |found| found.sector)
    }

    /// Which part of the volume another session describes differently.
    pub fn differs_from(&self, other: &Self) -> Option<&'static str> {
        // Number, access, start and length of each partition; everything from block size to maps, but not who
        // recorded it.
        let partition =
            |found: &FoundDescriptor| (found.block[22..24].to_vec(), found.block[184..196].to_vec());
        let logical = |found: &FoundDescriptor| (found.block[212..272].to_vec(), found.block[432..].to_vec());
        let partitions = |of: &Self| of.partitions.iter().map(partition).collect::<Vec<_>>();
        if partitions(self) != partitions(other) {
            Some("partition descriptors")
        } else if self.logical.first().map(logical) != other.logical.first().map(logical) {
            Some("logical volume descriptors")
        } else {
            None
        }
    }
}

impl Judge<'_> {
    /// Judges the descriptors and derives the layout of the volume.
    pub fn descriptors(&mut self, prevailing: &Prevailing) -> Option<Layout> {
        let place = FindingPlace::Sector(prevailing.start);
        let counts = [
            (K::SequencePrimary, prevailing.primary.len(), 1),
            (K::SequenceLogical, prevailing.logical.len(), 1),
            (K::SequenceUnallocated, prevailing.unallocated.len(), 1),
        ];
        for (kind, count, expected) in counts {
            if count != expected {
                self.find(kind, place, format_args!("{count} of them"));
            }
        }
        if !prevailing.has_information {
            self.find(K::SequenceImplementationUse, place, format_args!(""));
        }
        if let Some(found) = prevailing.primary.first() {
            self.primary(found);
        }
        let partitions = self.partitions(&prevailing.partitions);
        for found in &prevailing.unallocated {
            self.unallocated(found, &partitions);
        }
        let layout = self.logical(prevailing.logical.first()?, partitions)?;
        if let Some(found) = &prevailing.information {
            self.information(found, &layout);
        }
        Some(layout)
    }

    /// Judges the tag of a descriptor just found: its CRC must cover `length` bytes.
    pub fn descriptor_length(&mut self, found: &FoundDescriptor, length: usize) {
        let place = FindingPlace::Sector(found.sector);
        if let Ok((tag, _)) = Tag::read_from_prefix(&found.block[..]) {
            self.crc_length(place, &tag, &[length]);
        }
        self.trailing(place, &found.block[..], length);
    }

    fn primary(&mut self, found: &FoundDescriptor) {
        const CLAUSE: &str = "ECMA-167 3/10.1";
        let place = FindingPlace::Sector(found.sector);
        self.descriptor_length(found, size_of::<PrimaryVolumeDescriptor>());
        let Ok((primary, _)) = PrimaryVolumeDescriptor::read_from_prefix(&found.block[..]) else {
            return;
        };
        if primary.primary_volume_descriptor_number.get() != 0 {
            let number = primary.primary_volume_descriptor_number.get();
            self.find(K::PrimaryNumber, place, format_args!("{number}"));
        }
        self.dstring(
            place,
            "ECMA-167 3/10.1.4",
            "volume identifier",
            &primary.volume_identifier.0,
        );
        if primary.volume_identifier == DString::EMPTY {
            self.find(K::VolumeIdentifierEmpty, place, format_args!("volume identifier"));
        }
        let (number, maximum) = (
            primary.volume_sequence_number.get(),
            primary.maximum_volume_sequence_number.get(),
        );
        if number == 0 || number > maximum {
            self.find(
                K::VolumeSequenceNumber,
                place,
                format_args!("{number} of {maximum}"),
            );
        }
        let (level, highest) = (
            primary.interchange_level.get(),
            primary.maximum_interchange_level.get(),
        );
        if level != if maximum > 1 { 3 } else { 2 } {
            self.find(
                K::InterchangeLevel,
                place,
                format_args!("{level} of a set of {maximum} volumes"),
            );
        }
        if !matches!(highest, 2 | 3) || highest < level {
            self.find(K::MaximumInterchangeLevel, place, format_args!("{highest}"));
        }
        let (list, longest) = (
            primary.character_set_list.get(),
            primary.maximum_character_set_list.get(),
        );
        if list != 1 || longest != 1 {
            self.find(
                K::CharacterSetList,
                place,
                format_args!("{list}, maximum {longest}"),
            );
        }
        self.dstring(
            place,
            "UDF 2.60 2.2.2.5",
            "volume set identifier",
            &primary.volume_set_identifier.0,
        );
        let set: Vec<char> = primary.volume_set_identifier.decode_lossy().chars().collect();
        if set.len() < 16 || !set[..8].iter().all(char::is_ascii_hexdigit) {
            let set: String = set.into_iter().collect();
            self.find(K::VolumeSetIdentifier, place, format_args!("{set:?}"));
        }
        for (clause, name, charspec) in [
            (
                "UDF 2.60 2.2.2.6",
                "descriptor character set",
                primary.descriptor_character_set,
            ),
            (
                "UDF 2.60 2.2.2.7",
                "explanatory character set",
                primary.explanatory_character_set,
            ),
        ] {
            self.charspec(place, clause, name, &charspec);
        }
        for (name, extent) in [
            ("volume abstract", primary.volume_abstract),
            ("copyright notice", primary.volume_copyright_notice),
        ] {
            let end = extent
                .location()
                .0
                .checked_add(extent.length().div_ceil(self.disc.size().bytes()));
            if end.is_none_or(|end| end > self.disc.capacity)
                || (extent.length() == 0) != (extent.location().0 == 0)
            {
                self.find(
                    K::PrimaryExtent,
                    place,
                    format_args!("{name}: {} bytes at {}", extent.length(), extent.location()),
                );
            }
        }
        self.entity(
            place,
            "UDF 2.60 2.2.2.9",
            "application identifier",
            &primary.application_identifier,
            Entity::Application,
        );
        self.timestamp(
            place,
            "ECMA-167 3/10.1.17",
            "recording date and time",
            &primary.recording_date_and_time,
        );
        self.entity(
            place,
            "UDF 2.60 2.2.2.8",
            "implementation identifier",
            &primary.implementation_identifier,
            Entity::Implementation,
        );
        let predecessor = primary.predecessor_volume_descriptor_sequence_location.get();
        if predecessor != 0 {
            self.find(K::PrimaryPredecessor, place, format_args!("sector {predecessor}"));
        }
        let flags = primary.flags.get();
        if flags & !1 != 0 {
            self.find(K::PrimaryFlags, place, format_args!("{flags:#06x}"));
        }
        self.zeros(place, CLAUSE, "reserved", &primary.reserved);
    }

    fn information(&mut self, found: &FoundDescriptor, layout: &Layout) {
        const CLAUSE: &str = "UDF 2.60 2.2.7";
        let place = FindingPlace::Sector(found.sector);
        self.descriptor_length(found, size_of::<ImplementationUseVolumeDescriptor>());
        let Ok((used, _)) = ImplementationUseVolumeDescriptor::read_from_prefix(&found.block[..]) else {
            return;
        };
        let identifier = &used.implementation_identifier;
        self.entity(
            place,
            "UDF 2.60 2.2.7.1",
            "implementation identifier",
            identifier,
            Entity::Udf("*UDF LV Info"),
        );
        if identifier.is("*UDF LV Info") {
            let (found, expected) = (identifier.revision(), layout.revision);
            if found != expected {
                self.find(
                    K::InformationRevision,
                    place,
                    format_args!("{:#06x} instead of {:#06x}", found.0, expected.0),
                );
            }
        }
        self.charspec(place, "UDF 2.60 2.2.7.2.1", "LVI charset", &used.lvi_charset);
        self.dstring(
            place,
            CLAUSE,
            "logical volume identifier",
            &used.logical_volume_identifier.0,
        );
        self.same_name(
            place,
            used.logical_volume_identifier.as_bytes(),
            layout.logical.logical_volume_identifier.as_bytes(),
            "LV information",
        );
        let fields = [&used.lv_info_1, &used.lv_info_2, &used.lv_info_3];
        for (name, field) in ["LV info 1", "LV info 2", "LV info 3"].into_iter().zip(fields) {
            self.dstring(place, "UDF 2.60 2.2.7.2.3", name, &field.0);
        }
        self.entity(
            place,
            "UDF 2.60 2.2.7.2.4",
            "implementation ID",
            &used.implementation_id,
            Entity::Implementation,
        );
    }

    /// Checks that two fields contain the same name.
    pub fn same_name(&mut self, place: FindingPlace, found: &[u8], expected: &[u8], what: &str) {
        let (found, expected) = (text(found), text(expected));
        if found != expected {
            self.find(
                K::NameDiffers,
                place,
                format_args!("{what}: {found:?} instead of {expected:?}"),
            );
        }
    }

    fn partitions(&mut self, all: &[FoundDescriptor]) -> Vec<Partition> {
        let mut partitions: Vec<Partition> = Vec::new();
        for found in all {
            let Some(partition) = self.partition(found) else {
                continue;
            };
            let overlapping = partitions.iter().any(|other| other.overlaps(&partition));
            if overlapping {
                let number = partition.number;
                self.find(
                    K::PartitionsOverlap,
                    FindingPlace::Sector(found.sector),
                    format_args!("partition {number}"),
                );
            }
            partitions.push(partition);
        }
        partitions
    }

    fn partition(&mut self, found: &FoundDescriptor) -> Option<Partition> {
        const CLAUSE: &str = "ECMA-167 3/10.5";
        let place = FindingPlace::Sector(found.sector);
        self.descriptor_length(found, size_of::<PartitionDescriptor>());
        let (partition, _) = PartitionDescriptor::read_from_prefix(&found.block[..]).ok()?;
        let flags = partition.partition_flags.get();
        if flags != 1 {
            self.find(K::PartitionFlags, place, format_args!("{flags:#06x}"));
        }
        let contents = &partition.partition_contents;
        let expected: &[&str] = match self.edition {
            Some(Nsr::Nsr02) => &["+NSR02"],
            Some(Nsr::Nsr03) => &["+NSR03"],
            None => &["+NSR02", "+NSR03"],
        };
        // Bit 1, protected, may be set where the standard itself registers the identifier.
        if contents.flags & !2 != 0 {
            self.find_by(
                K::EntityFlags,
                "ECMA-167 1/7.4.1",
                place,
                format_args!("partition contents"),
            );
        }
        if !expected.iter().any(|name| contents.is(name)) {
            let shown = String::from_utf8_lossy(contents.identifier_bytes()).into_owned();
            self.find(
                K::PartitionContents,
                place,
                format_args!("{shown:?} instead of {expected:?}"),
            );
        }
        self.zeros(
            place,
            "ECMA-167 4/14.3",
            "partition header, reserved",
            &partition.partition_contents_use.reserved,
        );
        let (start, length) = (partition.start().0, partition.length());
        if start.checked_add(length).is_none() || length == 0 || start >= self.disc.capacity {
            self.find(
                K::PartitionExtent,
                place,
                format_args!("{length} sectors at {start}"),
            );
        } else if start + length > self.disc.capacity {
            // A write-once partition extends to the end of the medium. For a finalized disc or a bare image
            // that end is unknown, and nothing is recorded up to there.
            let kind = match (self.disc.tells_capacity, partition.access()) {
                (true, _) => Some(K::PartitionExtent),
                (false, AccessType::WriteOnce) => None,
                (false, _) => Some(K::PartitionBeyondEnd),
            };
            let capacity = self.disc.capacity;
            if let Some(kind) = kind {
                self.find(
                    kind,
                    place,
                    format_args!("{length} sectors at {start}, of {capacity} in all"),
                );
            }
        }
        // Pseudo-overwritable partitions came with 2.60; there is nothing else below 1.
        if !(0..=4).contains(&partition.access_type.get()) {
            let access = partition.access_type.get();
            self.find(K::PartitionAccess, place, format_args!("access type {access}"));
        }
        self.entity(
            place,
            "UDF 2.60 2.2.14",
            "implementation identifier",
            &partition.implementation_identifier,
            Entity::Implementation,
        );
        self.zeros(place, CLAUSE, "reserved", &partition.reserved);
        Some(Partition {
            number: partition.partition_number.get(),
            start,
            length,
            access: partition.access(),
            has_tables: found.block[56..96].iter().any(|byte| *byte != 0),
            sector: found.sector,
        })
    }

    fn unallocated(&mut self, found: &FoundDescriptor, partitions: &[Partition]) {
        const HEADER: usize = 24;
        let place = FindingPlace::Sector(found.sector);
        let block = &found.block[..];
        let count = u32::from_le_bytes([block[20], block[21], block[22], block[23]]);
        let end = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(8))
            .and_then(|bytes| bytes.checked_add(HEADER));
        let Some((end, extents)) = end.and_then(|end| Some((end, block.get(HEADER..end)?))) else {
            self.find_by(
                K::Malformed,
                "ECMA-167 3/10.8.3",
                place,
                format_args!("{count} allocation descriptors"),
            );
            return;
        };
        self.descriptor_length(found, end);
        for extent in extents.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *extent;
            let sectors = u32::from_le_bytes([a, b, c, d]).div_ceil(self.disc.size().bytes());
            let start = u32::from_le_bytes([e, f, g, h]);
            let within = start
                .checked_add(sectors)
                .is_some_and(|end| end <= self.disc.capacity);
            let inside = partitions.iter().any(|partition| partition.meets(start, sectors));
            if !within || inside {
                self.find(
                    K::UnallocatedExtent,
                    place,
                    format_args!("{sectors} sectors at {start}"),
                );
            }
        }
    }
}

/// The name in a dstring, regardless of its padding.
fn text(field: &[u8]) -> String {
    let Some((length, characters)) = field.split_last() else {
        return String::new();
    };
    let characters = &characters[..usize::from(*length).min(characters.len())];
    let mut text = match characters {
        [] => String::new(),
        coded => cs0::decode_lossy(coded),
    };
    text.truncate(text.trim_end_matches('\0').len());
    text
}
