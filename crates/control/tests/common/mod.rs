//! A disc on a bench: an emulated recorder with a medium of 20 MB.

use std::fs;
use std::path::PathBuf;

use control::{DesiredAccess, VolumeHandle};
use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::{TagVersion, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::LogicalVolumeDescriptor;
use emulator::{Behaviour, Medium, Recorder};
use recording::{Attributes, FormatOptions};
use tempfile::TempDir;

const CAPACITY: u32 = 10_000;

/// Enough for two sessions with the gap of a DVD-R or CD-R between them.
const LARGE_CAPACITY: u32 = 60_000;

pub struct Bench {
    directory: TempDir,
}

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000, 0)
}

impl Bench {
    /// A blank medium.
    pub fn blank(medium: &str) -> Self {
        let bench = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        let medium: Medium = medium.parse().expect("a medium");
        let capacity = match medium {
            Medium::CdR80 | Medium::DvdR => LARGE_CAPACITY,
            _ => CAPACITY,
        };
        drop(
            Recorder::create(&bench.path(), medium, Some(capacity), Behaviour::default())
                .expect("a recorder"),
        );
        bench
    }

    /// A medium with an empty volume, its session open.
    pub fn volume(medium: &str) -> Self {
        let bench = Self::blank(medium);
        let options = FormatOptions {
            revision: Revision::V2_01,
            label: "bench".into(),
            unique: 1,
            now: now(),
            seconds: 1_800_000_000,
            root: Attributes::at(0o755, now()),
        };
        recording::format(bench.drive(), &options).expect("a volume");
        bench
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("disc.udf")
    }

    pub fn drive(&self) -> Drive {
        Drive::open(Box::new(Recorder::open(&self.path()).expect("the image opens")))
            .expect("the drive opens")
    }

    pub fn handle(&self) -> VolumeHandle {
        handle(self.drive())
    }

    /// A handle on the image as another program sees it, without what the drive knows.
    pub fn bare_handle(&self) -> VolumeHandle {
        handle(Drive::open_image(&self.path()).expect("the image opens"))
    }

    /// A handle on a drive that fails by a script, once it is open.
    pub fn faulty_handle(&self, script: &str) -> VolumeHandle {
        let mut recorder = Recorder::open(&self.path()).expect("the image opens");
        recorder.set_faults(script.parse().expect("a script"));
        handle(Drive::open(Box::new(recorder)).expect("the drive opens"))
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

    pub fn image(&self) -> Vec<u8> {
        fs::read(self.path()).expect("the image")
    }

    /// Leaves the type 1 partition only, as on a rewritable medium.
    pub fn drop_virtual_partition(&self) {
        self.edit(|block, location| {
            let Ok(mut descriptor) = LogicalVolumeDescriptor::decode(block, Some(location)) else {
                return;
            };
            descriptor.partition_maps.truncate(1);
            let encoded = descriptor
                .encode(TagVersion::of(Revision::V2_01), location)
                .expect("it is shorter now");
            block.copy_from_slice(&encoded);
        });
    }

    /// Destroys everything behind the anchors but the anchors.
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
    }
}

fn handle(drive: Drive) -> VolumeHandle {
    VolumeHandle::open(
        drive,
        DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA,
        now(),
    )
}
