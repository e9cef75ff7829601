//! Power cuts for as long as wanted: lives of one seed after the other, each cut at every block.

use std::io::IsTerminal as _;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use trials::{Life, Outcome, Size, Trial};

use crate::place::Place;

/// What is cut, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Hours to go on
    #[arg(long)]
    hours: Option<f64>,
    /// Minutes to go on, beside the hours
    #[arg(long)]
    minutes: Option<f64>,
    /// The seed of the first life, the others count on from it; without a time, the one life that is cut
    #[arg(long)]
    seed: Option<u64>,
    /// Only this cut of the life
    #[arg(long, requires = "seed", conflicts_with_all = ["hours", "minutes"])]
    cut: Option<usize>,
    /// Lives at one time
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// One life in so many is a large one.
const LARGE_ONE_IN: u64 = 16;

/// So many failures end a run.
const FAILURES: u64 = 20;

/// Between two lines of progress in a pipe.
const LINE: Duration = Duration::from_secs(60);

/// Run in a release build of this program.
pub fn run(place: &Place, options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return run_in_release(place);
    }
    let time = Duration::try_from_secs_f64(
        3600.0 * options.hours.unwrap_or(0.0) + 60.0 * options.minutes.unwrap_or(0.0),
    )
    .context("that is no time")?;
    match (options.seed, time.is_zero()) {
        (Some(seed), true) => one_life(seed, options.cut),
        (None, true) => bail!("say --hours or --minutes, or which --seed"),
        (seed, false) => {
            let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
            Run::new(seed, time).go(options.jobs.max(1))
        }
    }
}

fn run_in_release(place: &Place) -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--release", "--package", "xtask", "--"]);
    command
        .args(std::env::args_os().skip(1))
        .current_dir(place.shell()?.current_dir());
    ensure!(
        command.status().context("cannot run cargo")?.success(),
        "the release build of it failed"
    );
    Ok(())
}

fn seed_of_the_clock() -> Result<u64> {
    Ok(SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)?
        .as_secs()
        << 20)
}

fn life_of(seed: u64) -> Life {
    let large = seed % LARGE_ONE_IN == LARGE_ONE_IN - 1;
    Life::of_seed(seed, if large { Size::LARGE } else { Size::SMALL })
}

/// The life of a seed, told with each cut that breaks something.
fn one_life(seed: u64, cut: Option<usize>) -> Result<()> {
    let life = life_of(seed);
    println!("{life:#?}");
    let mut trial = Trial::of(life)?;
    let all = trial.cuts().len();
    println!("seed {seed}: {} blocks, {all} cuts", trial.blocks());
    let numbers = match cut {
        Some(cut) => {
            ensure!(cut < all, "the life has no cut {cut}");
            cut..cut + 1
        }
        None => 0..all,
    };
    let mut failed = 0;
    for number in numbers {
        if let Err(broken) = trial.cut(number) {
            println!("cut {number}, {}: {broken}", trial.cuts()[number]);
            failed += 1;
        }
    }
    ensure!(failed == 0, "{failed} cuts break something");
    println!("nothing broken");
    Ok(())
}

/// A run over many lives, on some threads.
struct Run {
    first: u64,
    time: Duration,
    started: Instant,
    next: AtomicU64,
    lives: AtomicU64,
    blocks: AtomicU64,
    cuts: AtomicU64,
    proven: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
    bar: ProgressBar,
    told: Mutex<Instant>,
}

impl Run {
    fn new(first: u64, time: Duration) -> Self {
        let count = AtomicU64::default;
        let bar = if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        } else {
            ProgressBar::hidden()
        };
        Self {
            first,
            time,
            started: Instant::now(),
            next: AtomicU64::new(first),
            lives: count(),
            blocks: count(),
            cuts: count(),
            proven: count(),
            full: count(),
            failed: count(),
            bar,
            told: Mutex::new(Instant::now()),
        }
    }

    fn go(&self, jobs: usize) -> Result<()> {
        println!("from seed {} on", self.first);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    while self.goes_on() {
                        self.life(self.next.fetch_add(1, Ordering::Relaxed));
                    }
                });
            }
        });
        self.bar.finish_and_clear();
        println!("{}", self.line());
        let failed = self.failed.load(Ordering::Relaxed);
        ensure!(failed == 0, "{failed} lives broke");
        Ok(())
    }

    fn goes_on(&self) -> bool {
        self.started.elapsed() < self.time && self.failed.load(Ordering::Relaxed) < FAILURES
    }

    /// Cuts one life everywhere, up to the first cut that breaks something.
    fn life(&self, seed: u64) {
        let life = life_of(seed);
        let what = format!(
            "{}, UDF {}, {:?}",
            life.medium,
            life.revision,
            life.behaviour.settings()
        );
        let mut trial = match Trial::of(life) {
            Ok(trial) => trial,
            Err(broken) => return self.fail(seed, "", &format!("{what}: before any cut: {broken}")),
        };
        self.lives.fetch_add(1, Ordering::Relaxed);
        self.blocks.fetch_add(trial.blocks(), Ordering::Relaxed);
        for number in 0..trial.cuts().len() {
            if self.started.elapsed() > self.time {
                return;
            }
            match trial.cut(number) {
                Ok(Outcome::Proven) => &self.proven,
                Ok(Outcome::Full) => &self.full,
                Ok(Outcome::SeenBefore) => &self.cuts,
                Err(broken) => {
                    let cut = trial.cuts()[number];
                    return self.fail(
                        seed,
                        &format!(" --cut {number}"),
                        &format!("{what}, {cut}: {broken}"),
                    );
                }
            }
            .fetch_add(1, Ordering::Relaxed);
            self.tell();
        }
    }

    fn fail(&self, seed: u64, cut: &str, what: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.bar
            .suspend(|| println!("BROKEN {what}\n  again: cargo xtask crash --seed {seed}{cut}"));
    }

    fn tell(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.line());
            return self.bar.tick();
        }
        if let Ok(mut told) = self.told.lock()
            && told.elapsed() > LINE
        {
            *told = Instant::now();
            println!("{}", self.line());
        }
    }

    fn line(&self) -> String {
        let [lives, blocks, seen, proven, full, failed] = [
            &self.lives,
            &self.blocks,
            &self.cuts,
            &self.proven,
            &self.full,
            &self.failed,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        format!(
            "{:.1} min: {lives} lives of {blocks} blocks, {} cuts, {} different discs proven ({full} of them too full to be closed), \
             {failed} broken; next seed {}",
            self.started.elapsed().as_secs_f64() / 60.0,
            seen + proven + full,
            proven + full,
            self.next.load(Ordering::Relaxed)
        )
    }
}
