//! An image, opened and judged.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs::File;

use check::{Options, Report};
use drive::Drive;
use ecma167::general::Timestamp;
use emulator::Recorder;
use hostile::Image;
use recording::Recording;
use volume::{Error, Volume};

fn drive(image: &Image) -> Drive {
    let file = tempfile::NamedTempFile::new_in(memory()).unwrap();
    image
        .write_to(&File::options().write(true).open(file.path()).unwrap())
        .unwrap();
    // It stays open after its name is removed.
    Drive::open_image(file.path()).unwrap()
}

pub fn open(image: &Image) -> Result<Volume, Error> {
    Volume::open(drive(image)).map_err(|refused| refused.error)
}

/// The volume on an image of the small base, opened for changes in its recorder.
pub fn recording(image: &Image) -> Result<Recording, recording::Error> {
    let folder = tempfile::tempdir_in(memory()).unwrap();
    let path = folder.path().join("disc");
    image.write_to(&File::create(&path).unwrap()).unwrap();
    let side = hostile::bases::named("small-201").side.unwrap();
    std::fs::write(Recorder::side_file(&path), side).unwrap();
    let drive = Drive::open(Box::new(Recorder::open_accepting(&path).unwrap())).unwrap();
    // Nothing is recorded, so the files may be unlinked.
    Ok(Recording::open(drive, Timestamp::from_unix(1_700_000_100, 0))?)
}

fn memory() -> &'static str {
    if std::path::Path::new("/dev/shm").is_dir() {
        "/dev/shm"
    } else {
        "/tmp"
    }
}

pub fn judge(image: &Image) -> Report {
    let options = Options {
        read_data: true,
        ..Options::default()
    };
    check::check(&mut drive(image), &options)
}

/// The live names in a directory, as far as it can be read.
pub fn entry_names(volume: &mut Volume, path: &str) -> Vec<String> {
    let node = volume.lookup_path(path).unwrap();
    let mut directory = volume.directory(&node).unwrap();
    let mut names = Vec::new();
    while let Ok(Some(entry)) = directory.next_live(volume) {
        names.push(entry.name);
    }
    names
}

/// The result of opening an image.
pub enum Outcome {
    /// The names in its root.
    Read(Vec<String>),
    /// Why it does not open, or has no root.
    Error(Error),
}

pub fn outcome(image: &Image) -> Outcome {
    let mut volume = match open(image) {
        Ok(volume) => volume,
        Err(error) => return Outcome::Error(error),
    };
    match volume.lookup_path("/") {
        Ok(_) => Outcome::Read(entry_names(&mut volume, "/")),
        Err(error) => Outcome::Error(error),
    }
}
