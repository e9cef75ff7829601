//! Well-recorded discs, and what a check finds on them after a change.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use check::{Options, Report, check};
use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, FaultScript, Medium, Recorder};
use mmc::{Data, Failure, Transport};
use recording::{Attributes, FormatOptions, NodeId, NodeKind, Recording, Rom, format};

pub type Block = [u8; BLOCK_SIZE];

/// The revisions to record.
pub const REVISIONS: [Revision; 5] = [
    Revision::V1_50,
    Revision::V2_00,
    Revision::V2_01,
    Revision::V2_50,
    Revision::V2_60,
];

/// A disc in the emulated recorder.
pub struct Disc {
    directory: tempfile::TempDir,
}

/// A clock that never waits.
pub struct NoWait;

impl drive::Wait for NoWait {
    fn wait(&mut self, _duration: std::time::Duration) {}
}

pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds, 123_456_000)
}

impl Disc {
    pub fn formatted(medium: Medium, capacity: u32, revision: Revision) -> Self {
        Self::behaving(medium, capacity, revision, Behaviour::default())
    }

    pub fn behaving(medium: Medium, capacity: u32, revision: Revision, behaviour: Behaviour) -> Self {
        Self::made((medium, capacity, behaviour), revision, None)
    }

    /// A disc that also has a plain volume.
    pub fn with_rom(medium: Medium, capacity: u32, revision: Revision, rom: Option<Rom>) -> Self {
        Self::made((medium, capacity, Behaviour::default()), revision, rom)
    }

    fn made(
        (medium, capacity, behaviour): (Medium, u32, Behaviour),
        revision: Revision,
        rom: Option<Rom>,
    ) -> Self {
        let memory = PathBuf::from("/dev/shm");
        let parent = if memory.is_dir() {
            memory
        } else {
            std::env::temp_dir()
        };
        let disc = Self {
            directory: tempfile::tempdir_in(parent).unwrap(),
        };
        Recorder::create(&disc.image(), medium, Some(capacity), behaviour).unwrap();
        let options = FormatOptions {
            revision,
            label: "Archive".into(),
            unique: 0x1234_5678,
            now: time(0),
            seconds: 1_700_000_000,
            root: Attributes::at(0o755, time(0)),
            rom,
        };
        format(disc.drive(), &options).unwrap();
        disc
    }

    pub fn image(&self) -> PathBuf {
        self.directory.path().join("disc.img")
    }

    pub fn drive(&self) -> Drive {
        let recorder = Recorder::open_accepting(&self.image()).unwrap();
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap()
    }

    pub fn recording(&self) -> Recording {
        Recording::open(self.drive(), time(1)).unwrap()
    }

    /// A separate disc with the same contents.
    pub fn copy(&self) -> Self {
        let directory = tempfile::tempdir_in(self.directory.path().parent().unwrap()).unwrap();
        for file in std::fs::read_dir(self.directory.path()).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
            }
        }
        Self { directory }
    }

    /// Like [`Self::recording`], but with faults.
    pub fn recording_with(&self, faults: FaultScript) -> Result<Recording, recording::Error> {
        let mut recorder = Recorder::open_accepting(&self.image()).unwrap();
        recorder.set_faults(faults);
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        Ok(Recording::open(drive, time(1))?)
    }

    pub fn report(&self) -> Report {
        let options = Options {
            read_data: true,
            ..Options::default()
        };
        check(&mut self.drive(), &options)
    }

    /// Checks that the disc is as it should be.
    pub fn assert_clean(&self, what: &str) {
        let report = self.report();
        assert!(report.is_clean(), "{what}: {}", listing(&report));
    }

    /// A drive with a medium whose blocks can be changed.
    pub fn changeable(&self) -> Changeable {
        let changes = Changes::default();
        let recorder = Recorder::open_read_only(&self.image()).unwrap();
        let transport = Overlay {
            below: recorder,
            changes: Arc::clone(&changes),
        };
        let drive = Drive::open_waiting(Box::new(transport), Box::new(NoWait)).unwrap();
        Changeable { drive, changes }
    }
}

pub fn listing(report: &Report) -> String {
    let mut text = format!(
        "{} errors, {} warnings, {:?}\n",
        report.errors(),
        report.warnings(),
        report.interrupted()
    );
    for finding in report.findings() {
        text += &format!("  {:?} {finding}\n", finding.kind);
    }
    text
}

type Changes = Arc<Mutex<HashMap<u32, Block>>>;

/// A disc whose blocks can be replaced.
pub struct Changeable {
    pub drive: Drive,
    changes: Changes,
}

impl Changeable {
    /// A block in its current state.
    pub fn block(&mut self, sector: u32) -> Block {
        let mut block = [0; BLOCK_SIZE];
        self.drive.read(mmc::Lba(sector), &mut block).unwrap();
        block
    }

    pub fn put(&mut self, sector: u32, block: Block) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.insert(sector, block);
    }

    /// Restores all blocks as they were recorded.
    pub fn restore(&mut self) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.clear();
    }

    pub fn report(&mut self) -> Report {
        check(&mut self.drive, &Options::default())
    }

    /// Changes a block, judges, and restores it.
    pub fn with(&mut self, sector: u32, change: impl FnOnce(&mut Block)) -> Report {
        let mut block = self.block(sector);
        change(&mut block);
        self.put(sector, block);
        let report = self.report();
        self.restore();
        report
    }
}

struct Overlay {
    below: Recorder,
    changes: Changes,
}

impl Transport for Overlay {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        const READ_10: u8 = 0x28;
        match (command, data) {
            ([READ_10, _, a, b, c, d, ..], Data::In(bytes)) => {
                let first = u32::from_be_bytes([*a, *b, *c, *d]);
                let moved = self.below.execute(command, Data::In(bytes))?;
                let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
                for (sector, block) in (first..).zip(bytes.chunks_mut(BLOCK_SIZE)) {
                    if let Some(changed) = changes.get(&sector) {
                        block.copy_from_slice(changed);
                    }
                }
                Ok(moved)
            }
            (_, data) => self.below.execute(command, data),
        }
    }
}

/// Corrects the checksum of the tag at the start of `bytes`.
pub fn repair_checksum(bytes: &mut [u8]) {
    bytes[4] = 0;
    bytes[4] = bytes[..16].iter().fold(0, |sum, byte| sum.wrapping_add(*byte));
}

/// Corrects the CRC and checksum of the tag at the start of `bytes`.
pub fn repair(bytes: &mut [u8]) {
    let length = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    if let Some(covered) = bytes.get(16..16 + length) {
        let crc = ecma167::general::tag::crc(covered);
        bytes[8..10].copy_from_slice(&crc.to_le_bytes());
    }
    repair_checksum(bytes);
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

/// Contents that differ in every block.
pub fn content(length: usize, seed: u8) -> Vec<u8> {
    let mix = |index: usize| (index / 7 + index / 2048).to_le_bytes()[0] ^ seed;
    (0..length).map(mix).collect()
}

/// Adds one node of every kind, in a directory of its own.
pub fn add_everything(recording: &mut Recording, name: &str) {
    let root = recording.root();
    let directory = add_directory(recording, root, name);
    add_file(recording, directory, "empty", b"");
    add_file(recording, directory, "small", &content(1800, 1));
    add_file(recording, directory, "large", &content(300_001, 2));
    let inner = add_directory(recording, directory, "Verzeichnis mit Umlaut ä");
    let linked = add_file(recording, inner, "😀 beyond", b"inner");
    recording.link(linked, directory, "link").unwrap();
    let hole = add_file(recording, directory, "hole", &content(5000, 3));
    recording.write(hole, 100_000, &content(5000, 4)).unwrap();
    let attributes = Attributes::at(0o4755, time(3));
    let special = [
        ("pipe", NodeKind::Fifo),
        ("socket", NodeKind::Socket),
        ("tty", NodeKind::CharacterDevice { major: 4, minor: 64 }),
        ("sda", NodeKind::BlockDevice { major: 8, minor: 1 }),
        ("odd", NodeKind::BlockDevice { major: 0, minor: 256 }),
    ];
    for (name, kind) in special {
        recording.create(directory, name, kind, &attributes).unwrap();
    }
    recording
        .symlink(directory, "symlink", "/a/../a/./b", &attributes)
        .unwrap();
    let large = add_directory(recording, directory, "many");
    for number in 0..200 {
        add_file(
            recording,
            large,
            &format!("file number {number:>width$}", width = number % 90),
            b"x",
        );
    }
}

/// Where the structures of a disc are, found without the code that recorded them.
pub struct Places {
    /// The last recorded block: the VAT ICB.
    pub last: u32,
    /// First sector of the partition.
    pub partition: u32,
    /// First sector of the body of the VAT.
    pub vat: u32,
    /// Sector of each virtual address.
    pub nodes: Vec<u32>,
    pub revision: Revision,
}

impl Places {
    pub fn of(disc: &mut Changeable) -> Self {
        let last = disc
            .drive
            .medium()
            .sessions
            .iter()
            .filter_map(|session| session.last_recorded);
        let last = last.max().unwrap().0;
        let descriptor = disc.block(34);
        let partition = word(&descriptor, 188);
        let revision = Revision(half(&disc.block(35), 240));
        let icb = disc.block(last);
        let (extents, descriptors) = match half(&icb, 0) {
            261 => (176 + word(&icb, 168), word(&icb, 172)),
            _ => (216 + word(&icb, 208), word(&icb, 212)),
        };
        assert_eq!(descriptors, 8, "a VAT in one extent");
        let at = usize::try_from(extents).unwrap();
        let length = usize::try_from(word(&icb, at)).unwrap();
        let vat = partition + word(&icb, at + 4);
        let mut body = Vec::new();
        for sector in vat..vat + u32::try_from(length.div_ceil(BLOCK_SIZE)).unwrap() {
            body.extend_from_slice(&disc.block(sector));
        }
        let entries = match revision {
            Revision::V1_50 => &body[..length - 36],
            _ => &body[152..length],
        };
        let nodes = entries
            .chunks_exact(4)
            .map(|entry| partition.wrapping_add(word(entry, 0)))
            .collect();
        Self {
            last,
            partition,
            vat,
            nodes,
            revision,
        }
    }

    /// The virtual address of the first node with this file type and length.
    pub fn node(&self, disc: &mut Changeable, file_type: u8, length: Option<u64>) -> usize {
        let found = (1..self.nodes.len()).find(|address| {
            // An unused entry.
            if self.nodes[*address] < self.partition {
                return false;
            }
            let block = disc.block(self.nodes[*address]);
            let bytes = u64::from_le_bytes(block[56..64].try_into().unwrap());
            block[27] == file_type && length.is_none_or(|length| length == bytes)
        });
        found.unwrap()
    }
}

pub fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
