//! The cost of the past: what reads or brings back earlier generations, on a disc with many of them and on
//! one with many files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use xshell::cmd;

use super::arena::{Arena, remove};
use super::contest::{Contestant, Outcome, hold};
use super::equipment::Equipment;
use crate::place::Place;

/// Generations, and files in the second of them. The first is empty.
const DISCS: [(&str, u32, u32); 2] = [
    ("10,000 generations", 10_000, 10),
    ("a million files", 10, 1_000_000),
];

/// What makes the images.
const MAKER: [&str; 4] = ["--package", "oncefs", "--example", "many_generations"];

/// The costs on one disc.
#[derive(Serialize)]
pub struct Past {
    #[serde(flatten)]
    outcome: Outcome,
    /// Those of each contestant, in their order.
    moved: Vec<Moved>,
}

/// Blocks of one run, each counted as often as it moved.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Moved {
    pub read: u64,
    pub recorded: u64,
}

/// Measures each disc.
pub fn measure(place: &Place, equipment: &Equipment) -> Result<Vec<Past>> {
    DISCS
        .iter()
        .map(|disc| measure_disc(place, equipment, *disc))
        .collect()
}

fn measure_disc(
    place: &Place,
    equipment: &Equipment,
    (name, generations, files): (&str, u32, u32),
) -> Result<Past> {
    let image = equipment.arena.path("past.udf");
    let side = equipment.arena.path("past.udf.oncefs");
    let shell = place.shell()?;
    eprintln!("bench: making {name}");
    let sizes = [generations, files].map(|number| number.to_string());
    cmd!(
        shell,
        "cargo run --quiet --release {MAKER...} -- {image} {sizes...}"
    )
    .quiet()
    .ignore_stdout()
    .run()?;
    let removed = "/0/before 0";
    let program = &equipment.program;
    program.run(["rm".as_ref(), image.as_os_str(), removed.as_ref()])?;
    let disc = image.display().to_string();
    let oldest = ["--at", "2"];
    let commands: [(&str, Vec<&str>); 6] = [
        ("oncefs ls", vec!["ls", &disc, "/1"]),
        ("  with --at", [&["ls", &disc, "/1"][..], &oldest].concat()),
        ("oncefs cat", vec!["cat", &disc, "/1/before 1"]),
        ("  with --at", [&["cat", &disc, removed][..], &oldest].concat()),
        ("oncefs log", vec!["log", &disc]),
        ("oncefs undelete", vec!["undelete", &disc, removed]),
    ];
    let contestants = commands
        .iter()
        .map(|(name, words)| Contestant::new(name, program.path(), words).appending_to(&image, &side))
        .collect::<Result<Vec<_>>>()?;
    let outcome = hold(
        &format!("the past of {name}"),
        &side,
        equipment.rounds,
        &contestants,
    )?;
    let mut moved = Vec::new();
    for ((_, words), contestant) in commands.iter().zip(&contestants) {
        moved.push(blocks_of(&equipment.arena, program.path(), words)?);
        contestant.clear()?;
    }
    [image, side].iter().try_for_each(|path| remove(path))?;
    Ok(Past { outcome, moved })
}

/// Runs a command once more, with a trace, and counts its blocks.
pub fn blocks_of(arena: &Arena, program: &Path, words: &[&str]) -> Result<Moved> {
    let trace: PathBuf = arena.path("trace");
    let traced = trace.display().to_string();
    let words = [words, &["--trace", &traced]].concat();
    Contestant::new(words[0], program, &words).run_once()?;
    let text = std::fs::read_to_string(&trace)?;
    remove(&trace)?;
    let mut moved = Moved::default();
    for line in text.lines() {
        let mut fields = line.split('\t').skip(1);
        let (Some(name), Some((_, count))) = (fields.next(), fields.next().and_then(|at| at.split_once('+')))
        else {
            continue;
        };
        let count: u64 = count.parse().with_context(|| format!("trace: {line}"))?;
        match name {
            "WRITE(10)" => moved.recorded += count,
            _ => moved.read += count,
        }
    }
    Ok(moved)
}

/// The costs as a table.
pub fn table(past: &Past) -> String {
    let mut text = format!(
        "\n{}\n{:16}  {:>8}  {:>8}  {:>8}  {:>9}  {:>8}\n",
        past.outcome.task, "", "s", "cpu s", "peak MiB", "read", "recorded"
    );
    for (one, moved) in past.outcome.standings.iter().zip(&past.moved) {
        text.push_str(&format!(
            "{:16}  {:8.3}  {:8.3}  {:8.1}  {:9}  {:8}\n",
            one.name, one.seconds, one.cpu_seconds, one.peak_mib, moved.read, moved.recorded
        ));
    }
    text
}
