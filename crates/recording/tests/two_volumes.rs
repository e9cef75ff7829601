//! Discs with a plain volume beside the one with the VAT: both contain every closed state.

mod common;

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::fs::FileExt;

use common::{Disc, Listing, NoWait, add_directory, content, listing, options, rom_options, time};
use drive::Drive;
use ecma167::LogicalSector;
use ecma167::file::FileIdentifier;
use ecma167::general::{Tag, TagVersion, tag};
use ecma167::osta::Revision;
use emulator::{Behaviour, FaultScript, Medium};
use mmc::Sense;
use proptest::prelude::*;
use recording::{Attributes, CloseDisc, Error, NoPlainVolume, NodeKind, PlainVolume, Recording, format};
use volume::{Instead, Loss, Volume};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn add(recording: &mut Recording, name: &str, content: &[u8]) {
    let root = recording.root();
    let attributes = Attributes::at(0o644, time(2));
    let file = recording.create(root, name, NodeKind::File, &attributes).unwrap();
    recording.write(file, 0, content).unwrap();
}

fn plain(disc: &Disc) -> Listing {
    listing(&mut Volume::open_plain(disc.drive()).unwrap())
}

#[test]
fn both_volumes_contain_every_closed_state() {
    for medium in MEDIA {
        for bridge in [true, false] {
            let disc = Disc::blank(medium, 60_000);
            format(disc.drive(), &rom_options(bridge)).unwrap();
            let mut recording = disc.recording();
            add(&mut recording, "short", b"short");
            add(&mut recording, "long", &[7; 100_000]);
            recording.commit(time(3)).unwrap();
            drop(recording);
            let open = disc.listing();
            assert_eq!(open.len(), 3, "{medium}");
            let mut recording = disc.recording();
            let closed = recording.close(CloseDisc::No, time(4)).unwrap();
            assert!(!closed.finalized);
            assert!(closed.plain == PlainVolume::Recorded, "{medium}: {closed:?}");
            drop(recording);
            assert_eq!(disc.listing(), open, "{medium}");
            assert_eq!(plain(&disc), open, "{medium}");
            assert!(disc.volume().clean(), "{medium}");
            let mut recording = disc.recording();
            assert!(!recording.is_interrupted(), "{medium}");
            add(&mut recording, "later", b"later");
            recording.commit(time(5)).unwrap();
            drop(recording);
            assert_eq!(plain(&disc), open, "{medium}: the last closed state");
            let newer = disc.listing();
            assert_eq!(newer.len(), 4);
            let mut recording = disc.recording();
            let closed = recording.close(CloseDisc::Yes, time(6)).unwrap();
            assert!(closed.finalized);
            assert!(closed.plain == PlainVolume::Recorded, "{medium}: {closed:?}");
            drop(recording);
            assert_eq!(disc.listing(), newer, "{medium}");
            assert_eq!(plain(&disc), newer, "{medium}");
        }
    }
}

/// A disc with one file, closed by a drive with these faults.
fn closed_with(medium: Medium, packets: bool, faults: FaultScript) -> Disc {
    let mut behaviour = Behaviour::default();
    assert!(behaviour.set("packets", if packets { "yes" } else { "no" }));
    let disc = Disc::behaving(medium, 60_000, behaviour);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recorder = disc.recorder();
    recorder.set_faults(faults);
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    let mut recording = Recording::open(drive, time(1)).unwrap();
    add(&mut recording, "file", &[7; 100_000]);
    recording.commit(time(3)).unwrap();
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    disc
}

#[test]
fn a_session_ends_despite_many_write_errors_in_the_run() {
    for medium in [Medium::CdR80, Medium::DvdPlusR, Medium::BdR] {
        let good = closed_with(medium, true, FaultScript::new());
        let base = good.volume().placements_of_plain_volumes().unwrap()[0].base.0;
        for errors in [3, 7, 10, 16] {
            let disc = Disc::blank(medium, 60_000);
            format(disc.drive(), &rom_options(true)).unwrap();
            let mut recorder = disc.recorder();
            let faults = (0..errors).fold(FaultScript::new(), |faults, number| {
                faults.fail_block(base + 1 + 32 * number, Sense::WRITE_ERROR)
            });
            recorder.set_faults(faults);
            let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
            let mut recording = Recording::open(drive, time(1)).unwrap();
            add(&mut recording, "file", &[7; 100_000]);
            recording.commit(time(3)).unwrap();
            let closed = recording.close(CloseDisc::No, time(4)).unwrap();
            drop(recording);
            assert!(closed.vat_icb.is_some(), "{medium}, {errors}");
            let volume = disc.volume();
            let losses = volume.losses().to_vec();
            drop(volume);
            let is_earlier = |loss: &Loss| matches!(loss.instead, Instead::EarlierGeneration(_));
            assert!(!losses.iter().any(is_earlier), "{medium}, {errors}: {losses:?}");
            assert_eq!(disc.listing().len(), 2, "{medium}, {errors}");
        }
    }
}

#[test]
fn a_further_session_for_a_plain_volume_begins_only_if_all_can_be_read() {
    let disc = Disc::blank(Medium::DvdPlusR, 60_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let below = add_directory(&mut recording, root, "below");
    let attributes = Attributes::at(0o644, time(2));
    recording
        .create(below, "file", NodeKind::File, &attributes)
        .unwrap();
    recording.commit(time(3)).unwrap();
    recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    let mut volume = disc.volume();
    let node = volume.lookup_path("/below/file").unwrap();
    let entry = volume.resolve(node.address).unwrap().0;
    drop(volume);
    let closed_with = |faults: FaultScript| {
        let mut recorder = disc.recorder();
        recorder.set_faults(faults);
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        let mut recording = Recording::open(drive, time(5)).unwrap();
        recording.close(CloseDisc::No, time(6)).unwrap()
    };
    let before = disc.side();
    let spoiled = || FaultScript::new().unreadable(17..18);
    let closed = closed_with(spoiled().unreadable(entry..entry + 1));
    assert_eq!(closed.plain, PlainVolume::LeftOut(NoPlainVolume::Unreadable));
    assert_eq!((closed.vat_icb, closed.blocks), (None, 0));
    assert_eq!(disc.side(), before);
    assert_eq!(closed_with(spoiled()).plain, PlainVolume::Recorded);
    assert_ne!(disc.side(), before);
}

#[test]
fn write_errors_before_the_reserve_sequence_hide_no_generation() {
    for (medium, packets) in [
        (Medium::CdR80, true),
        (Medium::CdR80, false),
        (Medium::DvdR, true),
        (Medium::DvdPlusR, true),
        (Medium::BdR, true),
    ] {
        let good = closed_with(medium, packets, FaultScript::new());
        let placement = good.volume().placements_of_plain_volumes().unwrap()[0];
        for block in placement.vat_icb.0.saturating_sub(2)..placement.reserve.0 + 16 {
            let faults = FaultScript::new().fail_block(block, Sense::WRITE_ERROR);
            let disc = closed_with(medium, packets, faults);
            let mut volume = disc.volume();
            let what = format!("{medium}, packets {packets}, block {block}");
            let is_hiding = |loss: &Loss| matches!(loss.instead, Instead::EarlierGeneration(_));
            assert!(
                !volume.losses().iter().any(is_hiding),
                "{what}: {:?}",
                volume.losses()
            );
            assert!(volume.is_ended_by_plain_volume(), "{what}");
            assert_eq!(listing(&mut volume).len(), 2, "{what}");
            drop(volume);
            assert_eq!(plain(&disc).len(), 2, "{what}");
        }
    }
}

/// Creates files of `bytes` bytes until there is no room for another. Returns how many.
fn fill(recording: &mut Recording, bytes: usize, directories: bool) -> usize {
    let mut parent = recording.root();
    for number in 0.. {
        let name = format!("{number} {}", "long name ".repeat(number % 20));
        let attributes = Attributes::at(0o644, time(2));
        if directories && number % 7 == 0 {
            match recording.create(parent, &name, NodeKind::Directory, &attributes) {
                Ok(directory) => parent = directory,
                Err(Error::MediumFull { .. }) => return number,
                Err(error) => panic!("{error}"),
            }
            continue;
        }
        let made = recording.create(parent, &name, NodeKind::File, &attributes);
        match made.and_then(|file| recording.write(file, 0, &content(bytes, 1))) {
            Ok(()) => {}
            Err(Error::MediumFull { .. }) => return number,
            Err(error) => panic!("{error}"),
        }
    }
    0
}

#[test]
fn a_full_disc_is_closed_with_its_plain_volume() {
    for medium in MEDIA {
        for (bytes, directories) in [(1, true), (1_700, false), (30_000, true)] {
            let disc = Disc::blank(medium, 5_000);
            format(disc.drive(), &rom_options(true)).unwrap();
            let mut recording = disc.recording();
            let files = fill(&mut recording, bytes, directories);
            assert!(files > 10, "{medium} {bytes}: {files}");
            let closed = recording.close(CloseDisc::No, time(4)).unwrap();
            drop(recording);
            let what = format!("{medium}, files of {bytes} bytes: {:?}", closed.plain);
            assert!(closed.plain == PlainVolume::Recorded, "{what}");
            assert_eq!(plain(&disc).len(), disc.listing().len(), "{what}");
        }
    }
}

/// Opens the disc in a drive that reserves tracks or does not.
fn drive_reserving(disc: &Disc, reserve_track: bool) -> Drive {
    let mut recorder = disc.recorder();
    recorder.set_behaviour(Behaviour {
        reserve_track,
        ..Behaviour::default()
    });
    Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap()
}

#[test]
fn sessions_with_and_without_a_reserved_track_may_alternate() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 100_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut expected = 1;
        for (session, reserves) in [true, false, true, false].into_iter().enumerate() {
            let drive = drive_reserving(&disc, reserves);
            let mut recording = Recording::open(drive, time(1)).unwrap();
            add(&mut recording, &format!("file {session}"), b"content");
            recording.commit(time(2)).unwrap();
            drop(recording);
            expected += 1;
            assert_eq!(disc.listing().len(), expected, "{medium}, session {session} open");
            let drive = drive_reserving(&disc, reserves);
            let mut recording = Recording::open(drive, time(3)).unwrap();
            assert!(!recording.is_interrupted(), "{medium}");
            let closed = recording.close(CloseDisc::No, time(4)).unwrap();
            drop(recording);
            let what = format!("{medium}, session {session}: {:?}", closed.plain);
            assert_eq!(disc.listing().len(), expected, "{what}");
            if reserves {
                assert!(closed.plain == PlainVolume::Recorded, "{what}");
                assert_eq!(plain(&disc).len(), expected, "{what}");
            } else {
                assert_eq!(
                    closed.plain,
                    PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack),
                    "{what}"
                );
            }
            assert!(disc.volume().clean(), "{what}");
        }
    }
}

#[test]
fn a_reserved_track_that_is_too_long_starts_an_ordinary_session() {
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let behaviour = Behaviour {
            reservation_unit: 1024,
            ..Behaviour::default()
        };
        let disc = Disc::behaving(medium, 100_000, behaviour);
        format(disc.drive(), &rom_options(false)).unwrap();
        for session in 0..2 {
            let mut recording = disc.recording();
            add(&mut recording, &format!("file {session}"), &[7; 10_000]);
            recording.commit(time(2)).unwrap();
            drop(recording);
            let volume = disc.volume();
            let start = volume.drive().medium().recordable_session().unwrap().start.0;
            let anchor = if session == 0 {
                volume.descriptors().anchor.0
            } else {
                start + 256
            };
            assert_eq!(anchor, start + 256, "{medium}");
            drop(volume);
            let closed = disc.recording().close(CloseDisc::No, time(4)).unwrap();
            assert_eq!(
                closed.plain,
                PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack),
                "{medium}"
            );
            let volume = disc.volume();
            assert_eq!(volume.descriptors().anchor.0, start + 256, "{medium}");
            drop(volume);
            assert_eq!(disc.listing().len(), session + 2, "{medium}");
        }
    }
}

#[test]
fn an_interrupted_format_can_be_completed_without_a_plain_volume() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 60_000);
        let mut drive = disc.drive();
        let blocks = drive.reservable_blocks().unwrap().unwrap();
        drive.reserve(blocks).unwrap();
        drop(drive);
        format(disc.drive(), &options(Revision::V2_01)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        add_directory(&mut recording, root, "directory");
        let closed = recording.close(CloseDisc::Yes, time(3)).unwrap();
        assert_eq!(
            (closed.finalized, closed.plain),
            (true, PlainVolume::None),
            "{medium}"
        );
        drop(recording);
        assert_eq!(disc.listing().len(), 2, "{medium}");
        assert_eq!(disc.volume().descriptors().anchor.0, 256, "{medium}");
    }
}

/// A node to create in a random tree.
#[derive(Clone, Debug)]
enum Made {
    File {
        parent: usize,
        name: String,
        bytes: usize,
    },
    Directory {
        parent: usize,
        name: String,
    },
    Link {
        file: usize,
        parent: usize,
        name: String,
    },
    SymbolicLink {
        parent: usize,
        name: String,
    },
    Hole {
        file: usize,
        at: u32,
    },
    Commit,
}

fn made() -> impl Strategy<Value = Made> {
    let name = || {
        prop_oneof![
            "[a-zA-Z0-9 ._~;äßЖ漢]{1,20}",
            "[A-Z]{1,3}\\.[a-z]{1,5}",
            "[x]{120,200}[ab]\\.txt",
            "[\u{1D11E}\u{1F600}a]{1,90}",
        ]
        .prop_filter("names of this and the parent directory", |name| {
            name != "." && name != ".."
        })
    };
    let bytes = prop_oneof![Just(0_usize), 1..1_900_usize, 1_900..60_000_usize];
    prop_oneof![
        6 => (any::<usize>(), name(), bytes).prop_map(|(parent, name, bytes)| Made::File { parent, name, bytes }),
        3 => (any::<usize>(), name()).prop_map(|(parent, name)| Made::Directory { parent, name }),
        2 => (any::<usize>(), any::<usize>(), name())
            .prop_map(|(file, parent, name)| Made::Link { file, parent, name }),
        1 => (any::<usize>(), name()).prop_map(|(parent, name)| Made::SymbolicLink { parent, name }),
        2 => (any::<usize>(), 0..5_000_000_u32).prop_map(|(file, at)| Made::Hole { file, at }),
        1 => Just(Made::Commit),
    ]
}

fn make(recording: &mut Recording, all: &[Made]) {
    let attributes = Attributes::at(0o640, time(2));
    let mut directories = vec![recording.root()];
    let mut files = Vec::new();
    for (number, one) in (0_u8..).zip(all) {
        let of = |nodes: &[recording::NodeId], index: usize| nodes.get(index % nodes.len().max(1)).copied();
        let made = match one {
            Made::File { parent, name, bytes } => {
                let parent = of(&directories, *parent).unwrap();
                let file = recording.create(parent, name, NodeKind::File, &attributes);
                file.and_then(|file| {
                    files.push(file);
                    recording.write(file, 0, &content(*bytes, number))
                })
            }
            Made::Directory { parent, name } => {
                let parent = of(&directories, *parent).unwrap();
                let made = recording.create(parent, name, NodeKind::Directory, &attributes);
                made.map(|directory| directories.push(directory))
            }
            Made::Link { file, parent, name } => match of(&files, *file) {
                Some(file) => recording.link(file, of(&directories, *parent).unwrap(), name),
                None => Ok(()),
            },
            Made::SymbolicLink { parent, name } => {
                let parent = of(&directories, *parent).unwrap();
                recording
                    .symlink(parent, name, "../somewhere", &attributes)
                    .map(drop)
            }
            Made::Hole { file, at } => match of(&files, *file) {
                Some(file) => recording.write(file, u64::from(*at), b"after a hole"),
                None => Ok(()),
            },
            Made::Commit => recording.commit(time(3)).map(drop),
        };
        match made {
            Ok(()) | Err(Error::Exists | Error::Name(_)) => {}
            Err(error) => panic!("{one:?}: {error}"),
        }
    }
}

/// What a reader sees of a node: its kind, mode, link count, unique ID and content, or the first path if its
/// entry was seen before.
type Seen = (String, u32, u16, u64, Vec<u8>, String);

/// All paths, in the order of their directories. Names that UDF cuts are identified by their beginning.
fn seen(volume: &mut Volume, kinds: impl Fn(volume::NodeKind) -> bool) -> BTreeMap<String, Seen> {
    let mut seen = BTreeMap::new();
    let mut first = BTreeMap::new();
    let mut left = VecDeque::from([(String::new(), volume.root().unwrap())]);
    while let Some((path, address)) = left.pop_front() {
        let node = volume.node(address).unwrap();
        if !kinds(node.kind) {
            continue;
        }
        let mut bytes = Vec::new();
        if node.kind == volume::NodeKind::Directory {
            let mut directory = volume.directory(&node).unwrap();
            while let Some(entry) = directory.next_live(volume).unwrap() {
                left.push_back((format!("{path}/{}", entry.name), entry.address()));
            }
        } else {
            let body = volume.body(&node).unwrap();
            bytes.resize(usize::try_from(body.len()).unwrap(), 0);
            assert_eq!(volume.read(&body, 0, &mut bytes).unwrap(), bytes.len());
        }
        let (links, id) = (node.entry.file_link_count, node.unique_id());
        let entry = first
            .entry((address.partition.0, address.block))
            .or_insert_with(|| path.clone())
            .clone();
        seen.insert(
            path,
            (format!("{:?}", node.kind), node.mode(), links, id, bytes, entry),
        );
    }
    seen
}

fn is_shown(kind: volume::NodeKind) -> bool {
    matches!(kind, volume::NodeKind::File | volume::NodeKind::Directory)
}

#[test]
fn a_session_without_a_commit_gets_its_own_plain_volume() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut recording = disc.recording();
        add(&mut recording, "kept", &[7; 100_000]);
        recording.close(CloseDisc::No, time(3)).unwrap();
        drop(recording);
        let before = plain(&disc);
        let mut recording = disc.recording();
        add(&mut recording, "interrupted", &[8; 1_000_000]);
        drop(recording);
        let closed = disc.recording().close(CloseDisc::No, time(4)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded, "{medium}");
        assert_eq!(plain(&disc), before, "{medium}");
        assert_eq!(disc.listing(), before, "{medium}");
    }
}

#[test]
fn the_plain_volume_has_no_second_entry_for_a_file() {
    const FILES: u64 = 400;
    for medium in MEDIA {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(false)).unwrap();
        let mut recording = disc.recording();
        for number in 0..FILES {
            add(&mut recording, &format!("{number}"), &[7; 3000]);
        }
        recording.commit(time(3)).unwrap();
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        drop(recording);
        // Start and end of the session alone take some 780.
        assert!(closed.blocks < 900, "{medium}: {} blocks", closed.blocks);
        assert_eq!(plain(&disc), disc.listing(), "{medium}");
    }
}

#[test]
fn files_changed_after_a_closing_change_in_both_volumes() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut recording = disc.recording();
        for name in ["written", "renamed", "linked", "removed", "emptied", "kept"] {
            add(&mut recording, name, &[7; 5000]);
        }
        recording.close(CloseDisc::No, time(3)).unwrap();
        drop(recording);
        let mut recording = disc.recording();
        let root = recording.root();
        let node = |recording: &mut Recording, name| recording.lookup(root, name).unwrap().unwrap();
        let [written, linked, emptied] =
            ["written", "linked", "emptied"].map(|name| node(&mut recording, name));
        recording.write(written, 4000, b"changed").unwrap();
        recording.rename(root, "renamed", root, "other").unwrap();
        recording.link(linked, root, "twice").unwrap();
        recording.unlink(root, "removed").unwrap();
        recording.truncate(emptied, 0).unwrap();
        assert_eq!(node(&mut recording, "written"), written);
        recording.commit(time(5)).unwrap();
        // Each stays the same node while the recording is open.
        assert_eq!(node(&mut recording, "written"), written);
        assert_eq!(node(&mut recording, "twice"), linked);
        recording.write(written, 0, b"again").unwrap();
        recording.unlink(root, "linked").unwrap();
        recording.close(CloseDisc::No, time(6)).unwrap();
        drop(recording);
        let found = disc.listing();
        assert_eq!(plain(&disc), found, "{medium}");
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        let wanted = ["", "/emptied", "/kept", "/other", "/twice", "/written"];
        assert_eq!(names, wanted, "{medium}");
        let mut changed = vec![7; 5000];
        changed[..5].copy_from_slice(b"again");
        changed[4000..4007].copy_from_slice(b"changed");
        assert_eq!(found["/written"].2, changed, "{medium}");
        assert_eq!(found["/emptied"].2, b"", "{medium}");
        assert_eq!(found["/twice"].2, [7; 5000], "{medium}");
    }
}

#[test]
fn abandoned_changes_of_a_file_leave_it_as_it_was() {
    let disc = Disc::blank(Medium::BdR, 60_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    add(&mut recording, "kept", &[7; 5000]);
    recording.commit(time(3)).unwrap();
    drop(recording);
    let before = disc.listing();
    let mut recording = disc.recording();
    let root = recording.root();
    let kept = recording.lookup(root, "kept").unwrap().unwrap();
    recording.write(kept, 0, b"changed").unwrap();
    recording.link(kept, root, "twice").unwrap();
    add(&mut recording, "new", b"new");
    recording.abandon().unwrap();
    assert_eq!(recording.lookup(root, "kept").unwrap(), Some(kept));
    assert_eq!(recording.lookup(root, "twice").unwrap(), None);
    recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    assert_eq!(disc.listing(), before);
    assert_eq!(plain(&disc), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_volumes_have_the_same_tree(
        all in prop::collection::vec(made(), 0..40),
        medium in prop::sample::select(MEDIA.to_vec()),
        bridge in any::<bool>(),
    ) {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        let mut recording = disc.recording();
        make(&mut recording, &all);
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        drop(recording);
        if closed.vat_icb.is_none() {
            return Ok(());
        }
        prop_assert_eq!(closed.plain, PlainVolume::Recorded);
        let differences = *rom::Layout::of(&mut disc.volume(), rom::Options {
            revision: Revision::V1_02,
            bridge: if bridge { rom::Bridge::Iso9660 } else { rom::Bridge::No },
            links: rom::Links::LeaveOut,
            scattered: volume::Scattered::Copied,
            serial_number: 0,
            capacity: 12_000_000,
            partition_start: LogicalSector(257),
            now: time(4),
        })
        .unwrap()
        .differences();
        let of_vat = seen(&mut disc.volume(), |_| true);
        let left_out = of_vat.len() - seen(&mut disc.volume(), is_shown).len();
        prop_assert_eq!(differences.left_out, left_out as u64);
        let mut of_plain = seen(&mut Volume::open_plain(disc.drive()).unwrap(), |_| true);
        let mut shown = seen(&mut disc.volume(), is_shown);
        if differences.cut_in_udf > 0 {
            // Their paths differ, and those below them.
            let long = |path: &str| path.split('/').any(|name| name.encode_utf16().count() >= 120);
            let names = shown.keys().filter(|path| {
                path.rsplit('/').next().is_some_and(|name| name.encode_utf16().count() > 127)
            });
            prop_assert_eq!(differences.cut_in_udf, names.count() as u64);
            prop_assert_eq!(of_plain.len(), shown.len());
            let is_short = |path: &str, seen: &Seen| !long(path) && !long(&seen.5);
            of_plain.retain(|path, seen| is_short(path, seen));
            shown.retain(|path, seen| is_short(path, seen));
        }
        prop_assert_eq!(of_plain, shown);
    }
}

/// Makes the entry of a name in the root directory name another node, and corrects its tag.
fn redirect(disc: &Disc, name: &str, to: u32) {
    let mut volume = disc.volume();
    let root = volume.root().unwrap();
    let sector = u64::from(volume.resolve(root).unwrap().0);
    drop(volume);
    let image = std::fs::File::options()
        .read(true)
        .write(true)
        .open(disc.image())
        .unwrap();
    let mut node = vec![0; 2048];
    image.read_exact_at(&mut node, sector * 2048).unwrap();
    let wanted = ecma167::osta::cs0::encode(name).unwrap();
    let at = node
        .windows(wanted.len())
        .position(|bytes| bytes == wanted)
        .unwrap();
    let identifier = at - FileIdentifier::HEADER_LEN;
    // The logical block of the ICB, then both tags.
    node[identifier + 24..identifier + 28].copy_from_slice(&to.to_le_bytes());
    let end = (at + wanted.len()).next_multiple_of(4) - (at + wanted.len());
    reseal(&mut node[identifier..at + wanted.len() + end]);
    let length = 16 + usize::from(Tag::peek(&node).unwrap().descriptor_crc_length.get());
    reseal(&mut node[..length]);
    image.write_all_at(&node, sector * 2048).unwrap();
}

fn reseal(descriptor: &mut [u8]) {
    let was = Tag::peek(descriptor).unwrap();
    let length = 16 + usize::from(was.descriptor_crc_length.get());
    let location = was.tag_location.get();
    let version = TagVersion::of(Revision::V2_01);
    tag::seal(&mut descriptor[..length], was.identifier(), version, location);
}

#[test]
fn a_directory_in_itself_or_in_two_directories_is_an_error() {
    for in_itself in [true, false] {
        let disc = Disc::blank(Medium::DvdPlusR, 60_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        let one = add_directory(&mut recording, root, "one");
        add_directory(&mut recording, root, "two");
        let to = if in_itself {
            recording.address(root).block
        } else {
            recording.address(one).block
        };
        recording.commit(time(3)).unwrap();
        drop(recording);
        redirect(&disc, "two", to);
        let before = std::fs::read(disc.image()).unwrap();
        let closed = disc.recording().close(CloseDisc::No, time(4));
        assert!(
            matches!(closed, Err(Error::Rom(rom::Error::DirectoryTwice { .. }))),
            "in itself: {in_itself}: {closed:?}"
        );
        assert!(
            std::fs::read(disc.image()).unwrap() == before,
            "in itself: {in_itself}"
        );
    }
}

#[test]
fn a_volume_with_a_damaged_directory_is_closed_without_a_plain_volume() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(true)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        add_directory(&mut recording, root, "one");
        add(&mut recording, "file", b"content");
        recording.commit(time(3)).unwrap();
        drop(recording);
        let mut volume = disc.volume();
        let lost = volume.lookup_path("one").unwrap().address;
        let lost = volume.resolve(lost).unwrap().0;
        drop(volume);
        let mut recorder = disc.recorder();
        recorder.set_faults(FaultScript::new().unreadable(lost..lost + 1));
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        let mut recording = Recording::open(drive, time(1)).unwrap();
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        drop(recording);
        assert_eq!(
            closed.plain,
            PlainVolume::LeftOut(NoPlainVolume::Unreadable),
            "{medium}"
        );
        assert_eq!(disc.listing().len(), 3, "{medium}");
        assert_eq!(disc.volume().descriptors().anchor.0, 256, "{medium}");
    }
}
