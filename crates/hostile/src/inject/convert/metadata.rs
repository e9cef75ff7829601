//! Nodes in a metadata partition, each in the block with the number that it had in the VAT.

use ecma167::file::{AllocationForm, ExtentType, FileEntry, FileIdentifier, FileType, IcbFlags, ShortAd};
use ecma167::general::tag;
use ecma167::volume::PartitionMap;
use ecma167::volume::partition_map::Metadata;
use ecma167::{BLOCK_SIZE, PartitionReference, RecordedAddress};
use zerocopy::{FromZeros as _, IntoBytes as _};

use super::volumed::{NONE, Volumed};

/// The address of a block of the metadata partition.
pub fn in_metadata(block: usize) -> RecordedAddress {
    RecordedAddress {
        partition: PartitionReference(1),
        block: u32::try_from(block).expect("a small number"),
    }
}

/// The tag location of a FID inside an ICB is the block of that ICB, now in the metadata partition.
pub fn restamp_embedded(volumed: &mut Volumed) {
    for (number, block) in volumed.blocks.clone().into_iter().enumerate().skip(1) {
        if block == NONE {
            continue;
        }
        let location = u32::try_from(number).expect("a small number");
        let sector = volumed.start + block;
        let mut entry = FileEntry::decode(&volumed.image.block(sector), None).expect("a node");
        if entry.icb_tag.file_type != FileType::DIRECTORY || entry.embedded().is_none() {
            continue;
        }
        let fids = &mut entry.allocation_descriptors;
        let mut at = 0;
        while let Some(length) = fids.get(at..).and_then(FileIdentifier::stated_len) {
            tag::restamp(&mut fids[at..at + length], location);
            at += length;
        }
        *volumed.image.block_mut(sector) = entry.encode(volumed.version(), location).expect("a short body");
    }
}

/// Records the metadata file and its mirror; returns the map that names them.
pub fn metadata_files(volumed: &mut Volumed, twice: bool) -> PartitionMap {
    let main = volumed.blocks.clone();
    let mut mirror = main.clone();
    for block in mirror.iter_mut().filter(|block| twice && **block != NONE) {
        let copy = volumed.image.block(volumed.start + *block);
        *block = volumed.push(copy);
    }
    let template = volumed.image.block(volumed.start + main[1]);
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
        let at = volumed.next - volumed.start;
        volumed.push(entry.encode(volumed.version(), at).expect("few extents"))
    };
    let main = icb(FileType::METADATA, &runs(&main));
    let mirror = icb(FileType::METADATA_MIRROR, &runs(&mirror));
    PartitionMap::Metadata {
        volume_sequence_number: 1,
        partition_number: 0,
        revision: volumed.revision,
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
