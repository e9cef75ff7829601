//! Makes an image with many generations, each of which adds a file to one of some directories, and measures
//! how long it takes to tell them apart:
//! `cargo run --release -p oncefs --example many_generations -- IMAGE GENERATIONS FILES_BEFORE`

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use oncefs::{FormatOptions, Medium, Totals};

/// Directories that take the files in turn.
const DIRECTORIES: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [image, generations, before] = &words[..] else {
        return Err("use: many_generations IMAGE GENERATIONS FILES_BEFORE".into());
    };
    let (generations, before): (usize, usize) = (generations.parse()?, before.parse()?);
    if std::fs::metadata(image).is_err() {
        make(image, generations, before)?;
    }
    let begun = Instant::now();
    let mut volume = oncefs::open(image)?;
    let past = volume.past()?;
    let listed = begun.elapsed();
    let mut comparison = volume.comparison();
    let mut files = 0;
    for generation in past.generations() {
        let mut totals = Totals::default();
        comparison.advance(generation, &mut |change| totals.count(change))?;
        files += totals.added.files - totals.removed.files;
    }
    println!(
        "{} generations with {files} files at the end: listed in {listed:?}, compared in {:?}",
        past.generations().len(),
        begun.elapsed() - listed
    );
    Ok(())
}

fn make(image: &str, generations: usize, before: usize) -> Result<(), Box<dyn Error>> {
    let mut now = SystemTime::now();
    let mut options = FormatOptions::new();
    options.capacity(4_000_000);
    let mut disc = options.create(image, Medium::BdR, now)?;
    for directory in 0..DIRECTORIES {
        disc.create_dir(&format!("/{directory}"))?;
    }
    for number in 0..before {
        disc.write(&format!("/{}/before {number}", number % DIRECTORIES), "small")?;
    }
    disc.commit()?;
    for number in 2..generations {
        now += Duration::from_secs(60);
        disc.set_time(now);
        disc.write(&format!("/{}/file {number}", number % DIRECTORIES), "small")?;
        disc.commit()?;
    }
    Ok(())
}
