//! The cost of oncefs in time, memory and blocks, compared with its peers: `cargo xtask bench`.

mod arena;
mod blocks;
mod contest;
mod equipment;
mod map;
mod memory;
mod past;
mod peers;
mod plot;
mod reading;
mod report;
mod salvage;
mod trees;
mod writing;

use std::path::PathBuf;

use anyhow::Result;
use arena::{Arena, Tree};
use blocks::Commits;
use clap::{Args, ValueEnum};
use contest::Outcome;
use equipment::Equipment;
use map::Mapped;
use past::Past;
pub use peers::Peers;
use salvage::Salvaged;
use serde::Serialize;

use crate::place::Place;
use crate::program::Program;

/// What to measure, and how often.
#[derive(Args)]
pub struct Options {
    /// Run only these parts; by default all
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Rounds per contest; results are medians
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
    /// Draw the cost of commits into this file, as SVG
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Writing 20,000 files of 0 to 16 KiB in 400 directories
    #[value(name = "S")]
    Small,
    /// Writing four files of 512 MiB
    #[value(name = "L")]
    Large,
    /// Writing 50,000 empty files in one directory
    #[value(name = "D")]
    Names,
    /// Copying S and L out of an image
    Extract,
    /// Listing the names of S and D, and opening the volume
    List,
    /// Writing and listing a million names, in a thousand directories and in one
    Million,
    /// Counting the blocks of commits
    Blocks,
    /// Reading and bringing back earlier generations, among 10,000 and of a million files
    Past,
    /// The map of a disc with 100,000 files, and of one of 25 GB
    Map,
    /// Salvaging from a disc with 100,000 files, and from one of 25 GB, with photorec beside it
    Salvage,
}

impl Part {
    /// Whether other programs take part.
    fn has_peers(self) -> bool {
        !matches!(
            self,
            Self::Million | Self::Blocks | Self::Past | Self::Map | Self::Salvage
        )
    }
}

/// All results.
#[derive(Default, Serialize)]
struct Results {
    contests: Vec<Outcome>,
    commits: Vec<Commits>,
    past: Vec<Past>,
    maps: Vec<Mapped>,
    salvaged: Vec<Salvaged>,
}

/// Runs the parts and prints their results.
pub fn run(place: &Place, options: &Options) -> Result<()> {
    let chosen = match options.only.as_slice() {
        [] => Part::value_variants(),
        only => only,
    };
    let has_peers = chosen.iter().any(|part| part.has_peers());
    let peers = has_peers.then(|| Peers::prepare(place)).transpose()?;
    let program = Program::build(place)?;
    let arena = Arena::open()?;
    let equipment = Equipment {
        program: program.copied_to(&arena.path(""))?,
        peers,
        arena,
        rounds: options.runs.max(1),
    };
    let mut results = Results::default();
    for &part in chosen {
        if part == Part::Blocks {
            results.commits = blocks::count(place, &equipment)?;
            show(options, &blocks::table(&results.commits));
            continue;
        }
        if part == Part::Past {
            results.past = past::measure(place, &equipment)?;
            results
                .past
                .iter()
                .for_each(|past| show(options, &past::table(past)));
            continue;
        }
        if part == Part::Map {
            results.maps = map::measure(place, &equipment)?;
            let tables = results.maps.iter().map(map::table);
            tables.for_each(|table| show(options, &table));
            continue;
        }
        if part == Part::Salvage {
            results.salvaged = salvage::measure(place, &equipment)?;
            let tables = results.salvaged.iter().map(salvage::table);
            tables.for_each(|table| show(options, &table));
            continue;
        }
        for outcome in equipment.contests(part)? {
            show(options, &report::table(&outcome));
            results.contests.push(outcome);
        }
    }
    if let Some(path) = &options.plot {
        std::fs::write(path, plot::svg(&results.commits))?;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    }
    Ok(())
}

fn show(options: &Options, table: &str) {
    if !options.json {
        print!("{table}");
    }
}

impl Equipment {
    fn contests(&self, part: Part) -> Result<Vec<Outcome>> {
        let write = |tree| writing::write(self, tree).map(|outcome| vec![outcome]);
        match part {
            Part::Small => self.with_each(&[Tree::Small], write),
            Part::Large => self.with_each(&[Tree::Large], write),
            Part::Names => self.with_each(&[Tree::Names], write),
            Part::Extract => self.with_each(&[Tree::Small, Tree::Large], |tree| {
                reading::extract(self, tree).map(|outcome| vec![outcome])
            }),
            Part::List => self.with_each(&[Tree::Small, Tree::Names], |tree| {
                reading::list(self, tree).map(|outcome| vec![outcome])
            }),
            Part::Million => self.with_each(&[Tree::Million, Tree::MillionInOne], |tree| {
                Ok(vec![writing::write(self, tree)?, reading::list(self, tree)?])
            }),
            Part::Blocks | Part::Past | Part::Map | Part::Salvage => Ok(Vec::new()),
        }
    }

    /// Measures one tree after the other, so that only one occupies memory.
    fn with_each(
        &self,
        trees: &[Tree],
        measure: impl Fn(Tree) -> Result<Vec<Outcome>>,
    ) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for &tree in trees {
            outcomes.extend(measure(tree)?);
            self.arena.fell(tree)?;
        }
        Ok(outcomes)
    }
}
