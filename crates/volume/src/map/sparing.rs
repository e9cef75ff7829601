//! Sparable partitions: where spared packets are recorded (`UDF 2.60 2.2.9`, `2.2.12`).

use ecma167::osta::sparing::{AVAILABLE, SparingEntry};
use ecma167::volume::partition_map::Sparable;
use ecma167::{LogicalBlock, LogicalSector, Malformed, MalformedKind};

use super::partition::Partition;
use crate::error::{CorruptKind, Error, ErrorPlace};

/// The spared packets of a partition. A table has at most 65,535 entries, so this takes at most half a
/// mebibyte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sparing {
    /// Blocks per packet; not 0.
    packet_length: u32,
    /// The first logical block and the first spare sector of each spared packet, in ascending order.
    packets: Vec<(u32, u32)>,
    /// The number of entries in the table, and of those still free.
    spare: usize,
    free: usize,
}

impl Sparing {
    /// No packet is spared yet.
    pub(crate) fn new(map: &Sparable) -> Result<Self, Error> {
        let fault = Malformed {
            kind: MalformedKind::Field("packet length"),
            structure: "sparable partition map",
            clause: "UDF 2.60 2.2.9",
        };
        match map.packet_length.get() {
            0 => Err(Error::corrupt(fault, ErrorPlace::Volume)),
            packet_length => Ok(Self {
                packet_length: packet_length.into(),
                packets: Vec::new(),
                spare: 0,
                free: 0,
            }),
        }
    }

    /// Blocks per packet.
    #[must_use]
    pub fn packet_length(&self) -> u32 {
        self.packet_length
    }

    /// The number of spared packets.
    #[must_use]
    pub fn spared_packets(&self) -> usize {
        self.packets.len()
    }

    /// The number of spare packets, including those in use and defective ones.
    #[must_use]
    pub fn spare_packets(&self) -> usize {
        self.spare
    }

    /// The number of spare packets still free.
    #[must_use]
    pub fn free_packets(&self) -> usize {
        self.free
    }

    /// The sector of a block of the partition.
    ///
    /// # Errors
    /// [`CorruptKind::OutsidePartition`], for the block or for the spare packet.
    pub(crate) fn sector(&self, on: &Partition, block: LogicalBlock) -> Result<LogicalSector, Error> {
        let place = on.sector(block)?;
        let inside = block.0 % self.packet_length;
        let Ok(found) = self.find(block.0 - inside) else {
            return Ok(place);
        };
        let sector = self.packets[found].1.checked_add(inside);
        sector
            .map(LogicalSector)
            .ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, block))
    }

    /// How many of `blocks` blocks are consecutive on disc from `block` on; at least one if `blocks` is.
    pub(crate) fn run(&self, block: LogicalBlock, blocks: usize) -> usize {
        let inside = block.0 % self.packet_length;
        let until = match self.find(block.0 - inside) {
            Ok(_) => Some(self.packet_length - inside),
            Err(next) => self.packets.get(next).map(|(original, _)| original - block.0),
        };
        let until = until.and_then(|until| usize::try_from(until).ok());
        blocks.min(until.unwrap_or(usize::MAX))
    }

    /// The index of a spared packet, or of the next one after it.
    fn find(&self, packet: u32) -> Result<usize, usize> {
        self.packets
            .binary_search_by_key(&packet, |(original, _)| *original)
    }

    /// Takes over a table. Of two entries for one packet the first counts; an entry that names no packet is
    /// ignored.
    pub(crate) fn fill(&mut self, entries: &[SparingEntry]) {
        let in_use = entries.iter().filter(|entry| entry.is_in_use());
        self.packets = in_use
            .map(|entry| (entry.original_location.get(), entry.mapped_location.get()))
            .filter(|(original, _)| original.is_multiple_of(self.packet_length))
            .collect();
        self.packets.sort_by_key(|(original, _)| *original);
        self.packets.dedup_by_key(|(original, _)| *original);
        self.spare = entries.len();
        let is_free = |entry: &&SparingEntry| entry.original_location.get() == AVAILABLE;
        self.free = entries.iter().filter(is_free).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sparing(packets: &[(u32, u32)]) -> Sparing {
        let mut sparing = Sparing {
            packet_length: 32,
            packets: Vec::new(),
            spare: 0,
            free: 0,
        };
        let entry = |(original, mapped): &(u32, u32)| SparingEntry {
            original_location: (*original).into(),
            mapped_location: (*mapped).into(),
        };
        sparing.fill(&packets.iter().map(entry).collect::<Vec<_>>());
        sparing
    }

    const ON: Partition = Partition {
        number: 0,
        start: LogicalSector(1000),
        length: 320,
    };

    #[test]
    fn blocks_of_spared_packets_are_read_from_their_spare_packets() {
        let sparing = sparing(&[(64, 500), (32, 600)]);
        let sector = |block| {
            sparing
                .sector(&ON, LogicalBlock(block))
                .map(|sector| sector.0)
                .ok()
        };
        assert_eq!(sector(31), Some(1031));
        assert_eq!(sector(32), Some(600));
        assert_eq!(sector(63), Some(631));
        assert_eq!(sector(64), Some(500));
        assert_eq!(sector(96), Some(1096));
        assert_eq!(sector(320), None);
    }

    #[test]
    fn runs_end_where_a_spared_packet_begins_or_ends() {
        let sparing = sparing(&[(64, 500), (96, 532)]);
        let run = |block| sparing.run(LogicalBlock(block), 100);
        assert_eq!(
            [run(0), run(60), run(64), run(70), run(96), run(128)],
            [64, 4, 32, 26, 32, 100]
        );
        assert_eq!(sparing.run(LogicalBlock(0), 7), 7);
    }

    #[test]
    fn entries_that_spare_nothing_are_ignored() {
        let twice = sparing(&[
            (32, 500),
            (32, 600),
            (33, 700),
            (0xFFFF_FFF0, 0),
            (0xFFFF_FFFF, 0),
        ]);
        assert_eq!(twice.packets, [(32, 500)]);
    }

    #[test]
    fn a_spare_packet_past_the_last_sector_is_an_error() {
        let sparing = sparing(&[(32, u32::MAX)]);
        assert!(sparing.sector(&ON, LogicalBlock(32)).is_ok());
        assert!(sparing.sector(&ON, LogicalBlock(33)).is_err());
    }
}
