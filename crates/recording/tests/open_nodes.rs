//! Nodes that are open while their names are removed.

mod common;

use common::{Disc, add_directory, add_file, content, time};
use ecma167::{VirtualAddress, osta::Revision};
use emulator::Medium;
use recording::{Error, NodeId, Recording};

fn disc() -> (Disc, Recording, NodeId) {
    let disc = Disc::formatted(Medium::DvdPlusR, 20_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "file", &content(9000, 1));
    recording.commit(time(3)).unwrap();
    (disc, recording, file)
}

fn read(recording: &mut Recording, node: NodeId) -> Vec<u8> {
    let length = recording.status(node).unwrap().length;
    let mut bytes = vec![0; usize::try_from(length).unwrap()];
    let read = recording.read(node, 0, &mut bytes).unwrap();
    assert_eq!(read, bytes.len());
    bytes
}

#[test]
fn an_open_file_is_read_and_written_after_its_last_name_is_removed() {
    let (disc, mut recording, file) = disc();
    let root = recording.root();
    recording.open_node(file).unwrap();
    recording.unlink(root, "file").unwrap();
    assert_eq!(recording.lookup(root, "file").unwrap(), None);
    assert_eq!(recording.status(file).unwrap().entry.file_link_count, 0);
    recording.commit(time(4)).unwrap();
    assert_eq!(read(&mut recording, file), content(9000, 1));
    // Through the queue, in part of a block, and across another commit.
    recording.write(file, 4096, &content(300_000, 2)).unwrap();
    add_file(&mut recording, root, "other", b"other");
    recording.commit(time(5)).unwrap();
    recording.write(file, 304_096, b"end").unwrap();
    let mut expected = content(9000, 1)[..4096].to_vec();
    expected.extend(content(300_000, 2));
    expected.extend(b"end");
    assert_eq!(read(&mut recording, file), expected);
    recording.close_node(file);
    assert!(matches!(recording.status(file), Err(Error::NotFound)));
    recording.commit(time(6)).unwrap();
    let address = VirtualAddress(recording.address(file).block);
    drop(recording);
    assert_eq!(disc.listing().keys().collect::<Vec<_>>(), ["", "/other"]);
    let mut volume = disc.volume();
    assert_eq!(volume.vat().unwrap().files, Some(1));
    assert!(volume.virtual_entry(address).is_err());
    assert!(volume.clean());
}

#[test]
fn an_open_file_survives_a_rename_over_it() {
    let (_disc, mut recording, file) = disc();
    let root = recording.root();
    let other = add_file(&mut recording, root, "other", &content(5000, 7));
    recording.open_node(file).unwrap();
    recording.open_node(file).unwrap();
    recording.rename(root, "other", root, "file").unwrap();
    assert_eq!(recording.lookup(root, "file").unwrap(), Some(other));
    recording.close_node(file);
    recording.commit(time(4)).unwrap();
    assert_eq!(read(&mut recording, file), content(9000, 1));
    recording.close_node(file);
    assert!(matches!(recording.status(file), Err(Error::NotFound)));
    assert_eq!(read(&mut recording, other), content(5000, 7));
}

#[test]
fn a_file_without_a_name_gets_no_new_one_and_costs_no_commit() {
    let (_disc, mut recording, file) = disc();
    let root = recording.root();
    recording.open_node(file).unwrap();
    recording.unlink(root, "file").unwrap();
    recording.commit(time(4)).unwrap();
    assert!(matches!(
        recording.link(file, root, "again"),
        Err(Error::NotFound)
    ));
    recording.write(file, 10, b"in the front of a block").unwrap();
    assert!(!recording.is_dirty());
    assert_eq!(recording.commit(time(5)).unwrap().blocks, 0);
    recording.close_node(file);
    assert!(!recording.is_dirty());
}

#[test]
fn an_open_file_with_another_name_stays_in_the_volume() {
    let (disc, mut recording, file) = disc();
    let root = recording.root();
    recording.link(file, root, "second").unwrap();
    recording.open_node(file).unwrap();
    recording.unlink(root, "file").unwrap();
    recording.write(file, 0, b"new").unwrap();
    recording.commit(time(4)).unwrap();
    recording.close_node(file);
    assert_eq!(recording.status(file).unwrap().entry.file_link_count, 1);
    drop(recording);
    assert_eq!(&disc.listing()["/second"].2[..3], b"new");
}

#[test]
fn many_parts_of_blocks_of_a_nameless_file_take_bounded_memory() {
    let (_disc, mut recording, file) = disc();
    let root = recording.root();
    recording.open_node(file).unwrap();
    recording.unlink(root, "file").unwrap();
    let before = recording.free_blocks().unwrap();
    // 24 MiB of blocks with one byte in each.
    for block in 0..12_000_u64 {
        recording.write(file, block * 2048 + 5, &[9]).unwrap();
    }
    // They were recorded before they took that much memory, and the room left on the medium is known.
    let recorded = recording.commit(time(4)).unwrap().blocks;
    assert!(recorded > 5000, "{recorded}");
    assert!(recording.free_blocks().unwrap() < before - 5000);
    let mut byte = [0];
    recording.read(file, 7777 * 2048 + 5, &mut byte).unwrap();
    assert_eq!(byte, [9]);
}

#[test]
fn directories_cannot_be_opened() {
    let (_disc, mut recording, _) = disc();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    assert!(matches!(recording.open_node(directory), Err(Error::IsADirectory)));
}
