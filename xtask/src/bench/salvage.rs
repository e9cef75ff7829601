//! The cost of salvaging: from a disc of 25 GB, and from one with many files, both without their first
//! blocks. photorec looks at the same images.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use xshell::{Shell, cmd};

use super::arena::remove;
use super::contest::{Contestant, Outcome, hold};
use super::equipment::Equipment;
use crate::place::Place;
use crate::trees::Contents;

/// Files of the disc with many.
const MANY: u32 = 100_000;
/// Files of the large disc that come out, and files that were deleted, of which the image keeps no blocks.
const KEPT: u64 = 8;
const DELETED: u64 = 14;
/// Bytes of each, with the header of a sound.
const LARGE_BYTES: u32 = 1 << 30;
/// What is destroyed: recognition, descriptors, the first anchor.
const RUINED_BYTES: usize = 512 << 10;
/// What photorec does without asking.
const OF_PHOTOREC: &str = r#"mkdir "$0" && cd "$0" && TERM=xterm exec photorec /d "$0/found" /cmd "$1" partition_none,fileopt,everything,enable,wholespace,search"#;

/// The costs on one disc.
#[derive(Serialize)]
pub struct Salvaged {
    #[serde(flatten)]
    outcome: Outcome,
    /// Bytes of the image, and those of them that are on the storage device.
    image_bytes: u64,
    stored_bytes: u64,
    /// Files that each contestant found, in their order.
    found: Vec<u64>,
}

/// Measures each disc.
pub fn measure(place: &Place, equipment: &Equipment) -> Result<Vec<Salvaged>> {
    let shell = place.shell()?;
    let folder = place.target().join("bench");
    fs::create_dir_all(&folder)?;
    let measured = measure_in(&shell, &folder, equipment);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure_in(shell: &Shell, folder: &Path, equipment: &Equipment) -> Result<Vec<Salvaged>> {
    let disc = equipment.arena.path("salvage.udf");
    eprintln!("bench: making {MANY} files");
    let files = MANY.to_string();
    cmd!(
        shell,
        "cargo run --quiet --release --package oncefs --example many_generations -- {disc} 10 {files}"
    )
    .quiet()
    .ignore_stdout()
    .run()?;
    ruin(&disc)?;
    let many = contest("100,000 files", &disc, &equipment.arena.path(""), equipment)?;
    remove(&disc)?;
    remove(&side_of(&disc))?;
    // The arena has no room for it.
    let disc = folder.join("salvage.udf");
    eprintln!("bench: making a disc of 25 GB");
    fill(shell, &disc, folder, equipment)?;
    let before = ruin(&disc)?;
    let large = contest("a disc of 25 GB, 8 files of 1 GiB", &disc, folder, equipment)?;
    File::options()
        .write(true)
        .open(&disc)?
        .write_all_at(&before, 0)?;
    for number in 0..KEPT {
        equipment
            .program
            .run(["rm", "-r", text(&disc)?, &format!("/{number}")])?;
    }
    ruin(&disc)?;
    let scan = contest("the same disc, all files deleted", &disc, folder, equipment)?;
    Ok(vec![many, large, scan])
}

/// Fills a BD-R with large files, and deletes those whose blocks the image need not keep.
fn fill(shell: &Shell, disc: &Path, folder: &Path, equipment: &Equipment) -> Result<()> {
    let file = folder.join("large.wav");
    let (image, source) = (text(disc)?, text(&file)?);
    equipment.program.run(["format", image, "--medium", "bd-r"])?;
    for number in 0..KEPT {
        sound(&file, number)?;
        let into = format!("/{number}");
        equipment.program.run(["add", image, source, "--into", &into])?;
    }
    // Zeros, not a hole: that would not be recorded.
    std::io::copy(
        &mut std::io::repeat(0).take(LARGE_BYTES.into()),
        &mut File::create(&file)?,
    )?;
    for _ in 0..DELETED {
        equipment.program.run(["add", image, source])?;
        equipment.program.run(["rm", image, "/large.wav"])?;
        cmd!(shell, "fallocate --dig-holes {disc}").quiet().run()?;
    }
    remove(&file)
}

/// A file that photorec knows by its header.
fn sound(path: &Path, seed: u64) -> Result<()> {
    const HEADER: u32 = 44;
    let mut header = b"RIFF".to_vec();
    header.extend((LARGE_BYTES - 8).to_le_bytes());
    header.extend(b"WAVEfmt ");
    let length = LARGE_BYTES - HEADER;
    for word in [16, 0x0001_0001, 8000, 8000, 0x0008_0001, 0x6174_6164, length] {
        header.extend(u32::to_le_bytes(word));
    }
    // In parts: what this process has in memory would count as that of a contestant.
    let mut contents = Contents::new(seed);
    let mut file = File::create(path)?;
    file.write_all(&header)?;
    for _ in 0..1024 {
        file.write_all(&contents.bytes(length as usize / 1024))?;
    }
    Ok(file.set_len(LARGE_BYTES.into())?)
}

/// Destroys the first blocks; returns what they were.
fn ruin(disc: &Path) -> Result<Vec<u8>> {
    let file = File::options().read(true).write(true).open(disc)?;
    let mut before = vec![0; RUINED_BYTES];
    file.read_exact_at(&mut before, 0)?;
    file.write_all_at(&vec![0; RUINED_BYTES], 0)?;
    Ok(before)
}

fn contest(name: &str, disc: &Path, folder: &Path, equipment: &Equipment) -> Result<Salvaged> {
    // A ruin has no side file.
    let hidden = disc.with_extension("hidden");
    fs::rename(side_of(disc), &hidden)?;
    let [ours, theirs] = ["saved", "carved"].map(|name| folder.join(name));
    let (image, saved, carved) = (text(disc)?, text(&ours)?, text(&theirs)?);
    let words = ["salvage", image, "--to", saved];
    let contestants = [
        Contestant::new("oncefs salvage", equipment.program.path(), &words).leaving(&[&ours]),
        Contestant::new("photorec", "sh", &["-c", OF_PHOTOREC, carved, image]).leaving(&[&theirs]),
    ];
    let status = rustix::fs::stat(disc)?;
    let outcome = hold(
        &format!("salvaging {name}"),
        equipment.program.path(),
        equipment.rounds,
        &contestants,
    )?;
    let mut found = Vec::new();
    for (contestant, top) in contestants.iter().zip([&ours, &theirs]) {
        contestant.run_once()?;
        found.push(files_in(top)?);
        contestant.clear()?;
    }
    fs::rename(&hidden, side_of(disc))?;
    Ok(Salvaged {
        outcome,
        image_bytes: u64::try_from(status.st_size)?,
        stored_bytes: 512 * u64::try_from(status.st_blocks)?,
        found,
    })
}

fn files_in(top: &Path) -> Result<u64> {
    let mut files = 0;
    for entry in walkdir::WalkDir::new(top) {
        let entry = entry?;
        let is_report = entry.file_name() == "report.xml" || entry.file_name() == "photorec.se2";
        files += u64::from(entry.file_type().is_file() && !is_report);
    }
    Ok(files)
}

fn side_of(disc: &Path) -> PathBuf {
    disc.with_extension("udf.oncefs")
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

/// The costs as a table.
pub fn table(salvaged: &Salvaged) -> String {
    let mib = |bytes: u64| bytes >> 20;
    let mut text = format!(
        "\n{}: {} MiB, {} of them stored\n{:16}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}\n",
        salvaged.outcome.task,
        mib(salvaged.image_bytes),
        mib(salvaged.stored_bytes),
        "",
        "s",
        "cpu s",
        "MiB/s",
        "peak MiB",
        "files"
    );
    for (one, found) in salvaged.outcome.standings.iter().zip(&salvaged.found) {
        let speed = salvaged.image_bytes as f64 / f64::from(1 << 20) / one.seconds;
        text.push_str(&format!(
            "{:16}  {:8.3}  {:8.3}  {:8.0}  {:8.1}  {:8}\n",
            one.name, one.seconds, one.cpu_seconds, speed, one.peak_mib, found
        ));
    }
    text
}
