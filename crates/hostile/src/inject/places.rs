//! The places of the structures on a disc, found by the code that reads volumes, not by the judge.

use std::collections::BTreeMap;

use ecma167::file::IcbFlags;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};
use volume::{Body, ExtentKind, Map, Node, NodeKind, Volume};
use zerocopy::FromBytes as _;

use super::disc::JudgedDisc;
use super::fields::{self as table, Field, fields};
use super::icb::is_one_long_ad;
use crate::repair::{half, word};
use crate::walk;

/// A structure with all its copies.
#[derive(Clone, Debug)]
pub struct Structure {
    /// What it is.
    pub name: &'static str,
    /// The sectors of its copies, and the offset of the structure in each.
    pub copies: Vec<(u32, usize)>,
    /// The offset of the descriptor whose CRC covers it; `None` if no CRC does.
    pub sealed: Option<usize>,
    /// Its fields, by their place in the block.
    pub fields: Vec<Field>,
}

/// Number of nodes of each kind, FIDs of a directory and entries of a VAT that are changed.
const NODES_OF_A_KIND: usize = 2;
const ALIKE: usize = 4;
/// Minimum number of sectors of a volume descriptor sequence.
const SEQUENCE: u32 = 16;

/// All structures of the volume.
///
/// # Panics
/// If the volume cannot be read.
#[must_use]
pub fn structures(disc: &JudgedDisc, volume: &mut Volume) -> Vec<Structure> {
    let mut found = Vec::new();
    descriptors(disc, volume, &mut found);
    let mut nodes: Vec<Node> = Vec::new();
    walk::nodes(volume, &mut |_, node| nodes.push(node.clone()));
    for node in nodes.clone() {
        if let Ok(Some(streams)) = volume.stream_directory(&node) {
            let mut directory = volume.directory(&streams).expect("streams");
            nodes.push(streams);
            while let Ok(Some(entry)) = directory.next_live(volume) {
                nodes.push(volume.stream(entry.address()).expect("a stream"));
            }
        }
    }
    let mut seen = Vec::new();
    let mut counts: BTreeMap<(&'static str, u16, bool), usize> = BTreeMap::new();
    for node in nodes {
        // Enough of each kind: by role, by form, and by whether it has an allocation extent.
        let descriptors = &node.entry.allocation_descriptors;
        let form = node.entry.icb_tag.flags.get() & 7;
        let continues = form == 1 && descriptors.len() > 1000;
        let count = counts.entry((name_of(&node), form, continues)).or_default();
        *count += 1;
        if *count > NODES_OF_A_KIND {
            continue;
        }
        let sector = volume.resolve(node.address).expect("a node").0;
        if seen.contains(&sector) {
            continue;
        }
        seen.push(sector);
        icb(disc, sector, name_of(&node), &mut found);
        let is_below = node.address.partition == PartitionReference(0);
        if is_below && node.kind == NodeKind::Directory && is_one_long_ad(&disc.block(sector)) {
            let fields = found.last_mut().map(|structure| &mut structure.fields);
            let mut fields = fields.into_iter().flatten();
            let form = fields.find(|field| field.name == "flags: form").expect("a form");
            form.name = "flags: form of one long_ad".into();
            form.legal = Some("in the same partition: read as a short_ad and the end".into());
        }
        let body = volume.body(&node).expect("a body");
        if let (Body::Extents(extents), NodeKind::Directory) = (&body, node.kind) {
            for extent in extents {
                let ExtentKind::Recorded(address) = extent.kind else {
                    continue;
                };
                let first = volume.resolve(address).expect("a directory").0;
                let (mut at, mut count) = (0, 0);
                while count < ALIKE && at + 38 <= 2048 && u64::try_from(at).is_ok_and(|at| at < extent.length)
                {
                    let Some(end) = fid(disc, first, at, Some(at), &mut found) else {
                        break;
                    };
                    at = end;
                    count += 1;
                }
            }
        }
    }
    found
}

fn name_of(node: &Node) -> &'static str {
    let is_stream = node.entry.icb_tag.icb_flags().contains(IcbFlags::STREAM);
    match node.kind {
        NodeKind::Directory | NodeKind::File if is_stream && node.entry.file_link_count == 0 => {
            "ICB of a stream directory"
        }
        NodeKind::File if is_stream => "ICB of a stream",
        NodeKind::Directory => "ICB of a directory",
        NodeKind::SymbolicLink => "ICB of a symbolic link",
        NodeKind::File => "ICB of a file",
        _ => "ICB of a special file",
    }
}

fn sessions(disc: &JudgedDisc) -> Vec<(u32, u32)> {
    let sessions = disc.drive.medium().sessions.iter();
    sessions
        .filter_map(|session| Some((session.start.0, session.last_recorded?.0)))
        .collect()
}

fn descriptors(disc: &JudgedDisc, volume: &mut Volume, found: &mut Vec<Structure>) {
    let mut sequences = Vec::new();
    for (first, last) in sessions(disc) {
        for anchor in [first + 256, last.saturating_sub(256)] {
            let block = disc.block(anchor);
            if half(&block, 0) != 2 || sequences.iter().any(|(at, _)| *at == anchor) {
                continue;
            }
            found.push(tagged("anchor", vec![anchor], table::ANCHOR));
            sequences.push((anchor, [word(&block, 20), word(&block, 28)]));
        }
    }
    let starts: Vec<u32> = sequences.iter().flat_map(|(_, starts)| *starts).collect();
    for (name, identifier, fields) in [
        ("primary volume descriptor", 1, table::PRIMARY),
        ("implementation use volume descriptor", 4, table::INFORMATION),
        ("partition descriptor", 5, table::PARTITION),
        ("logical volume descriptor", 6, table::LOGICAL),
        ("unallocated space descriptor", 7, table::UNALLOCATED),
        ("terminating descriptor", 8, table::TERMINATING),
    ] {
        let mut copies: Vec<u32> = Vec::new();
        for start in &starts {
            let mut all = *start..*start + SEQUENCE;
            copies.extend(all.find(|at| half(&disc.block(*at), 0) == identifier));
        }
        copies.sort_unstable();
        copies.dedup();
        let mut structure = tagged(name, copies.clone(), fields);
        if identifier == 6 {
            structure.fields.extend(maps(&disc.block(copies[0])));
        }
        found.push(structure);
    }
    let integrity = volume
        .descriptors()
        .logical
        .integrity_sequence_extent
        .location()
        .0;
    let block = disc.block(integrity);
    let mut structure = tagged(
        "logical volume integrity descriptor",
        vec![integrity],
        table::INTEGRITY,
    );
    let partitions = word(&block, 72) as usize;
    for number in 0..partitions {
        // With a VAT the free space of the partition below is older than the disc.
        let legal = volume.vat().is_none() || number == 0;
        let reason = match legal {
            true => " | any up to its length without a bitmap: with a VAT it is older than the disc",
            false => "",
        };
        let text = format!("{} 4 free space{reason}\n", 80 + 4 * number);
        structure.fields.extend(fields(&text, 0));
        let text = format!("{} 4 size\n", 80 + 4 * (partitions + number));
        structure.fields.extend(fields(&text, 0));
    }
    structure
        .fields
        .extend(fields(table::INTEGRITY_USE, 80 + 8 * partitions));
    found.push(structure);
    let file_set = volume.descriptors().logical.logical_volume_contents_use.address();
    let sector = volume.resolve(file_set).expect("a file set").0;
    found.push(tagged("file set descriptor", vec![sector], table::FILE_SET));
    vat(disc, volume, found);
    let sparable = volume
        .maps()
        .iter()
        .any(|map| matches!(map, Map::Sparable { .. }));
    if sparable {
        sparing(disc, volume, found);
    }
    space_bitmap(disc, volume, found);
}

/// The bitmap that the partition descriptor names.
fn space_bitmap(disc: &JudgedDisc, volume: &mut Volume, found: &mut Vec<Structure>) {
    let partitions = found.iter().find(|known| known.name == "partition descriptor");
    let descriptor = disc.block(partitions.expect("a partition descriptor").copies[0].0);
    if word(&descriptor, 64) == 0 {
        return;
    }
    let address = RecordedAddress {
        partition: PartitionReference(0),
        block: word(&descriptor, 68),
    };
    let sector = volume.resolve(address).expect("a block of the partition").0;
    let mut structure = tagged("space bitmap", vec![sector], table::SPACE_BITMAP);
    let crc_length = structure.fields.iter_mut().find(|field| field.bytes == (10..12));
    crc_length.expect("a tag").legal = Some("none, or over the bits or the block".into());
    let bits = word(&disc.block(sector), 16) as usize;
    let last = 24 + bits / 8;
    if !bits.is_multiple_of(8) {
        let used = (1_u32 << (bits % 8)) - 1;
        let text = format!(
            "bits {last} {used:#x} bits of the last blocks\nbits {last} {:#x} bits after the last block | of no block\n",
            0xFF & !used
        );
        structure.fields.extend(fields(&text, 0));
    }
    found.push(structure);
}

fn maps(block: &[u8]) -> Vec<Field> {
    let mut found = Vec::new();
    let mut at = 440;
    for _ in 0..word(block, 268) {
        let named = |name: &[u8]| block[at + 5..].starts_with(name);
        if block[at] == 1 {
            found.extend(prefixed("map of type 1, ", fields(table::MAP_1, at)));
        } else {
            let (name, more) = if named(b"*UDF Virtual") {
                ("virtual map, ", table::MAP_VIRTUAL)
            } else if named(b"*UDF Sparable") {
                ("sparable map, ", table::MAP_SPARABLE)
            } else {
                ("metadata map, ", table::MAP_METADATA)
            };
            found.extend(prefixed(name, fields(table::MAP_2, at)));
            found.extend(prefixed(name, fields(more, at)));
        }
        at += usize::from(block[at + 1]);
    }
    found
}

fn prefixed(prefix: &str, mut fields: Vec<Field>) -> Vec<Field> {
    for field in &mut fields {
        field.name = format!("{prefix}{}", field.name);
    }
    fields
}

fn tagged(name: &'static str, copies: Vec<u32>, fields_of: &str) -> Structure {
    let mut all = fields(table::TAG, 0);
    all.extend(fields(fields_of, 0));
    Structure {
        name,
        copies: copies.into_iter().map(|at| (at, 0)).collect(),
        sealed: Some(0),
        fields: all,
    }
}

fn vat(disc: &JudgedDisc, volume: &mut Volume, found: &mut Vec<Structure>) {
    let Some(vat) = volume.vat().cloned() else { return };
    let start = volume.maps()[0].partition().expect("a usable map").start.0;
    icb(disc, start + vat.icb.0, "VAT ICB", found);
    let Body::Extents(extents) = &vat.body else { return };
    let mut sectors = Vec::new();
    for extent in extents {
        if let ExtentKind::Recorded(address) = extent.kind {
            let first = volume.resolve(address).unwrap_or(LogicalSector(0)).0;
            sectors
                .extend((0..u32::try_from(extent.length.div_ceil(2048)).unwrap_or(0)).map(|at| first + at));
        }
    }
    let mut add = |name, at: usize, fields| {
        found.push(Structure {
            name,
            copies: vec![(sectors[at / 2048], at % 2048)],
            sealed: None,
            fields,
        });
    };
    let front = usize::try_from(vat.entries_offset).expect("a small number");
    for entry in 0..(vat.entries as usize).min(ALIKE) {
        add(
            "VAT entry",
            front + 4 * entry,
            fields("0 4 entry\n", (front + 4 * entry) % 2048),
        );
    }
    if front > 0 {
        add("VAT header", 0, fields(table::VAT_HEADER, 0));
    } else {
        let at = 4 * vat.entries as usize;
        add("VAT tail", at, fields(table::VAT_TAIL, at % 2048));
    }
}

fn sparing(disc: &JudgedDisc, volume: &Volume, found: &mut Vec<Structure>) {
    let maps = &volume.descriptors().logical.partition_maps;
    let tables = maps.iter().find_map(|map| match map {
        ecma167::volume::PartitionMap::Sparable { sparable, .. } => Some(*sparable),
        _ => None,
    });
    let tables = tables.expect("a sparable map").locations_of_sparing_tables;
    let copies: Vec<u32> = tables.iter().map(|at| at.get()).filter(|at| *at != 0).collect();
    let mut structure = tagged("sparing table", copies.clone(), table::SPARING_TABLE);
    let block = disc.block(copies[0]);
    for entry in 0..usize::from(half(&block, 48)) {
        let more = prefixed("entry, ", fields(table::SPARING_ENTRY, 56 + 8 * entry));
        structure.fields.extend(more);
    }
    // One of several tables then differs from the others.
    let one = Structure {
        name: "one of several sparing tables",
        copies: vec![(copies[0], 0)],
        fields: structure
            .fields
            .iter()
            .cloned()
            .map(|field| Field { legal: None, ..field })
            .collect(),
        ..structure.clone()
    };
    found.extend([structure, one]);
}

/// Adds an ICB and what is in it: extended attributes, allocation descriptors, the FIDs of an embedded
/// directory.
pub fn icb(disc: &JudgedDisc, sector: u32, name: &'static str, found: &mut Vec<Structure>) {
    let block = disc.block(sector);
    let extended = half(&block, 0) == TagIdentifier::EXTENDED_FILE_ENTRY.0;
    let (more, lengths, front) = if extended {
        (table::EXTENDED_FILE_ENTRY, 208, 216)
    } else {
        (table::FILE_ENTRY, 168, 176)
    };
    let mut structure = tagged(name, vec![sector], table::ICB_TAG);
    structure.fields.extend(fields(more, 0));
    let is_special = matches!(block[27], 6..=10);
    let file_type = match is_special {
        true => "27 1 file type | another special kind, if it has the attributes for it\n",
        false => "27 1 file type\n",
    };
    structure.fields.extend(fields(file_type, 0));
    let lengths_of = word(&block, lengths + 4);
    let form = match lengths_of {
        0 => "bits 34 0x0007 flags: form of an empty body | any defined\n",
        _ => "bits 34 0x0007 flags: form\n",
    };
    structure.fields.extend(fields(form, 0));
    let stream = match name {
        "ICB of a stream directory" => "bits 34 0x2000 flags: stream | some writers take it for one\n",
        _ => "bits 34 0x2000 flags: stream\n",
    };
    structure.fields.extend(fields(stream, 0));
    let has_streams = extended && word(&block, 152) != 0;
    let links = match name {
        "ICB of a stream directory" => "48 2 file link count | 0, or 1 for its node\n",
        _ if has_streams => {
            "48 2 file link count, with streams | with or without its stream directory's parent FID\n"
        }
        _ => "48 2 file link count\n",
    };
    structure.fields.extend(fields(links, 0));
    let unique = if extended { 200 } else { 160 };
    let unique = match (name, extended) {
        ("VAT ICB", _) => format!("{unique} 8 unique ID | any above all in use\n"),
        (_, false) => format!("{unique} 8 unique ID | any no other node has\n"),
        ("ICB of a stream" | "ICB of a stream directory", _) => {
            format!("{unique} 8 unique ID | nothing names a stream by it\n")
        }
        _ => format!("{unique} 8 unique ID\n"),
    };
    structure.fields.extend(fields(&unique, 0));
    let attributes = word(&block, lengths) as usize;
    let descriptors = word(&block, lengths + 4) as usize;
    if attributes >= 24 {
        structure.fields.extend(prefixed(
            "attribute header, ",
            fields(table::ATTRIBUTE_HEADER, front),
        ));
        let mut at = front + 24;
        while at + 12 < front + attributes && word(&block, at) != 0 {
            structure
                .fields
                .extend(prefixed("attribute, ", fields(table::ATTRIBUTE, at)));
            if word(&block, at) == 12 {
                structure
                    .fields
                    .extend(prefixed("device, ", fields(table::DEVICE, at)));
            }
            if block[at + 17..].starts_with(b"*UDF VAT LVExtension") {
                for of_use in [table::USE_ATTRIBUTE, table::VAT_EXTENSION] {
                    structure
                        .fields
                        .extend(prefixed("VAT extension, ", fields(of_use, at)));
                }
            }
            at += (word(&block, at + 8) as usize).max(12);
        }
    }
    let start = front + attributes;
    let form = block[34] & 7;
    let (size, of_form) = match form {
        0 => (8, table::SHORT_AD),
        1 => (16, table::LONG_AD),
        _ => (0, ""),
    };
    if size > 0 {
        let mut at = start;
        while at + size <= start + descriptors && at < start + size * ALIKE {
            let descriptor = prefixed("allocation descriptor, ", fields(of_form, at));
            structure.fields.extend(descriptor);
            // If a file's blocks are good, nothing shows that they are the wrong ones.
            let location = match (name, word(&block, at) >> 30) {
                ("ICB of a file", 0) => {
                    "extent location of a file | recorded blocks that nothing else uses, or a whole extent"
                }
                _ => "extent location",
            };
            let text = format!("{} 4 {location}\n", at + 4);
            structure
                .fields
                .extend(prefixed("allocation descriptor, ", fields(&text, 0)));
            at += size;
        }
        // The last descriptor leads to an allocation extent.
        let last = start + descriptors - size.min(descriptors);
        if descriptors > 0 && word(&block, last) >> 30 == 3 {
            let extent = disc.partition + word(&block, last + 4);
            // That of a spared packet is recorded elsewhere.
            if half(&disc.block(extent), 0) == TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR.0 {
                found.push(tagged(
                    "allocation extent descriptor",
                    vec![extent],
                    table::ALLOCATION_EXTENT,
                ));
            }
        }
    }
    found.push(structure);
    if form == 3 && block[27] == 4 {
        let (mut at, mut count) = (start, 0);
        while count < ALIKE && at + 38 <= start + descriptors {
            let Some(end) = fid(disc, sector, at, Some(at), found) else {
                break;
            };
            at = end;
            count += 1;
        }
    }
}

/// Adds a FID that is whole in a block; returns its end.
fn fid(
    disc: &JudgedDisc,
    sector: u32,
    at: usize,
    sealed: Option<usize>,
    found: &mut Vec<Structure>,
) -> Option<usize> {
    let block = disc.block(sector);
    if half(&block, at) != TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR.0
        || Tag::read_from_prefix(&block[at..]).is_err()
    {
        return None;
    }
    let used = usize::from(half(&block, at + 36));
    let name = usize::from(block[at + 19]);
    let end = at + (38 + used + name).next_multiple_of(4);
    if end > block.len() {
        return None;
    }
    let is_parent = block[at + 18] & 8 != 0;
    let is_deleted = block[at + 18] & 4 != 0;
    let third = half(&block, at + 2) == 3;
    let mut all = fields(table::TAG, at);
    all.extend(fields(table::FID, at));
    all.extend(fields(table::FID_HIDDEN, at));
    if third && !is_deleted {
        all.extend(fields(table::FID_UNIQUE, at));
    } else if !third {
        all.extend(fields(
            "32 4 ICB, the rest of the implementation use | free\n",
            at,
        ));
    }
    if name > 0 {
        let text = format!("{} {name} file identifier | any valid\n", 38 + used);
        all.extend(fields(&text, at));
    }
    let padding = end - (at + 38 + used + name);
    if padding > 0 {
        all.extend(fields(&format!("{} {padding} padding\n", 38 + used + name), at));
    }
    found.push(Structure {
        name: match (is_parent, is_deleted) {
            (true, _) => "FID of the parent",
            (_, true) => "deleted FID",
            _ => "FID",
        },
        copies: vec![(sector, at)],
        sealed,
        fields: all,
    });
    Some(end)
}
