//! Emulated recorders and helpers for the tests of the drive.
#![allow(dead_code)] // each test uses a part of it

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use drive::{Drive, DriveError, Wait};
use emulator::{Behaviour, FaultScript, Medium, Recorder};
use mmc::Lba;
use tempfile::TempDir;

/// Blocks of the media in tests: room for three sessions with the widest gaps.
pub const CAPACITY: u32 = 128_000;

/// Only counts the waits.
#[derive(Clone, Default)]
pub struct Counted(pub Arc<Mutex<Duration>>);

impl Wait for Counted {
    fn wait(&mut self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

/// A directory for images.
pub fn folder() -> TempDir {
    TempDir::new().unwrap()
}

pub fn recorder(folder: &TempDir, medium: Medium, behaviour: Behaviour) -> Recorder {
    let image = folder.path().join(format!("{medium}.img"));
    Recorder::create(&image, medium, Some(CAPACITY), behaviour).unwrap()
}

/// A blank medium in a drive.
pub fn blank(folder: &TempDir, medium: Medium) -> Drive {
    blank_as(folder, medium, Behaviour::default())
}

pub fn blank_as(folder: &TempDir, medium: Medium, behaviour: Behaviour) -> Drive {
    open(recorder(folder, medium, behaviour)).unwrap()
}

pub fn open(recorder: Recorder) -> Result<Drive, DriveError> {
    Drive::open_waiting(Box::new(recorder), Box::new(Counted::default()))
}

pub fn with_faults(mut recorder: Recorder, script: &str) -> Recorder {
    recorder.set_faults(script.parse::<FaultScript>().unwrap());
    recorder
}

/// Blocks that contain their own number.
pub fn blocks(first: u32, count: u32) -> Vec<u8> {
    (first..first + count)
        .flat_map(|at| at.to_le_bytes().repeat(512))
        .collect()
}

/// Appends blocks, synchronizes, and returns the first block.
pub fn append(drive: &mut Drive, count: u32) -> Lba {
    let at = drive.append_point().unwrap().address;
    drive.write(at, &blocks(at.0, count)).unwrap();
    drive.synchronize().unwrap();
    at
}

/// The number in a block.
pub fn read_one(drive: &mut Drive, at: Lba) -> Result<u32, DriveError> {
    let mut block = [0; 2048];
    drive.read(at, &mut block)?;
    Ok(u32::from_le_bytes(block[..4].try_into().unwrap()))
}

/// Records the names of the commands sent.
pub fn traced(recorder: &mut Recorder) -> Arc<Mutex<Vec<String>>> {
    let names = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&names);
    recorder.set_trace(Box::new(move |entry| {
        sink.lock().unwrap().push(entry.name().to_owned())
    }));
    names
}

pub fn bare_image(bytes: &[u8], folder: &Path) -> std::path::PathBuf {
    let path = folder.join("bare.img");
    std::fs::write(&path, bytes).unwrap();
    path
}
