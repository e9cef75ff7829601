//! Volumes in the forms of other programs are continued, and keep what no change touches.

mod others;

use std::collections::BTreeMap;

use check::{FindingKind, Options, Report, Severity, check};
use ecma167::file::{FileEntry, FileIdentifier, FileType, extended_attribute};
use ecma167::general::tag;
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use others::{NAME_IN_VAT, Program, disc_by};
use recording::{Attributes, Changes, CloseDisc, NodeKind, Recording};
use trials::{Listing, MemoryDisc, listing, time};
use volume::{ChangeKind, Node, Vat, Volume};

const PROGRAMS: [Program; 6] = [
    Program {
        identifier: "*Windows",
        medium: Medium::DvdR,
        revision: Revision::V2_01,
        counts: true,
    },
    Program {
        identifier: "*Windows",
        medium: Medium::BdR,
        revision: Revision::V2_50,
        counts: true,
    },
    Program {
        identifier: "*Nero",
        medium: Medium::CdR80,
        revision: Revision::V1_50,
        counts: true,
    },
    Program {
        identifier: "*Adaptec DirectCD",
        medium: Medium::CdR80,
        revision: Revision::V1_50,
        counts: false,
    },
    Program {
        identifier: "*UDFClient",
        medium: Medium::DvdPlusR,
        revision: Revision::V2_01,
        counts: true,
    },
    Program {
        identifier: "*NetBSD UDF",
        medium: Medium::CdR80,
        revision: Revision::V2_00,
        counts: true,
    },
];

/// A node with its block, and the names in it if it is a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    sector: u32,
    block: Vec<u8>,
    entry: FileEntry,
    names: Vec<FileIdentifier>,
}

/// Every node and every stream by path, and the tree.
#[derive(Debug)]
struct State {
    nodes: BTreeMap<String, Kept>,
    tree: Listing,
    name: Option<String>,
}

fn volume(disc: &MemoryDisc) -> Volume {
    Volume::open(disc.drive_unproven().unwrap()).unwrap()
}

fn recording(disc: &MemoryDisc) -> Recording {
    Recording::open(disc.drive_unproven().unwrap(), time(10)).unwrap()
}

fn state(disc: &MemoryDisc) -> State {
    let mut volume = volume(disc);
    let root = volume.root().unwrap();
    let root = volume.node(root).unwrap();
    let mut nodes = BTreeMap::new();
    let mut left = vec![(String::new(), root)];
    while let Some((path, node)) = left.pop() {
        let sector = volume.resolve(node.address).unwrap();
        let block = volume.read_sector(sector).unwrap().to_vec();
        let streams = volume.stream_directory(&node).unwrap();
        left.extend(streams.map(|streams| (format!("{path}:"), streams)));
        let mut kept = Kept {
            sector: sector.0,
            block,
            entry: node.entry.clone(),
            names: Vec::new(),
        };
        if [FileType::DIRECTORY, FileType::STREAM_DIRECTORY].contains(&node.entry.icb_tag.file_type) {
            kept.names = names(&mut volume, &node);
            let mut directory = volume.directory(&node).unwrap();
            while let Some(entry) = directory.next_live(&mut volume).unwrap() {
                let child = match node.kind {
                    NodeKind::Directory => volume.node(entry.address()),
                    _ => volume.stream(entry.address()),
                };
                left.push((format!("{path}/{}", entry.name), child.unwrap()));
            }
        }
        nodes.insert(path, kept);
    }
    let name = volume.vat().unwrap().name.clone();
    State {
        nodes,
        tree: listing(&mut volume).unwrap(),
        name,
    }
}

/// The names in a directory that are not deleted, as recorded.
fn names(volume: &mut Volume, node: &Node) -> Vec<FileIdentifier> {
    let body = volume.body(node).unwrap();
    let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
    volume.read(&body, 0, &mut bytes).unwrap();
    let mut rest = &bytes[..];
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (fid, length) = FileIdentifier::decode(rest, None).unwrap();
        rest = &rest[length..];
        if !fid
            .characteristics
            .contains(ecma167::file::FileCharacteristics::DELETED)
        {
            names.push(fid);
        }
    }
    names
}

fn judge(disc: &MemoryDisc) -> Report {
    let options = Options {
        read_data: true,
        ..Options::default()
    };
    check(&mut disc.drive_unproven().unwrap(), &options)
}

fn findings(report: &Report) -> Vec<String> {
    report.findings().iter().map(ToString::to_string).collect()
}

/// Fails if a check finds a kind of error that it did not find before.
fn require_no_new_error(before: &Report, disc: &MemoryDisc, what: &str) {
    let after = judge(disc);
    for kind in after.kinds().filter(|kind| kind.severity() == Severity::Error) {
        let (was, is) = (before.count(kind), after.count(kind));
        assert!(is <= was, "{what}: {kind:?}: {:#?}", findings(&after));
    }
}

fn add(recording: &mut Recording, parent: &str, name: &str) {
    let parent = recording.lookup_path(parent).unwrap();
    let node = recording
        .create(parent, name, NodeKind::File, &Attributes::at(0o644, time(11)))
        .unwrap();
    recording.write(node, 0, b"ours").unwrap();
}

/// Requires that all nodes but those at `changed` are as they were, and of those what they do not change.
fn require_kept(before: &State, after: &State, changed: &[&str], what: &str) {
    for (path, was) in &before.nodes {
        let is = after
            .nodes
            .get(path)
            .unwrap_or_else(|| panic!("{what}: {path} is gone"));
        if !changed.contains(&path.as_str()) {
            assert_eq!(was, is, "{what}: {path}");
            continue;
        }
        let [was_recorded, is_recorded] = [&was.entry, &is.entry].map(|entry| {
            // All tags of a volume get its serial number.
            let mut attributes = entry.extended_attributes.clone();
            tag::set_serial_number(&mut attributes, 0);
            attributes
        });
        assert_eq!(was_recorded, is_recorded, "{what}: {path}");
        assert_eq!(
            was.entry.stream_directory_icb, is.entry.stream_directory_icb,
            "{what}: {path}"
        );
        assert_eq!(
            was.entry.icb_tag.file_type, is.entry.icb_tag.file_type,
            "{what}: {path}"
        );
        assert_eq!(was.entry.unique_id, is.entry.unique_id, "{what}: {path}");
        for name in &was.names {
            assert!(
                is.names.contains(name),
                "{what}: {path}: {name:?} in {:#?}",
                is.names
            );
        }
    }
}

#[test]
fn only_file_types_are_wrong_in_the_forms_of_other_programs() {
    for program in PROGRAMS {
        let report = judge(&disc_by(program));
        let found: Vec<FindingKind> = report
            .kinds()
            .filter(|kind| kind.severity() == Severity::Error)
            .collect();
        let texts = findings(&report);
        assert_eq!(
            found,
            [FindingKind::IcbFileType],
            "{}: {texts:#?}",
            program.identifier
        );
        assert_eq!(report.count(FindingKind::IcbFileType), 2, "{texts:#?}");
    }
}

#[test]
fn what_no_change_touches_stays_as_another_program_recorded_it() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let (report, before) = (judge(&disc), state(&disc));
        let mut recording = recording(&disc);
        add(&mut recording, "/", "ours");
        recording.commit(time(12)).unwrap();
        drop(recording);
        require_no_new_error(&report, &disc, &what);
        let mut recording = self::recording(&disc);
        recording.close(CloseDisc::No, time(13)).unwrap();
        drop(recording);
        let after = state(&disc);
        require_kept(&before, &after, &[""], &what);
        require_no_new_error(&report, &disc, &what);
        let added: Vec<&String> = after
            .tree
            .keys()
            .filter(|path| !before.tree.contains_key(*path))
            .collect();
        assert_eq!(added, ["/ours"], "{what}");
    }
}

#[test]
fn a_changed_node_keeps_what_another_program_recorded_in_it() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let (report, before) = (judge(&disc), state(&disc));
        let mut recording = recording(&disc);
        let mut changed = vec![
            "/theirs".to_owned(),
            "/theirs/inner".to_owned(),
            "/many".to_owned(),
        ];
        for parent in changed.clone() {
            add(&mut recording, &parent, "ours");
        }
        let files = before
            .tree
            .iter()
            .filter(|(path, seen)| path.starts_with("/theirs/") && seen.kind == NodeKind::File);
        for (path, seen) in files {
            let node = recording.lookup_path(path).unwrap();
            let length = seen.bytes.len() as u64;
            changed.push(path.clone());
            if path == "/theirs/reserved" {
                let changes = Changes {
                    mode: Some(0o600),
                    ..Changes::default()
                };
                recording.set_attributes(node, &changes).unwrap();
                continue;
            }
            recording.write(node, length, b"more").unwrap();
        }
        recording.commit(time(12)).unwrap();
        recording.close(CloseDisc::No, time(13)).unwrap();
        drop(recording);
        let after = state(&disc);
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        require_kept(&before, &after, &changed, &what);
        require_no_new_error(&report, &disc, &what);
        for (path, seen) in &before.tree {
            if path.starts_with("/theirs/") && seen.kind == NodeKind::File && path != "/theirs/reserved" {
                assert_eq!(
                    after.tree[path].bytes,
                    [&seen.bytes[..], b"more"].concat(),
                    "{what}: {path}"
                );
            }
        }
    }
}

#[test]
fn the_name_in_the_vat_of_another_program_stays() {
    for program in PROGRAMS.into_iter().filter(|program| program.counts) {
        let disc = disc_by(program);
        let mut recording = recording(&disc);
        add(&mut recording, "/", "ours");
        recording.commit(time(12)).unwrap();
        drop(recording);
        assert_eq!(
            state(&disc).name.as_deref(),
            Some(NAME_IN_VAT),
            "{}",
            program.identifier
        );
    }
}

#[test]
fn the_attributes_of_the_vat_icb_of_another_program_stay() {
    for program in PROGRAMS {
        let disc = disc_by(program);
        let theirs = |disc: &MemoryDisc| {
            let vat = volume(disc).vat().unwrap().clone();
            let attributes =
                extended_attribute::decode(&vat.entry.extended_attributes, Some(vat.icb.0)).unwrap();
            attributes
                .into_iter()
                .filter(|attribute| matches!(attribute.as_vat_lv_extension(), Ok(None)))
                .collect::<Vec<_>>()
        };
        let before = theirs(&disc);
        assert_eq!(before.len(), 1, "{}", program.identifier);
        let mut recording = recording(&disc);
        add(&mut recording, "/", "ours");
        recording.commit(time(12)).unwrap();
        drop(recording);
        assert_eq!(theirs(&disc), before, "{}", program.identifier);
    }
}

#[test]
fn everything_of_another_program_can_be_removed() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let report = judge(&disc);
        let names: Vec<String> = state(&disc)
            .tree
            .into_keys()
            .filter(|path| !path.is_empty())
            .collect();
        let mut recording = recording(&disc);
        for path in names.iter().rev() {
            let (parent, name) = path.rsplit_once('/').unwrap();
            let parent = recording.lookup_path(parent).unwrap();
            let node = recording.lookup_path(path).unwrap();
            if recording.status(node).unwrap().entry.icb_tag.file_type == FileType::DIRECTORY {
                recording.remove_directory(parent, name).unwrap();
            } else {
                recording.unlink(parent, name).unwrap();
            }
        }
        recording.close(CloseDisc::No, time(13)).unwrap();
        drop(recording);
        require_no_new_error(&report, &disc, &what);
        assert_eq!(state(&disc).tree.len(), 1, "{what}");
    }
}

/// A file of another program with data outside its entry.
const THEIR_FILE: &str = "/theirs/extent";

/// Removes it, and names one of ours, in a new generation.
fn remove_theirs(disc: &MemoryDisc) {
    let mut recording = recording(disc);
    let (parent, name) = THEIR_FILE.rsplit_once('/').unwrap();
    let parent = recording.lookup_path(parent).unwrap();
    recording.unlink(parent, name).unwrap();
    add(&mut recording, "/", "ours");
    recording.commit(time(12)).unwrap();
}

/// The VAT of the generation that another program recorded last.
fn their_vat(disc: &MemoryDisc) -> Vat {
    volume(disc).vat().unwrap().clone()
}

#[test]
fn the_log_goes_on_from_the_generations_of_another_program() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let theirs: Vec<_> = volume(&disc).past().unwrap().generations().to_vec();
        assert!(theirs.len() > 1, "{what}");
        remove_theirs(&disc);
        let mut volume = volume(&disc);
        let past = volume.past().unwrap();
        assert_eq!((past.broken().count(), past.left_out().count()), (0, 0), "{what}");
        let icbs = past.generations().iter().map(|generation| generation.icb);
        let before = theirs.iter().map(|generation| generation.icb);
        assert!(
            icbs.take(theirs.len()).eq(before),
            "{what}: {:?}",
            past.generations()
        );
        assert_eq!(past.generations().len(), theirs.len() + 1, "{what}");
        let mut comparison = volume.comparison();
        comparison.begin(&theirs[theirs.len() - 1]).unwrap();
        let mut paths = Vec::new();
        let newest = past.generations().last().unwrap();
        let missed = comparison.advance(newest, &mut |change| {
            paths.push((change.path.clone(), change.kind == ChangeKind::Removed));
        });
        assert_eq!(missed.unwrap(), 0, "{what}");
        for change in [(THEIR_FILE, true), ("/ours", false)] {
            assert!(
                paths.contains(&(change.0.to_owned(), change.1)),
                "{what}: {paths:?}"
            );
        }
    }
}

#[test]
fn an_earlier_state_of_another_program_can_be_read() {
    for program in PROGRAMS {
        let disc = disc_by(program);
        let (before, vat) = (state(&disc).tree, their_vat(&disc));
        remove_theirs(&disc);
        let mut volume = volume(&disc);
        volume.reload_vat(vat.icb).unwrap();
        assert_eq!(listing(&mut volume).unwrap(), before, "{}", program.identifier);
    }
}

#[test]
fn a_removed_file_of_another_program_can_be_restored() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let (report, before, vat) = (judge(&disc), state(&disc), their_vat(&disc));
        remove_theirs(&disc);
        let mut recording = recording(&disc);
        let restored = recording.restore(&vat, THEIR_FILE).unwrap();
        assert_eq!((restored.files, restored.copied), (1, 0), "{what}");
        assert!(restored.is_complete(), "{what}: {restored:?}");
        recording.commit(time(13)).unwrap();
        drop(recording);
        let after = state(&disc);
        assert_eq!(after.tree[THEIR_FILE], before.tree[THEIR_FILE], "{what}");
        require_kept(&before, &after, &["", "/theirs"], &what);
        require_no_new_error(&report, &disc, &what);
    }
}

#[test]
fn a_disc_can_be_rolled_back_to_what_another_program_recorded() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        let disc = disc_by(program);
        let (report, before, vat) = (judge(&disc), state(&disc), their_vat(&disc));
        remove_theirs(&disc);
        let mut recording = recording(&disc);
        recording.roll_back(&vat).unwrap();
        recording.commit(time(13)).unwrap();
        drop(recording);
        let after = state(&disc);
        assert_eq!(after.tree, before.tree, "{what}");
        require_kept(&before, &after, &[], &what);
        require_no_new_error(&report, &disc, &what);
    }
}

#[test]
fn a_disc_of_another_program_is_recovered_and_closed_after_a_power_cut() {
    for program in PROGRAMS {
        let what = format!("{} {}", program.identifier, program.revision);
        for blocks in 1..=3 {
            let disc = disc_by(program);
            let (report, before) = (judge(&disc), state(&disc));
            let cut = FaultScript::new().cut_after_blocks(blocks, Keep::All);
            let mut broken = Recording::open(disc.faulty_drive(cut).unwrap(), time(10)).unwrap();
            add(&mut broken, "/", "ours");
            broken.commit(time(12)).unwrap_err();
            drop(broken);
            let mut recording = recording(&disc);
            recording.recover().unwrap();
            drop(recording);
            assert!(volume(&disc).clean(), "{what}, after {blocks} blocks");
            require_kept(&before, &state(&disc), &[], &what);
            require_no_new_error(&report, &disc, &what);
            let mut recording = self::recording(&disc);
            recording.close(CloseDisc::No, time(13)).unwrap();
            drop(recording);
            assert_eq!(state(&disc).tree, before.tree, "{what}, after {blocks} blocks");
            require_no_new_error(&report, &disc, &what);
        }
    }
}
