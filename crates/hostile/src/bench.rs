//! Discs in the emulated recorder, on files in memory if the host has a file system there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drive::{Drive, Wait};
use emulator::{Medium, Recorder};
use tempfile::TempDir;

use crate::recipe::Made;

/// A folder with a disc, removed on drop.
pub struct Bench {
    folder: TempDir,
}

/// A clock that never waits.
struct NoWait;

impl Wait for NoWait {
    fn wait(&mut self, _duration: Duration) {}
}

impl Bench {
    /// # Panics
    /// If the host cannot provide a folder.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Self {
            folder: tempfile::tempdir_in(parent).expect("a folder in memory"),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disc")
    }

    /// Stores an image with the side file of its base if that fits, or otherwise as a disc of `medium` that
    /// is recorded to its end.
    pub fn put(&self, made: &Made, medium: Medium) -> Option<Drive> {
        let path = self.path();
        let file = fs::File::create(&path).expect("an image in memory");
        made.image.write_to(&file).expect("an image in memory");
        drop(file);
        let recorder = match made.base.side {
            Some(text) if made.whole => {
                fs::write(Recorder::side_file(&path), text).expect("a side file in memory");
                Recorder::open_accepting(&path)
            }
            _ => Recorder::adopt(&path, medium, Some(made.image.length.saturating_add(2000))),
        };
        let recorder = recorder.ok()?;
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).ok()
    }

    /// Reopens the stored disc.
    pub fn again(&self) -> Option<Drive> {
        let recorder = Recorder::open_accepting(&self.path()).ok()?;
        Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).ok()
    }
}
