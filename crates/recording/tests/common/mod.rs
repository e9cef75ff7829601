//! A disc in the emulated recorder, and the volume on it as a listing.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{collections::BTreeMap, path::PathBuf};

use drive::Drive;
use ecma167::{general::Timestamp, osta::Revision};
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, FormatOptions, Kind, NodeId, Recording, format};
use volume::{NodeKind, Volume};

pub struct Disc {
    directory: tempfile::TempDir,
}

/// Path to what stands there: kind, mode, and content or target.
pub type Listing = BTreeMap<String, (String, u32, Vec<u8>)>;

pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds, 123_456_000)
}

impl Disc {
    /// A blank disc of `capacity` blocks.
    pub fn blank(medium: Medium, capacity: u32) -> Disc {
        Disc::behaving(medium, capacity, Behaviour::default())
    }

    pub fn behaving(medium: Medium, capacity: u32, behaviour: Behaviour) -> Disc {
        let disc = Disc {
            directory: tempfile::tempdir_in(fast_directory()).unwrap(),
        };
        Recorder::create(&disc.image(), medium, Some(capacity), behaviour).unwrap();
        disc
    }

    /// A disc with an empty volume.
    pub fn formatted(medium: Medium, capacity: u32, revision: Revision) -> Disc {
        let disc = Disc::blank(medium, capacity);
        format(disc.drive(), &options(revision)).unwrap();
        disc
    }

    pub fn image(&self) -> PathBuf {
        self.directory.path().join("disc.img")
    }

    pub fn recorder(&self) -> Recorder {
        Recorder::open(&self.image()).unwrap()
    }

    pub fn drive(&self) -> Drive {
        Drive::open(Box::new(self.recorder())).unwrap()
    }

    pub fn recording(&self) -> Recording {
        Recording::open(self.drive(), time(1)).unwrap()
    }

    pub fn volume(&self) -> Volume {
        Volume::open(self.drive()).unwrap()
    }

    pub fn listing(&self) -> Listing {
        listing(&mut self.volume())
    }
}

fn fast_directory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    }
}

pub fn options(revision: Revision) -> FormatOptions {
    FormatOptions {
        revision,
        label: "Archive".into(),
        unique: 0x1234_5678,
        now: time(0),
        seconds: 1_700_000_000,
        root: Attributes::at(0o755, time(0)),
    }
}

pub fn add_file(recording: &mut Recording, parent: NodeId, name: &str, content: &[u8]) -> NodeId {
    let node = recording
        .create(parent, name, &Kind::File, &Attributes::at(0o644, time(2)))
        .unwrap();
    recording.write(node, 0, content).unwrap();
    node
}

pub fn add_directory(recording: &mut Recording, parent: NodeId, name: &str) -> NodeId {
    recording
        .create(parent, name, &Kind::Directory, &Attributes::at(0o755, time(2)))
        .unwrap()
}

/// Content that differs in every block.
pub fn content(length: usize, seed: u8) -> Vec<u8> {
    let mix = |index: usize| (index / 7 + index / 2048).to_le_bytes()[0] ^ seed;
    (0..length).map(mix).collect()
}

pub fn listing(volume: &mut Volume) -> Listing {
    let mut listing = Listing::new();
    let root = volume.root().unwrap();
    let mut left = vec![(String::new(), root)];
    while let Some((path, address)) = left.pop() {
        let node = volume.node(address).unwrap();
        let bytes = match node.kind {
            NodeKind::Directory => {
                let mut directory = volume.directory(&node).unwrap();
                while let Some(entry) = directory.next_live(volume).unwrap() {
                    left.push((format!("{path}/{}", entry.name), entry.address()));
                }
                Vec::new()
            }
            NodeKind::SymbolicLink => volume.symlink_target(&node).unwrap().into_bytes(),
            _ => {
                let body = volume.body(&node).unwrap();
                let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
                let read = volume.read(&body, 0, &mut bytes).unwrap();
                assert_eq!(read, bytes.len());
                bytes
            }
        };
        listing.insert(path, (format!("{:?}", node.kind), node.mode() & 0o7777, bytes));
    }
    listing
}
