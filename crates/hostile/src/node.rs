//! Nodes: file entries, allocation extent descriptors, extended attributes and allocation descriptors.

use ecma167::BLOCK_SIZE;
use ecma167::PartitionReference;
use ecma167::file::{FileEntry, extended_attribute, path_component};
use ecma167::general::Tag;
use volume::Volume;

use crate::recipe::Input;
use crate::small::{SPARE_BLOCKS, Small};
use crate::{Block, judge, repair, walk};

/// Leave tags and CRCs as they are.
const DO_NOT_REPAIR: u8 = 1;
/// UDF 1.50.
const OLD: u8 = 2;
/// Use the root directory instead of a file.
const ROOT: u8 = 4;
/// Also judge it.
const CHECK: u8 = 8;
/// Leave the locations in tags as they are.
const DO_NOT_PLACE: u8 = 16;

/// Makes a node of a small volume from the first block of the input, and stores the following ones in unused
/// blocks. Each is preceded by its length in two bytes.
pub fn node(input: &[u8]) {
    let mut input = Input(input);
    let Some(flags) = input.byte() else { return };
    let small = Small::of(flags & OLD != 0);
    let (sector, address) = if flags & ROOT != 0 { small.root } else { small.file };
    let Some(first) = block(&mut input, flags, address.block) else {
        return;
    };
    decode(&first);
    let mut image = small.base.image.clone();
    *image.block_mut(sector) = first;
    for at in small.spare..small.spare + SPARE_BLOCKS {
        let Some(next) = block(&mut input, flags, small.logical(at).block) else {
            break;
        };
        *image.block_mut(at) = next;
    }
    if let Some(drive) = small.base.drive(&image)
        && let Ok(mut volume) = Volume::open(drive)
        && let Ok(node) = volume.node(address)
    {
        walk::read(&mut volume, &node);
        if let Ok(mut directory) = volume.directory(&node) {
            for _ in 0..5000 {
                if matches!(directory.next(&mut volume), Ok(None)) {
                    break;
                }
            }
        }
    }
    if flags & CHECK != 0
        && let Some(mut drive) = small.base.drive(&image)
    {
        let _ = check::check(&mut drive, &judge::options());
    }
}

fn block(input: &mut Input<'_>, flags: u8, location: u32) -> Option<Block> {
    let length = usize::from(input.half()?).min(BLOCK_SIZE);
    let bytes = input.bytes(length);
    let mut block = [0; BLOCK_SIZE];
    block[..bytes.len()].copy_from_slice(bytes);
    if flags & DO_NOT_PLACE == 0 {
        block[12..16].copy_from_slice(&location.to_le_bytes());
    }
    if flags & DO_NOT_REPAIR == 0 {
        repair::block(&mut block);
    }
    Some(block)
}

fn decode(block: &Block) {
    let _ = Tag::peek(block);
    let Ok(entry) = FileEntry::decode(block, None) else {
        return;
    };
    let _ = extended_attribute::decode(&entry.extended_attributes, None);
    let _ = path_component::decode(&entry.allocation_descriptors);
    let _ = entry.extents(PartitionReference(0)).map(Iterator::count);
}
