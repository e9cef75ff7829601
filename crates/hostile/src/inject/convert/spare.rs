//! Spare packets and the sparing tables that name them.

use ecma167::BLOCK_SIZE;
use ecma167::osta::sparing::{AVAILABLE, SparingEntry, SparingTable};
use ecma167::volume::PartitionMap;
use ecma167::volume::partition_map::Sparable;
use zerocopy::FromZeros as _;

use super::volumed::Volumed;
use crate::repair;

/// Sectors of the sparing tables.
pub const TABLES: [u32; 2] = [100, 132];
/// Blocks per packet.
pub const PACKET: u32 = 32;

/// Spares the packet of the root, and keeps one more spare packet.
pub fn spare(volumed: &mut Volumed) -> PartitionMap {
    let original = volumed.blocks[1] / PACKET * PACKET;
    let mapped = volumed.next;
    for block in 0..PACKET {
        let from = volumed.start + original + block;
        let copy = volumed.image.block(from);
        *volumed.image.block_mut(from) = [0xEE; BLOCK_SIZE];
        volumed.push(copy);
    }
    let free = volumed.next;
    volumed.next += PACKET;
    volumed.image.set_length(volumed.next);
    let entry = |original: u32, mapped: u32| SparingEntry {
        original_location: original.into(),
        mapped_location: mapped.into(),
    };
    let table = SparingTable {
        sequence_number: 1,
        entries: vec![entry(original, mapped), entry(AVAILABLE, free)],
    };
    for at in TABLES {
        let mut bytes = table.encode(volumed.revision, at);
        // The tag serial number; the identifier of this tag is 0.
        bytes[6..8].copy_from_slice(&volumed.serial_number().to_le_bytes());
        repair::checksum(&mut bytes);
        volumed.image.block_mut(at)[..bytes.len()].copy_from_slice(&bytes);
    }
    let locations = [TABLES[0], TABLES[1], 0, 0].map(Into::into);
    PartitionMap::Sparable {
        volume_sequence_number: 1,
        partition_number: 0,
        revision: volumed.revision,
        sparable: Sparable {
            packet_length: u16::try_from(PACKET).expect("a small number").into(),
            number_of_sparing_tables: 2,
            size_of_each_sparing_table: 2048.into(),
            locations_of_sparing_tables: locations,
            ..Sparable::new_zeroed()
        },
    }
}
