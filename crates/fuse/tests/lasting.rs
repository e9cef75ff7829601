//! When changes on a mounted volume are permanent.

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, Instant};

use common::Bench;
use emulator::Medium;
use volume::Volume;

/// The names in the root of a copy of the image opened now.
fn names(bench: &Bench) -> Vec<String> {
    let copy = bench.image().with_extension("copy");
    fs::copy(bench.image(), &copy).unwrap();
    let side = emulator::Recorder::side_file(&bench.image());
    fs::copy(side, emulator::Recorder::side_file(&copy)).unwrap();
    let recorder = emulator::Recorder::open(&copy).unwrap();
    let mut volume = Volume::open(drive::Drive::open(Box::new(recorder)).unwrap()).unwrap();
    let root = volume.root().and_then(|root| volume.node(root)).unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let mut names = Vec::new();
    while let Some(entry) = directory.next_live(&mut volume).unwrap() {
        names.push(entry.name);
    }
    names
}

#[test]
fn a_change_acknowledged_by_fsync_is_on_the_disc() {
    let bench = Bench::new(Medium::CdR80, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let mut file = File::create(mounted.at("synchronized")).unwrap();
    file.write_all(&[7; 5000]).unwrap();
    assert_eq!(names(&bench), [""; 0]);
    file.sync_data().unwrap();
    assert_eq!(names(&bench), ["synchronized"]);
    fs::write(mounted.at("waiting"), "x").unwrap();
    assert_eq!(names(&bench), ["synchronized"]);
    File::open(&mounted.path).unwrap().sync_all().unwrap();
    assert_eq!(names(&bench), ["synchronized", "waiting"]);
    assert_eq!(mounted.said(), ["committed", "committed"]);
}

#[test]
fn changes_are_committed_by_the_clock_only_once() {
    let bench = Bench::new(Medium::DvdPlusR, 60_000);
    let Some(mounted) = bench.mount_committing(Some(Duration::from_millis(300))) else {
        return;
    };
    fs::write(mounted.at("file"), "x").unwrap();
    let started = Instant::now();
    while mounted.said().is_empty() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(mounted.said(), ["committed"]);
    assert_eq!(names(&bench), ["file"]);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(mounted.said(), ["committed"]);
}

#[test]
fn a_mount_ended_under_open_files_commits_their_data() {
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    let mut file = File::create(mounted.at("open")).unwrap();
    file.write_all(&[9; 4000]).unwrap();
    mounted.end_at_once().unwrap();
    assert_eq!(names(&bench), ["open"]);
    assert!(file.write_all(&[9; 10]).is_err());
}

#[test]
fn nobody_else_can_open_a_mounted_disc() {
    let bench = Bench::new(Medium::BdR, 60_000);
    let Some(mounted) = bench.mount() else { return };
    assert!(emulator::Recorder::open(&bench.image()).is_err());
    mounted.end().unwrap();
    bench.drive();
}
