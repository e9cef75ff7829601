//! What volumes on rewritable media have that others do not: a sparing table, and a metadata file with its
//! mirror.

use ecma167::file::{AllocationExtent, AllocationForm, ExtentType, FileEntry, FileType, LongAd, ShortAd};
use ecma167::osta::Revision;
use ecma167::osta::sparing::{AVAILABLE, DEFECTIVE, SparingEntry, SparingTable};
use ecma167::volume::PartitionMap;
use ecma167::volume::partition_map::{Metadata, Sparable};
use ecma167::{BLOCK_SIZE, PartitionReference, RecordedAddress};
use zerocopy::{FromZeros, IntoBytes};

use super::{Disc, MAIN, NUMBER, RESERVE, START};

/// Sectors of the copies of the sparing table.
pub const TABLES: [u32; 4] = [100, 110, 120, 130];
/// Blocks per packet.
pub const PACKET: u32 = 32;
/// Extents in the ICB of a metadata file; the others are in one allocation extent.
const IN_ICB: usize = 40;

/// The blocks of the ICBs of the metadata file and its mirror.
#[derive(Clone, Copy, Debug)]
pub struct MetadataIcbs {
    pub main: u32,
    pub mirror: u32,
}

impl Disc {
    /// A volume with one sparable partition.
    pub fn sparable(revision: Revision) -> Self {
        Self::with_maps(revision, vec![sparable(revision)], false)
    }

    /// A volume with a metadata partition over a type 1 or a sparable one.
    pub fn metadata(revision: Revision, is_sparable: bool) -> Self {
        let below = if is_sparable {
            sparable(revision)
        } else {
            PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: NUMBER,
            }
        };
        Self::with_maps(revision, vec![below, metadata(revision, 0, 0, false)], true)
    }

    /// Spares the packets that begin with these blocks: their blocks move after everything else, and other
    /// data takes their place. Records all copies of the table.
    pub fn spare(&mut self, packets: &[u32]) {
        // Spare packets follow the last of those that are spared.
        let last = packets.iter().max().map_or(0, |last| START + last + PACKET);
        if self.blocks.len() < last as usize {
            self.blocks.resize(last as usize, [0; BLOCK_SIZE]);
        }
        let mut entries = Vec::new();
        for original in packets {
            let mapped = u32::try_from(self.blocks.len()).unwrap();
            for block in 0..PACKET {
                let from = START + original + block;
                self.set(mapped + block, self.blocks[from as usize]);
                self.set(from, [0xEE; BLOCK_SIZE]);
            }
            entries.push(entry(*original, mapped));
        }
        entries.sort_by_key(|entry| entry.original_location.get());
        entries.extend([entry(DEFECTIVE, 0), entry(AVAILABLE, 0)]);
        for at in TABLES {
            self.table(at, 3, &entries);
        }
    }

    /// Records a copy of a sparing table.
    pub fn table(&mut self, at: u32, sequence_number: u32, entries: &[SparingEntry]) {
        let table = SparingTable {
            sequence_number,
            entries: entries.to_vec(),
        };
        let bytes = table.encode(self.revision, at);
        for (block, chunk) in (at..).zip(bytes.chunks(BLOCK_SIZE)) {
            let mut whole = [0; BLOCK_SIZE];
            whole[..chunk.len()].copy_from_slice(chunk);
            self.set(block, whole);
        }
    }

    /// Records bytes in consecutive blocks of the metadata partition.
    pub fn metadata_extent(&mut self, bytes: &[u8]) -> ShortAd {
        let first = u32::try_from(self.vat.len()).unwrap();
        for chunk in bytes.chunks(BLOCK_SIZE) {
            let mut block = [0; BLOCK_SIZE];
            block[..chunk.len()].copy_from_slice(chunk);
            let at = self.push(block);
            self.vat.push(at);
        }
        ShortAd::new(ExtentType::Recorded, u32::try_from(bytes.len()).unwrap(), first)
    }

    /// A directory with these descriptors: in its entry if they fit, otherwise in blocks of its own
    /// partition.
    pub fn directory_of(&mut self, fids: &[u8]) -> FileEntry {
        if fids.len() <= 1500 {
            return self.embedded(FileType::DIRECTORY, fids);
        }
        let extent = if matches!(self.maps.last(), Some(PartitionMap::Metadata { .. })) {
            self.metadata_extent(fids)
        } else {
            let first = self.push_bytes(fids);
            ShortAd::new(ExtentType::Recorded, u32::try_from(fids.len()).unwrap(), first)
        };
        let mut directory = self.entry(FileType::DIRECTORY, AllocationForm::Short);
        directory.information_length = fids.len() as u64;
        directory.allocation_descriptors = extent.as_bytes().to_vec();
        directory
    }

    /// Moves the blocks of the metadata partition into the order of these keys, with other data between some
    /// of them.
    pub fn scatter(&mut self, keys: &[u32]) {
        let mut numbers: Vec<usize> = (0..self.vat.len()).collect();
        numbers.sort_by_key(|number| keys[number % keys.len()]);
        for number in numbers {
            if self.vat[number] == u32::MAX {
                continue;
            }
            if keys[number % keys.len()].is_multiple_of(3) {
                self.push([0xDD; BLOCK_SIZE]);
            }
            let from = START + self.vat[number];
            let block = self.blocks[from as usize];
            self.set(from, [0xCC; BLOCK_SIZE]);
            self.vat[number] = self.push(block);
        }
    }

    /// Records the ICBs of the metadata file and its mirror, which has blocks of its own if `twice` is set.
    pub fn commit_metadata(&mut self, twice: bool) -> MetadataIcbs {
        let main = self.vat.clone();
        let mut mirror = main.clone();
        if twice {
            for block in &mut mirror {
                if *block != u32::MAX {
                    let copy = self.blocks[(START + *block) as usize];
                    *block = self.push(copy);
                }
            }
        }
        let icbs = MetadataIcbs {
            main: self.metadata_icb(FileType::METADATA, &runs(&main)),
            mirror: self.metadata_icb(FileType::METADATA_MIRROR, &runs(&mirror)),
        };
        self.name_metadata(icbs, twice);
        icbs
    }

    /// Records an ICB of a metadata file.
    pub fn metadata_icb(&mut self, file_type: FileType, extents: &[ShortAd]) -> u32 {
        let mut entry = self.entry(file_type, AllocationForm::Short);
        entry.file_link_count = 0;
        entry.information_length = extents
            .iter()
            .map(|extent| u64::from(extent.length().bytes()))
            .sum();
        entry.logical_blocks_recorded = entry.information_length / BLOCK_SIZE as u64;
        let (here, rest) = extents.split_at(extents.len().min(IN_ICB));
        entry.allocation_descriptors = here.as_bytes().to_vec();
        if !rest.is_empty() {
            let at = self.next_block();
            let continued = AllocationExtent {
                allocation_descriptors: rest.as_bytes().to_vec(),
                ..AllocationExtent::default()
            };
            self.push(continued.encode(self.version(), at).unwrap());
            let continuation = ShortAd::new(ExtentType::Continuation, 2048, at);
            entry.allocation_descriptors.extend(continuation.as_bytes());
        }
        let at = self.next_block();
        self.push(entry.encode(self.version(), at).unwrap())
    }

    /// Makes the partition map name these ICBs.
    pub fn name_metadata(&mut self, icbs: MetadataIcbs, twice: bool) {
        let last = self.maps.len() - 1;
        self.maps[last] = metadata(self.revision, icbs.main, icbs.mirror, twice);
        self.sequence(MAIN);
        self.sequence(RESERVE);
    }

    /// A file with its bytes in blocks of the partition below.
    pub fn file_below(&mut self, bytes: &[u8]) -> RecordedAddress {
        let extent = self.extent(bytes);
        let entry = self.in_extents(FileType::FILE, &[extent]);
        self.put(&entry)
    }
}

/// The extents of a metadata file with these blocks, with holes for missing ones.
pub fn runs(blocks: &[u32]) -> Vec<ShortAd> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for block in blocks {
        match runs.last_mut() {
            Some((first, length)) if *first != u32::MAX && *first + *length == *block => *length += 1,
            _ => runs.push((*block, 1)),
        }
    }
    let bytes = |length: u32| length * u32::try_from(BLOCK_SIZE).unwrap();
    runs.into_iter()
        .map(|(first, length)| match first {
            u32::MAX => ShortAd::new(ExtentType::NotAllocated, bytes(length), 0),
            _ => ShortAd::new(ExtentType::Recorded, bytes(length), first),
        })
        .collect()
}

pub fn entry(original: u32, mapped: u32) -> SparingEntry {
    SparingEntry {
        original_location: original.into(),
        mapped_location: mapped.into(),
    }
}

pub fn sparable(revision: Revision) -> PartitionMap {
    PartitionMap::Sparable {
        volume_sequence_number: 1,
        partition_number: NUMBER,
        revision,
        sparable: Sparable {
            packet_length: u16::try_from(PACKET).unwrap().into(),
            number_of_sparing_tables: 4,
            size_of_each_sparing_table: 2048.into(),
            locations_of_sparing_tables: TABLES.map(Into::into),
            ..Sparable::new_zeroed()
        },
    }
}

pub fn metadata(revision: Revision, main: u32, mirror: u32, twice: bool) -> PartitionMap {
    PartitionMap::Metadata {
        volume_sequence_number: 1,
        partition_number: NUMBER,
        revision,
        metadata: Metadata {
            metadata_file_location: main.into(),
            metadata_mirror_file_location: mirror.into(),
            metadata_bitmap_file_location: u32::MAX.into(),
            allocation_unit_size: PACKET.into(),
            alignment_unit_size: 1.into(),
            flags: u8::from(twice),
            ..Metadata::new_zeroed()
        },
    }
}

/// An ICB in the partition below.
pub fn below(block: u32) -> LongAd {
    LongAd::icb(RecordedAddress {
        partition: PartitionReference(0),
        block,
    })
}
