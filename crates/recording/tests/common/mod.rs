//! A disc in the emulated recorder, and the volume on it as a listing.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod edit;
pub mod life;

use std::{collections::BTreeMap, path::PathBuf};

use drive::Drive;
use ecma167::{general::Timestamp, osta::Revision};
use emulator::{Behaviour, CONTRADICTIONS, LastAddress, Medium, NextWritableAddress, Recorder};
use recording::{Attributes, FormatOptions, NodeId, Recording, Rom, format};
use volume::{NodeKind, Volume};

pub struct Disc {
    directory: tempfile::TempDir,
    transfer_limit: Option<usize>,
}

/// Maps a path to kind, mode, and content or target.
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
            transfer_limit: None,
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
        match Recorder::open(&self.image()) {
            Err(emulator::Error::Unproven { .. }) => {
                self.forget_proof();
                Recorder::open(&self.image()).unwrap()
            }
            opened => opened.unwrap(),
        }
    }

    /// Turns the side file into one of version 1, which fits any image of its length, because some tests
    /// change blocks on purpose.
    fn forget_proof(&self) {
        let proves = |line: &&str| {
            let word = line.split(' ').next();
            !word.is_some_and(|word| ["state", "recording", "digest"].contains(&word))
        };
        let side = self.side().replace("oncefs recorder 2", "oncefs recorder 1");
        let lines: Vec<&str> = side.lines().filter(proves).collect();
        std::fs::write(Recorder::side_file(&self.image()), lines.join("\n")).unwrap();
    }

    /// Limits the commands of this disc's drives to `bytes` bytes.
    pub fn limited(mut self, bytes: usize) -> Disc {
        self.transfer_limit = Some(bytes);
        self
    }

    pub fn drive(&self) -> Drive {
        let mut drive = Drive::open_waiting(Box::new(self.recorder()), Box::new(NoWait)).unwrap();
        if let Some(bytes) = self.transfer_limit {
            drive.set_transfer_limit(bytes);
        }
        drive
    }

    /// The side file, which states what the recorder knows about the disc.
    pub fn side(&self) -> String {
        std::fs::read_to_string(Recorder::side_file(&self.image())).unwrap()
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

/// Lets no time pass.
pub struct NoWait;

impl drive::Wait for NoWait {
    fn wait(&mut self, _duration: std::time::Duration) {}
}

/// The switches in which drives differ, one by one and some together.
pub fn behaviours() -> Vec<Behaviour> {
    let with = |change: &dyn Fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    let addresses = [
        LastAddress::Zero,
        LastAddress::LastRecorded,
        LastAddress::BeforeLeadOut,
        LastAddress::BeforeNextWritable,
        LastAddress::LastOfMedium,
    ];
    let mut all = vec![Behaviour::default()];
    for valid in [true, false] {
        all.push(with(&|b| b.last_recorded_address_valid = Some(valid)));
        for address in addresses {
            all.push(with(&|b| {
                b.last_recorded_address_valid = Some(valid);
                b.read_capacity_blank = address;
                b.read_capacity_open = address;
                b.read_capacity_closed = address;
            }));
        }
    }
    all.push(with(&|b| b.toc_last_session_start = false));
    all.push(with(&|b| {
        b.next_writable_address = NextWritableAddress::TrackFfOnly
    }));
    all.push(with(&|b| {
        b.next_writable_address = NextWritableAddress::NumberOnly
    }));
    all.push(with(&|b| b.short_track_information = true));
    all.push(with(&|b| b.synchronize_closes_track = true));
    all.push(with(&|b| b.close_track_refused_after_synchronize = true));
    for writes in 1..=3 {
        all.push(with(&|b| {
            b.buffer_underrun_protection = false;
            b.underrun_after_writes = writes;
        }));
    }
    for gap in [0, 64, 5000] {
        all.push(with(&|b| b.session_gap = Some(gap)));
    }
    for loss in [16, 32] {
        all.push(with(&|b| {
            b.linking_loss = loss;
            b.last_recorded_address_valid = Some(loss == 16);
        }));
    }
    all.push(with(&|b| b.link_blocks_as_medium_error = true));
    all.push(with(&|b| b.test_write_after_power_on = true));
    all.push(with(&|b| {
        b.unit_attention_after_load = true;
        b.becoming_ready_polls = 3;
        b.long_write_polls = 3;
    }));
    for (name, value) in CONTRADICTIONS {
        all.push(with(&|b| assert!(b.set(name, value), "{name} {value}")));
    }
    all
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
        rom: None,
    }
}

/// As [`options`] with UDF 2.01, for a disc that gets a plain volume of the same generation.
pub fn rom_options(bridge: bool) -> FormatOptions {
    FormatOptions {
        rom: Some(Rom {
            revision: Revision::V2_01,
            bridge,
            links: false,
            is_optional: false,
        }),
        ..options(Revision::V2_01)
    }
}

pub fn add_file(recording: &mut Recording, parent: NodeId, name: &str, content: &[u8]) -> NodeId {
    let node = recording
        .create(parent, name, NodeKind::File, &Attributes::at(0o644, time(2)))
        .unwrap();
    recording.write(node, 0, content).unwrap();
    node
}

pub fn add_directory(recording: &mut Recording, parent: NodeId, name: &str) -> NodeId {
    recording
        .create(parent, name, NodeKind::Directory, &Attributes::at(0o755, time(2)))
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
