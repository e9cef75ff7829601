//! Kinds of structures, and the blocks that have one.

use std::collections::BTreeSet;

use ecma167::BLOCK_SIZE;
use ecma167::file::{FileEntry, FileType};
use ecma167::general::{Tag, TagIdentifier};

/// A kind of structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anchors.
    Anchors,
    /// Descriptors of partitions.
    Partitions,
    /// Descriptors of logical volumes.
    Logicals,
    /// All other descriptors of the volume.
    Descriptors,
    /// File set descriptors.
    FileSets,
    /// VAT ICBs.
    VatIcbs,
    /// Entries of directories.
    DirectoryEntries,
    /// Bodies of directories.
    Directories,
}

use Kind::{Anchors, Descriptors, Directories, DirectoryEntries, FileSets, Logicals, Partitions, VatIcbs};

/// What is destroyed together.
pub const RUINS: [(&str, &[Kind]); 12] = [
    ("anchors", &[Anchors]),
    ("partition descriptors", &[Partitions]),
    ("logical volume descriptors", &[Logicals]),
    ("other descriptors", &[Descriptors]),
    ("descriptors", &[Anchors, Partitions, Logicals, Descriptors]),
    ("file sets", &[FileSets]),
    ("VAT ICBs", &[VatIcbs]),
    ("VAT ICBs and file sets", &[VatIcbs, FileSets]),
    (
        "VAT ICBs and descriptors",
        &[Anchors, Partitions, Logicals, Descriptors, VatIcbs],
    ),
    ("entries of directories", &[DirectoryEntries]),
    ("bodies of directories", &[Directories]),
    (
        "anything but files",
        &[
            Anchors,
            Partitions,
            Logicals,
            Descriptors,
            FileSets,
            VatIcbs,
            DirectoryEntries,
            Directories,
        ],
    ),
];

/// The blocks of an image with structures of some kinds.
pub fn blocks_of(image: &[u8], kinds: &[Kind]) -> BTreeSet<u32> {
    let blocks = (0..).zip(image.chunks_exact(BLOCK_SIZE));
    let is_one = |block: &[u8]| kind_of(block).is_some_and(|kind| kinds.contains(&kind));
    blocks
        .filter(|(_, block)| is_one(block))
        .map(|(at, _)| at)
        .collect()
}

fn kind_of(block: &[u8]) -> Option<Kind> {
    Some(match Tag::peek(block)?.identifier() {
        TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER => Kind::Anchors,
        TagIdentifier::PARTITION_DESCRIPTOR => Kind::Partitions,
        TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => Kind::Logicals,
        TagIdentifier::FILE_SET_DESCRIPTOR => Kind::FileSets,
        TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR => Kind::Directories,
        TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY => {
            match FileEntry::decode(block, None).ok()?.icb_tag.file_type {
                FileType::VAT | FileType::UNSPECIFIED => Kind::VatIcbs,
                FileType::DIRECTORY => Kind::DirectoryEntries,
                _ => return None,
            }
        }
        TagIdentifier(1..=9) => Kind::Descriptors,
        _ => return None,
    })
}
