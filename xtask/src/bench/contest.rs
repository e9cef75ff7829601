//! A contest: several programs do the same task in turn, round after round, so that a disturbance affects all
//! of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use wait4::Wait4;

use super::arena::remove;
use super::memory::Memory;

/// A program that takes part.
pub struct Contestant {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    /// What it creates, removed before and after each round.
    leaves: Vec<PathBuf>,
    /// The file that receives its output.
    output: Option<PathBuf>,
    /// The image to which it appends.
    appended: Option<Appended>,
}

/// An image to which something is appended, as it was before.
struct Appended {
    image: PathBuf,
    length: u64,
    side: PathBuf,
    side_bytes: Vec<u8>,
}

impl Appended {
    fn restore(&self) -> Result<()> {
        if self.image.metadata()?.len() != self.length {
            File::options()
                .write(true)
                .open(&self.image)?
                .set_len(self.length)?;
        }
        if std::fs::read(&self.side)? != self.side_bytes {
            std::fs::write(&self.side, &self.side_bytes)?;
        }
        Ok(())
    }
}

impl Contestant {
    /// A program with its arguments.
    pub fn new(name: &str, program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            leaves: Vec::new(),
            output: None,
            appended: None,
        }
    }

    /// Sets the image, with its side file, to which it may append: what it appended is removed.
    pub fn appending_to(mut self, image: &Path, side: &Path) -> Result<Self> {
        self.appended = Some(Appended {
            image: image.to_owned(),
            length: image.metadata()?.len(),
            side: side.to_owned(),
            side_bytes: std::fs::read(side)?,
        });
        Ok(self)
    }

    /// Sets what it creates and must be removed.
    pub fn leaving(mut self, paths: &[&Path]) -> Self {
        self.leaves.extend(paths.iter().map(|path| path.to_path_buf()));
        self
    }

    /// Redirects its output to a file.
    pub fn printing_to(mut self, path: &Path) -> Self {
        self.output = Some(path.to_owned());
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs it once without measuring.
    pub fn run_once(&self) -> Result<()> {
        self.round().map(drop)
    }

    /// Removes what it created or appended.
    pub fn clear(&self) -> Result<()> {
        self.appended.as_ref().map_or(Ok(()), Appended::restore)?;
        self.leaves.iter().try_for_each(|path| remove(path))
    }

    /// Runs and measures it once.
    fn round(&self) -> Result<Cost> {
        self.clear()?;
        let output = match &self.output {
            Some(path) => Stdio::from(File::create(path)?),
            None => Stdio::null(),
        };
        let errors = tempfile::tempfile()?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors.try_clone()?);
        let started = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        let used = child.wait4()?;
        let wall = started.elapsed();
        if !used.status.success() {
            bail!("{}: {}{}", self.name, used.status, words_of(errors));
        }
        Ok(Cost {
            wall,
            cpu: used.rusage.utime + used.rusage.stime,
            peak: used.rusage.maxrss,
            bytes: self.size(),
        })
    }

    /// Size in bytes of the first file that it creates.
    fn size(&self) -> u64 {
        let status = self.leaves.first().and_then(|path| path.metadata().ok());
        status
            .filter(|status| status.is_file())
            .map_or(0, |status| status.len())
    }
}

fn words_of(mut errors: File) -> String {
    use std::io::{Read, Seek};
    let mut words = String::new();
    let read = errors.rewind().and_then(|()| errors.read_to_string(&mut words));
    match read {
        Ok(1..) => format!(": {}", words.trim()),
        _ => String::new(),
    }
}

/// The cost of one round.
#[derive(Clone, Copy, Debug)]
struct Cost {
    wall: Duration,
    cpu: Duration,
    peak: u64,
    bytes: u64,
}

/// The cost of a contestant: medians over its rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Seconds on all processors, user and system.
    pub cpu_seconds: f64,
    /// Multiple of the first contestant's time: the median of the ratios in each round.
    pub ratio: f64,
    /// Peak memory in MiB.
    pub peak_mib: f64,
    /// Size in bytes of the file that it created; 0 if there is none.
    pub bytes: u64,
    /// Why it did not take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// The result of a contest.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The task.
    pub task: String,
    /// Files of the tree.
    pub files: u64,
    /// Bytes of their contents.
    pub bytes: u64,
    /// The floor first, then the others.
    pub standings: Vec<Standing>,
}

/// Makes all contestants do the task in turn, `rounds` times. The others are compared with the first one.
pub fn hold(task: &str, source: &Path, rounds: usize, contestants: &[Contestant]) -> Result<Outcome> {
    eprintln!("bench: {task}");
    let (files, bytes) = contents_of(source)?;
    let memory = Memory::of(bytes)?;
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); contestants.len()];
    let mut failed: Vec<Option<String>> = vec![None; contestants.len()];
    for round in 0..rounds {
        for number in order(round, contestants.len()) {
            let contestant = &contestants[number];
            if failed[number].is_some() {
                continue;
            }
            memory.warm()?;
            match contestant.round() {
                Ok(cost) => costs[number].push(cost),
                Err(error) if number == 0 => return Err(error),
                Err(error) => {
                    eprintln!("bench: {error:#}");
                    failed[number] = Some(format!("{error:#}"));
                }
            }
            contestant.clear()?;
        }
    }
    let floor = costs[0].clone();
    let standings = contestants
        .iter()
        .zip(&costs)
        .zip(failed)
        .map(|((contestant, costs), failed)| standing(contestant, costs, &floor, failed))
        .collect();
    Ok(Outcome {
        task: task.to_owned(),
        files,
        bytes,
        standings,
    })
}

/// The order of a round. Each round starts with a different contestant, and every other round is reversed,
/// because what one leaves to the next, in freed memory or in caches, varies.
fn order(round: usize, contestants: usize) -> impl Iterator<Item = usize> {
    (0..contestants).map(move |turn| {
        let number = (turn + round) % contestants;
        if round.is_multiple_of(2) {
            number
        } else {
            contestants - 1 - number
        }
    })
}

/// The number of files in a tree, and their total size in bytes.
fn contents_of(tree: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in walkdir::WalkDir::new(tree) {
        let status = entry?.metadata()?;
        if status.is_file() {
            files += 1;
            bytes += status.len();
        }
    }
    Ok((files, bytes))
}

fn standing(contestant: &Contestant, costs: &[Cost], floor: &[Cost], failed: Option<String>) -> Standing {
    let median_of = |value: fn(&Cost) -> f64| median(costs.iter().map(value).collect());
    let ratios = costs
        .iter()
        .zip(floor)
        .map(|(cost, floor)| cost.wall.as_secs_f64() / floor.wall.as_secs_f64());
    Standing {
        name: contestant.name.clone(),
        seconds: median_of(|cost| cost.wall.as_secs_f64()),
        cpu_seconds: median_of(|cost| cost.cpu.as_secs_f64()),
        ratio: median(ratios.collect()),
        peak_mib: costs.iter().map(|cost| cost.peak).max().unwrap_or(0) as f64 / f64::from(1 << 20),
        bytes: costs.first().map_or(0, |cost| cost.bytes),
        failed,
    }
}

/// The middle value, or the mean of the two in the middle; 0 if there is none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    fn each_contestant_runs_once_a_round_after_different_ones() {
        let rounds = [0, 1, 2].map(|round| order(round, 4).collect::<Vec<_>>());
        assert_eq!(rounds, [[0, 1, 2, 3], [2, 1, 0, 3], [2, 3, 0, 1]]);
    }

    #[test]
    fn a_contestant_that_fails_is_named_and_the_others_continue() -> Result<()> {
        let contestants = [
            Contestant::new("floor", "true", &[]),
            Contestant::new("broken", "false", &[]),
            Contestant::new("missing", "/nonexistent", &[]),
            Contestant::new("other", "true", &[]),
        ];
        let outcome = hold("nothing", tempfile::tempdir()?.path(), 3, &contestants)?;
        let failed: Vec<bool> = outcome.standings.iter().map(|one| one.failed.is_some()).collect();
        assert_eq!(failed, [false, true, true, false]);
        assert!(outcome.standings[3].ratio > 0.0 && outcome.standings[0].peak_mib > 0.0);
        Ok(())
    }
}
