//! File entries of a plain volume (`ECMA-167 4/14.9`), with short allocation descriptors.

use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{AllocationForm, FileEntry, IcbFlags, LongAd};
use ecma167::general::EntityIdentifier;
use ecma167::{BLOCK_SIZE, LogicalBlock};
use volume::{Node, NodeKind};

use crate::allocation::Allocation;
use crate::error::Error;
use crate::tags::Tags;

/// The body of an entry.
pub(crate) enum EntryBody<'a> {
    /// Extents on the disc.
    Extents(Allocation<'a>),
    /// In the entry itself: the target of a symbolic link.
    Embedded(&'a [u8]),
}

/// The block of a node's file entry, to be recorded at `at`.
pub(crate) fn encode(
    node: &Node,
    body: &EntryBody<'_>,
    tags: Tags,
    at: LogicalBlock,
) -> Result<[u8; BLOCK_SIZE], Error> {
    let (form, descriptors, length, blocks) = match body {
        EntryBody::Extents(allocation) => (
            AllocationForm::Short,
            allocation.in_entry(),
            allocation.length(),
            allocation.blocks(),
        ),
        EntryBody::Embedded(bytes) => (AllocationForm::Embedded, bytes.to_vec(), bytes.len() as u64, 0),
    };
    let mut icb_tag = node.entry.icb_tag;
    let kept = icb_tag.icb_flags() & (IcbFlags::SET_UID | IcbFlags::SET_GID | IcbFlags::STICKY);
    icb_tag.set_icb_flags(kept.with_form(form));
    let extended_attributes = extended_attributes(node, tags, at)?;
    let entry = FileEntry {
        extended: false,
        icb_tag,
        information_length: length,
        object_size: length,
        logical_blocks_recorded: blocks,
        creation_time: None,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::implementation(),
        extended_attributes,
        allocation_descriptors: descriptors,
        ..node.entry.clone()
    };
    Ok(tags.numbered(entry.encode(tags.version, at.0)?))
}

/// Whether the entry of a node has room for its whole body.
pub(crate) fn can_embed(node: &Node, tags: Tags) -> Result<bool, Error> {
    let attributes = extended_attributes(node, tags, LogicalBlock(0))?;
    let room = FileEntry::capacity(false).saturating_sub(attributes.len());
    Ok(node.size() <= room as u64)
}

fn extended_attributes(node: &Node, tags: Tags, at: LogicalBlock) -> Result<Vec<u8>, Error> {
    let mut attributes = Vec::new();
    attributes.extend(node.entry.creation_time.map(Attribute::CreationTime));
    if let NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor } = node.kind {
        attributes.push(Attribute::Device(Device { major, minor }));
    }
    Ok(tags.numbered(extended_attribute::encode(&attributes, tags.version, at.0)?))
}
