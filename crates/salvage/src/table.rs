//! The VAT of a disc in ruins: for each virtual address, the newest version of its node that survives.

use ecma167::file::{FileEntry, FileType};
use ecma167::osta::unique_id;
use ecma167::{LogicalBlock, RecordedAddress};
use volume::{Body, Error, Vat, VatForm, Volume};

use crate::index::{Index, NodeSeen, unit_of};
use crate::layout::Layout;
use crate::state::State;
use crate::vats::{self, MOST_ENTRIES};

/// An entry that no node has (`UDF 2.60 2.2.11`).
const UNUSED: u32 = u32::MAX;
/// The most entries that are tried in place of that of a VAT.
const MOST_TRIED: usize = 1 << 10;

/// The versions of nodes in a virtual partition, and which of them counts.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Virtual address, block and index of each version, in ascending order.
    versions: Vec<(u32, u32, u32)>,
    /// The addresses whose version is not that of the VAT, in ascending order.
    states: Vec<(u32, State)>,
    /// The block of the ICB of the VAT that was read.
    vat: Option<u32>,
}

impl Table {
    /// The versions of a node, by block, the last recorded first.
    pub fn versions(&self, address: u32) -> impl Iterator<Item = u32> {
        let first = self.versions.partition_point(|one| one.0 < address);
        let alike = self.versions[first..]
            .iter()
            .take_while(move |one| one.0 == address);
        let blocks: Vec<u32> = alike.map(|one| one.1).collect();
        blocks.into_iter().rev()
    }

    /// All versions: virtual address, block and index.
    pub fn all(&self) -> &[(u32, u32, u32)] {
        &self.versions
    }

    /// The state that a node is of.
    pub fn state(&self, address: u32) -> State {
        match self.states.binary_search_by_key(&address, |one| one.0) {
            Ok(at) => self.states[at].1,
            Err(_) if self.vat.is_none() => State::Unknown,
            Err(_) => State::Newest,
        }
    }

    /// The block of the ICB of the VAT that was read, if one was.
    pub fn vat(&self) -> Option<u32> {
        self.vat
    }

    /// Finds the newest VAT that can be read, and the newest version of each node that survives, and puts
    /// them in force.
    pub fn put_in_force(volume: &mut Volume, index: &Index, layout: &Layout) -> Result<Self, Error> {
        let (Some((start, length)), size) = (layout.ground(), layout.block_size) else {
            return Ok(Self::default());
        };
        let block_of = |unit: u32| {
            let sector = crate::index::sector_of(unit, size)?;
            sector.checked_sub(start).filter(|block| *block < length)
        };
        // Entries of another partition, such as that of a plain volume on the same disc.
        let is_elsewhere = |node: &NodeSeen| {
            let first = node
                .sector(size)
                .and_then(|sector| sector.checked_sub(node.location));
            let mut others = index.partitions.iter().map(|(_, one)| one.start().0);
            first.is_some_and(|first| others.any(|other| other == first))
        };
        let mut table = Self::default();
        for (at, node) in index.nodes.iter().enumerate() {
            let (Some(block), Ok(at)) = (block_of(node.unit), u32::try_from(at)) else {
                continue;
            };
            let is_structure = [FileType::VAT, FileType::METADATA].contains(&node.kind);
            let is_here = block != node.location && !is_structure && !is_elsewhere(node);
            if is_here && !index.used_nodes.has(at) {
                table.versions.push((node.location, block, at));
            }
        }
        let vat = vats::newest(volume, index, start, size)?;
        let mut entries = match &vat {
            Some(vat) => vats::entries(volume, vat)?,
            None => Vec::new(),
        };
        table.vat = vat.as_ref().map(|vat| vat.icb.0);
        if let Some(newest) = table.vat {
            let named = vats::named_by_older(volume, index, start, size, newest)?;
            table.versions.extend(named);
        }
        table.versions.sort_unstable();
        table.versions.dedup();
        let node_in = |block: u32| {
            let unit = start
                .checked_add(block)
                .and_then(|sector| unit_of(sector, size))?;
            index.nodes.get(index.node_at(unit)?)
        };
        let room = u32::try_from(entries.len() + 16 * table.versions.len() + (1 << 16)).unwrap_or(u32::MAX);
        let room = room.min(MOST_ENTRIES);
        let after = table.vat.unwrap_or(0);
        let next_id = vat.as_ref().map_or(0, Vat::next_unique_id);
        let names = NamedIds::of(index, layout);
        let mut states = Vec::new();
        for versions in table.versions.chunk_by(|one, other| one.0 == other.0) {
            let Some((address, ..)) = versions.first().copied().filter(|one| one.0 < room) else {
                continue;
            };
            let known = entries.get(address as usize).copied();
            let in_force = known.and_then(node_in);
            let is_later = |one: &&(u32, u32, u32)| {
                let Some(id) = index.nodes.get(one.2 as usize).map(|node| node.unique_id) else {
                    return false;
                };
                let is_same = in_force.map_or_else(
                    || names.has(address, id) || id >= next_id && id >= unique_id::FIRST,
                    |node| node.unique_id == id,
                );
                one.1 > after && is_same
            };
            let later = versions.iter().rev().find(is_later).filter(|_| vat.is_some());
            let (chosen, state) = match (later, known) {
                (Some(later), _) => (Some(*later), State::Later),
                // Deleted.
                (None, Some(UNUSED)) => (None, State::Newest),
                (None, _) if in_force.is_some() => (None, State::Newest),
                (None, known) => {
                    let state = if vat.is_some() {
                        State::Older
                    } else {
                        State::Unknown
                    };
                    let is_whole_vat = vat.is_some() && known.is_none();
                    let chosen = names.best(index, address, versions).filter(|_| !is_whole_vat);
                    (chosen, state)
                }
            };
            if let Some((_, block, _)) = chosen {
                set(&mut entries, address, block);
                states.push((address, state));
            }
        }
        let sets = index.file_sets.iter().filter(|_| vat.is_none());
        for set_found in sets {
            if let Some(block) = block_of(set_found.unit)
                && block != set_found.location
                && set_found.location < room
            {
                set(&mut entries, set_found.location, block);
            }
        }
        if vat.is_none() {
            names.add_by_id(index, &block_of, room, &mut entries);
        }
        table.states = states;
        if let Some(vat) = composed(volume, vat, &table, layout, entries)? {
            volume.set_vat(vat);
        }
        Ok(table)
    }
}

fn set(entries: &mut Vec<u32>, address: u32, block: u32) {
    let at = address as usize;
    if entries.len() <= at {
        entries.resize(at + 1, UNUSED);
    }
    entries[at] = block;
}

/// The VAT to put in force; `None` if it would be empty.
fn composed(
    volume: &mut Volume,
    found: Option<Vat>,
    table: &Table,
    layout: &Layout,
    entries: Vec<u32>,
) -> Result<Option<Vat>, Error> {
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let bytes = entries.into_iter().flat_map(u32::to_le_bytes).collect();
    if let Some(found) = found {
        return Ok(Some(Vat {
            entries: count,
            entries_offset: 0,
            body: Body::Embedded(bytes),
            ..found
        }));
    }
    let Some(entry) = any_entry(volume, table, layout)? else {
        return Ok(None);
    };
    Ok(Some(Vat {
        icb: LogicalBlock(0),
        entry,
        form: VatForm::V200,
        name: None,
        files: None,
        directories: None,
        revisions: None,
        previous: None,
        entries: count,
        entries_offset: 0,
        body: Body::Embedded(bytes),
    }))
}

/// An entry of a node, in place of that of a VAT.
fn any_entry(volume: &mut Volume, table: &Table, layout: &Layout) -> Result<Option<FileEntry>, Error> {
    for (address, block, _) in table.versions.iter().take(MOST_TRIED) {
        let address = RecordedAddress {
            partition: layout.nodes(),
            block: *address,
        };
        match volume.node_at(address, LogicalBlock(*block)) {
            Ok(node) => return Ok(Some(node.entry)),
            Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The unique IDs that names give to virtual addresses.
struct NamedIds(Vec<(u32, u32)>);

impl NamedIds {
    fn of(index: &Index, layout: &Layout) -> Self {
        let of_nodes = layout.nodes().0;
        let named = index
            .names
            .iter()
            .filter(|name| name.partition == of_nodes && name.is_live() && name.unique_id != 0)
            .map(|name| (name.block, name.unique_id));
        let mut all: Vec<(u32, u32)> = named.collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    fn has(&self, address: u32, id: u64) -> bool {
        let [a, b, c, d, ..] = id.to_le_bytes();
        self.0
            .binary_search(&(address, u32::from_le_bytes([a, b, c, d])))
            .is_ok()
    }

    /// The last recorded version that a name names by its unique ID, or else the last recorded one.
    fn best(&self, index: &Index, address: u32, versions: &[(u32, u32, u32)]) -> Option<(u32, u32, u32)> {
        let mut latest = versions.iter().rev();
        let named = latest.find(|one| {
            let node = index.nodes.get(one.2 as usize);
            node.is_some_and(|node| self.has(address, node.unique_id))
        });
        named.or(versions.last()).copied()
    }

    /// Gives addresses that have no version the last recorded entry that has their unique ID: some writers
    /// record the block in the tag, and not the virtual address.
    fn add_by_id(
        &self,
        index: &Index,
        block_of: &dyn Fn(u32) -> Option<u32>,
        room: u32,
        entries: &mut Vec<u32>,
    ) {
        let mut by_id: Vec<(u32, u32)> = index
            .nodes
            .iter()
            .filter(|node| node.is_of_user() && node.unique_id != 0)
            .filter_map(|node| {
                let [a, b, c, d, ..] = node.unique_id.to_le_bytes();
                Some((u32::from_le_bytes([a, b, c, d]), block_of(node.unit)?))
            })
            .collect();
        by_id.sort_unstable();
        for (address, id) in self.0.iter().filter(|one| one.0 < room) {
            let is_known = entries
                .get(*address as usize)
                .is_some_and(|entry| *entry != UNUSED);
            let end = by_id.partition_point(|one| one.0 <= *id);
            let last = end.checked_sub(1).and_then(|at| by_id.get(at));
            if let Some((_, block)) = last.filter(|one| one.0 == *id && !is_known) {
                set(entries, *address, *block);
            }
        }
    }
}
