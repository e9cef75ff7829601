//! What oncefs costs in time, memory and blocks, beside its peers: `cargo xtask bench`.

mod arena;
mod contest;
mod reading;
mod report;
mod trees;
mod writing;

use anyhow::Result;
use arena::{Arena, Tree};
use clap::{Args, ValueEnum};
use contest::Outcome;

use crate::place::Place;
use crate::program::Program;

/// What is measured, and how often.
#[derive(Args)]
pub struct Options {
    /// Only these; everything where none is named
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Rounds of each contest, of which the median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
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
    /// The same with a million names, in a thousand directories and in one
    Million,
}

/// Runs the parts and prints what came of them.
pub fn run(place: &Place, options: &Options) -> Result<()> {
    let program = Program::build(place)?;
    let arena = Arena::open()?;
    let chosen = match options.only.as_slice() {
        [] => Part::value_variants(),
        only => only,
    };
    let mut outcomes = Vec::new();
    for part in chosen {
        for outcome in measure(&arena, &program, *part, options.runs.max(1))? {
            if !options.json {
                print!("{}", report::table(&outcome));
            }
            outcomes.push(outcome);
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&outcomes)?);
    }
    Ok(())
}

fn measure(arena: &Arena, program: &Program, part: Part, rounds: usize) -> Result<Vec<Outcome>> {
    match part {
        Part::Small => of_each(arena, &[Tree::Small], |tree| {
            Ok(vec![writing::write(arena, program, tree, rounds)?])
        }),
        Part::Large => of_each(arena, &[Tree::Large], |tree| {
            Ok(vec![writing::write(arena, program, tree, rounds)?])
        }),
        Part::Names => of_each(arena, &[Tree::Names], |tree| {
            Ok(vec![writing::write(arena, program, tree, rounds)?])
        }),
        Part::Extract => of_each(arena, &[Tree::Small, Tree::Large], |tree| {
            Ok(vec![reading::extract(arena, program, tree, rounds)?])
        }),
        Part::List => of_each(arena, &[Tree::Small, Tree::Names], |tree| {
            Ok(vec![reading::list(arena, program, tree, rounds)?])
        }),
        Part::Million => of_each(arena, &[Tree::Million, Tree::MillionInOne], |tree| {
            Ok(vec![
                writing::write(arena, program, tree, rounds)?,
                reading::list(arena, program, tree, rounds)?,
            ])
        }),
    }
}

/// Measures with one tree after the other, so that only one takes memory.
fn of_each(
    arena: &Arena,
    trees: &[Tree],
    measure: impl Fn(Tree) -> Result<Vec<Outcome>>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for &tree in trees {
        outcomes.extend(measure(tree)?);
        arena.fell(tree)?;
    }
    Ok(outcomes)
}
