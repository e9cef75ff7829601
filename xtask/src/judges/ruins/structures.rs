//! Which blocks of an image have a structure, by the tags of ECMA-167.

use std::collections::BTreeSet;

/// Kinds of structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Volume structure descriptors, by which a system knows that there is UDF.
    Recognition,
    Anchors,
    /// All other descriptors of the volume, those of partitions included.
    Descriptors,
    /// ICBs of VATs.
    Vats,
    /// The file set descriptor and the entry of the root directory.
    Root,
    /// Entries of directories.
    DirectoryEntries,
    /// Blocks with names, outside of entries.
    Names,
}

/// Bytes before the volume structure descriptors, and bytes of each of those.
const SYSTEM_AREA: usize = 32 << 10;
const VOLUME_STRUCTURE: usize = 2048;
/// The most volume structure descriptors.
const MOST_RECOGNISED: usize = 64;
/// Types of files (`ECMA-167 4/14.6.6`, `UDF 2.60 2.3.5.2`).
const DIRECTORY: u8 = 4;
const VAT: u8 = 248;
const UNSPECIFIED: u8 = 0;

/// The first bytes of the blocks with a structure of one of these kinds.
pub fn places(image: &[u8], block_size: usize, kinds: &[Kind]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let first = SYSTEM_AREA / VOLUME_STRUCTURE;
    for (at, block) in image
        .chunks(VOLUME_STRUCTURE)
        .enumerate()
        .skip(first)
        .take(MOST_RECOGNISED)
    {
        let identifiers = [b"BEA01", b"NSR02", b"NSR03", b"TEA01"];
        let is_known = |name: &[u8]| identifiers.iter().any(|one| name == &one[..]);
        if kinds.contains(&Kind::Recognition) && block.get(1..6).is_some_and(is_known) {
            let start = at * VOLUME_STRUCTURE;
            found.extend((start..start + VOLUME_STRUCTURE).step_by(block_size));
        }
    }
    for (at, block) in image.chunks_exact(block_size).enumerate() {
        if kinds_of(block).iter().any(|kind| kinds.contains(kind)) {
            found.insert(at * block_size);
        }
    }
    found
}

/// The identifier of a tag with a right checksum.
fn tag(bytes: &[u8]) -> Option<u16> {
    let tag: &[u8; 16] = bytes.first_chunk()?;
    let sum = tag.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let is_right = sum.wrapping_sub(tag[4]) == tag[4] && (2..=3).contains(&tag[2]) && tag[3] == 0;
    is_right.then_some(u16::from_le_bytes([tag[0], tag[1]]))
}

fn kinds_of(block: &[u8]) -> Vec<Kind> {
    match tag(block) {
        Some(2) => vec![Kind::Anchors],
        Some(1 | 3..=9) => vec![Kind::Descriptors],
        Some(256) => vec![Kind::Root],
        Some(identifier @ (261 | 266)) => {
            let unique_id = if identifier == 261 { 160 } else { 200 };
            match block[27] {
                VAT | UNSPECIFIED => vec![Kind::Vats],
                DIRECTORY if block[unique_id..unique_id + 8] == [0; 8] => {
                    vec![Kind::DirectoryEntries, Kind::Root]
                }
                DIRECTORY => vec![Kind::DirectoryEntries],
                _ => Vec::new(),
            }
        }
        _ if (0..block.len())
            .step_by(4)
            .any(|at| tag(&block[at..]) == Some(257)) =>
        {
            vec![Kind::Names]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tag(identifier: u16, at: usize) -> Vec<u8> {
        let mut block = vec![0; 2048];
        block[at..at + 2].copy_from_slice(&identifier.to_le_bytes());
        block[at + 2] = 2;
        let sum = block[at..at + 16]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        block[at + 4] = sum;
        block
    }

    #[test]
    fn structures_are_found_by_their_tags() {
        let image = [with_tag(2, 0), with_tag(6, 0), with_tag(257, 40), vec![0; 2048]].concat();
        let found = |kind| places(&image, 2048, &[kind]).into_iter().collect::<Vec<_>>();
        assert_eq!(found(Kind::Anchors), [0]);
        assert_eq!(found(Kind::Descriptors), [2048]);
        assert_eq!(found(Kind::Names), [4096]);
        assert!(found(Kind::Root).is_empty());
    }
}
