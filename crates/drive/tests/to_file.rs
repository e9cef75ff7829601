//! Reading blocks to a file of the host, bypassing the memory of the program.

mod common;

use std::fs::File;
use std::path::PathBuf;

use common::{append, bare_image, blocks, folder, open, recorder, traced, with_faults};
use drive::{Drive, DriveError};
use emulator::{Behaviour, Medium, Recorder};
use mmc::{Data, Failure, FilePart, Lba, Transport};
use tempfile::TempDir;

/// More blocks than one command moves.
const COUNT: u32 = 704;

fn file(folder: &TempDir) -> (PathBuf, File) {
    let path = folder.path().join("file");
    let file = File::create(&path).unwrap();
    (path, file)
}

fn part(file: &File, offset: u64, count: u32) -> FilePart<'_> {
    FilePart {
        file,
        offset,
        bytes: count as usize * 2048,
    }
}

fn recorded(folder: &TempDir) -> PathBuf {
    let mut drive = open(recorder(folder, Medium::DvdR, Behaviour::default())).unwrap();
    drive.prepare_recording().unwrap();
    assert_eq!(append(&mut drive, 512), Lba(0));
    append(&mut drive, COUNT - 512);
    folder.path().join(format!("{}.img", Medium::DvdR))
}

#[test]
fn the_file_gets_the_same_blocks_as_reading() {
    let folder = folder();
    let (path, file) = file(&folder);
    let bare = Drive::open_image(&bare_image(&blocks(0, COUNT), folder.path()));
    let kept = open(Recorder::open_read_only(&recorded(&folder)).unwrap());
    for (mut drive, offset) in [(bare.unwrap(), 0), (kept.unwrap(), 3)] {
        assert!(
            drive
                .read_to_file(Lba(1), part(&file, offset, COUNT - 1))
                .unwrap()
        );
        let offset = usize::try_from(offset).unwrap();
        assert_eq!(std::fs::read(&path).unwrap()[offset..], blocks(1, COUNT - 1));
    }
}

#[test]
fn an_unreadable_block_is_the_same_error_as_in_reading() {
    let folder = folder();
    let (_, file) = file(&folder);
    let disc = Recorder::open_read_only(&recorded(&folder)).unwrap();
    let mut drive = open(with_faults(disc, "unreadable 600..601")).unwrap();
    let error = drive.read_to_file(Lba(0), part(&file, 0, COUNT)).unwrap_err();
    assert!(
        matches!(error, DriveError::Unreadable { at: Lba(600), .. }),
        "{error}"
    );
}

#[test]
fn a_failure_of_image_or_file_is_left_to_reading() {
    let folder = folder();
    let image = recorded(&folder);
    let (path, file) = file(&folder);
    let mut drive = open(Recorder::open_read_only(&image).unwrap()).unwrap();
    let only_read = File::open(path).unwrap();
    assert!(!drive.read_to_file(Lba(0), part(&only_read, 0, COUNT)).unwrap());

    let cut = File::options().write(true).open(&image).unwrap();
    cut.set_len(650 * 2048).unwrap();
    assert!(!drive.read_to_file(Lba(0), part(&file, 0, COUNT)).unwrap());
    let error = drive.read(Lba(0), &mut blocks(0, COUNT)).unwrap_err();
    assert!(
        matches!(error, DriveError::Unreadable { at: Lba(650), .. }),
        "{error}"
    );
}

/// Moves data to memory only, like hardware.
struct Hardware(Recorder);

impl Transport for Hardware {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        self.0.execute(command, data)
    }
}

#[test]
fn hardware_is_not_asked_to_fill_a_file() {
    let folder = folder();
    let (_, file) = file(&folder);
    let mut disc = Recorder::open_read_only(&recorded(&folder)).unwrap();
    let names = traced(&mut disc);
    let mut drive = Drive::open(Box::new(Hardware(disc))).unwrap();
    names.lock().unwrap().clear();
    assert!(!drive.read_to_file(Lba(0), part(&file, 0, COUNT)).unwrap());
    assert!(names.lock().unwrap().is_empty());
}
