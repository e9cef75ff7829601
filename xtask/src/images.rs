//! The fingerprints of seeded lives: a change that should not affect images leaves every line unchanged.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, Result};
use trials::{Life, Size, fingerprint};

/// Which lives to run.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Number of lives
    #[arg(long, default_value_t = 200)]
    lives: u64,
    /// Seed of the first life, from which the others count up
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// One life in this many is a large one.
const LARGE_ONE_IN: u64 = 16;

/// Prints a line for each life: its seed, and the hash of its image.
pub fn run(options: &Options) -> Result<()> {
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism()?.get();
    let mut lines = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= options.lives || sender.send(line(options.seed + number)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        receiver.into_iter().collect::<Result<Vec<_>>>()
    })?;
    lines.sort_unstable();
    for (seed, line) in lines {
        println!("{seed} {line}");
    }
    Ok(())
}

fn line(seed: u64) -> Result<(u64, String)> {
    let size = if seed % LARGE_ONE_IN == LARGE_ONE_IN - 1 {
        Size::LARGE
    } else {
        Size::SMALL
    };
    let hash = fingerprint(&Life::of_seed(seed, size)).with_context(|| format!("the life of seed {seed}"))?;
    Ok((seed, hash.iter().map(|byte| format!("{byte:02x}")).collect()))
}
