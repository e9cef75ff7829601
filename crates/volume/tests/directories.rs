//! Directories: entries across block borders, deleted ones, names, and what is refused.

mod common;

use std::collections::HashSet;

use common::{Disc, ROOT, START, content, names};
use ecma167::file::{FileCharacteristics, FileIdentifier, FileType, LongAd};
use ecma167::osta::Revision;
use volume::{CorruptKind, DirectoryEntry, Error, Step, Volume, Walk};

fn entries(volume: &mut Volume) -> Result<Vec<DirectoryEntry>, Error> {
    let root = volume.lookup_path("/")?;
    let mut directory = volume.directory(&root)?;
    let mut entries = Vec::new();
    while let Some(entry) = directory.next(volume)? {
        entries.push(entry);
    }
    Ok(entries)
}

#[test]
fn a_large_directory_is_read_across_blocks_and_pieces() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let all: Vec<String> = (0..20_000)
        .map(|at| format!("a name of some length {at:07}"))
        .collect();
    let listed: Vec<_> = all.iter().map(|name| (name.as_str(), file)).collect();
    disc.root(&listed);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(names(&mut volume), all);
    assert_eq!(
        volume
            .lookup_path("/a name of some length 0019999")
            .unwrap()
            .size(),
        1
    );
}

#[test]
fn entries_report_their_place() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let fids = disc.fids(&[("one", file), ("two", file)]);
    disc.root_of(&fids);
    disc.commit();
    let entries = entries(&mut disc.open()).unwrap();
    assert_eq!(entries.len(), 3);
    let mut offset = 0;
    for entry in &entries {
        assert_eq!(entry.offset, offset);
        let at = usize::try_from(offset).unwrap();
        assert_eq!(FileIdentifier::decode(&fids[at..], None).unwrap().1, entry.length);
        offset += entry.length as u64;
    }
    assert_eq!(offset, fids.len() as u64);
    assert!(!entries[0].is_live() && entries[1].is_live());
}

#[test]
fn a_deleted_entry_is_returned_but_not_live() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let mut fids = disc.fids(&[("stays", file)]);
    let mut gone = FileIdentifier::new("gone", FileCharacteristics::empty(), LongAd::icb(file)).unwrap();
    gone.delete();
    fids.extend(disc.fid(gone));
    disc.root_of(&fids);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(names(&mut volume), ["stays"]);
    let entries = entries(&mut volume).unwrap();
    assert!(entries[2].characteristics.contains(FileCharacteristics::DELETED));
    assert!(matches!(volume.lookup_path("/gone"), Err(Error::NotFound)));
}

#[test]
fn a_name_that_would_leave_the_directory_is_replaced() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    disc.root(&[("..", file), ("../../etc/passwd", file), ("plain", file)]);
    disc.commit();
    let names = names(&mut disc.open());
    assert_eq!(names.len(), 3);
    assert!(
        names.iter().all(|name| !name.contains('/') && name != ".."),
        "{names:?}"
    );
}

#[test]
fn a_damaged_entry_ends_the_directory_and_reports_its_place() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let mut fids = disc.fids(&[("one", file), ("two", file)]);
    let at = disc.fids(&[("one", file)]).len();
    fids[at + 20] ^= 0xFF;
    disc.root_of(&fids);
    disc.commit();
    let mut volume = disc.open();
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    assert_eq!(directory.next_live(&mut volume).unwrap().unwrap().name, "one");
    let error = directory.next_live(&mut volume).unwrap_err();
    let Error::Corrupt {
        kind: CorruptKind::Malformed(_),
        place,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(place, volume::ErrorPlace::Body(root.address, at as u64));
    assert!(directory.next_live(&mut volume).unwrap().is_none());
}

/// What a directory returns up to its end: the names, and the number of errors between them.
fn what_is_left(volume: &mut Volume) -> (Vec<String>, usize) {
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let (mut names, mut errors) = (Vec::new(), 0);
    loop {
        match directory.next_live(volume) {
            Ok(Some(entry)) => names.push(entry.name),
            Ok(None) => return (names, errors),
            Err(_) => errors += 1,
        }
    }
}

#[test]
fn entries_after_a_damaged_one_are_returned() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let all: Vec<String> = (0..8000).map(|at| format!("name {at:05}")).collect();
    let listed: Vec<_> = all.iter().map(|name| (name.as_str(), file)).collect();
    let mut fids = disc.fids(&listed);
    for at in [0, 4000, 7998] {
        let offset = disc.fids(&listed[..at]).len();
        fids[offset + 8] ^= 0xFF;
    }
    disc.root_of(&fids);
    disc.commit();
    let mut volume = disc.open();
    let (names, errors) = what_is_left(&mut volume);
    assert_eq!((names.len(), errors), (7997, 3));
    assert!(volume.lookup_path("/name 07999").is_ok());
    // It may be among the damaged ones.
    let error = volume.lookup_path("/name 07998").unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
}

#[test]
fn the_search_after_damage_ends_whatever_length_a_directory_claims() {
    let mut disc = Disc::new(Revision::V2_01);
    let hole = |length| {
        LongAd::new(
            ecma167::file::ExtentType::NotAllocated,
            length,
            ecma167::RecordedAddress::default(),
        )
    };
    let holes = vec![hole((1 << 30) - 2048); 100];
    let root = disc.in_extents(FileType::DIRECTORY, &holes);
    disc.put_at(ROOT, &root);
    disc.commit();
    // One error for what does not decode, one because nothing of this length is recorded.
    assert_eq!(what_is_left(&mut disc.open()), (Vec::new(), 2));
}

#[test]
fn an_entry_that_runs_past_the_end_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    for cut in [1, 20, 40] {
        let mut disc = disc.clone();
        let fids = disc.fids(&[("one", file)]);
        disc.root_of(&fids[..fids.len() - cut]);
        disc.commit();
        let error = entries(&mut disc.open()).unwrap_err();
        assert_eq!(
            error.corrupt_kind(),
            Some(&CorruptKind::TruncatedDirectory),
            "{cut}"
        );
    }
}

#[test]
fn an_endless_directory_of_zeros_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let hole = LongAd::new(ecma167::file::ExtentType::NotAllocated, 1 << 29, disc.physical(0));
    let root = disc.in_extents(FileType::DIRECTORY, &[hole; 100]);
    disc.put_at(ROOT, &root);
    disc.commit();
    assert!(matches!(
        entries(&mut disc.open()).unwrap_err().corrupt_kind(),
        Some(CorruptKind::Malformed(_))
    ));
}

#[test]
fn only_a_directory_is_read_as_one() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    assert!(matches!(volume.directory(&node), Err(Error::NotADirectory)));
    assert!(matches!(volume.lookup_path("/file/x"), Err(Error::NotADirectory)));
    assert!(matches!(volume.lookup_path("/none"), Err(Error::NotFound)));
}

#[test]
fn a_path_leads_down_and_back() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let fids = disc.fids(&[("file", file)]);
    let inner = disc.embedded(FileType::DIRECTORY, &fids);
    let inner = disc.put(&inner);
    let fids = disc.fids(&[("dir inner", inner)]);
    let outer = disc.embedded(FileType::DIRECTORY, &fids);
    let outer = disc.put(&outer);
    disc.root(&[("dir outer", outer), ("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    for path in [
        "/dir outer/dir inner/file",
        "dir outer//./dir inner/../../file",
        "/../file",
        "/dir outer/../dir outer/../file",
    ] {
        assert_eq!(volume.lookup_path(path).unwrap().address, file, "{path}");
    }
    assert_eq!(volume.lookup_path("").unwrap().address.block, ROOT);
}

#[test]
fn nothing_of_the_tree_is_read_before_it_is_needed() {
    let mut disc = common::small(Revision::V2_01);
    let root = disc.vat[ROOT as usize];
    disc.damage(START + root);
    let set = disc.vat[0];
    disc.damage(START + set);
    let mut volume = disc.open();
    assert_eq!(volume.label(), "newer label");
    assert!(volume.root().is_err());
}

/// A root with files of these names, which contain their numbers.
fn named(names: &[&str]) -> Disc {
    let mut disc = Disc::new(Revision::V2_01);
    let mut files = Vec::new();
    for (number, name) in names.iter().enumerate() {
        files.push((*name, disc.file(number.to_string().as_bytes())));
    }
    disc.root(&files);
    disc.commit();
    disc
}

#[test]
fn entries_of_one_name_are_shown_and_found_by_different_names() {
    let mut volume = named(&["a", "b", "a", "a~2", "a", "b~x"]).open();
    let shown = ["a", "b", "a~2", "a~2~2", "a~3", "b~x"];
    assert_eq!(names(&mut volume), shown);
    for (number, name) in shown.iter().enumerate() {
        assert_eq!(
            content(&mut volume, name),
            number.to_string().as_bytes(),
            "{name}"
        );
    }
    assert!(matches!(volume.lookup_path("/a~4"), Err(Error::NotFound)));
}

#[test]
fn one_name_in_both_compressed_forms_is_one_name() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let mut fids = disc.fids(&[("a", file)]);
    let mut wide = FileIdentifier::new("a", FileCharacteristics::empty(), LongAd::icb(file)).unwrap();
    wide.identifier = vec![16, 0, b'a'];
    fids.extend(disc.fid(wide));
    disc.root_of(&fids);
    disc.commit();
    assert_eq!(names(&mut disc.open()), ["a", "a~2"]);
}

#[test]
fn a_walk_that_comes_back_to_a_directory_still_numbers_its_names() {
    // More levels than a walk holds open.
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let mut below = file;
    for level in 0..50 {
        let name = if level == 0 { "end" } else { "dir" };
        let fids = disc.fids(&[("a", file), ("b", file), (name, below), ("a", file), ("b", file)]);
        let directory = disc.embedded(FileType::DIRECTORY, &fids);
        below = disc.put(&directory);
    }
    disc.root(&[("a", file), ("dir", below), ("a", file)]);
    disc.commit();
    let mut volume = disc.open();
    let root = volume.lookup_path("/").unwrap();
    let mut walk = Walk::new(root, "/");
    let mut paths = HashSet::new();
    while let Some(step) = walk.step(&mut volume) {
        let Step::Entry { path, named } = step.unwrap() else {
            continue;
        };
        assert!(paths.insert(path.clone()), "{path}");
        if named.is_directory {
            walk.enter(volume.node(named.address).unwrap(), &path);
        }
    }
    assert_eq!(paths.len(), 50 * 5 + 3);
    assert!(paths.contains("/a~2") && paths.contains("/dir/dir/b~2"));
}

#[test]
fn the_file_over_unusable_blocks_is_no_file_of_the_user() {
    let of = |revision, name: &str, characteristics| {
        let mut disc = Disc::plain(revision);
        let file = disc.file(b"x");
        let mut fids = disc.fids(&[("file", file)]);
        fids.extend(disc.fid(FileIdentifier::new(name, characteristics, LongAd::icb(file)).unwrap()));
        let inner = disc.embedded(FileType::DIRECTORY, &fids);
        let inner = disc.put(&inner);
        let of_dir = FileIdentifier::new("dir", FileCharacteristics::DIRECTORY, LongAd::icb(inner)).unwrap();
        fids.extend(disc.fid(of_dir));
        disc.root_of(&fids);
        let mut volume = disc.open();
        let is_found = volume.lookup_path(name).is_ok();
        let in_root = names(&mut volume).len() == 3;
        assert_eq!(is_found, in_root);
        assert!(volume.lookup_path(&format!("dir/{name}")).is_ok());
        in_root
    };
    let (hidden, seen) = (FileCharacteristics::EXISTENCE, FileCharacteristics::empty());
    let name = "Non-Allocatable Space";
    assert!(!of(Revision::V1_02, name, hidden) && !of(Revision::V1_50, name, hidden));
    assert!(of(Revision::V2_00, name, hidden));
    assert!(of(Revision::V1_50, name, seen));
    assert!(of(Revision::V1_50, "Non-Allocatable", hidden));
}
