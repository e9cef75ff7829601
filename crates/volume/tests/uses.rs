//! What a state uses, where structures are, what is stated as free, and what a later generation retired.

mod common;

use std::ops::Range;

use common::{ANCHOR, Disc, MAIN, RESERVE, START, small};
use ecma167::file::FileType;
use ecma167::osta::Revision;
use volume::{BlockUse, Looks, Retired, Used, Volume, VolumeStructure};

/// The names in order, with `>` and `<` where a directory is entered and left, and the uses of each.
fn uses(volume: &mut Volume) -> Vec<String> {
    let mut told = Vec::new();
    let mut hear = |used: Used<'_>| {
        told.push(match used {
            Used::Name { name, is_first, .. } => format!("{name} {is_first}"),
            Used::Blocks(what, blocks) => format!("{what:?} {}", blocks.end - blocks.start),
            Used::Enter => ">".to_owned(),
            Used::Leave => "<".to_owned(),
            Used::Unreadable { .. } => "unreadable".to_owned(),
            Used::UnreadableNode { name, .. } => format!("unreadable {name}"),
            Used::More => "more".to_owned(),
        });
    };
    volume.uses(&mut hear).unwrap();
    told
}

fn retired(volume: &mut Volume) -> Vec<Retired> {
    let past = volume.past().unwrap();
    let mut comparison = volume.comparison();
    let mut all = Vec::new();
    for generation in past.generations() {
        comparison.advance(generation, &mut |_| {}).unwrap();
        let missed = comparison.retired(&mut |one| all.push(one.clone())).unwrap();
        assert_eq!(missed, 0);
    }
    all
}

#[test]
fn a_node_with_two_names_is_used_by_the_first() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"embedded");
    disc.root(&[("one", file), ("two", file)]);
    disc.describe();
    disc.commit();
    let told = uses(&mut disc.open());
    let from_root = told.iter().position(|line| line == " true").unwrap();
    let expected = [" true", "Entry 1", ">", "one true", "Entry 1", "two false", "<"];
    let of_root: Vec<_> = told[from_root..]
        .iter()
        .filter(|line| *line != "Directory 1")
        .collect();
    assert_eq!(of_root, expected, "{told:?}");
    assert!(told[..from_root].contains(&"FileSet 1".to_owned()), "{told:?}");
}

#[test]
fn the_structures_of_a_session_are_told_where_they_are() {
    let mut disc = small(Revision::V2_01);
    disc.commit();
    let mut all: Vec<(VolumeStructure, Range<u32>)> = Vec::new();
    let mut volume = disc.open();
    volume
        .structures(&mut |what, blocks| all.push((what, blocks)))
        .unwrap();
    let has = |what, block| {
        all.iter()
            .any(|(one, blocks)| *one == what && blocks.contains(&block))
    };
    assert!(has(VolumeStructure::Anchor, ANCHOR), "{all:?}");
    assert!(
        has(VolumeStructure::Recognition, 16) && has(VolumeStructure::Recognition, 18),
        "{all:?}"
    );
    assert!(
        has(VolumeStructure::Descriptors, MAIN) && has(VolumeStructure::Descriptors, RESERVE),
        "{all:?}"
    );
    assert!(!has(VolumeStructure::Descriptors, START), "{all:?}");
}

#[test]
fn a_volume_recorded_in_sequence_states_no_free_space() {
    let mut disc = small(Revision::V2_01);
    disc.commit();
    assert_eq!(disc.open().free_space().unwrap(), None);
}

#[test]
fn a_node_that_went_is_retired_with_its_path_and_blocks() {
    let mut disc = Disc::new(Revision::V2_01);
    let body = disc.extent(&[7; 5000]);
    let entry = disc.in_extents(FileType::FILE, &[body]);
    let file = disc.put(&entry);
    disc.root(&[("gone", file)]);
    disc.describe();
    disc.commit();
    disc.root(&[]);
    disc.vat[file.block as usize] = u32::MAX;
    disc.commit();
    let all = retired(&mut disc.open());
    let gone = all.iter().find(|one| one.address == file).expect("the file");
    assert_eq!(gone.path.as_deref(), Some("/gone"));
    let blocks = |what| -> u32 {
        let of_kind = gone.blocks.iter().filter(|(one, _)| *one == what);
        of_kind.map(|(_, run)| run.end - run.start).sum()
    };
    assert_eq!((blocks(BlockUse::Entry), blocks(BlockUse::Data)), (1, 3));
    let root = all.iter().find(|one| one.path.as_deref() == Some("/"));
    assert!(root.is_some(), "{all:?}");
}

#[test]
fn blocks_that_nothing_names_are_told_by_their_looks() {
    let mut disc = small(Revision::V2_01);
    let icb = disc.commit();
    let mut volume = disc.open();
    let mut looks = |block: u32| {
        let mut found = None;
        volume
            .look_at(block..block + 1, &mut |_, looks| {
                found = Some(looks);
                true
            })
            .unwrap();
        found.expect("a block")
    };
    assert_eq!(looks(0), Looks::Zeros);
    assert_eq!(looks(16), Looks::Recognition);
    assert_eq!(looks(ANCHOR), Looks::Anchor);
    assert_eq!(looks(MAIN), Looks::Descriptor);
    assert_eq!(looks(START + icb), Looks::VatIcb);
}
