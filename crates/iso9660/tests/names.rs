//! Properties of the names in any directory.

use std::collections::{BTreeMap, BTreeSet};

use iso9660::names::{
    Changes, Distinctions, Finder, FinderError, Kind, Namespace, joliet, primary, rock_ridge,
};
use proptest::prelude::*;

const NAMESPACES: [Namespace; 3] = [Namespace::Primary, Namespace::Joliet, Namespace::RockRidge];

fn found(namespace: Namespace, names: &[(String, Kind)]) -> Result<Distinctions, FinderError> {
    let mut finder = Finder::new(namespace, names.len());
    loop {
        for (name, kind) in names {
            finder.offer(name, *kind)?;
        }
        finder = match finder.settle()? {
            Ok(distinctions) => return Ok(distinctions),
            Err(again) => again,
        };
    }
}

/// The identifier of each name, in the form that must differ, and how it differs from the name.
fn identifiers(namespace: Namespace, names: &[(String, Kind)]) -> Vec<(Vec<u8>, Changes)> {
    let distinctions = found(namespace, names).unwrap();
    (0..)
        .zip(names)
        .map(|(child, (name, kind))| match namespace {
            Namespace::Primary => {
                let mapped = primary::identifier(name, *kind, distinctions.of(child));
                assert!(mapped.identifier.as_bytes().len() <= 33);
                let key = primary::order_key(&mapped.identifier);
                (key.as_bytes().to_vec(), mapped.changes)
            }
            Namespace::Joliet => {
                let mapped = joliet::identifier(name, distinctions.of(child));
                (mapped.identifier.as_bytes().to_vec(), mapped.changes)
            }
            Namespace::RockRidge => {
                let mapped = rock_ridge::name(name, *kind, distinctions.of(child));
                assert!(std::str::from_utf8(mapped.identifier.as_bytes()).is_ok());
                (mapped.identifier.as_bytes().to_vec(), mapped.changes)
            }
        })
        .collect()
}

fn assert_unique(names: &[(String, Kind)]) {
    for namespace in NAMESPACES {
        let identifiers = identifiers(namespace, names);
        let different: BTreeSet<&[u8]> = identifiers
            .iter()
            .map(|(identifier, _)| &identifier[..])
            .collect();
        assert_eq!(different.len(), names.len(), "{namespace:?}");
    }
}

fn files(names: impl IntoIterator<Item = String>) -> Vec<(String, Kind)> {
    names.into_iter().map(|name| (name, Kind::File)).collect()
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::File), Just(Kind::Directory), Just(Kind::Special)]
}

/// Names that clash often: few letters, long runs, characters that are replaced.
fn names() -> impl Strategy<Value = Vec<(String, Kind)>> {
    let name = prop_oneof![
        "[aAé:*_/]{1,3}(\\.[tT]{0,2})?",
        "(x{60}|x{100}|x{155}|€{50}|X{31})[ab~_]{1,3}(\\.txt)?",
        "\\PC{1,254}",
    ];
    prop::collection::btree_map(name, kinds(), 1..60).prop_map(|names| names.into_iter().collect())
}

#[test]
fn names_that_differ_in_their_last_characters_remain_different() {
    assert_unique(&files(
        (0..3000).map(|number| format!("{}{number:04}.txt", "x".repeat(170))),
    ));
}

#[test]
fn names_with_one_short_form_remain_different() {
    assert_unique(&files((0..2000).map(|number| {
        let bits = (0..11).map(|bit| if number >> bit & 1 == 1 { 'é' } else { 'è' });
        bits.chain(".txt".chars()).collect()
    })));
}

#[test]
fn a_file_and_a_directory_with_one_identifier_remain_different() {
    assert_unique(&[("A".to_owned(), Kind::Directory), ("A.".to_owned(), Kind::File)]);
}

#[test]
fn a_name_that_fits_is_kept_whatever_others_become() {
    let whole = "x".repeat(64);
    let names = files([format!("{whole}y"), whole.clone(), format!("{whole}z")]);
    let identifiers = identifiers(Namespace::Joliet, &names);
    let changes: Vec<Changes> = identifiers.iter().map(|(_, changes)| *changes).collect();
    let marked = Changes::CUT | Changes::MARKED;
    assert_eq!(changes, [marked, Changes::empty(), marked]);
}

#[test]
fn names_that_differ_only_in_case_are_distinguished_in_joliet() {
    let names = files(["README.txt", "readme.txt", "other"].map(str::to_owned));
    let changes = |namespace| {
        identifiers(namespace, &names)
            .into_iter()
            .map(|(_, changes)| changes)
    };
    let marked = [Changes::MARKED, Changes::MARKED, Changes::empty()];
    assert!(changes(Namespace::Joliet).eq(marked));
    assert!(changes(Namespace::RockRidge).all(|changes| changes.is_empty()));
}

#[test]
fn a_new_name_changes_only_those_that_it_clashes_with() {
    let before = files(["a:1", "a:2", "a?2", "b"].map(str::to_owned));
    let mut after = before.clone();
    after.push(("a*1".to_owned(), Kind::File));
    let (before, after) = (
        identifiers(Namespace::Joliet, &before),
        identifiers(Namespace::Joliet, &after),
    );
    let same: Vec<bool> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| before == after)
        .collect();
    assert_eq!(same, [false, true, true, true]);
}

#[test]
fn many_equal_names_are_distinguished_too() {
    assert_unique(&files(vec!["same".to_owned(); 50]));
}

#[test]
fn a_walk_over_other_names_is_refused() {
    let mut finder = Finder::new(Namespace::Joliet, 2);
    finder.offer("a:", Kind::File).unwrap();
    finder.offer("a?", Kind::File).unwrap();
    let Ok(Err(mut finder)) = finder.settle() else {
        panic!("the names clash")
    };
    finder.offer("a:", Kind::File).unwrap();
    assert_eq!(finder.settle().err(), Some(FinderError::OtherNames));
}

proptest! {
    #[test]
    fn identifiers_are_unique(names in names()) {
        assert_unique(&names);
    }

    #[test]
    fn identifiers_depend_only_on_the_set_of_names(names in names(), turns in any::<prop::sample::Index>()) {
        let mut turned = names.clone();
        turned.rotate_left(turns.index(names.len()));
        turned.reverse();
        for namespace in NAMESPACES {
            let by_name = |names: &[(String, Kind)]| -> BTreeMap<String, (Vec<u8>, Changes)> {
                let of = identifiers(namespace, names);
                names.iter().map(|(name, _)| name.clone()).zip(of).collect()
            };
            prop_assert_eq!(by_name(&names), by_name(&turned));
        }
    }

    #[test]
    fn a_name_without_changes_is_recorded_in_full(names in names()) {
        for ((name, _), (identifier, changes)) in names.iter().zip(identifiers(Namespace::RockRidge, &names)) {
            prop_assert_eq!(changes.is_empty(), identifier == name.as_bytes());
        }
        for ((name, _), (identifier, changes)) in names.iter().zip(identifiers(Namespace::Joliet, &names)) {
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
            prop_assert_eq!(changes.is_empty(), identifier == units);
        }
    }
}
