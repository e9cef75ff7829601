//! Two entries of one name in a directory, which the standard forbids and other programs record: each changes
//! alone, by the name that readers show it with.

mod common;

use common::edit::edit_root;
use common::{Disc, add_file, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Error, NodeId, Recording};

/// A disc whose root directory has three entries of one name: `a` with a text `1`, `2` and `3`.
fn disc() -> Disc {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_50);
    let mut recording = disc.recording();
    let root = recording.root();
    for (name, text) in [("a", b"1"), ("b", b"2"), ("c", b"3")] {
        add_file(&mut recording, root, name, text);
    }
    recording.commit(time(2)).unwrap();
    drop(recording);
    edit_root(&disc, |fid| {
        if !fid.identifier.is_empty() {
            fid.identifier = b"\x08a".to_vec();
        }
    });
    disc
}

/// The names in the root directory and the texts, as a reader shows them.
fn read(disc: &Disc) -> Vec<(String, String)> {
    let files = disc.listing().into_iter().filter(|(path, _)| !path.is_empty());
    let text = |content| String::from_utf8(content).unwrap();
    files
        .map(|(path, (_, _, content))| (path, text(content)))
        .collect()
}

/// The same, as the recording shows them.
fn shown(recording: &mut Recording) -> Vec<(String, String)> {
    let root = recording.root();
    let names = recording
        .entries(root)
        .unwrap()
        .into_iter()
        .map(|entry| entry.name);
    let mut shown: Vec<_> = names
        .map(|name| {
            let node = recording.lookup(root, &name).unwrap().unwrap();
            let mut text = [0; 10];
            let read = recording.read(node, 0, &mut text).unwrap();
            let text = String::from_utf8(text[..read].to_vec()).unwrap();
            (format!("/{name}"), text)
        })
        .collect();
    shown.sort();
    shown
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter()
        .map(|(name, text)| (format!("/{name}"), (*text).to_owned()))
        .collect()
}

/// Makes a change, and compares what the recording shows then with what readers show after the commit.
fn after(change: impl FnOnce(&mut Recording, NodeId), expected: &[(&str, &str)]) {
    let disc = disc();
    let mut recording = disc.recording();
    let root = recording.root();
    change(&mut recording, root);
    assert_eq!(shown(&mut recording), pairs(expected));
    recording.commit(time(3)).unwrap();
    drop(recording);
    assert_eq!(read(&disc), pairs(expected));
    assert_eq!(shown(&mut disc.recording()), pairs(expected));
}

#[test]
fn a_recording_shows_each_by_the_name_that_readers_show() {
    let all = [("a", "1"), ("a~2", "2"), ("a~3", "3")];
    let disc = disc();
    assert_eq!(read(&disc), pairs(&all));
    assert_eq!(shown(&mut disc.recording()), pairs(&all));
}

#[test]
fn all_entries_survive_the_change_of_one() {
    let change = |recording: &mut Recording, root| {
        let node = recording.lookup(root, "a~2").unwrap().unwrap();
        recording.write(node, 0, b"x").unwrap();
    };
    let all = [("a", "1"), ("a~2", "x"), ("a~3", "3")];
    after(change, &all);
}

#[test]
fn removing_one_removes_no_other() {
    let change = |recording: &mut Recording, root| recording.unlink(root, "a~2").unwrap();
    after(change, &[("a", "1"), ("a~3", "3")]);
}

#[test]
fn removing_the_first_leaves_the_others_as_they_are_shown() {
    let change = |recording: &mut Recording, root| recording.unlink(root, "a").unwrap();
    after(change, &[("a~2", "2"), ("a~3", "3")]);
}

#[test]
fn all_can_be_removed_one_by_one() {
    let change = |recording: &mut Recording, root| {
        for name in ["a", "a~2", "a~3"] {
            recording.unlink(root, name).unwrap();
        }
    };
    after(change, &[]);
}

#[test]
fn renaming_the_first_renames_no_other() {
    let change = |recording: &mut Recording, root| recording.rename(root, "a", root, "z").unwrap();
    after(change, &[("a~2", "2"), ("a~3", "3"), ("z", "1")]);
}

#[test]
fn one_can_take_the_name_of_another() {
    let change = |recording: &mut Recording, root| recording.rename(root, "a~2", root, "a").unwrap();
    after(change, &[("a", "2"), ("a~3", "3")]);
}

#[test]
fn renaming_one_renames_no_other() {
    let change = |recording: &mut Recording, root| recording.rename(root, "a~3", root, "z").unwrap();
    let all = [("a", "1"), ("a~2", "2"), ("z", "3")];
    after(change, &all);
}

#[test]
fn a_file_that_takes_the_name_of_the_first_takes_that_of_no_other() {
    let change = |recording: &mut Recording, root| {
        add_file(recording, root, "new", b"4");
        recording.rename(root, "new", root, "a").unwrap();
    };
    let all = [("a", "4"), ("a~2", "2"), ("a~3", "3")];
    after(change, &all);
}

#[test]
fn a_new_file_with_the_name_of_a_removed_one_swaps_no_contents() {
    let change = |recording: &mut Recording, root| {
        recording.unlink(root, "a").unwrap();
        add_file(recording, root, "a", b"4");
    };
    let all = [("a", "4"), ("a~2", "2"), ("a~3", "3")];
    after(change, &all);
}

#[test]
fn a_shown_name_is_taken() {
    let disc = disc();
    let mut recording = disc.recording();
    let root = recording.root();
    let node = recording.lookup(root, "a").unwrap().unwrap();
    assert!(matches!(recording.link(node, root, "a~2"), Err(Error::Exists)));
}

#[test]
fn a_new_directory_layout_keeps_the_shown_names() {
    let disc = disc();
    let mut recording = disc.recording();
    let root = recording.root();
    let name = |number: u32| format!("{number:0200}");
    for number in 0..1000 {
        add_file(&mut recording, root, &name(number), b"");
    }
    recording.commit(time(3)).unwrap();
    // Each commit leaves a block of the directory elsewhere, until it is laid out afresh.
    for number in 0..60 {
        recording.unlink(root, &name(number * 16)).unwrap();
        recording.commit(time(4)).unwrap();
    }
    let short = |(path, _): &(String, String)| path.len() < 10;
    let found: Vec<_> = shown(&mut recording).into_iter().filter(short).collect();
    assert_eq!(found, pairs(&[("a", "1"), ("a~2", "2"), ("a~3", "3")]));
}
