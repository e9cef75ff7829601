//! The cost of a map: of a disc with many files, and of a large one that is full.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use xshell::{Shell, cmd};

use super::arena::remove;
use super::contest::{Contestant, Outcome, hold};
use super::equipment::Equipment;
use super::past::{Moved, blocks_of};
use crate::browser::Browser;
use crate::place::Place;

/// Files, and those of the full disc.
const MANY: u32 = 100_000;
const LARGE: u32 = 22;
const LARGE_BYTES: usize = 1 << 30;
/// The window in which the page is shown.
const WINDOW: (u32, u32) = (1280, 900);

/// The costs on one disc.
#[derive(Serialize)]
pub struct Mapped {
    #[serde(flatten)]
    outcome: Outcome,
    /// Those of each contestant, in their order.
    moved: Vec<Moved>,
    /// Milliseconds until a browser has drawn the page.
    shown_ms: f64,
}

/// Measures each disc.
pub fn measure(place: &Place, equipment: &Equipment) -> Result<Vec<Mapped>> {
    let shell = place.shell()?;
    let disc = equipment.arena.path("map.udf");
    eprintln!("bench: making {MANY} files");
    let (generations, files) = (10.to_string(), MANY.to_string());
    cmd!(
        shell,
        "cargo run --quiet --release --package oncefs --example many_generations -- {disc} {generations} {files}"
    )
    .quiet()
    .ignore_stdout()
    .run()?;
    let many = measure_disc("100,000 files", &disc, equipment)?;
    eprintln!("bench: making a full disc of 25 GB");
    fill(&shell, &disc, equipment)?;
    Ok(vec![
        many,
        measure_disc("a full disc of 25 GB", &disc, equipment)?,
    ])
}

/// Fills a BD-R with large files. What was recorded takes no room in the arena, because it is zeros.
fn fill(shell: &Shell, disc: &Path, equipment: &Equipment) -> Result<()> {
    let file = equipment.arena.path("large");
    let paths = (disc.to_str(), file.to_str());
    let (Some(image), Some(source)) = paths else {
        bail!("the path is not UTF-8");
    };
    equipment.program.run(["format", image, "--medium", "bd-r"])?;
    std::fs::write(&file, vec![0; LARGE_BYTES])?;
    for number in 0..LARGE {
        let into = format!("/{number}");
        equipment.program.run(["add", image, source, "--into", &into])?;
        cmd!(shell, "fallocate --dig-holes {disc}").quiet().run()?;
    }
    remove(&file)
}

fn measure_disc(name: &str, disc: &Path, equipment: &Equipment) -> Result<Mapped> {
    let side = equipment.arena.path("map.udf.oncefs");
    let [svg, page] = ["map.svg", "map.html"].map(|name| equipment.arena.path(name));
    let [image, picture, html] = [disc, &svg, &page].map(|path| path.display().to_string());
    let program = equipment.program.path();
    let commands: [(&str, Vec<&str>, &[&Path]); 4] = [
        ("oncefs map", vec!["map", &image], &[]),
        ("  --json", vec!["map", &image, "--json"], &[]),
        ("  --svg", vec!["map", &image, "--svg", &picture], &[&svg]),
        ("  --html", vec!["map", &image, "--html", &html], &[&page]),
    ];
    let contestants: Vec<Contestant> = commands
        .iter()
        .map(|(name, words, leaves)| Contestant::new(name, program, words).leaving(leaves))
        .collect();
    let outcome = hold(
        &format!("the map of {name}"),
        &side,
        equipment.rounds,
        &contestants,
    )?;
    let mut moved = Vec::new();
    for (_, words, _) in &commands {
        moved.push(blocks_of(&equipment.arena, program, words)?);
    }
    let shown_ms = shown(&page, equipment)?;
    [disc, &side, &svg, &page]
        .iter()
        .try_for_each(|path| remove(path))?;
    Ok(Mapped {
        outcome,
        moved,
        shown_ms,
    })
}

/// How long a browser takes to draw a page: the median of some times.
fn shown(page: &Path, equipment: &Equipment) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut browser = Browser::start(folder.path())?;
    let mut times = Vec::new();
    for _ in 0..equipment.rounds {
        let mut tab = browser.tab(WINDOW)?;
        tab.open(page)?;
        tab.wait("document.documentElement.dataset.drawn")?;
        let drawn = tab.value("Number(document.documentElement.dataset.drawn)")?;
        times.push(drawn.as_f64().context("no time")?);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// The costs as a table.
pub fn table(mapped: &Mapped) -> String {
    let mut text = format!(
        "\n{}\n{:16}  {:>8}  {:>8}  {:>8}  {:>9}  {:>9}\n",
        mapped.outcome.task, "", "s", "cpu s", "peak MiB", "read", "bytes"
    );
    for (one, moved) in mapped.outcome.standings.iter().zip(&mapped.moved) {
        text.push_str(&format!(
            "{:16}  {:8.3}  {:8.3}  {:8.1}  {:9}  {:9}\n",
            one.name, one.seconds, one.cpu_seconds, one.peak_mib, moved.read, one.bytes
        ));
    }
    text.push_str(&format!("the page is drawn after {:.0} ms\n", mapped.shown_ms));
    text
}
