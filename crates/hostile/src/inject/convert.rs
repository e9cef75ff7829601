//! Volumes of other maps, made of one with a VAT: its virtual addresses become blocks of a metadata partition, with the same numbers.

use drive::Drive;
use ecma167::file::{
    AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileType, IcbFlags, LongAd,
    ShortAd,
};
use ecma167::general::{TagIdentifier, TagVersion, tag};
use ecma167::osta::Revision;
use ecma167::osta::sparing::{AVAILABLE, SparingEntry, SparingTable};
use ecma167::volume::partition_map::{Metadata, Sparable};
use ecma167::volume::{
    AccessType, IntegrityImplementationUse, IntegrityType, LogicalVolumeDescriptor,
    LogicalVolumeIntegrityDescriptor, PartitionMap,
};
use ecma167::{BLOCK_SIZE, LogicalSector, PartitionReference, RecordedAddress};
use emulator::{Behaviour, Medium, Recorder};
use recording::Recording;
use volume::Volume;
use zerocopy::{FromZeros as _, IntoBytes as _};

use super::disc::{Disc, NoWait, folder};
use super::record;
use crate::image::{Block, Image};
use crate::repair;

const VERSION: TagVersion = TagVersion::Three;
const REVISION: Revision = Revision::V2_50;
/// Where the sparing tables stand, and blocks of a packet.
const TABLES: [u32; 2] = [100, 132];
const PACKET: u32 = 32;
const NONE: u32 = u32::MAX;

/// Which maps the volume has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maps {
    /// A metadata partition whose mirror names the same blocks.
    Once,
    /// One whose mirror has blocks of its own.
    Twice,
    /// One over a sparable partition.
    OverSparable,
}

/// A volume while it is made.
struct Volumed {
    image: Image,
    /// Start of the partition.
    start: u32,
    /// The block of each block of the metadata partition.
    blocks: Vec<u32>,
    next: u32,
}

/// A volume with these maps, in which a file has a named stream.
///
/// # Panics
/// Where it cannot be made, or is not good.
#[must_use]
pub fn converted(maps: Maps) -> Disc {
    let folder = folder();
    let path = folder.path().join("disc");
    Recorder::create(&path, Medium::BdR, Some(6000), Behaviour::default()).expect("a blank disc");
    let open = || {
        let recorder = Recorder::open(&path).expect("an image");
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).expect("a drive")
    };
    record::volume(open(), REVISION);
    let mut recording = Recording::open(open(), record::time(1)).expect("a volume");
    record::content(&mut recording);
    drop(recording);
    let mut volume = Volume::open(open())
        .map_err(|failed| failed.error)
        .expect("a volume");
    let vat = volume.vat().cloned().expect("a VAT");
    let blocks = (0..vat.entries)
        .map(|at| {
            volume
                .virtual_entry(ecma167::VirtualAddress(at))
                .map_or(NONE, |block| block.0)
        })
        .collect();
    let image = Image::of_bytes(&std::fs::read(&path).expect("an image"));
    let mut made = Volumed {
        start: volume.maps()[0].partition().start.0,
        next: image.length,
        image,
        blocks,
    };
    let small = volume.lookup("/directory/small").expect("a file");
    made.restamp_embedded();
    made.add_stream(small.address, &small.entry);
    let logical = volume.descriptors().logical.clone();
    drop(volume);
    let map = made.metadata_files(maps == Maps::Twice);
    let below = if maps == Maps::OverSparable {
        made.spare()
    } else {
        PartitionMap::Type1 {
            volume_sequence_number: 1,
            partition_number: 0,
        }
    };
    let counts = (vat.files.unwrap_or(0), vat.directories.unwrap_or(0));
    made.finish(&logical, vec![below, map], counts, vat.next_unique_id());
    std::fs::remove_file(Recorder::side_file(&path)).expect("a side file");
    let file = std::fs::File::create(&path).expect("an image");
    made.image.write_to(&file).expect("room in memory");
    let drive = Drive::open_image(&path).expect("an image");
    let name = match maps {
        Maps::Once => "metadata partition, one copy",
        Maps::Twice => "metadata partition, two copies",
        Maps::OverSparable => "metadata over a sparable partition",
    };
    Disc::new(name.to_owned(), folder, &path, made.start, drive)
}

fn in_metadata(block: usize) -> RecordedAddress {
    RecordedAddress {
        partition: PartitionReference(1),
        block: u32::try_from(block).expect("a small number"),
    }
}

impl Volumed {
    /// Appends a block; its number in the partition.
    fn push(&mut self, block: Block) -> u32 {
        *self.image.block_mut(self.next) = block;
        self.next += 1;
        self.next - 1 - self.start
    }

    /// A FID in an ICB has the block of that as its location: of the metadata partition now.
    fn restamp_embedded(&mut self) {
        for (number, block) in self.blocks.clone().into_iter().enumerate().skip(1) {
            if block == NONE {
                continue;
            }
            let location = u32::try_from(number).expect("a small number");
            let sector = self.start + block;
            let mut entry = FileEntry::decode(&self.image.block(sector), None).expect("a node");
            if entry.icb_tag.file_type != FileType::DIRECTORY || entry.embedded().is_none() {
                continue;
            }
            let fids = &mut entry.allocation_descriptors;
            let mut at = 0;
            while let Some(length) = fids.get(at..).and_then(FileIdentifier::stated_len) {
                tag::restamp(&mut fids[at..at + length], location);
                at += length;
            }
            *self.image.block_mut(sector) = entry.encode(VERSION, location).expect("a short body");
        }
    }

    fn add_stream(&mut self, owner: RecordedAddress, entry: &FileEntry) {
        let content = b"[ZoneTransfer]";
        let (directory, stream) = (self.blocks.len(), self.blocks.len() + 1);
        let embedded = |file_type, links, body: Vec<u8>| {
            let mut new = entry.clone();
            new.icb_tag.file_type = file_type;
            let flags = IcbFlags::STREAM.with_form(AllocationForm::Embedded);
            new.icb_tag.set_icb_flags(flags);
            new.file_link_count = links;
            new.information_length = body.len() as u64;
            new.object_size = new.information_length;
            new.allocation_descriptors = body;
            new.unique_id = 0;
            new
        };
        let mut fids = Vec::new();
        let none = FileCharacteristics::empty();
        let named = FileIdentifier::new("Zone.Identifier", none, LongAd::icb(in_metadata(stream)));
        for fid in [FileIdentifier::parent(LongAd::icb(owner)), named.expect("a name")] {
            let location = u32::try_from(directory).expect("a small number");
            fids.extend(fid.encode(VERSION, location).expect("a short name"));
        }
        for (number, new) in [
            (directory, embedded(FileType::STREAM_DIRECTORY, 0, fids)),
            (stream, embedded(FileType::FILE, 1, content.to_vec())),
        ] {
            let location = u32::try_from(number).expect("a small number");
            let at = self.push(new.encode(VERSION, location).expect("a short body"));
            self.blocks.push(at);
        }
        let mut with_stream = entry.clone();
        with_stream.stream_directory_icb = LongAd::icb(in_metadata(directory));
        with_stream.object_size += content.len() as u64;
        let sector = self.start + self.blocks[owner.block as usize];
        *self.image.block_mut(sector) = with_stream.encode(VERSION, owner.block).expect("a short body");
    }

    /// The metadata file and its mirror, and the map that names them.
    fn metadata_files(&mut self, twice: bool) -> PartitionMap {
        let main = self.blocks.clone();
        let mut mirror = main.clone();
        for block in mirror.iter_mut().filter(|block| twice && **block != NONE) {
            let copy = self.image.block(self.start + *block);
            *block = self.push(copy);
        }
        let template = self.image.block(self.start + main[1]);
        let template = FileEntry::decode(&template, None).expect("the root");
        let mut icb = |file_type, extents: &[ShortAd]| {
            let mut entry = template.clone();
            entry.icb_tag.file_type = file_type;
            let flags = IcbFlags::empty().with_form(AllocationForm::Short);
            entry.icb_tag.set_icb_flags(flags);
            entry.file_link_count = 0;
            entry.extended_attributes.clear();
            entry.information_length = extents
                .iter()
                .map(|extent| u64::from(extent.length().bytes()))
                .sum();
            entry.object_size = entry.information_length;
            let recorded = extents
                .iter()
                .filter(|extent| extent.length().extent_type() == ExtentType::Recorded);
            let bytes: u64 = recorded.map(|extent| u64::from(extent.length().bytes())).sum();
            entry.logical_blocks_recorded = bytes / BLOCK_SIZE as u64;
            entry.allocation_descriptors = extents.as_bytes().to_vec();
            let at = self.next - self.start;
            self.push(entry.encode(VERSION, at).expect("few extents"))
        };
        let main = icb(FileType::METADATA, &runs(&main));
        let mirror = icb(FileType::METADATA_MIRROR, &runs(&mirror));
        PartitionMap::Metadata {
            volume_sequence_number: 1,
            partition_number: 0,
            revision: REVISION,
            metadata: Metadata {
                metadata_file_location: main.into(),
                metadata_mirror_file_location: mirror.into(),
                metadata_bitmap_file_location: NONE.into(),
                allocation_unit_size: 1.into(),
                alignment_unit_size: 1.into(),
                flags: u8::from(twice),
                ..Metadata::new_zeroed()
            },
        }
    }

    /// Spares the packet of the root, and keeps one more spare packet.
    fn spare(&mut self) -> PartitionMap {
        let original = self.blocks[1] / PACKET * PACKET;
        let mapped = self.next;
        for block in 0..PACKET {
            let from = self.start + original + block;
            let copy = self.image.block(from);
            *self.image.block_mut(from) = [0xEE; BLOCK_SIZE];
            self.push(copy);
        }
        let free = self.next;
        self.next += PACKET;
        self.image.set_length(self.next);
        let entry = |original: u32, mapped: u32| SparingEntry {
            original_location: original.into(),
            mapped_location: mapped.into(),
        };
        let table = SparingTable {
            sequence_number: 1,
            entries: vec![entry(original, mapped), entry(AVAILABLE, free)],
        };
        for at in TABLES {
            let bytes = table.encode(REVISION, at);
            self.image.block_mut(at)[..bytes.len()].copy_from_slice(&bytes);
        }
        let locations = [TABLES[0], TABLES[1], 0, 0].map(Into::into);
        PartitionMap::Sparable {
            volume_sequence_number: 1,
            partition_number: 0,
            revision: REVISION,
            sparable: Sparable {
                packet_length: u16::try_from(PACKET).expect("a small number").into(),
                number_of_sparing_tables: 2,
                size_of_each_sparing_table: 2048.into(),
                locations_of_sparing_tables: locations,
                ..Sparable::new_zeroed()
            },
        }
    }

    /// Descriptors, integrity descriptor and the second anchor.
    fn finish(
        &mut self,
        logical: &LogicalVolumeDescriptor,
        maps: Vec<PartitionMap>,
        counts: (u32, u32),
        next_id: u64,
    ) {
        let last = self.next;
        let anchor = self.image.block(256);
        *self.image.block_mut(last) = anchor;
        tag::restamp(self.image.block_mut(last), last);
        // Spare packets stand outside of the partition; the last of what is inside is the ICB of the mirror.
        let spare = maps
            .iter()
            .any(|map| matches!(map, PartitionMap::Sparable { .. }));
        let end = if spare { last - 2 * PACKET } else { last };
        let length = end - self.start;
        for sequence in [repair::word(&anchor, 20), repair::word(&anchor, 28)] {
            for at in sequence..sequence + 16 {
                match TagIdentifier(repair::half(&self.image.block(at), 0)) {
                    TagIdentifier::PARTITION_DESCRIPTOR => {
                        let block = self.image.block_mut(at);
                        block[184..188].copy_from_slice(&AccessType::Overwritable.number().to_le_bytes());
                        block[192..196].copy_from_slice(&length.to_le_bytes());
                        repair::seal(block);
                    }
                    TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => {
                        let new = LogicalVolumeDescriptor {
                            volume_descriptor_sequence_number: logical.volume_descriptor_sequence_number,
                            partition_maps: maps.clone(),
                            ..logical.clone()
                        };
                        *self.image.block_mut(at) = new.encode(VERSION, at).expect("few maps");
                    }
                    _ => {}
                }
            }
        }
        let LogicalSector(at) = logical.integrity_sequence_extent.location();
        let metadata = u32::try_from(self.blocks.len()).expect("a small number");
        let integrity = LogicalVolumeIntegrityDescriptor {
            recording_date_and_time: record::time(9),
            integrity_type: IntegrityType::Close,
            next_integrity_extent: Default::default(),
            unique_id: next_id,
            free_space_table: vec![0, 0],
            size_table: vec![length, metadata],
            implementation_use: Some(IntegrityImplementationUse::new(REVISION, counts.0, counts.1)),
        };
        *self.image.block_mut(at) = integrity.encode(VERSION, at).expect("few partitions");
    }
}

/// The extents of a metadata file with these blocks.
fn runs(blocks: &[u32]) -> Vec<ShortAd> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for block in blocks {
        match runs.last_mut() {
            Some((first, length)) if *first != NONE && *block != NONE && *first + *length == *block => {
                *length += 1
            }
            _ => runs.push((*block, 1)),
        }
    }
    let bytes = |length: u32| length * u32::try_from(BLOCK_SIZE).expect("a small number");
    runs.into_iter()
        .map(|(first, length)| match first {
            NONE => ShortAd::new(ExtentType::NotAllocated, bytes(length), 0),
            _ => ShortAd::new(ExtentType::Recorded, bytes(length), first),
        })
        .collect()
}
