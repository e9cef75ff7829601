//! Measures how long one commit of many files takes, and how much memory: `cargo bench -p oncefs-recording
//! --bench bulk -- DIRECTORIES FILES BYTES`, on an emulated BD-R in the directory of temporary files.

use std::time::Instant;

use drive::Drive;
use ecma167::{general::Timestamp, osta::Revision};
use emulator::{Medium, Recorder};
use recording::{Attributes, FormatOptions, NodeKind, Recording, format};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        // Cargo passes this to every benchmark.
        .filter(|word| word != "--bench")
        .map(|word| word.parse())
        .collect::<Result<_, _>>()?;
    let &[directories, files, bytes] = numbers.as_slice() else {
        return Err("usage: bulk DIRECTORIES FILES-IN-EACH MOST-BYTES".into());
    };
    let directory = tempfile::tempdir()?;
    let image = directory.path().join("disc.img");
    Recorder::create(&image, Medium::BdRDl, None, Default::default())?;
    let now = Timestamp::from_unix(1_700_000_000, 0);
    let attributes = Attributes::at(0o755, now);
    let options = FormatOptions {
        revision: Revision::V2_50,
        label: "Bulk".into(),
        unique: 1,
        now,
        seconds: 1_700_000_000,
        root: attributes,
        rom: None,
    };
    let drive = Drive::open(Box::new(Recorder::open(&image)?))?;
    let mut recording = Recording::open(format(drive, &options)?, now)?;
    let content: Vec<u8> = (0..bytes).map(|byte| (byte / 7).to_le_bytes()[0]).collect();
    let started = Instant::now();
    let root = recording.root();
    for number in 0..directories {
        let parent = recording.create(
            root,
            &format!("directory {number}"),
            NodeKind::Directory,
            &attributes,
        )?;
        for file in 0..files {
            let node = recording.create(parent, &format!("file {file}"), NodeKind::File, &attributes)?;
            let length = (number * 7919 + file * 104_729) % (bytes + 1);
            if length > 0 {
                recording.write(node, 0, &content[..length])?;
            }
        }
    }
    let created = started.elapsed();
    let commit = recording.commit(now)?;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("");
    println!(
        "{} files: changes {created:?}, commit {:?}, {} blocks; {memory}",
        directories * files,
        started.elapsed() - created,
        commit.blocks
    );
    Ok(())
}
