//! Named streams: of files, of directories, of the root, and what is not a stream.

mod common;

use std::fs;

use common::{Disc, host_tree};
use ecma167::file::{FileCharacteristics, FileIdentifier, FileType, LongAd};
use ecma167::osta::Revision;
use volume::{CorruptKind, NodeKind, Volume, defined_stream};

/// A tree with streams of a file, of a directory and of the root.
fn tree() -> tempfile::TempDir {
    let top = tempfile::tempdir().unwrap();
    let file = |path: &str, bytes: &[u8]| {
        let path = top.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    file("file", b"body");
    file("file:streams/Zone.Identifier", b"[ZoneTransfer]");
    file("file:streams/*UDF NT ACL", b"acl");
    file("file:streams/long", &[7; 10_000]);
    file("dir/none", b"none");
    file("dir:streams/of the directory", b"d");
    file(":streams/of the root", b"r");
    top
}

#[test]
fn a_stream_with_a_slash_in_its_name_is_found_as_shown_and_as_recorded() {
    for (name, wide) in [("*UDF OS/2 EA", false), ("*UDF OS/2 EA", true), ("a/字", true)] {
        let units = name.encode_utf16().flat_map(u16::to_be_bytes);
        let identifier: Vec<u8> = match wide {
            true => std::iter::once(16).chain(units).collect(),
            false => std::iter::once(8).chain(name.bytes()).collect(),
        };
        let mut disc = Disc::new(Revision::V2_01);
        let stream = disc.file(b"stream");
        let mut fids = disc.fid(FileIdentifier::parent(LongAd::icb(stream)));
        let mut fid = FileIdentifier::new("x", FileCharacteristics::METADATA, LongAd::icb(stream)).unwrap();
        fid.identifier = identifier;
        fids.extend(disc.fid(fid));
        let directory = disc.embedded(FileType::STREAM_DIRECTORY, &fids);
        let directory = disc.put(&directory);
        let mut file = disc.embedded(FileType::FILE, b"body");
        file.stream_directory_icb = LongAd::icb(directory);
        let file = disc.put(&file);
        disc.root(&[("file", file)]);
        disc.commit();
        let mut volume = disc.open();
        let shown = streams(&mut volume, "/file").remove(0).0;
        assert!(!shown.contains('/'), "{shown}");
        let node = volume.lookup_path("/file").unwrap();
        for name in [name, &shown] {
            assert_eq!(volume.lookup_stream(&node, name).unwrap(), Some(stream), "{name}");
        }
        let is_defined = defined_stream(&shown).is_some_and(|defined| defined.name == name);
        assert_eq!(is_defined, name.starts_with("*UDF"));
    }
}

fn streams(volume: &mut Volume, path: &str) -> Vec<(String, bool, Vec<u8>)> {
    let node = volume.lookup_path(path).unwrap();
    let Some(streams) = volume.stream_directory(&node).unwrap() else {
        return Vec::new();
    };
    let mut directory = volume.directory(&streams).unwrap();
    let mut found = Vec::new();
    while let Some(entry) = directory.next_live(volume).unwrap() {
        let stream = volume.stream(entry.address()).unwrap();
        let body = volume.body(&stream).unwrap();
        let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
        volume.read(&body, 0, &mut bytes).unwrap();
        let is_metadata = entry.characteristics.contains(FileCharacteristics::METADATA);
        found.push((entry.name, is_metadata, bytes));
    }
    found
}

fn named(name: &str, is_metadata: bool, bytes: &[u8]) -> (String, bool, Vec<u8>) {
    (name.to_owned(), is_metadata, bytes.to_vec())
}

#[test]
fn streams_are_read_in_every_kind_of_partition() {
    let tree = tree();
    let mut metadata = Disc::metadata(Revision::V2_50, false);
    let mut virtual_partition = Disc::new(Revision::V2_00);
    for disc in [&mut metadata, &mut virtual_partition] {
        host_tree::record(disc, tree.path());
    }
    metadata.commit_metadata(false);
    virtual_partition.commit();
    for disc in [metadata, virtual_partition] {
        let mut volume = disc.open();
        assert_eq!(
            streams(&mut volume, "/file"),
            [
                named("*UDF NT ACL", true, b"acl"),
                named("Zone.Identifier", false, b"[ZoneTransfer]"),
                named("long", false, &[7; 10_000]),
            ]
        );
        assert_eq!(
            streams(&mut volume, "/dir"),
            [named("of the directory", false, b"d")]
        );
        assert_eq!(streams(&mut volume, "/"), [named("of the root", false, b"r")]);
        assert_eq!(streams(&mut volume, "/dir/none"), []);
        assert_eq!(common::names(&mut volume), ["dir", "file"]);
        let file = volume.lookup_path("/file").unwrap();
        assert!(volume.lookup_stream(&file, "long").unwrap().is_some());
        assert!(volume.lookup_stream(&file, "longer").unwrap().is_none());
    }
}

#[test]
fn stream_directories_and_other_nodes_are_kept_apart() {
    let mut disc = Disc::plain(Revision::V2_01);
    let inner = disc.file(b"inner");
    let fids = disc.fids(&[("stream", inner)]);
    let mut streams = disc.embedded(FileType::STREAM_DIRECTORY, &fids);
    let streams = {
        streams.file_link_count = 0;
        disc.put(&streams)
    };
    let mut file = disc.embedded(FileType::FILE, b"");
    file.stream_directory_icb = LongAd::icb(inner);
    let file = disc.put(&file);
    disc.root(&[("directory", streams), ("file", file)]);
    let mut volume = disc.open();
    let named = volume.lookup_path("/directory").unwrap();
    assert_eq!((named.kind, named.other_type()), (NodeKind::File, Some(13)));
    let node = volume.lookup_path("/file").unwrap();
    let error = volume.stream_directory(&node).unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NotAStreamDirectory));
}

#[test]
fn a_directory_in_a_stream_directory_is_refused_as_a_stream() {
    let mut disc = Disc::plain(Revision::V2_01);
    let fid = FileIdentifier::parent(LongAd::icb(disc.address(common::ROOT)));
    let parent = disc.fid(fid);
    let directory = disc.embedded(FileType::DIRECTORY, &parent);
    let directory = disc.put(&directory);
    let fids = disc.fids(&[("dir", directory)]);
    let streams = disc.embedded(FileType::STREAM_DIRECTORY, &fids);
    let streams = disc.put(&streams);
    let mut file = disc.embedded(FileType::FILE, b"");
    file.stream_directory_icb = LongAd::icb(streams);
    let file = disc.put(&file);
    disc.root(&[("file", file)]);
    let mut volume = disc.open();
    let node = volume.lookup_path("/file").unwrap();
    let address = volume.lookup_stream(&node, "dir").unwrap().unwrap();
    let error = volume.stream(address).unwrap_err();
    assert_eq!(error.corrupt_kind(), Some(&CorruptKind::NotAStream));
    assert_eq!(volume.node(address).unwrap().kind, NodeKind::Directory);
}

#[test]
fn the_file_set_names_the_system_stream_directory() {
    let mut disc = Disc::plain(Revision::V2_01);
    let stream = disc.file(b"mapping");
    let fids = disc.fids(&[("*UDF Unique ID Mapping Data", stream)]);
    let streams = disc.embedded(FileType::STREAM_DIRECTORY, &fids);
    let streams = disc.put(&streams);
    disc.root(&[]);
    assert!(disc.open().system_stream_directory().unwrap().is_none());
    disc.system_streams = LongAd::icb(streams);
    let root = disc.address(common::ROOT);
    let set = disc.file_set(root);
    disc.set(common::START + common::FILE_SET, set);
    let mut volume = disc.open();
    let directory = volume.system_stream_directory().unwrap().unwrap();
    let found = volume.lookup(&directory, "*UDF Unique ID Mapping Data").unwrap();
    assert_eq!(found, Some(stream));
}
