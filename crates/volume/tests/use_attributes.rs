//! Use attributes: in an entry, in a file of their own, and damaged.

mod common;

use common::Disc;
use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{FileType, LongAd};
use ecma167::osta::{Defined, Revision};
use volume::{CorruptKind, Volume};

/// A space with attributes of these identifiers, and one that is of no use to a program.
fn space(disc: &Disc, identifiers: &[&str]) -> Vec<u8> {
    let mut attributes = vec![Attribute::Device(Device { major: 1, minor: 3 })];
    attributes.extend(
        identifiers
            .iter()
            .map(|name| Attribute::udf(name, disc.revision, &[7; 10])),
    );
    extended_attribute::encode(&attributes, disc.version(), 0).unwrap()
}

fn names(volume: &mut Volume, path: &str) -> Vec<String> {
    let node = volume.lookup_path(path).unwrap();
    let attributes = volume.use_attributes(&node).unwrap();
    assert!(
        attributes
            .iter()
            .all(|attribute| attribute.content[2..] == [7; 10])
    );
    attributes
        .into_iter()
        .map(|attribute| attribute.identifier)
        .collect()
}

const MAC: [&str; 2] = ["*UDF Mac FinderInfo", "*UDF Mac ResourceFork"];

#[test]
fn attributes_in_an_entry_are_named() {
    let mut disc = Disc::new(Revision::V1_50);
    let mut file = disc.embedded(FileType::FILE, b"body");
    file.extended_attributes = space(&disc, &MAC);
    let file = disc.put(&file);
    let other = disc.file(b"none");
    disc.root(&[("file", file), ("other", other)]);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(names(&mut volume, "/file"), MAC);
    assert_eq!(names(&mut volume, "/other"), [""; 0]);
    let meanings = MAC.map(|name| Defined::by_name(name).map(|defined| defined.meaning));
    assert_eq!(
        meanings,
        [
            Some("Finder information of Macintosh"),
            Some("resource fork of Macintosh")
        ]
    );
}

#[test]
fn attributes_in_a_file_of_their_own_follow_those_in_the_entry() {
    let mut disc = Disc::new(Revision::V2_01);
    let beside = space(&disc, &["*UDF OS/2 EA", "*UDF OS/2 EALength"]);
    let beside = disc.embedded(FileType::EXTENDED_ATTRIBUTES, &beside);
    let beside = disc.put(&beside);
    let mut file = disc.embedded(FileType::FILE, b"body");
    file.extended_attributes = space(&disc, &["*UDF DVD CGMS Info"]);
    file.extended_attribute_icb = LongAd::icb(beside);
    let file = disc.put(&file);
    disc.root(&[("file", file)]);
    disc.commit();
    assert_eq!(
        names(&mut disc.open(), "/file"),
        ["*UDF DVD CGMS Info", "*UDF OS/2 EA", "*UDF OS/2 EALength"]
    );
}

#[test]
fn attributes_that_do_not_decode_are_a_fault_of_their_node() {
    let mut disc = Disc::new(Revision::V2_01);
    let mut file = disc.embedded(FileType::FILE, b"body");
    file.extended_attributes = space(&disc, &MAC);
    file.extended_attributes.truncate(90);
    let file = disc.put(&file);
    disc.root(&[("file", file)]);
    disc.commit();
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    let error = volume.use_attributes(&node).unwrap_err();
    assert!(matches!(error.corrupt_kind(), Some(CorruptKind::Malformed(_))));
    assert_eq!(common::content(&mut volume, "/file"), b"body");
}
