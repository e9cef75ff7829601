//! What each part took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The parts of a run in their order.
#[derive(Default)]
pub struct Timing {
    parts: Vec<(String, Duration)>,
}

impl Timing {
    /// Run a part and keep its time, also where it fails.
    pub fn part<T>(&mut self, name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("== {name}");
        let started = Instant::now();
        let result = run();
        self.parts.push((name.to_owned(), started.elapsed()));
        result
    }

    /// The table.
    pub fn table(&self) -> String {
        let width = self
            .parts
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0)
            .max(5);
        let mut table = String::new();
        for (name, took) in &self.parts {
            table.push_str(&format!("{name:width$}  {:8.1} s\n", took.as_secs_f64()));
        }
        let total: Duration = self.parts.iter().map(|(_, took)| *took).sum();
        table.push_str(&format!("{:width$}  {:8.1} s\n", "total", total.as_secs_f64()));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_a_part_and_a_total() {
        let mut timing = Timing::default();
        assert!(timing.part("one", || Ok(())).is_ok());
        assert!(
            timing
                .part("two", || -> Result<()> { anyhow::bail!("no") })
                .is_err()
        );
        assert_eq!(timing.table().lines().count(), 3);
    }
}
