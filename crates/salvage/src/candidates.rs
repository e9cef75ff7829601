//! The layouts that a disc may have, and the one that agrees best with what no volume explains yet.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ecma167::file::FileType;
use ecma167::volume::{PartitionDescriptor, PartitionMap};
use ecma167::{BlockSize, LogicalBlock, PartitionReference, RecordedAddress};
use volume::{Extent, ExtentKind};

use crate::evidence::Evidence;
use crate::index::{Index, sector_of};
use crate::layout::{Form, Layout, PACKET, metadata_map, sparable_map, type_1, virtual_map};
use crate::votes::{Voters, block_sizes, starts};

/// The most names, and the most entries, that are compared with all layouts together.
const MOST_COMPARED: usize = 1 << 23;
/// The most starts of partitions that are tried.
const MOST_STARTS: usize = 8;
/// The most ways to choose the partitions of a volume.
const MOST_CHOICES: usize = 16;
/// The most ICBs of metadata files that are tried.
const MOST_METADATA_FILES: usize = 4;
/// The most extents of a metadata file that are told apart.
const MOST_RUNS: usize = 256;
/// How far the last extent of a metadata file may go on after the last entry that was found in it.
const METADATA_AFTER: u32 = 1 << 16;

/// The layouts that agree with something that no opened volume explains, the best first.
pub(crate) fn layouts(index: &Index) -> Vec<Layout> {
    let sizes = block_sizes(index).into_iter();
    let layouts: Vec<Layout> = sizes.flat_map(|size| candidates(index, size)).collect();
    let evidence = Evidence::of(index, MOST_COMPARED / layouts.len().max(1));
    let of_each = layouts.into_iter().map(|mut layout| {
        let agreement = evidence.agreement(&layout);
        layout.is_proved = agreement.is_proved;
        (agreement.weight, layout)
    });
    let mut layouts: Vec<(u64, Layout)> = of_each.collect();
    layouts.retain(|(agreement, _)| *agreement > 0);
    layouts.sort_by_key(|(agreement, _)| Reverse(*agreement));
    layouts.into_iter().map(|(_, layout)| layout).collect()
}

fn candidates(index: &Index, size: BlockSize) -> Vec<Layout> {
    let most = |starts: Vec<(u32, usize)>| starts.into_iter().take(MOST_STARTS).map(|(start, _)| start);
    let described = index.partitions.iter().map(|(_, one)| one.start().0);
    let described: BTreeSet<u32> = described.collect();
    let of_ground: BTreeSet<u32> = most(starts(index, size, Voters::Ground))
        .chain(most(starts(index, size, Voters::Names)))
        .chain(most(starts(index, size, Voters::Data)))
        .chain(described)
        .collect();
    let of_all: BTreeSet<u32> = most(starts(index, size, Voters::All))
        .chain(of_ground.iter().copied())
        .collect();
    let end = u32::try_from(index.end / u64::from(size.bytes())).unwrap_or(u32::MAX);
    let mut layouts = Vec::new();
    for (_, logical) in &index.logicals {
        if logical.logical_block_size != size.bytes() {
            continue;
        }
        for partitions in choices(index, &logical.partition_maps, &of_all, &of_ground, end) {
            layouts.extend(Layout::found(logical, partitions));
        }
    }
    let sparable = sparable_map(index, size);
    for start in of_all.iter().copied().filter(|start| *start < end) {
        let made = |maps| Layout::made(size, start, end - start, maps);
        layouts.push(made(vec![type_1()]));
        layouts.extend(sparable.clone().map(|map| made(vec![map])));
        if size.is_optical() && of_ground.contains(&start) {
            layouts.push(made(vec![type_1(), virtual_map()]));
        }
        // Nothing but a sparable partition has a sparing table.
        let below = [sparable.clone(), Some(type_1())];
        for (main, mirror) in metadata_files(index, size, start) {
            for below in below.iter().flatten() {
                layouts.push(made(vec![below.clone(), metadata_map(main, mirror)]));
            }
        }
    }
    for layout in &mut layouts {
        if layout.form() == Form::Metadata {
            layout.metadata = metadata_extents(index, layout);
        }
    }
    layouts.extend(with_lost_metadata_file(index, size, &of_all, end));
    if size.is_optical() {
        layouts.push(Layout::unplaced(end));
    }
    layouts
}

/// The descriptors that the maps of a volume may mean.
fn choices(
    index: &Index,
    maps: &[PartitionMap],
    of_all: &BTreeSet<u32>,
    of_ground: &BTreeSet<u32>,
    end: u32,
) -> Vec<Vec<PartitionDescriptor>> {
    let numbers: BTreeSet<u16> = maps.iter().filter_map(PartitionMap::partition_number).collect();
    let is_virtual = maps.iter().any(|map| matches!(map, PartitionMap::Virtual { .. }));
    let mut choices = vec![Vec::new()];
    for number in numbers {
        let of_number = |one: &&PartitionDescriptor| one.partition_number.get() == number;
        let known = index.partitions.iter().map(|(_, one)| one);
        let mut found: Vec<PartitionDescriptor> = known.filter(of_number).copied().collect();
        // In an image that does not begin with its volume, partitions begin elsewhere than described.
        let starts = if is_virtual { of_ground } else { of_all };
        for start in starts.iter().filter(|start| **start < end) {
            let layout = Layout::made(BlockSize::OPTICAL, *start, end - start, Vec::new());
            if let Some(mut one) = layout.partitions.first().copied()
                && !found.iter().any(|other| other.start() == one.start())
            {
                one.partition_number = number.into();
                found.push(one);
            }
        }
        choices = choices
            .iter()
            .flat_map(|chosen| {
                found.iter().map(move |one| {
                    let mut chosen: Vec<PartitionDescriptor> = chosen.clone();
                    chosen.push(*one);
                    chosen
                })
            })
            .take(MOST_CHOICES)
            .collect();
    }
    choices
}

/// The blocks of the ICBs of metadata files in a partition, each with one of a mirror, the last recorded
/// first. If one of the two is lost, both are the other.
fn metadata_files(index: &Index, size: BlockSize, start: u32) -> Vec<(u32, u32)> {
    let of_kind = |kind: FileType| {
        let there = index.nodes.iter().rev().filter(move |node| {
            let is_there = node.sector(size).is_some_and(|sector| {
                let packet = (!index.sparing_tables.is_empty()).then_some(PACKET);
                index.is_block(start, packet, sector, node.location)
            });
            node.kind == kind && is_there
        });
        there.map(|node| node.location).take(MOST_METADATA_FILES)
    };
    let main: Vec<u32> = of_kind(FileType::METADATA).collect();
    let mirror: Vec<u32> = of_kind(FileType::METADATA_MIRROR).collect();
    let all = main.len().max(mirror.len());
    let nth = |list: &[u32], at: usize| list.get(at).or(list.first()).copied();
    (0..all)
        .filter_map(|at| {
            let main = nth(&main, at).or(nth(&mirror, at))?;
            Some((main, nth(&mirror, at).unwrap_or(main)))
        })
        .collect()
}

/// Volumes whose metadata file has no ICB left, in partitions that are described.
fn with_lost_metadata_file(index: &Index, size: BlockSize, starts: &BTreeSet<u32>, end: u32) -> Vec<Layout> {
    let is_described = |start: &&u32| index.partitions.iter().any(|(_, one)| one.start().0 == **start);
    let is_needed = index.names.iter().any(|name| name.partition == 1);
    let starts = starts
        .iter()
        .filter(|start| is_needed && **start < end)
        .filter(is_described);
    let made = starts.map(|start| {
        let maps = vec![type_1(), metadata_map(u32::MAX, u32::MAX)];
        let mut layout = Layout::made(size, *start, end - start, maps);
        layout.metadata = metadata_extents(index, &layout);
        layout
    });
    made.filter(|layout| !layout.metadata.is_empty()).collect()
}

/// The extents of a metadata file by what is in it: entries that state consecutive blocks of it are in
/// consecutive blocks of the disc.
fn metadata_extents(index: &Index, layout: &Layout) -> Vec<Extent> {
    let Some((start, length)) = layout.ground() else {
        return Vec::new();
    };
    let size = layout.block_size;
    let nodes = index.nodes.iter().map(|node| (node.unit, node.location));
    let sets = index.file_sets.iter().map(|set| (set.unit, set.location));
    // How far the metadata file is from the partition, and the first and last block at that distance.
    let mut runs: Vec<(u32, u32, u32, usize)> = Vec::new();
    for (unit, location) in nodes.chain(sets) {
        let Some(block) = sector_of(unit, size).and_then(|sector| sector.checked_sub(start)) else {
            continue;
        };
        let Some(distance) = block.checked_sub(location).filter(|distance| *distance > 0) else {
            continue;
        };
        if block >= length {
            continue;
        }
        let has_room = runs.len() < MOST_RUNS;
        match runs.iter_mut().find(|run| run.0 == distance) {
            Some(run) => *run = (distance, run.1.min(location), run.2.max(location), run.3 + 1),
            None if has_room => runs.push((distance, location, location, 1)),
            None => {}
        }
    }
    runs.retain(|run| run.3 > 1);
    runs.sort_unstable_by_key(|run| run.1);
    let below = below(layout);
    let mut extents = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let (distance, mut first, last, _) = *run;
        if at == 0 {
            first = 0;
        }
        let end = runs
            .get(at + 1)
            .map_or(last.saturating_add(METADATA_AFTER), |next| next.1);
        let blocks = end.saturating_sub(first);
        let bytes = u64::from(size.bytes());
        let Some(block) = distance.checked_add(first).filter(|_| blocks > 0) else {
            continue;
        };
        extents.push(Extent {
            offset: u64::from(first) * bytes,
            length: u64::from(blocks.min(length.saturating_sub(block))) * bytes,
            kind: ExtentKind::Recorded(RecordedAddress {
                partition: below,
                block: LogicalBlock(block).0,
            }),
        });
    }
    extents
}

/// The reference of the partition that has the metadata file.
fn below(layout: &Layout) -> PartitionReference {
    let maps = &layout.logical.partition_maps;
    let is_below =
        |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
    let at = maps
        .iter()
        .position(is_below)
        .and_then(|at| u16::try_from(at).ok());
    PartitionReference(at.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::NodeSeen;
    use ecma167::file::AllocationForm;

    /// Files of Linux: each has its data in the next blocks, and its descriptor names the partition.
    fn files_of_linux(start: u32, shift: u32) -> Index {
        let mut index = Index::default();
        let mut block = 20;
        for number in 0..8_u32 {
            let blocks = 3 * number + 1;
            let node = NodeSeen {
                unit: start + block,
                location: block,
                unique_id: 16 + u64::from(number),
                kind: FileType::FILE,
                is_stream: false,
                form: Some(AllocationForm::Long),
                data_block: block + 1 + shift,
                data_bytes: blocks * 512,
            };
            index.add_node(node, 512);
            block += blocks + 1;
        }
        index.finish(1 << 20);
        index
    }

    #[test]
    fn files_with_their_data_behind_them_tell_the_start_of_a_partition() {
        let index = files_of_linux(257, 0);
        let best = layouts(&index).into_iter().next().unwrap();
        assert_eq!(best.form(), Form::Plain);
        assert_eq!(best.ground().map(|ground| ground.0), Some(257));
        assert!(best.is_proved());
    }

    #[test]
    fn entries_recorded_in_a_row_without_names_are_plain_and_prove_nothing() {
        for size in [2048, 4096] {
            let mut index = Index::default();
            for number in 0..40_u32 {
                let node = NodeSeen {
                    unit: (257 + 12 + number) * (size / 512),
                    location: 12 + number,
                    unique_id: 16 + u64::from(number),
                    kind: FileType::FILE,
                    is_stream: false,
                    form: Some(AllocationForm::Long),
                    data_block: 1000 + number * 7 / 3,
                    data_bytes: 2000,
                };
                index.add_node(node, 512);
            }
            index.finish(100 << 20);
            let best = layouts(&index).into_iter().next().unwrap();
            assert_eq!(best.form(), Form::Plain, "{size}");
            assert_eq!(best.block_size().bytes(), size);
            assert_eq!(best.ground().map(|ground| ground.0), Some(257), "{size}");
            assert!(!best.is_proved(), "{size}");
        }
    }

    #[test]
    fn files_whose_data_would_be_other_files_prove_no_partition() {
        let index = files_of_linux(257, 7);
        let layouts = layouts(&index);
        let wrong = layouts
            .iter()
            .find(|layout| layout.is_placed() && layout.is_proved());
        assert!(wrong.is_none(), "{wrong:?}");
    }
}
