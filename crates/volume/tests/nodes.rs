//! Nodes: kinds, modes, links, times, and what is refused.

mod common;

use common::{Disc, content};
use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{FileEntry, FileType, IcbFlags, IndirectEntry, LongAd, path_component, permissions};
use ecma167::general::Descriptor as _;
use ecma167::osta::Revision;
use volume::{CorruptKind, Error, Node, NodeKind, Structure, Unsupported};
use zerocopy::FromZeros as _;

/// The node of the only entry in the root.
fn only(mut disc: Disc, entry: &FileEntry) -> Result<Node, Error> {
    let address = disc.put(entry);
    disc.root(&[("node", address)]);
    disc.commit();
    disc.open().lookup_path("/node")
}

#[test]
fn every_kind_of_node_is_distinguished() {
    let kinds = [
        (FileType::FILE, NodeKind::File, 0o100_000),
        (FileType::REAL_TIME, NodeKind::File, 0o100_000),
        (FileType::DIRECTORY, NodeKind::Directory, 0o040_000),
        (FileType::SYMBOLIC_LINK, NodeKind::SymbolicLink, 0o120_000),
        (FileType::FIFO, NodeKind::Fifo, 0o010_000),
        (FileType::SOCKET, NodeKind::Socket, 0o140_000),
    ];
    for (file_type, kind, bits) in kinds {
        let mut disc = Disc::new(Revision::V2_01);
        let entry = disc.embedded(file_type, b"");
        let node = only(disc, &entry).unwrap();
        assert_eq!((node.kind, node.mode()), (kind, bits | 0o640));
    }
}

#[test]
fn special_files_take_their_numbers_from_the_device_specification() {
    for (file_type, revision) in [
        (FileType::CHARACTER_DEVICE, Revision::V1_50),
        (FileType::BLOCK_DEVICE, Revision::V2_01),
    ] {
        let mut disc = Disc::new(revision);
        let mut entry = disc.embedded(file_type, b"");
        let device = Device {
            major: 8,
            minor: 0x1_0001,
        };
        entry.extended_attributes =
            extended_attribute::encode(&[Attribute::Device(device)], disc.version(), 5).unwrap();
        let (major, minor) = (8, 0x1_0001);
        let expected = match file_type {
            FileType::CHARACTER_DEVICE => NodeKind::CharacterDevice { major, minor },
            _ => NodeKind::BlockDevice { major, minor },
        };
        assert_eq!(only(disc.clone(), &entry).unwrap().kind, expected);
        entry.extended_attributes.clear();
        assert_eq!(
            only(disc, &entry).unwrap_err().corrupt_kind(),
            Some(&CorruptKind::NoDeviceNumbers)
        );
    }
}

#[test]
fn the_mode_has_the_special_bits() {
    let mut disc = Disc::new(Revision::V2_01);
    let mut entry = disc.embedded(FileType::FILE, b"");
    let (permissions, flags) = permissions::from_mode(0o7751);
    entry.permissions = permissions;
    entry.icb_tag.set_icb_flags(entry.icb_tag.icb_flags() | flags);
    assert!(flags.contains(IcbFlags::SET_UID));
    assert_eq!(only(disc, &entry).unwrap().mode(), 0o107_751);
}

#[test]
fn owner_and_times_are_as_recorded() {
    let mut disc = Disc::new(Revision::V2_01);
    let mut entry = disc.embedded(FileType::FILE, b"");
    entry.gid = FileEntry::NO_ID;
    let node = only(disc, &entry).unwrap();
    assert_eq!((node.uid(), node.gid()), (Some(1000), None));
    assert_eq!(
        node.entry.modification_time.to_unix(),
        Some((1_234_567_890, 123_456_000))
    );
    assert_eq!(node.unique_id(), entry.unique_id);
}

#[test]
fn a_symbolic_link_returns_its_target() {
    for target in ["/usr/bin", "../a/./b", "ç 😀/x", "."] {
        let mut disc = Disc::new(Revision::V2_01);
        let entry = disc.embedded(FileType::SYMBOLIC_LINK, &path_component::encode(target).unwrap());
        let address = disc.put(&entry);
        disc.root(&[("link", address)]);
        disc.commit();
        let mut volume = disc.open();
        let node = volume.lookup_path("/link").unwrap();
        assert_eq!(volume.symlink_target(&node).unwrap(), target);
    }
}

#[test]
fn a_symbolic_link_with_a_broken_or_endless_target_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let broken = disc.embedded(FileType::SYMBOLIC_LINK, &[5, 200, 0, 0, 8]);
    let hole = ecma167::file::LongAd::new(ecma167::file::ExtentType::NotAllocated, 1 << 29, disc.physical(0));
    let endless = disc.in_extents(FileType::SYMBOLIC_LINK, &[hole]);
    let file = disc.embedded(FileType::FILE, b"");
    let addresses = [disc.put(&broken), disc.put(&endless), disc.put(&file)];
    disc.root(&[
        ("broken", addresses[0]),
        ("endless", addresses[1]),
        ("file", addresses[2]),
    ]);
    disc.commit();
    let mut volume = disc.open();
    for path in ["/broken", "/endless"] {
        let node = volume.lookup_path(path).unwrap();
        assert!(
            matches!(volume.symlink_target(&node), Err(Error::Corrupt { .. })),
            "{path}"
        );
    }
    let node = volume.lookup_path("/file").unwrap();
    assert!(matches!(
        volume.symlink_target(&node),
        Err(Error::NotASymbolicLink)
    ));
}

#[test]
fn two_names_of_one_file_lead_to_one_node() {
    let mut disc = Disc::new(Revision::V2_01);
    let mut entry = disc.embedded(FileType::FILE, b"both");
    entry.file_link_count = 2;
    let address = disc.put(&entry);
    disc.root(&[("one", address), ("two", address)]);
    disc.commit();
    let mut volume = disc.open();
    assert_eq!(
        volume.lookup_path("/one").unwrap(),
        volume.lookup_path("/two").unwrap()
    );
    assert_eq!(content(&mut volume, "/two"), b"both");
}

#[test]
fn an_entry_with_its_logical_block_in_the_tag_is_accepted() {
    let mut disc = Disc::new(Revision::V2_01);
    let entry = disc.embedded(FileType::FILE, b"x");
    let address = disc.put(&entry);
    let block = disc.vat[address.block as usize];
    let encoded = entry.encode(disc.version(), block).unwrap();
    disc.set(common::START + block, encoded);
    disc.root(&[("node", address)]);
    disc.commit();
    assert_eq!(disc.open().lookup_path("/node").unwrap().size(), 1);
}

#[test]
fn an_entry_with_another_location_in_the_tag_is_refused() {
    let mut disc = Disc::new(Revision::V2_01);
    let entry = disc.embedded(FileType::FILE, b"x");
    let address = disc.put(&entry);
    let block = disc.vat[address.block as usize];
    let encoded = entry.encode(disc.version(), block + 1).unwrap();
    disc.set(common::START + block, encoded);
    disc.root(&[("node", address)]);
    disc.commit();
    assert!(matches!(
        disc.open().lookup_path("/node").unwrap_err().corrupt_kind(),
        Some(CorruptKind::Malformed(_))
    ));
}

/// Records a version of a file: an entry of strategy 4096, and the indirect entry that names the next.
fn version(disc: &mut Disc, text: &[u8], next: Option<u32>) -> u32 {
    let mut entry = disc.embedded(FileType::FILE, text);
    entry.icb_tag.strategy_type = 4096.into();
    let at = disc.put(&entry).block;
    indirect(disc, next);
    at
}

/// Records an indirect entry, or leaves its block blank.
fn indirect(disc: &mut Disc, next: Option<u32>) {
    let Some(next) = next else {
        disc.push([0; 2048]);
        return;
    };
    let mut indirect = IndirectEntry::new_zeroed();
    indirect.indirect_icb = LongAd::icb(disc.physical(next));
    let block = indirect.to_block(disc.version(), disc.next_block());
    disc.push(block);
}

#[test]
fn the_newest_version_of_an_icb_of_strategy_4096_counts() {
    let mut disc = Disc::plain(Revision::V1_50);
    let newest = version(&mut disc, b"third", None);
    let second = version(&mut disc, b"second", Some(newest));
    let first = version(&mut disc, b"first", Some(second));
    // The next version of this one was announced but never recorded.
    let blank = disc.push([0; 2048]);
    let announced = version(&mut disc, b"announced", Some(blank));
    disc.root(&[
        ("first", disc.physical(first)),
        ("announced", disc.physical(announced)),
    ]);
    let mut volume = disc.open();
    for (path, text) in [("/first", "third"), ("/announced", "announced")] {
        assert_eq!(content(&mut volume, path), text.as_bytes());
    }
}

#[test]
fn the_newest_version_of_a_directory_counts() {
    let mut disc = Disc::plain(Revision::V1_50);
    let file = disc.file(b"x");
    let mut directory = |names: &[(&str, _)], next| {
        let fids = disc.fids(names);
        let mut entry = disc.embedded(FileType::DIRECTORY, &fids);
        entry.icb_tag.strategy_type = 4096.into();
        let at = disc.put(&entry);
        indirect(&mut disc, next);
        at
    };
    let newest = directory(&[("new", file)], None);
    let first = directory(&[("old", file)], Some(newest.block));
    disc.root(&[("dir", first)]);
    let mut volume = disc.open();
    assert!(volume.lookup_path("dir/new").is_ok());
    assert!(matches!(volume.lookup_path("dir/old"), Err(Error::NotFound)));
}

#[test]
fn versions_in_a_circle_are_damage() {
    for length in [1, 2, 500] {
        let mut disc = Disc::plain(Revision::V1_50);
        // Each version takes two blocks.
        let first = disc.next_block();
        for number in 1..=length {
            let next = if number == length {
                first
            } else {
                first + 2 * number
            };
            version(&mut disc, b"x", Some(next));
        }
        disc.root(&[("file", disc.physical(first))]);
        let error = disc.open().lookup_path("file").unwrap_err();
        assert_eq!(error.corrupt_kind(), Some(&CorruptKind::VersionLoop));
    }
}

/// A disc with a file that has two versions, and the blocks of both.
fn two_versions() -> (Disc, u32, u32) {
    let mut disc = Disc::plain(Revision::V1_50);
    let newest = version(&mut disc, b"new", None);
    let mut entry = disc.embedded(FileType::FILE, b"old");
    entry.icb_tag.strategy_type = 4096.into();
    entry.icb_tag.maximum_number_of_entries = 2.into();
    let first = disc.put(&entry).block;
    indirect(&mut disc, Some(newest));
    disc.root(&[("file", disc.physical(first))]);
    (disc, first, newest)
}

/// Whether the old version is shown, and the loss of the newer one known.
fn shows_old(disc: &Disc, at: u32) -> bool {
    let mut volume = disc.open();
    let shown = content(&mut volume, "file");
    let lost = volume
        .losses()
        .iter()
        .any(|loss| loss.hides_version() && loss.structure == Structure::NewerVersion && loss.sector.0 == at);
    shown == b"old" && lost
}

#[test]
fn the_version_before_a_damaged_one_is_shown_with_a_loss() {
    let (disc, first, newest) = two_versions();
    assert_eq!(content(&mut disc.open(), "file"), b"new");
    // The identifier in the tag, its checksum, the checked bytes; the entry that it names.
    for (block, byte) in [
        (first + 1, 0),
        (first + 1, 4),
        (first + 1, 40),
        (newest, 0),
        (newest, 60),
    ] {
        let mut damaged = disc.clone();
        let sector = common::START + block;
        damaged.blocks[sector as usize][byte] ^= 1;
        assert!(shows_old(&damaged, sector), "byte {byte} of block {block}");
    }
}

#[test]
fn another_structure_after_an_entry_is_no_damaged_version() {
    let mut disc = Disc::plain(Revision::V1_50);
    let mut entry = disc.embedded(FileType::FILE, b"x");
    entry.icb_tag.strategy_type = 4096.into();
    entry.icb_tag.maximum_number_of_entries = 2.into();
    let file = disc.put(&entry);
    disc.file(b"another file follows");
    disc.root(&[("file", file)]);
    let mut volume = disc.open();
    assert_eq!(content(&mut volume, "file"), b"x");
    assert!(volume.losses().is_empty());
}

#[test]
fn an_icb_of_one_block_has_one_version() {
    let mut disc = Disc::plain(Revision::V1_50);
    let mut entry = disc.embedded(FileType::FILE, b"x");
    entry.icb_tag.strategy_type = 4096.into();
    let file = disc.put(&entry);
    disc.file(b"another file follows");
    disc.root(&[("file", file)]);
    assert_eq!(content(&mut disc.open(), "file"), b"x");
}

#[test]
fn another_strategy_is_named() {
    let mut disc = Disc::new(Revision::V1_50);
    for number in [0, 1, 2, 3, 5, 4096] {
        let mut entry = disc.embedded(FileType::FILE, b"x");
        entry.icb_tag.strategy_type = number.into();
        match only(disc.clone(), &entry).unwrap_err() {
            Error::Unsupported(Unsupported::Strategy(named)) => assert_eq!(named, number),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_file_of_another_type_is_a_sequence_of_bytes() {
    for (file_type, other) in [
        (0, None),
        (5, None),
        (249, None),
        (8, Some(8)),
        (77, Some(77)),
        (248, Some(248)),
    ] {
        let mut disc = Disc::new(Revision::V2_01);
        let entry = disc.embedded(FileType(file_type), b"bytes");
        let file = disc.put(&entry);
        disc.root(&[("file", file)]);
        disc.commit();
        let mut volume = disc.open();
        let node = volume.lookup_path("file").unwrap();
        assert_eq!((node.kind, node.other_type()), (NodeKind::File, other));
        assert_eq!(content(&mut volume, "file"), b"bytes");
    }
}

#[test]
fn every_entry_may_have_been_replaced() {
    let mut disc = Disc::replaced(Revision::V1_50);
    let file = disc.file(b"new");
    let fids = disc.fids(&[("file", file)]);
    let directory = disc.directory_of(&fids);
    let directory = disc.put(&directory);
    disc.root(&[("dir", directory)]);
    assert_eq!(content(&mut disc.open(), "dir/file"), b"new");
}
