//! The logical volume integrity descriptor (`ECMA-167 3/10.10`, `UDF 2.60 2.2.6`).

use ecma167::LogicalSector;
use ecma167::general::{EntityIdentifier, ExtentAd, Tag, TagIdentifier, Timestamp};
use ecma167::osta::Revision;
use zerocopy::FromBytes;

use crate::basic::Entity;
use crate::claims::{Owner, Use};
use crate::disc::Block;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::rules::FindingKind as K;
use crate::stated::Stated;
use crate::tag::identifier_of;

/// Maximum number of sectors read in the sequence.
const MOST_SECTORS: u32 = 4096;
/// Maximum number of extents of the sequence followed.
const MOST_EXTENTS: u32 = 64;
/// Bytes before the tables.
const HEADER: usize = 80;
/// Bytes that UDF defines in the implementation use.
const USE: usize = 46;

const CLAUSE: &str = "ECMA-167 3/10.10";

/// A usable descriptor of the sequence.
struct Integrity {
    sector: LogicalSector,
    tag: Tag,
    block: Block,
}

impl Judge<'_> {
    /// Judges the last descriptor of the sequence.
    pub fn integrity(&mut self, layout: &Layout) {
        let extent = layout.logical.integrity_sequence_extent;
        let mut next = (extent.location().0, extent.sectors_of(self.disc.size()));
        let mut last = None;
        for _ in 0..MOST_EXTENTS {
            if next.1 == 0 {
                break;
            }
            let (start, sectors) = (next.0, next.1.min(MOST_SECTORS));
            next = (0, 0);
            self.claim(start, sectors, Owner::Volume, Use::Structure);
            for number in 0..sectors {
                let sector = LogicalSector(start.saturating_add(number));
                let place = FindingPlace::Sector(sector);
                let Some(block) = self.peek(sector) else {
                    // An unrecorded sector ends the sequence; a recorded one may have contained the
                    // prevailing descriptor.
                    if !self.disc.is_recorded(sector.0, 1) {
                        break;
                    }
                    self.find(
                        K::Unreadable,
                        place,
                        format_args!("sector of the logical volume integrity sequence"),
                    );
                    continue;
                };
                let identifier = identifier_of(&block);
                if identifier == TagIdentifier::TERMINATING_DESCRIPTOR {
                    if let Some(tag) = self.tag(place, &block, identifier, &[sector.0]) {
                        self.terminating(place, &tag, &block);
                    }
                    break;
                }
                if identifier.0 == 0 && block.iter().all(|byte| *byte == 0) {
                    break;
                }
                let expected = TagIdentifier::LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR;
                let Some(tag) = self.tag(place, &block, expected, &[sector.0]) else {
                    continue;
                };
                let word =
                    |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
                if word(32) != 0 {
                    next = (word(36), word(32) / self.disc.size().bytes());
                }
                last = Some(Integrity { sector, tag, block });
            }
        }
        match last {
            Some(found) => self.integrity_fields(&found, layout),
            None => {
                let sector = extent.location();
                self.find(
                    K::IntegrityMissing,
                    FindingPlace::Sector(sector),
                    format_args!(""),
                );
            }
        }
    }

    fn integrity_fields(&mut self, found: &Integrity, layout: &Layout) {
        let place = FindingPlace::Sector(found.sector);
        let block = &found.block;
        let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
        if let Ok((time, _)) = Timestamp::read_from_prefix(&block[16..28]) {
            self.timestamp(place, "ECMA-167 3/10.10.2", "recording date and time", &time);
        }
        let integrity = word(28);
        let has_vat = layout.virtual_reference().is_some();
        if integrity > 1 || (has_vat && integrity != 0) {
            self.find(K::IntegrityType, place, format_args!("type {integrity}"));
        } else if integrity == 0 && !has_vat {
            self.find(K::IntegrityOpen, place, format_args!(""));
        }
        let next = ExtentAd::new(word(32), LogicalSector(word(36)));
        self.volume_extent(place, "ECMA-167 3/10.10.4", "next integrity extent", next);
        let unique_id = u64::from(word(40)) | u64::from(word(44)) << 32;
        if unique_id < 16 {
            self.find(K::IntegrityUniqueId, place, format_args!("{unique_id}"));
        }
        self.zeros(
            place,
            "ECMA-167 4/14.15",
            "contents use, reserved",
            &block[48..72],
        );
        let maps = layout.maps.len();
        let partitions = usize::try_from(word(72)).unwrap_or(usize::MAX);
        if partitions != maps {
            self.find(
                K::IntegrityPartitions,
                place,
                format_args!("{partitions} of {maps} partition maps"),
            );
        }
        let used = usize::try_from(word(76)).unwrap_or(usize::MAX);
        let tables = partitions
            .checked_mul(8)
            .and_then(|bytes| bytes.checked_add(HEADER));
        self.stated = Some(Stated {
            place,
            closed: integrity == 1,
            unique_id,
            counts: None,
            free: Vec::new(),
        });
        let Some((start, end)) = tables.and_then(|start| Some((start, start.checked_add(used)?))) else {
            self.find_by(K::Malformed, CLAUSE, place, format_args!("lengths"));
            return;
        };
        if end > block.len() {
            self.find_by(
                K::Malformed,
                CLAUSE,
                place,
                format_args!("{partitions} partitions, implementation use of {used} bytes"),
            );
            return;
        }
        self.crc_length(place, &found.tag, &[end]);
        self.trailing(place, &block[..], end);
        self.integrity_tables(place, layout, &block[HEADER..start]);
        match block.get(start..start + USE).filter(|_| used >= USE) {
            Some(bytes) => self.integrity_use(place, layout, bytes),
            None => self.find(K::IntegrityUse, place, format_args!("{used} bytes")),
        }
    }

    fn integrity_tables(&mut self, place: FindingPlace, layout: &Layout, tables: &[u8]) {
        const UNKNOWN: u32 = 0xFFFF_FFFF;
        let words: Vec<u32> = tables
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| u32::from_le_bytes(*bytes))
            .collect();
        let (free, size) = words.split_at(words.len() / 2);
        for (reference, map) in layout.maps.iter().enumerate() {
            let (Some(free), Some(size)) = (free.get(reference), size.get(reference)) else {
                continue;
            };
            match map {
                Map::Virtual(_) => {
                    if *free != UNKNOWN {
                        self.find(K::IntegrityFreeSpace, place, format_args!("{free}"));
                    }
                    if *size != UNKNOWN {
                        self.find(K::IntegritySize, place, format_args!("{size}"));
                    }
                }
                Map::Physical(partition) | Map::Sparable(partition, _) => {
                    if *size != partition.length {
                        let length = partition.length;
                        self.find(
                            K::IntegritySize,
                            place,
                            format_args!("{size} instead of {length} blocks"),
                        );
                    }
                    if *free == UNKNOWN {
                        self.find(K::IntegrityFreeSpace, place, format_args!("unknown"));
                    } else if *free > partition.length {
                        self.find(
                            K::IntegrityFreeSpace,
                            place,
                            format_args!("{free} of {} blocks", partition.length),
                        );
                    }
                }
                Map::Metadata(metadata) => {
                    let blocks = metadata.blocks();
                    if *size != blocks {
                        self.find(
                            K::IntegritySize,
                            place,
                            format_args!("{size} instead of {blocks} blocks"),
                        );
                    }
                }
                Map::Other => {}
            }
        }
        if let Some(stated) = &mut self.stated {
            stated.free = free.to_vec();
        }
    }

    fn integrity_use(&mut self, place: FindingPlace, layout: &Layout, bytes: &[u8]) {
        if let Ok((identifier, _)) = EntityIdentifier::read_from_prefix(bytes) {
            self.entity(
                place,
                "UDF 2.60 2.2.6.4",
                "implementation ID",
                &identifier,
                Entity::Implementation,
            );
        }
        let half = |at: usize| Revision(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let revisions = [half(40), half(42), half(44)];
        // Before 1.02 these bytes are for the implementation.
        let fault = revisions_fault(revisions, layout);
        if let Some(fault) = fault.filter(|_| layout.revision >= Revision::V1_02) {
            self.find(K::IntegrityRevisions, place, format_args!("{fault}"));
        }
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if word(36) == 0 {
            self.find(
                K::IntegrityCounts,
                place,
                format_args!("no directory, although there is a root"),
            );
        }
        if let Some(stated) = &mut self.stated {
            stated.counts = Some((word(32), word(36)));
        }
    }
}

/// The lowest revision that has everything the volume uses.
fn least_revision(layout: &Layout) -> Revision {
    let of_map = |map: &Map| match map {
        Map::Physical(_) | Map::Other => Revision::V1_00,
        Map::Virtual(_) | Map::Sparable(..) => Revision::V1_50,
        Map::Metadata(_) => Revision::V2_50,
    };
    let of_edition = if layout.is_third_edition() {
        Revision::V2_00
    } else {
        Revision::V1_00
    };
    layout
        .maps
        .iter()
        .map(of_map)
        .max()
        .unwrap_or(of_edition)
        .max(of_edition)
}

/// What is wrong with the minimum read, minimum write and maximum write revisions of a volume.
pub(crate) fn revisions_fault(found: [Revision; 3], layout: &Layout) -> Option<String> {
    let [read, write, most] = found;
    let revision = layout.revision;
    let shown = |revision: Revision| format!("{:#06x}", revision.0);
    if let Some(unknown) = found.iter().find(|found| !Revision::ALL.contains(found)) {
        return Some(format!("revision {}", shown(*unknown)));
    }
    if read > write {
        return Some(format!("minimum read {read} above minimum write {write}"));
    }
    let least = least_revision(layout);
    if read < least {
        return Some(format!(
            "minimum read {read} of a volume that takes {least} to read"
        ));
    }
    if write > most {
        return Some(format!("minimum write {write} above maximum write {most}"));
    }
    if read > revision {
        return Some(format!("minimum read {read} of a volume of {revision}"));
    }
    if most < revision {
        return Some(format!("maximum write {most} of a volume of {revision}"));
    }
    // 2.60 adds only pseudo-overwritable partitions to 2.50, and no volume with a VAT has them.
    (read == Revision::V2_60).then(|| "minimum read 2.60 without a pseudo-overwritable partition".to_owned())
}
