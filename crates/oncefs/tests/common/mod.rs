//! Discs for the tests, each in a folder of its own.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oncefs::{FormatOptions, Medium, OpenOptions, Recording, Volume};
use tempfile::TempDir;

/// An image that goes when the test ends.
pub struct Disc {
    folder: TempDir,
}

pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

impl Disc {
    /// Nothing yet.
    pub fn absent() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A disc with an empty volume.
    pub fn empty() -> Self {
        let disc = Self::absent();
        drop(disc.create(Medium::DvdPlusR));
        disc
    }

    /// An image of another program, by its name in the crate `hostile`.
    pub fn of_base(name: &str) -> Self {
        let disc = Self::absent();
        let base = hostile::bases::all().iter().find(|base| base.name == name);
        let image = std::fs::File::create(disc.path()).expect("an image");
        let written = base.expect("a base").image.write_to(&image);
        written.expect("its blocks");
        disc
    }

    /// A disc with what `fill` makes, committed.
    pub fn with(fill: impl FnOnce(&mut Recording) -> oncefs::Result<()>) -> Self {
        let disc = Self::empty();
        let mut recording = disc.record();
        fill(&mut recording).expect("the disc takes it");
        recording.commit().expect("a commit");
        disc
    }

    pub fn create(&self, medium: Medium) -> Recording {
        let mut options = FormatOptions::new();
        options.label("Archive").capacity(40_000);
        options.create(self.path(), medium, now()).expect("a new image")
    }

    /// Another disc with the same contents.
    pub fn copy(&self) -> Self {
        let copy = Self::absent();
        for name in ["disc.udf", "disc.udf.oncefs"] {
            std::fs::copy(self.beside(name), copy.beside(name)).expect("a copy");
        }
        copy
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disc.udf")
    }

    /// A path beside the image.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn open(&self) -> Volume {
        oncefs::open(self.path()).expect("the volume opens")
    }

    pub fn record(&self) -> Recording {
        OpenOptions::new()
            .record(self.path(), now())
            .expect("the volume opens for changes")
    }

    /// Names in a directory, sorted.
    pub fn names(&self, path: &str) -> Vec<String> {
        names(&self.open(), path)
    }
}

/// Names in a directory, sorted.
pub fn names(volume: &Volume, path: &str) -> Vec<String> {
    let entries = volume.read_dir(path).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_owned())
        .collect();
    names.sort();
    names
}

/// Bytes that differ from block to block.
pub fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 7).to_le_bytes()[0]).collect()
}
