//! A contest: several programs do the same in turn, round after round, so that what disturbs one disturbs all.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use wait4::Wait4;

use super::arena::remove;
use super::memory::Memory;

/// One who takes part.
pub struct Contestant {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    /// What it leaves behind, removed before and after each round.
    leaves: Vec<PathBuf>,
    /// Where it writes what it prints.
    output: Option<PathBuf>,
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
        }
    }

    /// What it makes, to be removed.
    pub fn leaving(mut self, paths: &[&Path]) -> Self {
        self.leaves.extend(paths.iter().map(|path| path.to_path_buf()));
        self
    }

    /// Puts what it prints into a file.
    pub fn printing_to(mut self, path: &Path) -> Self {
        self.output = Some(path.to_owned());
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs it once, whatever it costs.
    pub fn run_once(&self) -> Result<()> {
        self.round().map(drop)
    }

    fn clear(&self) -> Result<()> {
        self.leaves.iter().try_for_each(|path| remove(path))
    }

    /// Runs it once.
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

    /// Bytes of the first file that it makes.
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

/// What one round took.
#[derive(Clone, Copy, Debug)]
struct Cost {
    wall: Duration,
    cpu: Duration,
    peak: u64,
    bytes: u64,
}

/// What a contestant took in the median of its rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Who.
    pub name: String,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Seconds of all processors, user and system.
    pub cpu_seconds: f64,
    /// How many times the first contestant's time: the median of each round's own ratio.
    pub ratio: f64,
    /// The most memory it held, in MiB.
    pub peak_mib: f64,
    /// Bytes of the file that it made; 0 where that is none.
    pub bytes: u64,
    /// Why it did not take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// What came of a contest.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// What was to be done.
    pub task: String,
    /// Files of the tree.
    pub files: u64,
    /// Bytes of their contents.
    pub bytes: u64,
    /// The floor first, then the others.
    pub standings: Vec<Standing>,
}

/// Lets all of them do their task so many times, in turn. The first one is what the others are compared with.
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

/// The order of a round. Another one starts each time, and every other round goes backwards: what one leaves to the next, in
/// memory given back or in caches, is not always the same.
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

/// How many files a tree has, and how many bytes are in them.
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

/// The middle one, or the mean of the two in the middle; 0 of none.
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
    fn each_takes_its_turn_once_a_round_behind_different_ones() {
        let rounds = [0, 1, 2].map(|round| order(round, 4).collect::<Vec<_>>());
        assert_eq!(rounds, [[0, 1, 2, 3], [2, 1, 0, 3], [2, 3, 0, 1]]);
    }

    #[test]
    fn one_who_fails_is_named_and_the_others_go_on() -> Result<()> {
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
