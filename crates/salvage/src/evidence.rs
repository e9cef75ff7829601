//! How well a layout agrees with what was found.

use ecma167::file::{AllocationForm, FileType};
use ecma167::volume::PartitionMap;
use ecma167::{BlockSize, PartitionReference};

use crate::index::{Index, NameSeen, NodeSeen};
use crate::layout::{Form, Layout};
use crate::votes::{sample, sector_with};

/// The most names and entries that are compared with a layout.
const MOST: usize = 1 << 16;
/// A name leads to an entry with its unique ID.
const SAME_ID: u64 = 4;
/// The most VAT ICBs that count.
const MOST_VATS: usize = 64;
/// The most entries with one location that are looked at.
const MOST_ALIKE: usize = 64;
/// What a VAT ICB counts: nothing else has its form.
const OF_VAT: u64 = 64;

/// What was found and no volume explains yet, sorted for questions.
pub(crate) struct Evidence<'i> {
    index: &'i Index,
    /// Locations of entries with their indexes, in ascending order.
    by_location: Vec<(u32, u32)>,
    names: Vec<&'i NameSeen>,
    nodes: Vec<&'i NodeSeen>,
}

impl<'i> Evidence<'i> {
    /// `most`: so many names and entries are compared with each layout, and 2^16 at most.
    pub fn of(index: &'i Index, most: usize) -> Self {
        let most = most.min(MOST);
        let free = |(at, node): (usize, &NodeSeen)| {
            let at = u32::try_from(at).ok()?;
            (!index.used_nodes.has(at)).then_some((node.location, at))
        };
        let mut by_location: Vec<_> = index.nodes.iter().enumerate().filter_map(free).collect();
        by_location.sort_unstable();
        let free_name = |(at, name): (usize, &'i NameSeen)| {
            let is_free = u32::try_from(at).is_ok_and(|at| !index.used_names.has(at));
            (is_free && name.is_live()).then_some(name)
        };
        let names: Vec<_> = index.names.iter().enumerate().filter_map(free_name).collect();
        let nodes: Vec<_> = by_location
            .iter()
            .filter_map(|(_, at)| index.nodes.get(*at as usize))
            .collect();
        Self {
            index,
            names: sample(&names, most).copied().collect(),
            nodes: sample(&nodes, most).copied().collect(),
            by_location,
        }
    }

    /// The entries with a location.
    fn at_location(&self, location: u32) -> impl Iterator<Item = &NodeSeen> {
        let first = self.by_location.partition_point(|(one, _)| *one < location);
        let alike = self.by_location[first..]
            .iter()
            .take_while(move |(one, _)| *one == location);
        alike
            .take(MOST_ALIKE)
            .filter_map(|(_, at)| self.index.nodes.get(*at as usize))
    }

    /// How much agrees with a layout; 0 if nothing does.
    pub fn agreement(&self, layout: &Layout) -> u64 {
        let Some((start, length)) = layout.ground() else {
            return 0;
        };
        let packet = layout.logical.partition_maps.iter().find_map(|map| match map {
            PartitionMap::Sparable { sparable, .. } => Some(sparable.packet_length.get().into()),
            _ => None,
        });
        let ground = Ground {
            index: self.index,
            packet,
            size: layout.block_size,
            start,
            length,
        };
        let names: u64 = self
            .names
            .iter()
            .map(|name| self.of_name(layout, &ground, name))
            .sum();
        let fitting = || self.nodes.iter().filter(|node| ground.fits(layout, node));
        let nodes = fitting().count() as u64;
        if !layout.is_placed {
            return nodes.div_ceil(2);
        }
        // Entries of a virtual partition that were recorded in the order of their addresses look like those
        // of another partition, but they name partitions.
        let of_form = |form| fitting().filter(|node| node.form == Some(form)).count();
        let is_virtual = || of_form(AllocationForm::Long) > of_form(AllocationForm::Short);
        if layout.form() == Form::Plain && !layout.is_found && names == 0 && is_virtual() {
            return 0;
        }
        let found = names + nodes;
        let is_vat = |node: &&NodeSeen| self.index.may_be_vat(node) && ground.is_at(node);
        let vats = self.index.nodes.iter().filter(is_vat);
        let vats = vats.take(MOST_VATS).count() as u64 * OF_VAT;
        let of_metadata = [FileType::METADATA, FileType::METADATA_MIRROR];
        let is_file = |node: &&NodeSeen| of_metadata.contains(&node.kind) && ground.is_at(node);
        let of_form = match layout.form() {
            Form::Virtual => vats,
            Form::Metadata if self.index.nodes.iter().any(|node| is_file(&node)) => found / 2 + OF_VAT,
            Form::Plain | Form::Metadata => 0,
        };
        if found + of_form == 0 {
            return 0;
        }
        let described = self
            .index
            .partitions
            .iter()
            .any(|(_, one)| one.start().0 == start);
        let of_descriptors = if layout.is_found { found / 2 + 8 } else { 0 };
        let of_partition = if described { found / 4 + 4 } else { 0 };
        found + of_form + of_descriptors + of_partition
    }

    fn of_name(&self, layout: &Layout, ground: &Ground<'_>, name: &NameSeen) -> u64 {
        let Some(map) = layout.logical.partition_maps.get(usize::from(name.partition)) else {
            return 0;
        };
        let is_plain = matches!(map, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
        let is_nodes = PartitionReference(name.partition) == layout.nodes();
        let there = self.at_location(name.block).filter(|node| match is_plain {
            true => ground.is_at(node),
            false => ground.has(node),
        });
        let leads = there
            .map(|node| {
                let [a, b, c, d, ..] = node.unique_id.to_le_bytes();
                let is_same = name.unique_id != 0 && u32::from_le_bytes([a, b, c, d]) == name.unique_id;
                if is_same { SAME_ID } else { 1 }
            })
            .max()
            .unwrap_or(0);
        // Names of a metadata partition state its blocks.
        let sector = sector_with(name.byte(), ground.size);
        let is_placed = layout.form() != Form::Metadata
            && sector.is_some_and(|sector| ground.is_block(sector, name.location));
        leads + u64::from(is_placed && (is_nodes || leads > 0))
    }
}

/// Where the blocks of a layout are.
struct Ground<'i> {
    index: &'i Index,
    /// Blocks of a packet, if the partition is sparable.
    packet: Option<u32>,
    size: BlockSize,
    start: u32,
    length: u32,
}

impl Ground<'_> {
    /// Whether an entry is in the partition.
    fn has(&self, node: &NodeSeen) -> bool {
        node.sector(self.size)
            .and_then(|sector| sector.checked_sub(self.start))
            .is_some_and(|block| block < self.length)
    }

    /// Whether an entry is in the block of the partition that it states.
    fn is_at(&self, node: &NodeSeen) -> bool {
        let sector = node.sector(self.size);
        sector.is_some_and(|sector| self.is_block(sector, node.location))
    }

    /// Whether a sector has a block of the partition, itself or as a spare.
    fn is_block(&self, sector: u32, block: u32) -> bool {
        self.index.is_block(self.start, self.packet, sector, block)
    }

    /// Whether an entry looks like one of a partition of this form.
    fn fits(&self, layout: &Layout, node: &NodeSeen) -> bool {
        match layout.form() {
            Form::Plain => node.is_of_user() && node.kind != FileType::UNSPECIFIED && self.is_at(node),
            Form::Virtual | Form::Metadata if layout.is_found => self.has(node),
            Form::Virtual => node.form != Some(AllocationForm::Short) && self.has(node) && !self.is_at(node),
            Form::Metadata => self.has(node) && !self.is_at(node),
        }
    }
}
