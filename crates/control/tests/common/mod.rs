//! A disc on a bench: an emulated recorder with a medium of 20 MB.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use control::{
    DesiredAccess, DiscIdentity, DiscSource, OpenFailure, ShareMode, SourceError, Target, VolumeHandle,
};
use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::{DomainFlags, EntityIdentifier, TagVersion, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::LogicalVolumeDescriptor;
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, FormatOptions, NodeKind, Recording, Rom};
use tempfile::TempDir;

const CAPACITY: u32 = 10_000;

/// Room for two sessions with the gap between them on DVD-R or CD-R.
const LARGE_CAPACITY: u32 = 60_000;

/// Makes each volume different.
static UNIQUE: AtomicU32 = AtomicU32::new(1);

pub struct Bench {
    directory: TempDir,
}

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000, 0)
}

impl Bench {
    /// A blank medium.
    pub fn blank(medium: &str) -> Self {
        Self::behaving(medium, Behaviour::default())
    }

    /// A blank medium in a drive of its own kind.
    pub fn behaving(medium: &str, behaviour: Behaviour) -> Self {
        let bench = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        let medium: Medium = medium.parse().expect("a medium");
        let capacity = match medium {
            Medium::CdR80 | Medium::DvdR => LARGE_CAPACITY,
            _ => CAPACITY,
        };
        drop(Recorder::create(&bench.path(), medium, Some(capacity), behaviour).expect("a recorder"));
        bench
    }

    /// A medium with an empty volume, its session open.
    pub fn volume(medium: &str) -> Self {
        Self::blank(medium).formatted()
    }

    /// The same with an empty volume.
    pub fn formatted(self) -> Self {
        let bench = self;
        bench.format(Revision::V2_01);
        bench
    }

    /// A medium with an empty volume of a UDF revision.
    pub fn revision(medium: &str, revision: Revision) -> Self {
        let bench = Self::blank(medium);
        bench.format(revision);
        bench
    }

    /// A medium with an empty volume; each closing records a plain volume beside it.
    pub fn rom(medium: &str) -> Self {
        let bench = Self::blank(medium);
        bench.format_with(
            Revision::V2_01,
            Some(Rom {
                revision: Revision::V1_02,
                bridge: true,
                links: false,
                is_optional: false,
            }),
        );
        bench
    }

    fn format(&self, revision: Revision) {
        self.format_with(revision, None);
    }

    fn format_with(&self, revision: Revision, rom: Option<Rom>) {
        let options = FormatOptions {
            revision,
            label: "bench".into(),
            unique: UNIQUE.fetch_add(1, Ordering::Relaxed),
            now: now(),
            seconds: 1_800_000_000,
            root: Attributes::at(0o755, now()),
            rom,
        };
        recording::format(self.drive(), &options).expect("a volume");
    }

    /// Like [`Bench::volume`], with a file `/directory/file.txt`.
    pub fn files(medium: &str) -> Self {
        let bench = Self::volume(medium);
        let mut recording = Recording::open(bench.drive(), now()).expect("the volume opens");
        add_files(&mut recording);
        recording.commit(now()).expect("a commit");
        bench
    }

    /// A disc with other contents.
    pub fn holding(image: &[u8]) -> Self {
        let bench = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        fs::write(bench.path(), image).expect("an image");
        bench
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("disc.udf")
    }

    /// The disc as handles open it.
    pub fn source(&self) -> Source {
        Source {
            path: self.path(),
            script: Arc::default(),
            at_write: None,
            on_network: false,
        }
    }

    /// A handle that opens the disc for each request.
    pub fn open(&self, target: Target<'_>) -> VolumeHandle {
        self.try_open(target, both(), share()).expect("the handle opens")
    }

    pub fn try_open(
        &self,
        target: Target<'_>,
        access: DesiredAccess,
        share: ShareMode,
    ) -> Result<VolumeHandle, OpenFailure> {
        VolumeHandle::open_on(Box::new(self.source()), target, access, share, now())
    }

    /// Replaces the disc in the drive: the path then leads to another image.
    pub fn exchange(&self, other: &Self) {
        fs::rename(other.path(), self.path()).expect("the image moves");
        fs::rename(
            Recorder::side_file(&other.path()),
            Recorder::side_file(&self.path()),
        )
        .expect("the side file moves");
    }

    /// A copy of the disc.
    pub fn copy(&self) -> Self {
        let copy = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        fs::copy(self.path(), copy.path()).expect("the image is copied");
        fs::copy(
            Recorder::side_file(&self.path()),
            Recorder::side_file(&copy.path()),
        )
        .expect("the side file is copied");
        copy
    }

    pub fn drive(&self) -> Drive {
        // Some tests change the image on purpose.
        Drive::open(Box::new(
            Recorder::open_accepting(&self.path()).expect("the image opens"),
        ))
        .expect("the drive opens")
    }

    pub fn handle(&self) -> VolumeHandle {
        handle(self.drive())
    }

    /// A handle on the image as another program sees it, without the side file.
    pub fn bare_handle(&self) -> VolumeHandle {
        handle(Drive::open_image(&self.path()).expect("the image opens"))
    }

    /// A handle on a drive that fails by a script once it is open.
    pub fn faulty_handle(&self, script: &str) -> VolumeHandle {
        let mut recorder = Recorder::open(&self.path()).expect("the image opens");
        recorder.set_faults(script.parse().expect("a script"));
        handle(Drive::open(Box::new(recorder)).expect("the drive opens"))
    }

    /// Makes the side file one of version 1, which fits any image of its length, because the test changes the
    /// image.
    fn forget_proof(&self) {
        let side = Recorder::side_file(&self.path());
        let text = fs::read_to_string(&side).expect("a side file");
        let proves = |line: &&str| {
            let word = line.split(' ').next();
            !word.is_some_and(|word| ["state", "recording", "digest"].contains(&word))
        };
        let lines: Vec<&str> = text.lines().filter(proves).collect();
        let text = lines.join("\n").replace("oncefs recorder 2", "oncefs recorder 1");
        fs::write(side, text).expect("a side file");
    }

    /// Removes the side file.
    pub fn forget_medium(&self) {
        fs::remove_file(Recorder::side_file(&self.path())).expect("the side file goes");
    }

    /// A handle on the image with a stated medium.
    pub fn adopted_handle(&self, medium: &str, capacity: u32) -> VolumeHandle {
        let medium = medium.parse().expect("a medium");
        let recorder = Recorder::adopt(&self.path(), medium, Some(capacity)).expect("the image is adopted");
        handle(Drive::open(Box::new(recorder)).expect("the drive opens"))
    }

    /// Records zeros up to the last block that the drive takes.
    pub fn fill(&self) {
        let mut drive = self.drive();
        drive.prepare_recording().expect("the drive is prepared");
        let zeros = vec![0; drive.transfer_limit()];
        while let Ok(point) = drive.append_point() {
            let free = usize::try_from(point.free_blocks).expect("blocks") * BLOCK_SIZE;
            let Some(part) = zeros.get(..free.min(zeros.len())).filter(|part| !part.is_empty()) else {
                break;
            };
            drive.write(point.address, part).expect("the drive takes it");
        }
        drive.synchronize().expect("it lasts");
    }

    pub fn image(&self) -> Vec<u8> {
        fs::read(self.path()).expect("the image")
    }

    /// Leaves only the type 1 partition, as on a rewritable medium.
    pub fn drop_virtual_partition(&self) {
        self.edit_logical(|descriptor| descriptor.partition_maps.truncate(1));
    }

    /// Marks the volume as write protected.
    pub fn protect(&self) {
        let flags = DomainFlags::SOFT_WRITE_PROTECT;
        let domain = EntityIdentifier::domain(Revision::V2_01, flags);
        self.edit_logical(|descriptor| descriptor.domain_identifier = domain);
    }

    fn edit_logical(&self, change: impl Fn(&mut LogicalVolumeDescriptor)) {
        self.edit(|block, location| {
            let Ok(mut descriptor) = LogicalVolumeDescriptor::decode(block, Some(location)) else {
                return;
            };
            change(&mut descriptor);
            let encoded = descriptor
                .encode(TagVersion::of(Revision::V2_01), location)
                .expect("it is not longer now");
            block.copy_from_slice(&encoded);
        });
    }

    /// Destroys everything after the anchors, except the anchors.
    pub fn destroy_descriptors(&self) {
        self.edit(|block, location| {
            let is_anchor = block[..2] == [2, 0];
            if location > 20 && !is_anchor {
                block.fill(0x55);
            }
        });
    }

    fn edit(&self, change: impl Fn(&mut [u8], u32)) {
        let mut image = self.image();
        for (block, location) in image.chunks_exact_mut(BLOCK_SIZE).zip(0..) {
            change(block, location);
        }
        fs::write(self.path(), image).expect("the image is written");
        self.forget_proof();
    }
}

pub fn both() -> DesiredAccess {
    DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA
}

pub fn share() -> ShareMode {
    ShareMode::FILE_SHARE_READ | ShareMode::FILE_SHARE_WRITE
}

/// Adds `/directory/file.txt` and leaves it pending.
pub fn add_files(recording: &mut Recording) {
    let attributes = Attributes::at(0o755, now());
    let root = recording.root();
    let directory = recording
        .create(root, "directory", NodeKind::Directory, &attributes)
        .expect("a directory");
    let file = recording
        .create(directory, "file.txt", NodeKind::File, &attributes)
        .expect("a file");
    recording.write(file, 0, b"what stays").expect("its body");
}

/// A disc as handles open it: in a drive that fails by a script, on a network or not.
#[derive(Clone)]
pub struct Source {
    pub path: PathBuf,
    /// May change while a handle is open; it starts anew each time the drive is opened.
    pub script: Arc<Mutex<String>>,
    /// Called at each recorded block.
    pub at_write: Option<Arc<dyn Fn() + Send + Sync>>,
    pub on_network: bool,
}

impl Source {
    pub fn break_by(&self, script: &str) {
        *self.script.lock().expect("the script") = script.into();
    }

    /// A handle on the volume.
    pub fn open(&self) -> VolumeHandle {
        VolumeHandle::open_on(Box::new(self.clone()), Target::Volume, both(), share(), now())
            .expect("the handle opens")
    }

    fn has_side_file(&self) -> bool {
        Recorder::side_file(&self.path).exists()
    }

    fn drive(&self, open: fn(&Path) -> Result<Recorder, emulator::Error>) -> Result<Drive, SourceError> {
        if !self.has_side_file() {
            return Ok(Drive::open_image(&self.path)?);
        }
        let mut recorder = open(&self.path).map_err(|error| match error {
            emulator::Error::InUse(_) => SourceError::InUse,
            emulator::Error::Io { source, .. } => source.into(),
            other => SourceError::NotADisc(other.into()),
        })?;
        let script = self.script.lock().expect("the script");
        recorder.set_faults(script.parse().expect("a script"));
        if let Some(at_write) = self.at_write.clone() {
            recorder.set_trace(Box::new(move |entry| {
                if entry.to_string().contains("WRITE(10)") {
                    at_write();
                }
            }));
        }
        Ok(Drive::open(Box::new(recorder))?)
    }
}

impl DiscSource for Source {
    fn identity(&self) -> Result<DiscIdentity, SourceError> {
        let metadata = fs::metadata(&self.path)?;
        Ok(DiscIdentity {
            device: metadata.dev(),
            file: metadata.ino(),
        })
    }

    fn is_on_network(&self) -> Result<bool, SourceError> {
        Ok(self.on_network)
    }

    fn is_writable(&self) -> bool {
        self.has_side_file()
    }

    fn open_to_read(&self) -> Result<Drive, SourceError> {
        self.drive(Recorder::open_read_only)
    }

    fn open_to_record(&self) -> Result<Drive, SourceError> {
        self.drive(Recorder::open)
    }
}

fn handle(drive: Drive) -> VolumeHandle {
    VolumeHandle::open(drive, both(), now())
}
