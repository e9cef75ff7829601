//! Corrects tags, checksums and CRCs, so that the changes they cover are read.

use ecma167::BLOCK_SIZE;
use ecma167::general::{Tag, TagIdentifier, tag};
use ecma167::osta::sparing::SparingTableHeader;

use crate::bases::Base;
use crate::image::Image;

const TAG: usize = Tag::LEN;

/// Corrects the checksum of a tag and its CRC, over the stated length or the available bytes.
pub fn seal(descriptor: &mut [u8]) {
    if descriptor.len() < TAG {
        return;
    }
    let stated = usize::from(half(descriptor, 10));
    let covered = stated.min(descriptor.len() - TAG).min(usize::from(u16::MAX));
    let crc = tag::crc(&descriptor[TAG..TAG + covered]);
    descriptor[8..10].copy_from_slice(&crc.to_le_bytes());
    descriptor[10..12].copy_from_slice(&u16::try_from(covered).unwrap_or(u16::MAX).to_le_bytes());
    checksum(descriptor);
}

/// Corrects the checksum of a tag, but not its CRC.
pub fn checksum(descriptor: &mut [u8]) {
    descriptor[4] = 0;
    descriptor[4] = descriptor[..TAG]
        .iter()
        .fold(0, |sum, byte| sum.wrapping_add(*byte));
}

/// Seals every file identifier descriptor of a directory, up to the first gap.
pub fn directory(stream: &mut [u8]) {
    let mut rest = stream;
    while rest.len() >= 38 && half(rest, 0) == TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR.0 {
        let length = (38 + usize::from(half(rest, 36)) + usize::from(rest[19])).next_multiple_of(4);
        let length = length.min(rest.len());
        let (descriptor, after) = rest.split_at_mut(length);
        // Its CRC covers all of it, whatever length was stated.
        let covered = u16::try_from(length - TAG).unwrap_or(u16::MAX);
        descriptor[10..12].copy_from_slice(&covered.to_le_bytes());
        seal(descriptor);
        rest = after;
    }
}

/// Seals the descriptor at the start of a block, and those inside it: extended attributes, and the entries of
/// a directory.
pub fn block(block: &mut [u8]) {
    if SparingTableHeader::peek(block).is_ok() {
        seal(block);
    }
    if half(block, 0) == 0 || half(block, 0) > TagIdentifier::EXTENDED_FILE_ENTRY.0 {
        return;
    }
    inside(block);
    seal(block);
}

fn inside(block: &mut [u8]) {
    let front = match TagIdentifier(half(block, 0)) {
        TagIdentifier::FILE_ENTRY => 176,
        TagIdentifier::EXTENDED_FILE_ENTRY => 216,
        _ => return,
    };
    let attributes = usize::try_from(word(block, front - 8)).unwrap_or(usize::MAX);
    let Some(after_attributes) = attributes.checked_add(front).filter(|end| *end <= block.len()) else {
        return;
    };
    if attributes >= 24 && half(block, front) == TagIdentifier::EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR.0 {
        seal(&mut block[front..front + 24]);
    }
    // File type 4 is a directory, and form 3 an embedded body.
    if block[16 + 11] == 4 && half(block, 16 + 18) & 7 == 3 {
        directory(&mut block[after_attributes..]);
    }
}

/// Seals every block of an image, and its directories across blocks.
pub fn image(image: &mut Image, base: &Base, changed: &[u32]) {
    let mut across = Vec::new();
    for run in &base.directories {
        if run.iter().any(|at| changed.contains(at)) {
            across.extend(run);
            let mut stream: Vec<u8> = run.iter().flat_map(|at| image.block(*at)).collect();
            directory(&mut stream);
            for (at, bytes) in run.iter().zip(stream.as_chunks::<BLOCK_SIZE>().0) {
                image.block_mut(*at).copy_from_slice(bytes);
            }
        }
    }
    for at in changed {
        if !across.contains(at) && *at < image.length {
            block(image.block_mut(*at));
        }
    }
}

/// Two bytes, little-endian.
pub fn half(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

/// Four bytes, little-endian.
pub fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
