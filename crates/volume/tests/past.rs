//! The past: which generations there are, and what each changed.

mod common;

use common::{Disc, ROOT, small};
use ecma167::RecordedAddress;
use ecma167::file::FileType;
use ecma167::osta::Revision;
use volume::{ChangeKind, Link, Volume};

/// What each generation changed, as marks and paths in order.
fn log(volume: &mut Volume) -> Vec<Vec<String>> {
    let past = volume.past().unwrap();
    let mut comparison = volume.comparison();
    let mut log = Vec::new();
    for generation in past.generations() {
        let mut changes = Vec::new();
        let missed = comparison.advance(generation, &mut |change| {
            changes.push(match &change.kind {
                ChangeKind::Added => format!("+{}", change.path),
                ChangeKind::Changed => format!("~{}", change.path),
                ChangeKind::Removed => format!("-{}", change.path),
                ChangeKind::Renamed { from } => format!("{from}>{}", change.path),
                ChangeKind::Linked => format!("={}", change.path),
                ChangeKind::Unlinked => format!("/{}", change.path),
            });
        });
        assert_eq!(missed.unwrap(), 0);
        changes.sort();
        log.push(changes);
    }
    log
}

/// Records a file again under its virtual address.
fn again(disc: &mut Disc, address: RecordedAddress, bytes: &[u8], links: u16) {
    let unique_id = 1000 + u64::from(address.block);
    let mut entry = disc.embedded(FileType::FILE, bytes);
    entry.unique_id = unique_id;
    entry.file_link_count = links;
    disc.put_at(address.block, &entry);
}

/// A file with a unique ID that goes with its address.
fn file(disc: &mut Disc, bytes: &[u8], links: u16) -> RecordedAddress {
    let address = disc.file(bytes);
    again(disc, address, bytes, links);
    address
}

fn links(volume: &mut Volume) -> Vec<Link> {
    let past = volume.past().unwrap();
    past.generations()
        .iter()
        .map(|generation| generation.link)
        .collect()
}

#[test]
fn generations_are_listed_from_the_first_to_the_newest() {
    for revision in [Revision::V1_50, Revision::V2_01] {
        let mut disc = small(revision);
        let first = disc.previous;
        let second = disc.commit();
        let mut volume = disc.open();
        let past = volume.past().unwrap();
        let icbs: Vec<_> = past.generations().iter().map(|one| one.icb.unwrap().0).collect();
        assert_eq!(icbs, [first, second]);
        assert_eq!(links(&mut volume), [Link::First, Link::Chained]);
        let numbers: Vec<_> = past.generations().iter().map(|one| one.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(past.generations()[1].blocks, second - first);
    }
}

#[test]
fn the_generation_before_a_break_is_found_by_search() {
    let mut disc = small(Revision::V2_01);
    let first = disc.previous;
    disc.previous = 99_999;
    disc.commit();
    let third = disc.commit();
    let mut volume = disc.open();
    assert_eq!(links(&mut volume), [Link::First, Link::Broken, Link::Chained]);
    let past = volume.past().unwrap();
    assert_eq!(past.number(1).unwrap().icb.unwrap().0, first);
    assert_eq!(past.number(3).unwrap().icb.unwrap().0, third);
    assert_eq!((past.broken().count(), past.number(4)), (1, None));
}

#[test]
fn a_break_with_nothing_before_it_stays_one() {
    let mut disc = small(Revision::V2_01);
    // The VAT ICB of the first generation.
    disc.blocks.pop();
    disc.previous = 99_999;
    disc.commit();
    assert_eq!(links(&mut disc.open()), [Link::Broken]);
}

#[test]
fn a_volume_without_a_vat_has_one_generation() {
    let mut disc = Disc::plain(Revision::V2_01);
    let file = disc.file(b"one");
    disc.root(&[("a", file)]);
    disc.describe();
    let mut volume = disc.open();
    assert_eq!(links(&mut volume), [Link::First]);
    assert_eq!(log(&mut volume), [["+/a"]]);
}

#[test]
fn a_time_means_the_newest_generation_that_is_not_later() {
    let mut disc = small(Revision::V2_01);
    disc.commit();
    let past = disc.open().past().unwrap();
    let recorded = past.generations()[0].recorded.to_unix().unwrap();
    assert_eq!(past.not_after(recorded).unwrap().number, 2);
    assert_eq!(past.not_after((recorded.0 - 1, 0)), None);
}

#[test]
fn files_come_change_and_go() {
    let mut disc = Disc::new(Revision::V2_01);
    let (one, two) = (file(&mut disc, b"one", 1), file(&mut disc, b"two", 1));
    disc.root(&[("a", one), ("b", two)]);
    disc.commit();
    again(&mut disc, one, b"changed", 1);
    disc.root(&[("a", one)]);
    disc.commit();
    assert_eq!(log(&mut disc.open()), [vec!["+/a", "+/b"], vec!["-/b", "~/a"]]);
}

#[test]
fn a_node_that_is_recorded_again_as_it_was_has_not_changed() {
    let mut disc = Disc::new(Revision::V2_01);
    let one = file(&mut disc, b"one", 1);
    disc.root(&[("a", one)]);
    disc.commit();
    again(&mut disc, one, b"one", 1);
    disc.commit();
    assert_eq!(log(&mut disc.open())[1], Vec::<String>::new());
}

#[test]
fn a_file_at_another_path_is_renamed_not_removed_and_added() {
    let mut disc = Disc::new(Revision::V2_01);
    let one = file(&mut disc, b"one", 1);
    disc.root(&[("a", one)]);
    disc.commit();
    disc.root(&[("b", one)]);
    disc.commit();
    assert_eq!(log(&mut disc.open())[1], ["/a>/b"]);
}

#[test]
fn another_file_at_a_path_is_a_change() {
    let mut disc = Disc::new(Revision::V2_01);
    let one = file(&mut disc, b"one", 1);
    disc.root(&[("a", one)]);
    disc.commit();
    let two = file(&mut disc, b"two", 1);
    disc.root(&[("a", two)]);
    disc.commit();
    assert_eq!(log(&mut disc.open())[1], ["~/a"]);
}

#[test]
fn a_file_that_loses_one_of_two_names_stays() {
    let mut disc = Disc::new(Revision::V2_01);
    let one = file(&mut disc, b"one", 2);
    disc.root(&[("a", one), ("b", one)]);
    disc.commit();
    again(&mut disc, one, b"one", 1);
    disc.root(&[("b", one)]);
    disc.commit();
    disc.root(&[]);
    disc.commit();
    assert_eq!(
        log(&mut disc.open()),
        [vec!["+/a", "=/b"], vec!["//a"], vec!["-/b"]]
    );
}

#[test]
fn a_name_that_stays_although_its_block_is_recorded_again_is_no_change() {
    let mut disc = Disc::new(Revision::V2_01);
    let files: Vec<_> = (0..200)
        .map(|number| (format!("file {number:03}"), file(&mut disc, b"x", 1)))
        .collect();
    let names = |from: usize| -> Vec<(&str, RecordedAddress)> {
        files[from..]
            .iter()
            .map(|(name, address)| (name.as_str(), *address))
            .collect()
    };
    disc.root(&names(1));
    disc.commit();
    // Every descriptor is at another offset now.
    disc.root(&names(0));
    disc.commit();
    assert_eq!(log(&mut disc.open())[1], ["+/file 000"]);
}

#[test]
fn a_directory_that_contains_itself_ends_and_counts_as_unread() {
    let mut disc = Disc::new(Revision::V2_01);
    let root = disc.address(ROOT);
    disc.root(&[("dir", root)]);
    disc.commit();
    let mut volume = disc.open();
    let past = volume.past().unwrap();
    let missed = volume.comparison().advance(&past.generations()[0], &mut |_| ());
    assert!(missed.unwrap() > 0);
}

#[test]
fn what_was_shown_is_shown_after_a_comparison() {
    let mut disc = small(Revision::V2_01);
    disc.root(&[]);
    disc.commit();
    let mut volume = disc.open();
    let past = volume.past().unwrap();
    let shown = volume.vat_icb();
    volume.comparison().begin(&past.generations()[0]).unwrap();
    assert_eq!(volume.vat_icb(), shown);
    assert_eq!(common::names(&mut volume).len(), 0);
    assert_eq!(volume.generation().unwrap(), 2);
}
