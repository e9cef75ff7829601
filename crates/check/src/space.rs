//! Space bitmaps: what a partition declares free, compared with what is in use (`ECMA-167 4/14.12`, `UDF 2.60
//! 2.3.8`).

use std::ops::Range;

use ecma167::file::ShortAd;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::volume::AccessType;
use ecma167::{LogicalBlock, LogicalSector, PartitionReference, RecordedAddress};
use zerocopy::FromBytes;

use crate::claims::{Owner, Use};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::nodes::Tree;
use crate::partition::Partition;
use crate::rules::FindingKind as K;

/// Bytes before the bits.
const HEADER: usize = 24;
/// Byte ranges of a partition descriptor's unallocated space bitmap, and of its other tables and bitmaps.
const BITMAP: usize = 64;
const OTHERS: [usize; 4] = [56, 72, 80, 88];

/// A bitmap as recorded: a bit is 1 if its block is free.
pub(crate) struct Bitmap {
    reference: usize,
    partition: Partition,
    place: FindingPlace,
    bytes: Vec<u8>,
}

impl Bitmap {
    fn is_free(&self, block: u32) -> bool {
        let byte = self.bytes.get((block / 8) as usize);
        byte.is_some_and(|byte| byte >> (block % 8) & 1 == 1)
    }
}

impl Judge<'_> {
    /// Reads the bitmaps of the partitions, which themselves are in use.
    pub fn bitmaps(&mut self, layout: &Layout) -> Vec<Bitmap> {
        let mut found = Vec::new();
        for (reference, map) in layout.maps.iter().enumerate() {
            let (Map::Physical(partition) | Map::Sparable(partition, _)) = map else {
                continue;
            };
            let Some(descriptor) = self.peek(partition.sector) else {
                continue;
            };
            let place = FindingPlace::Sector(partition.sector);
            if OTHERS.iter().any(|at| descriptor[*at..at + 8] != [0; 8]) {
                self.find(
                    K::NotJudged,
                    place,
                    format_args!("space tables, or what was freed"),
                );
            }
            let Ok(extent) = ShortAd::read_from_bytes(&descriptor[BITMAP..BITMAP + 8]) else {
                continue;
            };
            if extent.length().bytes() > 0 {
                found.extend(self.bitmap(layout, reference, partition, &extent));
            } else {
                let location = &descriptor[BITMAP + 4..BITMAP + 8];
                self.zeros(
                    place,
                    "ECMA-167 4/14.3.2",
                    "location of no space bitmap",
                    location,
                );
            }
        }
        found
    }

    fn bitmap(
        &mut self,
        layout: &Layout,
        reference: usize,
        partition: &Partition,
        extent: &ShortAd,
    ) -> Option<Bitmap> {
        let first = extent.extent_position.get();
        let address = RecordedAddress {
            partition: PartitionReference(u16::try_from(reference).ok()?),
            block: first,
        };
        let place = FindingPlace::Block(LogicalBlock(first));
        let length = extent.length().bytes();
        let Ok(pieces) = layout.pieces(address, length.div_ceil(self.disc.size().bytes())) else {
            self.find(
                K::SpaceBitmap,
                place,
                format_args!("{length} bytes, outside of the partition"),
            );
            return None;
        };
        // A bitmap larger than the medium says nothing about it.
        if partition.length > self.disc.capacity {
            return None;
        }
        let wanted = HEADER + (partition.length as usize).div_ceil(8);
        let mut bytes = Vec::new();
        for (start, blocks) in pieces {
            self.claim(start, blocks, Owner::Volume, Use::Structure);
            for sector in start..start + blocks {
                if bytes.len() >= wanted {
                    break;
                }
                bytes.extend(self.sector(LogicalSector(sector), place, "space bitmap")?);
            }
        }
        let tag = self.tag(place, &bytes, TagIdentifier::SPACE_BITMAP_DESCRIPTOR, &[first])?;
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (bits, stated) = (word(16), word(20));
        // The CRC may omit the bits.
        let whole = HEADER + stated as usize;
        self.crc_length(
            place,
            &tag,
            &[
                Tag::LEN,
                HEADER,
                whole,
                whole.next_multiple_of(self.disc.size().as_usize()),
            ],
        );
        if bits != partition.length
            || stated < bits.div_ceil(8)
            || whole > length as usize
            || bytes.len() < wanted
        {
            self.find(
                K::SpaceBitmap,
                place,
                format_args!("{bits} bits in {stated} bytes, for {} blocks", partition.length),
            );
            return None;
        }
        let mut bytes: Vec<u8> = bytes.drain(HEADER..wanted).collect();
        // Bits after the last block.
        let rest = partition.length % 8;
        if let Some(last) = bytes.last_mut().filter(|_| rest != 0) {
            *last &= (1 << rest) - 1;
        }
        Some(Bitmap {
            reference,
            partition: *partition,
            place,
            bytes,
        })
    }

    /// Compares the bitmaps with what is in use; returns the number of free blocks for each partition
    /// reference.
    pub fn space(&mut self, layout: &Layout, tree: &Tree, bitmaps: &[Bitmap]) -> Vec<(usize, u64)> {
        let mut free = self.without_free_space(layout);
        for bitmap in bitmaps {
            let ones: u64 = bitmap.bytes.iter().map(|byte| u64::from(byte.count_ones())).sum();
            free.push((bitmap.reference, ones));
            // What is in use is known only if everything was judged.
            if tree.incomplete
                || self.report.count(K::NotJudged) > 0
                || self.report.count(K::LimitReached) > 0
            {
                continue;
            }
            let used = self.blocks_in_use(layout, bitmap);
            let is_used = |block: u32| used[(block / 8) as usize] >> (block % 8) & 1 == 1;
            let blocks = 0..bitmap.partition.length;
            let mut both = blocks
                .clone()
                .filter(|block| is_used(*block) && bitmap.is_free(*block));
            if let Some(first) = both.next() {
                let count = 1 + both.count();
                self.find(
                    K::SpaceFree,
                    bitmap.place,
                    format_args!("{count} blocks, the first is logical block {first}"),
                );
            }
            let mut neither = blocks.filter(|block| !is_used(*block) && !bitmap.is_free(*block));
            if let Some(first) = neither.next() {
                let count = 1 + neither.count();
                self.find(
                    K::SpaceLost,
                    bitmap.place,
                    format_args!("{count} blocks, the first is logical block {first}"),
                );
            }
        }
        free
    }

    /// Partitions that can be written anywhere but record no free space: they have no free blocks.
    fn without_free_space(&mut self, layout: &Layout) -> Vec<(usize, u64)> {
        let mut found = Vec::new();
        for (reference, map) in layout.maps.iter().enumerate() {
            let (Map::Physical(partition) | Map::Sparable(partition, _)) = map else {
                continue;
            };
            let written_anywhere = matches!(
                partition.access,
                AccessType::Rewritable | AccessType::Overwritable
            );
            let descriptor = self.peek(partition.sector).filter(|_| written_anywhere);
            let is_none = |at: &usize| {
                descriptor
                    .as_ref()
                    .is_some_and(|known| known[*at..at + 8] == [0; 8])
            };
            if OTHERS.iter().chain([&BITMAP]).all(is_none) {
                found.push((reference, 0));
            }
        }
        found
    }

    /// One bit for each block of a partition that has an owner.
    fn blocks_in_use(&self, layout: &Layout, bitmap: &Bitmap) -> Vec<u8> {
        let mut used = vec![0_u8; bitmap.bytes.len()];
        let mut set = |block: u32| {
            if let Some(byte) = used.get_mut((block / 8) as usize) {
                *byte |= 1 << (block % 8);
            }
        };
        let partition = &bitmap.partition;
        let claimed = self.claimed();
        // The claimed sectors inside a run.
        let inside = |run: Range<u32>| {
            let first = claimed.partition_point(|range| range.end <= run.start);
            let here = claimed[first..]
                .iter()
                .take_while(move |range| range.start < run.end);
            here.flat_map(move |range| range.start.max(run.start)..range.end.min(run.end))
        };
        for sector in inside(partition.start..partition.start.saturating_add(partition.length)) {
            set(sector - partition.start);
        }
        if let Some(Map::Sparable(_, sparing)) = layout.maps.get(bitmap.reference) {
            for (original, mapped, packet) in sparing.packets() {
                for sector in inside(mapped..mapped.saturating_add(packet)) {
                    set(original.saturating_add(sector - mapped));
                }
            }
        }
        used
    }
}
