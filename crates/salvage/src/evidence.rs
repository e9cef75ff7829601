//! How well a layout agrees with what was found.

use ecma167::file::{AllocationForm, FileType};
use ecma167::volume::PartitionMap;
use ecma167::{BlockSize, PartitionReference};

use crate::index::{Index, NameSeen, NodeSeen, sector_of, unit_of};
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

/// Structures that must agree on where a partition begins, if no other tells it.
const ENOUGH: u64 = 2;

/// How a layout agrees with what was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agreement {
    /// How much agrees; 0 if nothing does.
    pub weight: u64,
    /// Whether structures that do not depend on each other tell where the partition begins. If not, data
    /// outside of entries may be that of something else.
    pub is_proved: bool,
}

impl Agreement {
    const NONE: Self = Self {
        weight: 0,
        is_proved: false,
    };
}

/// How entries lie among the data of files, which tells whether both are where a layout has them.
struct Bonds {
    /// Entries whose data follows at once: many programs record a file like this.
    kept: u64,
    /// Entries whose data would have other entries in it, or would be after the end of the disc.
    broken: u64,
    /// Entries with data elsewhere.
    apart: u64,
}

impl Bonds {
    fn of<'n>(nodes: impl Iterator<Item = &'n &'n NodeSeen>, ground: &Ground<'_>) -> Self {
        let mut bonds = Self {
            kept: 0,
            broken: 0,
            apart: 0,
        };
        for node in nodes {
            let Some(data) = node.data(ground.size) else {
                continue;
            };
            let place = |block: u32| unit_of(ground.start.checked_add(block)?, ground.size);
            let (Some(start), Some(end)) = (place(data.start), place(data.end)) else {
                bonds.broken += 1;
                continue;
            };
            let follows = start.checked_sub(ground.size.bytes() / 512) == Some(node.unit);
            let is_after_end = u64::from(start) * 512 >= ground.index.end;
            if is_after_end || ground.index.has_node_in(start..end) {
                bonds.broken += 1;
            } else if follows {
                bonds.kept += 1;
            } else {
                bonds.apart += 1;
            }
        }
        bonds
    }

    /// How many more are kept than broken.
    fn surplus(&self) -> u64 {
        self.kept.saturating_sub(self.broken)
    }

    /// What they prove: of entries and data recorded apart, some are beside each other by chance.
    fn proofs(&self) -> u64 {
        if self.kept >= self.apart {
            self.surplus()
        } else {
            0
        }
    }
}

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

    /// How a layout agrees with what was found.
    pub fn agreement(&self, layout: &Layout) -> Agreement {
        let Some((start, length)) = layout.ground() else {
            return Agreement::NONE;
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
            // No data outside of entries is found, so none can be wrong.
            return Agreement {
                weight: nodes.div_ceil(2),
                is_proved: true,
            };
        }
        let bonds = Bonds::of(fitting(), &ground);
        // Entries of a virtual partition that were recorded in the order of their addresses look like those
        // of another partition, but they name partitions.
        let with_form = |form| fitting().filter(|node| node.form == Some(form)).count();
        let is_virtual = || with_form(AllocationForm::Long) > with_form(AllocationForm::Short);
        let is_made = layout.form() == Form::Plain && !layout.is_found;
        let is_broken = bonds.surplus() < ENOUGH && bonds.broken * 4 > nodes;
        if is_made && names == 0 && is_virtual() && is_broken {
            return Agreement::NONE;
        }
        let is_vat = |(_, node): &(u32, &NodeSeen)| self.index.may_be_vat(node) && ground.is_at(node);
        let vats = (0_u32..).zip(&self.index.nodes).filter(is_vat);
        let vats: Vec<u32> = vats.take(MOST_VATS).map(|(at, _)| at).collect();
        let new_vats = vats.iter().filter(|at| !self.index.used_nodes.has(**at)).count() as u64;
        // Any entry may be at any address of a virtual partition, so that its place tells nothing by itself.
        let is_vague = layout.form() == Form::Virtual && !layout.is_found && names == 0 && vats.is_empty();
        let of_nodes = if is_vague { nodes.div_ceil(2) } else { nodes };
        let found = (names + of_nodes + 2 * bonds.kept).saturating_sub(2 * bonds.broken);
        let of_metadata = [FileType::METADATA, FileType::METADATA_MIRROR];
        let is_file = |node: &&NodeSeen| of_metadata.contains(&node.kind) && ground.is_at(node);
        let has_file = self.index.nodes.iter().any(|node| is_file(&node));
        let of_form = match layout.form() {
            Form::Virtual => new_vats * OF_VAT,
            Form::Metadata if has_file => found / 2 + OF_VAT,
            Form::Plain | Form::Metadata => 0,
        };
        if found + of_form == 0 {
            return Agreement::NONE;
        }
        let described = self
            .index
            .partitions
            .iter()
            .any(|(_, one)| one.start().0 == start);
        let of_descriptors = if layout.is_found { found / 2 + 8 } else { 0 };
        let of_partition = if described { found / 4 + 4 } else { 0 };
        let of_plain = match layout.form() {
            // Addresses of a virtual partition are no blocks. Names lead to blocks here, or a descriptor that
            // names no partition is in one.
            Form::Plain if names > 0 => fitting().count(),
            Form::Plain => with_form(AllocationForm::Short),
            Form::Virtual | Form::Metadata => 0,
        };
        // Of each, one structure alone would agree with some place.
        let proofs = of_plain as u64 + self.placed(&ground) + bonds.proofs();
        let has_anchor = match layout.form() {
            Form::Virtual => described || !vats.is_empty(),
            Form::Metadata => described || has_file,
            Form::Plain => described,
        };
        Agreement {
            weight: found + of_form + of_descriptors + of_partition,
            is_proved: has_anchor || proofs >= ENOUGH && proofs > bonds.broken,
        }
    }

    /// How many blocks with names or allocation extents are where those state. Names of one block were
    /// recorded together, and count once.
    fn placed(&self, ground: &Ground<'_>) -> u64 {
        let names = self.names.iter().filter_map(|name| {
            let sector = sector_with(name.byte(), ground.size)?;
            ground.is_block(sector, name.location).then_some(sector)
        });
        let mut sectors: Vec<u32> = names.collect();
        sectors.dedup();
        let marks = sample(&self.index.marks, MOST).filter(|(unit, location)| {
            sector_of(*unit, ground.size).is_some_and(|sector| ground.is_block(sector, *location))
        });
        sectors.len() as u64 + marks.count() as u64
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
