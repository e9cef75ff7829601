//! What commits cost in blocks, counted in the trace of the recorder: they cost what changed, whatever the
//! volume contains.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use common::{Disc, NoWait, add_directory, add_file, content, time};
use drive::Drive;
use ecma167::osta::Revision;
use emulator::Medium;
use mmc::TraceEntry;
use recording::{NodeId, Recording};

/// A recording whose drive counts the blocks sent to it.
fn counted(disc: &Disc) -> (Recording, Arc<AtomicU64>) {
    let blocks = Arc::new(AtomicU64::new(0));
    let count = blocks.clone();
    let mut recorder = disc.recorder();
    recorder.set_trace(Box::new(move |entry: &TraceEntry| {
        if entry.name().starts_with("WRITE") {
            let moved = entry.blocks().map_or(0, |(_, count)| count);
            count.fetch_add(moved.into(), Ordering::Relaxed);
        }
    }));
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    (Recording::open(drive, time(1)).unwrap(), blocks)
}

/// Creates directories with files of one byte in each, in one commit.
fn fill(recording: &mut Recording, directories: usize, files: usize) -> Vec<NodeId> {
    let root = recording.root();
    let made = (0..directories).map(|number| {
        let directory = add_directory(recording, root, &format!("directory {number}"));
        for file in 0..files {
            add_file(recording, directory, &format!("file {file}"), b"x");
        }
        directory
    });
    let made = made.collect();
    recording.commit(time(2)).unwrap();
    made
}

/// Blocks of each commit that adds one file of 1 KiB to some directory, ascending.
fn costs_of_commits(medium: Medium, directories: usize, files: usize, commits: usize) -> Vec<u64> {
    let disc = Disc::formatted(medium, 300_000, Revision::V2_01);
    let (mut recording, blocks) = counted(&disc);
    let made = fill(&mut recording, directories, files);
    let cost = |number: usize| {
        let before = blocks.load(Ordering::Relaxed);
        let directory = made[number.wrapping_mul(2_654_435_761) % directories];
        add_file(
            &mut recording,
            directory,
            &format!("more {number}"),
            &content(1024, 1),
        );
        recording.commit(time(3)).unwrap();
        blocks.load(Ordering::Relaxed) - before
    };
    let mut costs: Vec<u64> = (0..commits).map(cost).collect();
    costs.sort_unstable();
    costs
}

#[test]
fn adding_a_kibibyte_records_ten_blocks_at_most_on_cd_r_in_the_median() {
    let costs = costs_of_commits(Medium::CdR80, 200, 100, 300);
    assert!(costs[costs.len() / 2] <= 10, "{costs:?}");
    assert!(costs.iter().sum::<u64>() <= 14 * costs.len() as u64, "{costs:?}");
}

#[test]
fn adding_a_kibibyte_records_one_unit_on_other_media() {
    for (medium, unit) in [(Medium::DvdPlusR, 16), (Medium::BdR, 32)] {
        // In far more than nine of ten commits; the others gather the VAT.
        let costs = costs_of_commits(medium, 200, 100, 100);
        assert!(costs[costs.len() * 9 / 10] <= unit, "{medium}: {costs:?}");
    }
}

#[test]
fn a_commit_costs_the_same_whatever_the_volume_contains() {
    let small = costs_of_commits(Medium::CdR80, 20, 100, 60);
    let large = costs_of_commits(Medium::CdR80, 100, 200, 60);
    let middle = small.len() / 2;
    assert_eq!(large[middle], small[middle], "{small:?} {large:?}");
}

#[test]
fn a_file_of_1800_bytes_costs_one_block() {
    for revision in [Revision::V1_50, Revision::V2_01, Revision::V2_50] {
        let disc = Disc::formatted(Medium::CdR80, 20_000, revision);
        let (mut recording, blocks) = counted(&disc);
        let root = recording.root();
        let mut cost = |files: usize, time_of: i64| {
            let before = blocks.load(Ordering::Relaxed);
            for file in 0..files {
                add_file(
                    &mut recording,
                    root,
                    &format!("{time_of} {file}"),
                    &content(1800, 1),
                );
            }
            recording.commit(time(time_of)).unwrap();
            blocks.load(Ordering::Relaxed) - before
        };
        cost(100, 1);
        let (few, many) = (cost(100, 2), cost(1100, 3));
        // 1,000 nodes: each name of 10 bytes takes 48 bytes in the directory, each VAT entry 4.
        let shared = (1000 * (48 + 4) / 2048) + 2;
        assert!(many - few <= 1000 + shared, "{revision}: {few} {many}");
    }
}

#[test]
fn twenty_thousand_names_take_less_than_64_bytes_each() {
    let disc = Disc::formatted(Medium::BdR, 100_000, Revision::V2_50);
    let (mut recording, blocks) = counted(&disc);
    let before = blocks.load(Ordering::Relaxed);
    let made = fill(&mut recording, 40, 500).len() as u64;
    let bytes = (blocks.load(Ordering::Relaxed) - before) * 2048;
    assert!(bytes < 20_000 * 2112 + made * 2048, "{}", bytes / 20_000);
}
