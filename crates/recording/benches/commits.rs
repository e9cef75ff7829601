//! Counts the blocks of commits: `cargo bench -p oncefs-recording --bench commits -- MEDIUM DIRECTORIES FILES
//! COMMITS`. Fills an emulated disc with DIRECTORIES directories of FILES files of one byte each, then adds
//! one file of 1 KiB to a random directory in each of COMMITS commits. Prints one line of JSON. Counts the
//! blocks of the WRITE commands in the trace: the drive adds links itself, which are not counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use drive::Drive;
use ecma167::{general::Timestamp, osta::Revision};
use emulator::{Medium, Recorder};
use mmc::TraceEntry;
use recording::{Attributes, FormatOptions, NodeId, NodeKind, Recording, format};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // Cargo passes `--bench` to every benchmark.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let words: Vec<String> = words.collect();
    let [medium, numbers @ ..] = words.as_slice() else {
        return Err("usage: commits MEDIUM DIRECTORIES FILES-IN-EACH COMMITS".into());
    };
    let medium: Medium = medium.parse()?;
    let numbers: Vec<usize> = numbers
        .iter()
        .map(|word| word.parse())
        .collect::<Result<_, _>>()?;
    let &[directories, files, commits] = numbers.as_slice() else {
        return Err("usage: commits MEDIUM DIRECTORIES FILES-IN-EACH COMMITS".into());
    };
    let folder = tempfile::tempdir()?;
    let image = folder.path().join("disc.img");
    // Enough room for all that is recorded, even beyond the largest medium of the kind.
    let needed = u32::try_from(directories * (files + 20) * 2 + commits * 100)? + 10_000;
    let capacity = needed.max(medium.nominal_capacity());
    Recorder::create(&image, medium, Some(capacity), Default::default())?;
    let (drive, blocks) = counted(Recorder::open(&image)?)?;
    let now = Timestamp::from_unix(1_700_000_000, 0);
    let mut recording = Recording::open(format(drive, &options(now))?, now)?;
    let made = fill(&mut recording, directories, files, now)?;
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut costs = Vec::new();
    let started = Instant::now();
    for number in 0..commits {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let directory = made[usize::try_from(random % directories as u64)?];
        let before = blocks.load(Ordering::Relaxed);
        add(
            &mut recording,
            directory,
            &format!("more {number}"),
            &[7; 1024],
            now,
        )?;
        recording.commit(now)?;
        costs.push(blocks.load(Ordering::Relaxed) - before);
    }
    let seconds = started.elapsed().as_secs_f64();
    costs.sort_unstable();
    let mean = costs.iter().sum::<u64>() as f64 / costs.len().max(1) as f64;
    println!(
        "{{\"medium\":\"{medium}\",\"files\":{},\"directories\":{directories},\"commits\":{commits},\"median\":{},\"mean\":{mean:.2},\
         \"most\":{},\"seconds\":{seconds:.3}}}",
        directories * files,
        costs.get(costs.len() / 2).unwrap_or(&0),
        costs.last().unwrap_or(&0),
    );
    Ok(())
}

/// A drive that counts the blocks sent to it.
fn counted(mut recorder: Recorder) -> Result<(Drive, Arc<AtomicU64>), Failure> {
    let blocks = Arc::new(AtomicU64::new(0));
    let count = blocks.clone();
    recorder.set_trace(Box::new(move |entry: &TraceEntry| {
        if entry.name().starts_with("WRITE") {
            let moved = entry.blocks().map_or(0, |(_, moved)| moved);
            count.fetch_add(moved.into(), Ordering::Relaxed);
        }
    }));
    Ok((Drive::open(Box::new(recorder))?, blocks))
}

fn options(now: Timestamp) -> FormatOptions {
    FormatOptions {
        revision: Revision::V2_01,
        label: "Commits".into(),
        unique: 1,
        now,
        seconds: 1_700_000_000,
        root: Attributes::at(0o755, now),
        rom: None,
    }
}

fn fill(
    recording: &mut Recording,
    directories: usize,
    files: usize,
    now: Timestamp,
) -> Result<Vec<NodeId>, Failure> {
    let root = recording.root();
    let mut made = Vec::with_capacity(directories);
    for number in 0..directories {
        let attributes = Attributes::at(0o755, now);
        let name = format!("directory {number}");
        let directory = recording.create(root, &name, NodeKind::Directory, &attributes)?;
        for file in 0..files {
            add(recording, directory, &format!("file {file}"), b"x", now)?;
        }
        made.push(directory);
    }
    recording.commit(now)?;
    Ok(made)
}

fn add(
    recording: &mut Recording,
    directory: NodeId,
    name: &str,
    content: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    let node = recording.create(directory, name, NodeKind::File, &Attributes::at(0o644, now))?;
    Ok(recording.write_last(node, 0, content)?)
}
