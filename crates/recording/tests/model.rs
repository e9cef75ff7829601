//! Random changes against a model: what a commit acknowledged is what a new reader finds.

mod common;

use std::collections::BTreeMap;

use common::{Disc, Listing, content, time};
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium};
use proptest::prelude::*;
use recording::{Attributes, Changes, CloseDisc, Error, Kind, NodeId, Recording, format};

#[derive(Clone, Debug)]
enum Operation {
    Create {
        parent: usize,
        name: usize,
        length: usize,
    },
    MakeDirectory {
        parent: usize,
        name: usize,
    },
    Symlink {
        parent: usize,
        name: usize,
    },
    Write {
        node: usize,
        offset: usize,
        length: usize,
    },
    Truncate {
        node: usize,
        length: usize,
    },
    Link {
        node: usize,
        parent: usize,
        name: usize,
    },
    Remove {
        node: usize,
    },
    Rename {
        node: usize,
        parent: usize,
        name: usize,
    },
    Mode {
        node: usize,
        mode: u32,
    },
    Commit,
    Abandon,
    Reopen,
    Close,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let place = || 0..12usize;
    let length = || prop_oneof![0..3000usize, Just(2048), 0..40_000usize];
    let operation = prop_oneof![
        6 => (place(), place(), length()).prop_map(|(parent, name, length)| Create { parent, name, length }),
        3 => (place(), place()).prop_map(|(parent, name)| MakeDirectory { parent, name }),
        1 => (place(), place()).prop_map(|(parent, name)| Symlink { parent, name }),
        4 => (place(), 0..50_000usize, length()).prop_map(|(node, offset, length)| Write { node, offset, length }),
        2 => (place(), length()).prop_map(|(node, length)| Truncate { node, length }),
        2 => (place(), place(), place()).prop_map(|(node, parent, name)| Link { node, parent, name }),
        3 => place().prop_map(|node| Remove { node }),
        3 => (place(), place(), place()).prop_map(|(node, parent, name)| Rename { node, parent, name }),
        1 => (place(), 0..0o10000u32).prop_map(|(node, mode)| Mode { node, mode }),
        3 => Just(Commit),
        1 => Just(Abandon),
        1 => Just(Reopen),
        1 => Just(Close),
    ];
    prop::collection::vec(operation, 1..60)
}

/// What a reader should find: paths to nodes, nodes by number so that links share one.
#[derive(Clone, Default)]
struct Model {
    paths: BTreeMap<String, usize>,
    nodes: BTreeMap<usize, (Shape, u32, Vec<u8>)>,
    next: usize,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    Directory,
    File,
    Symlink,
}

impl Model {
    fn new() -> Model {
        let mut model = Model::default();
        model.add(String::new(), Shape::Directory, 0o755, Vec::new());
        model
    }

    fn add(&mut self, path: String, shape: Shape, mode: u32, bytes: Vec<u8>) {
        self.nodes.insert(self.next, (shape, mode, bytes));
        self.paths.insert(path, self.next);
        self.next += 1;
    }

    fn pick(&self, index: usize) -> String {
        self.paths.keys().nth(index % self.paths.len()).unwrap().clone()
    }

    fn directory(&self, index: usize) -> String {
        let directories: Vec<_> = self
            .paths
            .keys()
            .filter(|path| self.shape(path) == Shape::Directory)
            .collect();
        directories[index % directories.len()].clone()
    }

    fn shape(&self, path: &str) -> Shape {
        self.nodes[&self.paths[path]].0
    }

    fn has_children(&self, path: &str) -> bool {
        self.paths
            .keys()
            .any(|other| other.starts_with(&format!("{path}/")))
    }

    fn listing(&self) -> Listing {
        let entry = |node: &usize| {
            let (shape, mode, bytes) = &self.nodes[node];
            let kind = match shape {
                Shape::Directory => "Directory",
                Shape::File => "File",
                Shape::Symlink => "SymbolicLink",
            };
            (kind.to_string(), *mode, bytes.clone())
        };
        self.paths
            .iter()
            .map(|(path, node)| (path.clone(), entry(node)))
            .collect()
    }
}

fn name(index: usize) -> String {
    let names = [
        "a",
        "b",
        "ä",
        "名前",
        "😀",
        "a name of some length which fills blocks sooner",
    ];
    match names.get(index) {
        Some(name) => (*name).to_string(),
        None => format!("{index}-{}", "x".repeat(200 + index)),
    }
}

fn split(path: &str) -> (String, String) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    (parent.to_string(), name.to_string())
}

fn node(recording: &mut Recording, path: &str) -> NodeId {
    recording
        .lookup_path(path)
        .unwrap()
        .unwrap_or_else(|| panic!("{path} is not found"))
}

/// Does one operation on both sides.
fn apply(operation: &Operation, model: &mut Model, recording: &mut Recording) {
    let attributes = Attributes::at(0o640, time(5));
    match *operation {
        Operation::Create {
            parent,
            name: index,
            length,
        } => {
            let parent = model.directory(parent);
            let path = format!("{parent}/{}", name(index));
            let at = node(recording, &parent);
            let made = recording.create(at, &name(index), &Kind::File, &attributes);
            if model.paths.contains_key(&path) {
                assert!(matches!(made, Err(Error::Exists)));
                return;
            }
            let bytes = content(length, index.to_le_bytes()[0]);
            recording.write(made.unwrap(), 0, &bytes).unwrap();
            model.add(path, Shape::File, 0o640, bytes);
        }
        Operation::MakeDirectory { parent, name: index } => {
            let parent = model.directory(parent);
            let path = format!("{parent}/{}", name(index));
            if model.paths.contains_key(&path) || parent.matches('/').count() > 3 {
                return;
            }
            let at = node(recording, &parent);
            recording
                .create(at, &name(index), &Kind::Directory, &attributes)
                .unwrap();
            model.add(path, Shape::Directory, 0o640, Vec::new());
        }
        Operation::Symlink { parent, name: index } => {
            let parent = model.directory(parent);
            let path = format!("{parent}/{}", name(index));
            if model.paths.contains_key(&path) {
                return;
            }
            let at = node(recording, &parent);
            recording
                .create(
                    at,
                    &name(index),
                    &Kind::SymbolicLink("../x/ü".into()),
                    &attributes,
                )
                .unwrap();
            model.add(path, Shape::Symlink, 0o640, "../x/ü".into());
        }
        Operation::Write {
            node: index,
            offset,
            length,
        } => {
            let path = model.pick(index);
            if model.shape(&path) != Shape::File {
                return;
            }
            let bytes = content(length, 77);
            let at = node(recording, &path);
            recording.write(at, offset as u64, &bytes).unwrap();
            let body = &mut model.nodes.get_mut(&model.paths[&path]).unwrap().2;
            if length > 0 || offset <= body.len() {
                body.resize(body.len().max(offset + length), 0);
                body[offset..offset + length].copy_from_slice(&bytes);
            }
        }
        Operation::Truncate { node: index, length } => {
            let path = model.pick(index);
            if model.shape(&path) != Shape::File {
                return;
            }
            let at = node(recording, &path);
            recording.truncate(at, length as u64).unwrap();
            model
                .nodes
                .get_mut(&model.paths[&path])
                .unwrap()
                .2
                .resize(length, 0);
        }
        Operation::Link {
            node: index,
            parent,
            name: new,
        } => {
            let (path, parent) = (model.pick(index), model.directory(parent));
            let link = format!("{parent}/{}", name(new));
            let (at, to) = (node(recording, &path), node(recording, &parent));
            let linked = recording.link(at, to, &name(new));
            if model.shape(&path) == Shape::Directory {
                assert!(matches!(linked, Err(Error::IsADirectory)));
            } else if model.paths.contains_key(&link) {
                assert!(matches!(linked, Err(Error::Exists)));
            } else {
                linked.unwrap();
                let number = model.paths[&path];
                model.paths.insert(link, number);
            }
        }
        Operation::Remove { node: index } => {
            let path = model.pick(index);
            if path.is_empty() {
                return;
            }
            let (parent, last) = split(&path);
            let at = node(recording, &parent);
            if model.shape(&path) != Shape::Directory {
                recording.unlink(at, &last).unwrap();
            } else if model.has_children(&path) {
                assert!(matches!(
                    recording.remove_directory(at, &last),
                    Err(Error::NotEmpty)
                ));
                return;
            } else {
                recording.remove_directory(at, &last).unwrap();
            }
            model.paths.remove(&path);
        }
        Operation::Rename {
            node: index,
            parent,
            name: new,
        } => {
            let (path, parent) = (model.pick(index), model.directory(parent));
            if path.is_empty() {
                return;
            }
            let target = format!("{parent}/{}", name(new));
            let (from, last) = split(&path);
            let (from, to) = (node(recording, &from), node(recording, &parent));
            let renamed = recording.rename(from, &last, to, &name(new));
            let directory = model.shape(&path) == Shape::Directory;
            let same = model.paths.get(&target) == Some(&model.paths[&path]);
            if same {
                renamed.unwrap();
            } else if directory && (parent == path || parent.starts_with(&format!("{path}/"))) {
                assert!(matches!(renamed, Err(Error::IntoItself)));
            } else if let Some(existing) = model.paths.get(&target).map(|_| model.shape(&target)) {
                match (directory, existing == Shape::Directory) {
                    (true, true) if model.has_children(&target) => {
                        assert!(matches!(renamed, Err(Error::NotEmpty)))
                    }
                    (true, false) => assert!(matches!(renamed, Err(Error::NotADirectory))),
                    (false, true) => assert!(matches!(renamed, Err(Error::IsADirectory))),
                    _ => {
                        renamed.unwrap();
                        model.paths.remove(&target);
                        move_all(model, &path, &target);
                    }
                }
            } else {
                renamed.unwrap();
                move_all(model, &path, &target);
            }
        }
        Operation::Mode { node: index, mode } => {
            let path = model.pick(index);
            let at = node(recording, &path);
            recording
                .set_attributes(
                    at,
                    &Changes {
                        mode: Some(mode),
                        ..Changes::default()
                    },
                )
                .unwrap();
            model.nodes.get_mut(&model.paths[&path]).unwrap().1 = mode;
        }
        Operation::Commit | Operation::Abandon | Operation::Reopen | Operation::Close => {}
    }
}

fn move_all(model: &mut Model, from: &str, to: &str) {
    let prefix = format!("{from}/");
    let moved: Vec<_> = model
        .paths
        .keys()
        .filter(|path| *path == from || path.starts_with(&prefix))
        .cloned()
        .collect();
    for path in moved {
        let number = model.paths.remove(&path).unwrap();
        model.paths.insert(format!("{to}{}", &path[from.len()..]), number);
    }
}

fn live(disc: &Disc, operations: &[Operation]) {
    let mut model = Model::new();
    let mut committed = model.clone();
    let mut recording = disc.recording();
    for operation in operations {
        match operation {
            Operation::Commit => {
                recording.commit(time(6)).unwrap();
                committed = model.clone();
                assert_eq!(common::listing(recording.volume()), committed.listing());
            }
            Operation::Abandon => {
                recording.abandon().unwrap();
                model = committed.clone();
            }
            Operation::Reopen => {
                drop(recording);
                model = committed.clone();
                assert_eq!(disc.listing(), committed.listing());
                recording = disc.recording();
            }
            Operation::Close => {
                let closed = recording.close(CloseDisc::No, time(7)).unwrap();
                committed = model.clone();
                assert_eq!(disc_listing_beside(&mut recording), committed.listing());
                if closed.finalized {
                    return;
                }
            }
            operation => apply(operation, &mut model, &mut recording),
        }
    }
    recording.commit(time(8)).unwrap();
    drop(recording);
    assert_eq!(disc.listing(), model.listing());
}

fn disc_listing_beside(recording: &mut Recording) -> Listing {
    common::listing(recording.volume())
}

fn medium() -> impl Strategy<Value = Medium> {
    prop::sample::select(vec![
        Medium::CdR80,
        Medium::DvdR,
        Medium::DvdRDl,
        Medium::DvdPlusR,
        Medium::BdR,
    ])
}

fn revision() -> impl Strategy<Value = Revision> {
    prop::sample::select(vec![Revision::V1_50, Revision::V2_01, Revision::V2_60])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_is_what_is_found(medium in medium(), revision in revision(), operations in operations()) {
        let disc = Disc::formatted(medium, 400_000, revision);
        live(&disc, &operations);
    }

    #[test]
    fn drives_that_differ_lose_nothing(
        medium in medium(),
        behaviour in prop::sample::select(common::behaviours()),
        limit in prop::sample::select(vec![32 << 10, 64 << 10, 1 << 20]),
        operations in operations(),
    ) {
        let behaviour = Behaviour { test_write_after_power_on: false, ..behaviour };
        let disc = Disc::behaving(medium, 400_000, behaviour).limited(limit);
        format(disc.drive(), &common::options(Revision::V2_01)).unwrap();
        live(&disc, &operations);
    }

    #[test]
    fn a_drive_that_ends_packets_after_any_write_loses_nothing(
        every in 1u32..4,
        limit in prop::sample::select(vec![32 << 10, 64 << 10, 1 << 20]),
        operations in operations(),
    ) {
        let behaviour = Behaviour { buffer_underrun_protection: false, underrun_after_writes: every, ..Behaviour::default() };
        let disc = Disc::behaving(Medium::CdR80, 400_000, behaviour).limited(limit);
        format(disc.drive(), &common::options(Revision::V2_01)).unwrap();
        live(&disc, &operations);
    }
}
