//! Sparable partitions: the sparing tables (`UDF 2.60 2.2.9`, `2.2.12`).

use ecma167::LogicalSector;
use ecma167::general::{EntityIdentifier, Tag, TagIdentifier};
use ecma167::volume::partition_map;
use zerocopy::FromBytes;

use crate::basic::Entity;
use crate::claims::{Owner, Use};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::spared::SparedPackets;

/// Values of the original location that mark a spare packet as defective, or as unused.
const DEFECTIVE: u32 = 0xFFFF_FFF0;
const AVAILABLE: u32 = 0xFFFF_FFFF;
/// Bytes before the entries.
const HEADER: usize = 56;
const ENTRY: usize = 8;
/// The tag of a sparing table names no descriptor of ECMA-167.
const IDENTIFIER: TagIdentifier = TagIdentifier(0);

const CLAUSE: &str = "UDF 2.60 2.2.12";

/// A usable table.
struct Table {
    at: LogicalSector,
    sequence_number: u32,
    entries: Vec<(u32, u32)>,
    /// Everything except the tag, which depends on its place.
    content: Vec<u8>,
}

impl Judge<'_> {
    /// Judges the map and tables of a sparable partition.
    pub fn sparing(
        &mut self,
        place: FindingPlace,
        map: &partition_map::Sparable,
        partition: &Partition,
    ) -> SparedPackets {
        let packet = u32::from(map.packet_length.get());
        let count = map.number_of_sparing_tables;
        let size = map.size_of_each_sparing_table.get();
        if !matches!(packet, 16 | 32) || !(1..=4).contains(&count) {
            self.find(
                K::SparingMap,
                place,
                format_args!("packets of {packet} blocks, {count} tables"),
            );
        }
        self.zeros(place, "UDF 2.60 2.2.9", "sparable map, reserved", &[map.reserved]);
        let named = usize::from(count).min(4);
        let (used, unused) = map.locations_of_sparing_tables.split_at(named);
        if unused.iter().any(|location| location.get() != 0) {
            self.find(
                K::SparingMap,
                place,
                format_args!("locations after {count} tables"),
            );
        }
        let mut sparing = SparedPackets {
            packet: packet.max(1),
            packets: Vec::new(),
        };
        let mut tables: Vec<Table> = Vec::new();
        for location in used {
            let at = LogicalSector(location.get());
            if tables.iter().any(|table| table.at == at) {
                self.find(K::SparingMap, place, format_args!("two tables at {at}"));
                continue;
            }
            self.claim(
                at.0,
                size.div_ceil(self.disc.size().bytes()).clamp(1, 512),
                Owner::Volume,
                Use::Structure,
            );
            tables.extend(self.sparing_table(at, size));
        }
        let Some(newest) = tables.iter().max_by_key(|table| table.sequence_number) else {
            return sparing;
        };
        for other in &tables {
            if other.content != newest.content {
                self.find(
                    K::SparingTablesDiffer,
                    FindingPlace::Sector(other.at),
                    format_args!("it differs from that at {}", newest.at),
                );
            }
        }
        sparing.packets = self.sparing_entries(newest, partition, sparing.packet);
        sparing
    }

    fn sparing_table(&mut self, at: LogicalSector, size: u32) -> Option<Table> {
        let place = FindingPlace::Sector(at);
        let first = self.sector(at, place, "sparing table")?;
        let half = |at: usize| u16::from_le_bytes([first[at], first[at + 1]]);
        let length = HEADER + usize::from(half(48)) * ENTRY;
        let mut bytes = first.to_vec();
        for number in 1..length.div_ceil(self.disc.size().as_usize()) {
            let sector = u32::try_from(number)
                .ok()
                .and_then(|number| at.0.checked_add(number))?;
            bytes.extend(self.sector(LogicalSector(sector), place, "sparing table")?);
        }
        let tag = self.tag(place, &bytes, IDENTIFIER, &[at.0])?;
        self.crc_length(place, &tag, &[length]);
        if length > usize::try_from(size).unwrap_or(usize::MAX) {
            self.find(
                K::SparingTable,
                place,
                format_args!("{length} bytes in a table of {size}"),
            );
        }
        if let Ok((identifier, _)) = EntityIdentifier::read_from_prefix(&bytes[16..48]) {
            let expected = Entity::Udf("*UDF Sparing Table");
            self.entity(place, CLAUSE, "sparing identifier", &identifier, expected);
        }
        self.zeros(place, CLAUSE, "reserved", &bytes[50..52]);
        self.trailing(place, &bytes, length);
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Some(Table {
            at,
            sequence_number: word(52),
            entries: (HEADER..length)
                .step_by(ENTRY)
                .map(|at| (word(at), word(at + 4)))
                .collect(),
            content: bytes[Tag::LEN..length].to_vec(),
        })
    }

    /// Judges the spared packets: each once, from the partition, to a place of its own.
    fn sparing_entries(&mut self, table: &Table, partition: &Partition, packet: u32) -> Vec<(u32, u32)> {
        let place = FindingPlace::Sector(table.at);
        let mut packets: Vec<(u32, u32)> = Vec::new();
        let mut mapped: Vec<u32> = Vec::new();
        let mut last = 0;
        for (number, (original, to)) in table.entries.iter().copied().enumerate() {
            let what = format_args!("entry {number}: {original:#x} at sector {to}");
            // Those in use come first, then defective ones, then unused ones.
            if original < last {
                self.find(K::SparingTable, place, format_args!("{what}, after {last:#x}"));
            }
            last = last.max(original);
            let end = to.checked_add(packet);
            let is_known = original < DEFECTIVE || matches!(original, DEFECTIVE | AVAILABLE);
            let fits = original >= DEFECTIVE
                || (original.is_multiple_of(packet)
                    && original
                        .checked_add(packet)
                        .is_some_and(|end| end <= partition.length));
            // Nothing reads the place of a spare packet that is unused or defective.
            let is_place =
                original >= DEFECTIVE && to == 0 || end.is_some_and(|end| end <= self.disc.capacity);
            if !is_known || !fits || !is_place {
                self.find(K::SparingEntry, place, what);
                continue;
            }
            if original < DEFECTIVE {
                packets.push((original, to));
            }
            if to != 0 {
                mapped.push(to);
            }
        }
        packets.sort_unstable();
        mapped.sort_unstable();
        let twice = packets
            .windows(2)
            .find(|pair| pair[0].0 == pair[1].0)
            .map(|pair| pair[0].0);
        if let Some(original) = twice {
            self.find(
                K::SparingEntry,
                place,
                format_args!("block {original} is spared twice"),
            );
            packets.dedup_by_key(|(original, _)| *original);
        }
        if let Some(pair) = mapped.windows(2).find(|pair| pair[1] - pair[0] < packet) {
            self.find(
                K::SparingEntry,
                place,
                format_args!("spare packets at {} and {} overlap", pair[0], pair[1]),
            );
        }
        packets
    }
}
