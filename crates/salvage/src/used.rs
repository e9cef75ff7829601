//! What an opened volume explains of what a scan found.

use ecma167::file::FileType;
use ecma167::{PartitionReference, RecordedAddress};
use volume::{Body, Error, Volume};

use crate::bits::Bits;
use crate::index::Index;
use crate::layout::{Form, Layout};
use crate::lost::LostNode;
use crate::reach::{Reach, is_passed, runs};

/// The most blocks of files that are looked at: those of a hostile disc may share long bodies.
const MOST_BLOCKS: u64 = 1 << 26;

/// Notes what the volume explains: its entries and names, and what is inside its files, which may be images
/// of discs.
pub(crate) fn note_used(
    volume: &mut Volume,
    index: &mut Index,
    layout: &Layout,
    reach: &Reach<'_>,
    own: &[LostNode],
) -> Result<(), Error> {
    let mut used = Bits::default();
    for one in own {
        one.index_in(index).into_iter().for_each(|at| used.add(at));
    }
    let all = u32::try_from(index.nodes.len()).unwrap_or(u32::MAX);
    let is_free = |at: &u32| !used.has(*at) && !reach.reached.has(*at) && !index.used_nodes.has(*at);
    if (0..all).any(|at| is_free(&at)) {
        let own: Vec<u32> = (0..all)
            .filter(|at| used.has(*at) || reach.reached.has(*at))
            .collect();
        let mut left = MOST_BLOCKS;
        for at in own {
            if reach.is_stopped() {
                break;
            }
            note_inside(volume, index, layout, at, &mut used, &mut left)?;
        }
    }
    for at in 0..all {
        // Nothing but its own entries, and copies of them, are in a virtual or metadata partition.
        let is_own = layout.form() != Form::Plain && is_between(index, layout, at);
        if is_own || used.has(at) || reach.reached.has(at) || is_of_structure(index, layout, at) {
            index.used_nodes.add(at);
        }
    }
    let names = u32::try_from(index.names.len()).unwrap_or(u32::MAX);
    // A layout that explains nothing would be found again.
    for at in (0..names).filter(|at| reach.covered.has(*at)) {
        index.used_names.add(at);
    }
    note_names_in(index, layout);
    Ok(())
}

/// Notes that names in the partition that belong to no directory belong to no other volume either.
fn note_names_in(index: &mut Index, layout: &Layout) {
    let Some((start, length)) = layout.ground() else {
        return;
    };
    let size = u64::from(layout.block_size.bytes());
    let first = u64::from(start) * size;
    let bytes = first..first.saturating_add(u64::from(length) * size);
    let of_nodes = layout.nodes();
    for at in index.names_in(&bytes) {
        let name = &index.names[at];
        let is_placed = name.byte() / size == u64::from(start) + u64::from(name.location);
        let is_own = PartitionReference(name.partition) == of_nodes;
        if is_own
            && (is_placed || layout.form() != Form::Plain)
            && let Ok(at) = u32::try_from(at)
        {
            index.used_names.add(at);
        }
    }
}

/// Whether an entry is in the partition, and not in the block that it states.
fn is_between(index: &Index, layout: &Layout, at: u32) -> bool {
    let (Some((start, length)), Some(node)) = (layout.ground(), index.nodes.get(at as usize)) else {
        return false;
    };
    let sector = node.sector(layout.block_size);
    let block = sector.and_then(|sector| sector.checked_sub(start));
    block.is_some_and(|block| block < length && block != node.location)
}

/// Whether an entry is a structure of the volume.
fn is_of_structure(index: &Index, layout: &Layout, at: u32) -> bool {
    let (Some((start, _)), Some(node)) = (layout.ground(), index.nodes.get(at as usize)) else {
        return false;
    };
    let block = node
        .sector(layout.block_size)
        .and_then(|sector| sector.checked_sub(start));
    let is_vat = layout.form() == Form::Virtual && index.may_be_vat(node);
    (!node.is_of_user() || is_vat) && block == Some(node.location)
}

/// Notes the entries inside the data of a file.
fn note_inside(
    volume: &mut Volume,
    index: &Index,
    layout: &Layout,
    at: u32,
    used: &mut Bits,
    left: &mut u64,
) -> Result<(), Error> {
    let Some(seen) = index
        .nodes
        .get(at as usize)
        .filter(|seen| seen.kind == FileType::FILE)
    else {
        return Ok(());
    };
    let address = RecordedAddress {
        partition: layout.nodes(),
        block: seen.location,
    };
    let body = match volume.node(address).and_then(|node| volume.body(&node)) {
        Ok(Body::Extents(extents)) => extents,
        Ok(Body::Embedded(_)) => return Ok(()),
        Err(error) if is_passed(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for extent in &body {
        let size = u64::from(layout.block_size.bytes());
        let found = runs(volume, extent, *left);
        *left = left.saturating_sub(extent.length.div_ceil(size));
        for bytes in found {
            let unit = |byte: u64| u32::try_from(byte / 512).unwrap_or(u32::MAX);
            let first = index.nodes.partition_point(|node| node.unit < unit(bytes.start));
            let end = index.nodes.partition_point(|node| node.unit < unit(bytes.end));
            (first..end)
                .filter_map(|at| u32::try_from(at).ok())
                .for_each(|at| used.add(at));
        }
    }
    Ok(())
}
