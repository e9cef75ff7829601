//! Tasks of the repository: `cargo xtask test` runs everything, the others are its parts.
#![forbid(unsafe_code)]

mod layers;
mod place;
mod setup;

use anyhow::Result;
use clap::{Parser, Subcommand};
use place::Place;

#[derive(Parser)]
#[command(about = "Tasks of the repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check which crate imports which, against the table of the architecture
    Layers,
    /// Install what the judges need where it is missing
    Setup,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let place = Place::find()?;
    match arguments.task {
        Task::Layers => layers::run(&place),
        Task::Setup => setup::run(&place).map(drop),
    }
}
