//! The duration of each part.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::parallel::in_parallel;

/// The parts of a run, in order.
#[derive(Default)]
pub struct Timing {
    parts: Vec<Part>,
}

struct Part {
    name: String,
    took: Duration,
    /// Others ran at the same time, so it does not count towards the total.
    beside: bool,
}

/// A piece of work that can run at the same time as others.
pub struct Piece<'a> {
    /// Its description.
    pub name: String,
    /// Runs it.
    pub run: Box<dyn FnOnce() -> Result<()> + Send + 'a>,
}

impl Timing {
    /// Runs a part and records its duration, even if it fails.
    pub fn part<T>(&mut self, name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("== {name}");
        let started = Instant::now();
        let result = run();
        self.keep(name, started);
        result
    }

    /// Runs pieces in order, `threads` at a time, as one part; each also has its own duration. Returns the
    /// first failure once all have ended.
    pub fn part_of_pieces(&mut self, name: &str, threads: usize, pieces: Vec<Piece<'_>>) -> Result<()> {
        println!("== {name}");
        let started = Instant::now();
        let ended = in_parallel(threads, pieces, |piece| {
            let started = Instant::now();
            println!("== {}", piece.name);
            let result = (piece.run)().with_context(|| piece.name.clone());
            (piece.name, started.elapsed(), result)
        });
        self.keep(name, started);
        let mut results = Vec::new();
        for (name, took, result) in ended {
            self.parts.push(Part {
                name: format!("  {name}"),
                took,
                beside: true,
            });
            results.push(result);
        }
        results.into_iter().collect()
    }

    fn keep(&mut self, name: &str, started: Instant) {
        self.parts.push(Part {
            name: name.to_owned(),
            took: started.elapsed(),
            beside: false,
        });
    }

    /// The table.
    pub fn table(&self) -> String {
        let widths = self.parts.iter().map(|part| part.name.chars().count());
        let width = widths.max().unwrap_or(0).max(5);
        let line = |name: &str, took: Duration| format!("{name:width$}  {:8.1} s\n", took.as_secs_f64());
        let mut table: String = self
            .parts
            .iter()
            .map(|part| line(&part.name, part.took))
            .collect();
        let counted = self.parts.iter().filter(|part| !part.beside);
        table.push_str(&line("total", counted.map(|part| part.took).sum()));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_per_part_and_a_total() {
        let mut timing = Timing::default();
        assert!(timing.part("one", || Ok(())).is_ok());
        assert!(
            timing
                .part("two", || -> Result<()> { anyhow::bail!("no") })
                .is_err()
        );
        assert_eq!(timing.table().lines().count(), 3);
    }

    #[test]
    fn pieces_that_run_at_the_same_time_count_once() {
        let mut timing = Timing::default();
        let pieces = ["one", "two"].map(|name| Piece {
            name: name.to_owned(),
            run: Box::new(|| {
                std::thread::sleep(Duration::from_millis(20));
                Ok(())
            }),
        });
        assert!(timing.part_of_pieces("both", 1, pieces.into()).is_ok());
        let total: Duration = timing.parts.iter().map(|part| part.took).sum();
        let counted = timing.parts.iter().filter(|part| !part.beside);
        assert_eq!(timing.table().lines().count(), 4);
        assert!(counted.map(|part| part.took).sum::<Duration>() < total);
    }

    #[test]
    fn a_failing_piece_does_not_stop_the_others() {
        let done = std::sync::atomic::AtomicU32::new(0);
        let pieces = (0..3).map(|number| Piece {
            name: number.to_string(),
            run: Box::new(|| {
                done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                anyhow::bail!("no")
            }),
        });
        assert!(
            Timing::default()
                .part_of_pieces("all", 2, pieces.collect())
                .is_err()
        );
        assert_eq!(done.into_inner(), 3);
    }
}
