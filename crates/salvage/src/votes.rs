//! Where partitions begin, by what agrees: a structure states its block of the partition, so its place less
//! that block is the first sector of the partition.

use std::collections::BTreeMap;

use ecma167::BlockSize;
use ecma167::file::FileType;

use crate::index::{Index, NodeSeen, sector_of};

/// The most structures that vote, evenly chosen among all.
const MOST_VOTES: usize = 1 << 20;
/// The most starts that are looked at.
const MOST_STARTS: usize = 16;

/// Which structures vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voters {
    /// Entries and all others: each states its block of a partition that begins here, or is in a metadata
    /// partition.
    All,
    /// Entries that are never in a virtual or metadata partition.
    Ground,
    /// Names and allocation extents, which are in virtual partitions by their blocks.
    Names,
    /// Entries with their data in the next blocks, as many programs record them.
    Data,
}

/// Every nth of some things, so that few enough are left.
pub(crate) fn sample<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.iter().step_by(step)
}

/// The sector of a block of 0, if the place and its block make one.
fn start(sector: Option<u32>, location: u32) -> Option<u32> {
    sector?.checked_sub(location)
}

/// The block that contains a byte.
pub(crate) fn sector_with(byte: u64, size: BlockSize) -> Option<u32> {
    u32::try_from(byte / u64::from(size.bytes())).ok()
}

/// The places where partitions may begin, with their votes, the most votes first.
pub(crate) fn starts(index: &Index, size: BlockSize, voters: Voters) -> Vec<(u32, usize)> {
    let of_metadata = [
        FileType::METADATA,
        FileType::METADATA_MIRROR,
        FileType::METADATA_BITMAP,
    ];
    let is_ground = |node: &NodeSeen| index.may_be_vat(node) || of_metadata.contains(&node.kind);
    let of_node = |node: &NodeSeen| start(node.sector(size), node.location);
    if voters == Voters::Ground {
        // Each counts, because a disc has few.
        let nodes = index.nodes.iter().filter(|node| is_ground(node));
        return counted(nodes.filter_map(of_node).take(MOST_VOTES).collect());
    }
    if voters == Voters::Data {
        let first = |node: &NodeSeen| {
            let data = node.data(size)?;
            start(node.sector(size)?.checked_add(1), data.start)
        };
        let mut counts = counted(sample(&index.nodes, MOST_VOTES).filter_map(first).collect());
        counts.retain(|(_, count)| *count > 1);
        return counts;
    }
    let nodes = sample(&index.nodes, MOST_VOTES).filter(|_| voters == Voters::All);
    let names = sample(&index.names, MOST_VOTES)
        .filter_map(|name| start(sector_with(name.byte(), size), name.location));
    let marks = sample(&index.marks, MOST_VOTES)
        .filter_map(|(unit, location)| start(sector_of(*unit, size), *location));
    counted(nodes.filter_map(of_node).chain(names).chain(marks).collect())
}

/// How often each occurs, the most frequent first.
fn counted(mut all: Vec<u32>) -> Vec<(u32, usize)> {
    all.sort_unstable();
    let mut counts: Vec<(u32, usize)> = all
        .chunk_by(|one, other| one == other)
        .filter_map(|run| Some((*run.first()?, run.len())))
        .collect();
    counts.sort_by_key(|(start, count)| (std::cmp::Reverse(*count), *start));
    counts.truncate(MOST_STARTS);
    counts
}

/// The sizes that blocks may have, the likeliest first: the one with which most structures agree on where a
/// partition begins, those that descriptors state, and that of optical discs.
pub(crate) fn block_sizes(index: &Index) -> Vec<BlockSize> {
    let mut sizes = Vec::new();
    let mut add = |size: BlockSize| {
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    };
    let mut votes: BTreeMap<usize, Vec<BlockSize>> = BTreeMap::new();
    for size in std::iter::once(BlockSize::OPTICAL).chain(BlockSize::OTHERS) {
        let agreeing = starts(index, size, Voters::All)
            .iter()
            .map(|(_, count)| count - 1)
            .sum();
        votes.entry(agreeing).or_default().push(size);
    }
    if let Some((_, best)) = votes.pop_last()
        && let Some(best) = best.first()
    {
        add(*best);
    }
    for (_, logical) in &index.logicals {
        if let Some(size) = BlockSize::new(logical.logical_block_size) {
            add(size);
        }
    }
    // Few structures may agree by chance.
    add(BlockSize::OPTICAL);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(size: u32, nodes: &[(u32, u32)]) -> Index {
        let node = |(sector, location): &(u32, u32)| NodeSeen {
            unit: sector * (size / 512),
            location: *location,
            unique_id: 16,
            kind: FileType::FILE,
            is_stream: false,
            form: None,
            data_block: 0,
            data_bytes: 0,
        };
        let mut index = Index::default();
        nodes.iter().for_each(|one| index.add_node(node(one), 512));
        index
    }

    #[test]
    fn structures_of_one_partition_agree_on_its_start() {
        let index = index(2048, &[(290, 2), (300, 12), (1000, 712), (5000, 9)]);
        let starts = starts(&index, BlockSize::OPTICAL, Voters::All);
        assert_eq!(starts[0], (288, 3));
    }

    #[test]
    fn the_size_of_blocks_is_the_one_with_which_most_agree() {
        for size in [512, 1024, 2048, 4096, 8192] {
            let index = index(size, &[(290, 2), (301, 13), (1000, 712), (1007, 719), (400, 7)]);
            assert_eq!(
                block_sizes(&index).first(),
                BlockSize::new(size).as_ref(),
                "{size}"
            );
        }
    }
}
