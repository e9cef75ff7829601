//! Volumes with other maps, as on rewritable media, made from one with a VAT.

mod bitmap;
mod flat;
mod metadata;
mod spare;
mod streams;
mod volumed;

pub use bitmap::HEADER as BITMAP_HEADER;
pub use spare::TABLES;

use drive::Drive;
use ecma167::file::LongAd;
use ecma167::general::{TagIdentifier, tag};
use ecma167::osta::Revision;
use ecma167::volume::{
    AccessType, IntegrityImplementationUse, IntegrityType, LogicalVolumeDescriptor,
    LogicalVolumeIntegrityDescriptor, PartitionMap,
};
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};
use emulator::{Behaviour, Medium, Recorder};
use recording::Recording;
use volume::Volume;

use self::bitmap::Bitmap;
use self::volumed::{NONE, Volumed};
use super::disc::{JudgedDisc, NoWait, folder};
use super::record;
use crate::image::Image;
use crate::repair::{self, half, word};

/// The maps of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maps {
    /// A type 1 partition with a space bitmap.
    Plain,
    /// A sparable partition with a space bitmap.
    Sparable,
    /// A metadata partition with a mirror that names the same blocks.
    MetadataOnce,
    /// A metadata partition with a mirror that has blocks of its own.
    MetadataTwice,
    /// A metadata partition over a sparable one.
    MetadataOverSparable,
}

impl Maps {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::Sparable,
        Self::MetadataOnce,
        Self::MetadataTwice,
        Self::MetadataOverSparable,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Plain => "type 1 partition",
            Self::Sparable => "sparable partition",
            Self::MetadataOnce => "metadata partition, one copy",
            Self::MetadataTwice => "metadata partition, two copies",
            Self::MetadataOverSparable => "metadata over a sparable partition",
        }
    }

    fn revision(self) -> Revision {
        match self {
            Self::Plain => Revision::V2_01,
            Self::Sparable => Revision::V1_50,
            _ => Revision::V2_50,
        }
    }

    fn is_flat(self) -> bool {
        matches!(self, Self::Plain | Self::Sparable)
    }

    fn is_sparable(self) -> bool {
        matches!(self, Self::Sparable | Self::MetadataOverSparable)
    }
}

/// A volume with these maps; from 2.00 on, a file in it has a named stream.
///
/// # Panics
/// If it cannot be made, or is not good.
#[must_use]
pub fn converted(maps: Maps) -> JudgedDisc {
    let folder = folder();
    let path = folder.path().join("disc");
    Recorder::create(&path, Medium::BdR, Some(6000), Behaviour::default()).expect("a blank disc");
    let open = || {
        let recorder = Recorder::open(&path).expect("an image");
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).expect("a drive")
    };
    record::volume(open(), maps.revision());
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
        revision: maps.revision(),
        start: volume.maps()[0].partition().expect("a usable map").start.0,
        next: image.length,
        image,
        blocks,
    };
    let small = volume.lookup_path("/directory/small").expect("a file");
    let mut logical = volume.descriptors().logical.clone();
    // For 1.50 nothing counts the nodes.
    let nodes = made.blocks.iter().skip(1).filter(|block| **block != NONE).count();
    let directories = vat.directories.unwrap_or(DIRECTORIES);
    let names = u32::try_from(nodes).expect("few nodes") + HARD_LINKS;
    let counts = (vat.files.unwrap_or(names - directories), directories);
    drop(volume);
    if !maps.is_flat() {
        metadata::restamp_embedded(&mut made);
    }
    if maps.revision() >= Revision::V2_00 {
        streams::add_stream(&mut made, small.address, &small.entry);
    }
    let mut bitmap = None;
    let mut all = Vec::new();
    if maps.is_flat() {
        flat::flatten(&mut made);
        logical.logical_volume_contents_use = LongAd::icb(RecordedAddress {
            partition: PartitionReference(0),
            block: made.blocks[0],
        });
        bitmap = Some(bitmap::record(&mut made));
    } else {
        all.push(metadata::metadata_files(&mut made, maps == Maps::MetadataTwice));
    }
    let end = made.next;
    let below = if maps.is_sparable() {
        spare::spare(&mut made)
    } else {
        PartitionMap::Type1 {
            volume_sequence_number: 1,
            partition_number: 0,
        }
    };
    all.insert(0, below);
    logical.partition_maps = all;
    finish(&mut made, end, &logical, bitmap, counts, vat.next_unique_id());
    std::fs::remove_file(Recorder::side_file(&path)).expect("a side file");
    let file = std::fs::File::create(&path).expect("an image");
    made.image.write_to(&file).expect("room in memory");
    let drive = Drive::open_image(&path).expect("an image");
    let name = format!("{} {}", maps.words(), maps.revision());
    JudgedDisc::new(name, folder, &path, made.start, drive)
}

/// The numbers of directories and of further names in what is recorded.
const DIRECTORIES: u32 = 4;
const HARD_LINKS: u32 = 1;

/// Records the descriptors, the integrity descriptor and the second anchor. Spare packets follow the `end` of
/// the partition.
fn finish(
    made: &mut Volumed,
    end: u32,
    logical: &LogicalVolumeDescriptor,
    bitmap: Option<Bitmap>,
    (files, directories): (u32, u32),
    next_id: u64,
) {
    let (last, version) = (made.next, made.version());
    let anchor = made.image.block(256);
    *made.image.block_mut(last) = anchor;
    tag::restamp(made.image.block_mut(last), last);
    let length = end - made.start;
    for sequence in [word(&anchor, 20), word(&anchor, 28)] {
        for at in sequence..sequence + 16 {
            match TagIdentifier(half(&made.image.block(at), 0)) {
                TagIdentifier::PARTITION_DESCRIPTOR => {
                    let block = made.image.block_mut(at);
                    if let Some(bitmap) = bitmap {
                        block[64..68].copy_from_slice(&bitmap.length.to_le_bytes());
                        block[68..72].copy_from_slice(&bitmap.block.to_le_bytes());
                    }
                    block[184..188].copy_from_slice(&AccessType::Overwritable.number().to_le_bytes());
                    block[192..196].copy_from_slice(&length.to_le_bytes());
                    repair::seal(block);
                }
                TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => {
                    *made.image.block_mut(at) = logical.encode(version, at).expect("few maps");
                }
                _ => {}
            }
        }
    }
    let LogicalSector(at) = logical.integrity_sequence_extent.location();
    let (free_space_table, size_table) = match bitmap {
        Some(bitmap) => (vec![bitmap.free], vec![length]),
        None => {
            let metadata = u32::try_from(made.blocks.len()).expect("a small number");
            (vec![0, 0], vec![length, metadata])
        }
    };
    let integrity = LogicalVolumeIntegrityDescriptor {
        recording_date_and_time: record::time(9),
        integrity_type: IntegrityType::Close,
        next_integrity_extent: Default::default(),
        unique_id: next_id,
        free_space_table,
        size_table,
        implementation_use: Some(IntegrityImplementationUse::new(made.revision, files, directories)),
    };
    *made.image.block_mut(at) = integrity.encode(version, at).expect("few partitions");
    let serial_number = made.serial_number();
    for at in 0..=last {
        tag::set_serial_number(made.image.block_mut(at), serial_number);
    }
}
