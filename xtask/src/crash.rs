//! Power cuts for as long as requested: one seeded life after the other, each cut at every block, or at some
//! in drives with two switches set.

use std::io::IsTerminal as _;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};

use indicatif::{ProgressBar, ProgressStyle};
use trials::{EndedByLie, LIES, Life, Outcome, Sequel, Size, Trial, live_with_lie};

use crate::place::Place;

/// What to cut, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Hours to run
    #[arg(long)]
    hours: Option<f64>,
    /// Minutes to run, added to the hours
    #[arg(long)]
    minutes: Option<f64>,
    /// Seed of the first life, from which the others count up; without a time, the only life
    #[arg(long)]
    seed: Option<u64>,
    /// Lives in drives with two switches set; one in eight in a drive that lies
    #[arg(long)]
    pairs: bool,
    /// Number of lives instead of a time, each with some cuts
    #[arg(long, requires = "pairs", conflicts_with_all = ["hours", "minutes", "cut"])]
    lives: Option<u64>,
    /// Only this cut of the life
    #[arg(long, requires = "seed", conflicts_with_all = ["hours", "minutes"])]
    cut: Option<usize>,
    /// Recover and close the disc after each cut as `oncefs recover` does, instead of going on with its life
    #[arg(long)]
    recover: bool,
    /// Number of lives run at once
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// One life in this many is a large one.
const LARGE_ONE_IN: u64 = 16;

/// This many failures end a run.
const FAILURES: u64 = 20;

/// Cuts per life if a number of lives was given.
const CUTS: usize = 8;

/// Distance between two of those cuts: a prime larger than the number of cuts of any life.
const STEP: usize = 99_991;

/// With pairs of switches, one life in this many is in a drive that lies.
const LYING_ONE_IN: u64 = 8;

/// Interval between lines of progress in a pipe.
const LINE: Duration = Duration::from_secs(60);

/// Runs in a release build of this program.
pub fn run(place: &Place, options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return run_in_release(place);
    }
    let time = Duration::try_from_secs_f64(
        3600.0 * options.hours.unwrap_or(0.0) + 60.0 * options.minutes.unwrap_or(0.0),
    )
    .context("not a valid duration")?;
    if let Some(lives) = options.lives {
        let seed = options.seed.map_or_else(seed_of_the_clock, Ok)?;
        return Run::new(seed, Amount::Lives(lives), options).go(options.jobs.max(1));
    }
    match (options.seed, time.is_zero()) {
        (Some(seed), true) => one_life(seed, options),
        (None, true) => bail!("give --hours or --minutes, or a --seed"),
        (seed, false) => {
            let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
            Run::new(seed, Amount::Time(time), options).go(options.jobs.max(1))
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

fn life_of(seed: u64, pairs: bool) -> Life {
    let large = seed % LARGE_ONE_IN == LARGE_ONE_IN - 1;
    let size = if large { Size::LARGE } else { Size::SMALL };
    if pairs {
        Life::with_pair(seed, size)
    } else {
        Life::of_seed(seed, size)
    }
}

/// The life of this seed in a drive that lies, if it is one of those.
fn lying_life(seed: u64) -> Option<Life> {
    if !seed.is_multiple_of(LYING_ONE_IN) {
        return None;
    }
    let lie = usize::try_from(seed / LYING_ONE_IN).unwrap_or(0) % LIES.len();
    let mut life = Life::with_pair(seed, Size::SMALL);
    let (name, value) = LIES[lie];
    life.behaviour.set(name, value).then_some(life)
}

/// How the life in a drive that lies ended.
fn live_lying(seed: u64, life: &Life) -> Result<EndedByLie, trials::Broken> {
    live_with_lie(life, usize::try_from(seed % 1024).unwrap_or(0))
}

/// Runs the life of one seed, and reports each cut that breaks something.
fn one_life(seed: u64, options: &Options) -> Result<()> {
    if let Some(life) = lying_life(seed).filter(|_| options.pairs) {
        println!("{life:#?}");
        let ended = live_lying(seed, &life)?;
        println!("in a drive that lies: {ended:?}");
        return Ok(());
    }
    let life = life_of(seed, options.pairs);
    println!("{life:#?}");
    let mut trial = Trial::of(life)?.followed_by(options.sequel());
    let all = trial.cuts().len();
    println!("seed {seed}: {} blocks, {all} cuts", trial.blocks());
    let numbers = match options.cut {
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

impl Options {
    fn sequel(&self) -> Sequel {
        if self.recover {
            Sequel::Recover
        } else {
            Sequel::GoOn
        }
    }
}

/// How much to run.
#[derive(Clone, Copy)]
enum Amount {
    /// For this long, each life cut everywhere.
    Time(Duration),
    /// This many lives, each cut at some places.
    Lives(u64),
}

/// A run of many lives on several threads.
struct Run {
    first: u64,
    amount: Amount,
    pairs: bool,
    sequel: Sequel,
    started: Instant,
    next: AtomicU64,
    lives: AtomicU64,
    blocks: AtomicU64,
    cuts: AtomicU64,
    proven: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
    /// Lives in drives that lie that ended with an error that reports one.
    reported: AtomicU64,
    bar: ProgressBar,
    last_line: Mutex<Instant>,
}

impl Run {
    fn new(first: u64, amount: Amount, options: &Options) -> Self {
        let count = AtomicU64::default;
        let bar = if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        } else {
            ProgressBar::hidden()
        };
        Self {
            first,
            amount,
            pairs: options.pairs,
            sequel: options.sequel(),
            started: Instant::now(),
            next: AtomicU64::new(first),
            lives: count(),
            blocks: count(),
            cuts: count(),
            proven: count(),
            full: count(),
            failed: count(),
            reported: count(),
            bar,
            last_line: Mutex::new(Instant::now()),
        }
    }

    fn go(&self, jobs: usize) -> Result<()> {
        println!("from seed {} on", self.first);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    while self.goes_on() {
                        let seed = self.next.fetch_add(1, Ordering::Relaxed);
                        if self.is_wanted(seed) {
                            self.life(seed);
                        }
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
        let is_wanted = self.is_wanted(self.next.load(Ordering::Relaxed));
        is_wanted && self.failed.load(Ordering::Relaxed) < FAILURES
    }

    /// Whether there is time for the life of a seed, or it is among the requested number.
    fn is_wanted(&self, seed: u64) -> bool {
        match self.amount {
            Amount::Time(time) => self.started.elapsed() < time,
            Amount::Lives(lives) => seed < self.first.saturating_add(lives),
        }
    }

    /// Which of `all` cuts of a life to try.
    fn cuts_of(&self, all: usize) -> Vec<usize> {
        match self.amount {
            Amount::Time(_) => (0..all).collect(),
            Amount::Lives(_) => (0..all.min(CUTS)).map(|place| (place + 1) * STEP % all).collect(),
        }
    }

    /// Runs a life in a drive that lies.
    fn lying_life(&self, seed: u64, life: &Life) {
        match live_lying(seed, life) {
            Ok(EndedByLie::Done) => {}
            Ok(EndedByLie::Reported) => drop(self.reported.fetch_add(1, Ordering::Relaxed)),
            Err(broken) => {
                let what = format!("{}, {:?}: {broken}", life.medium, life.behaviour.settings());
                return self.fail(seed, "", &what);
            }
        }
        self.lives.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    /// Cuts one life, up to the first cut that breaks something.
    fn life(&self, seed: u64) {
        if let Some(life) = lying_life(seed).filter(|_| self.pairs) {
            return self.lying_life(seed, &life);
        }
        let life = life_of(seed, self.pairs);
        let what = format!(
            "{}, UDF {}, {:?}",
            life.medium,
            life.revision,
            life.behaviour.settings()
        );
        let mut trial = match Trial::of(life) {
            Ok(trial) => trial.followed_by(self.sequel),
            Err(broken) => return self.fail(seed, "", &format!("{what}: before any cut: {broken}")),
        };
        self.lives.fetch_add(1, Ordering::Relaxed);
        self.blocks.fetch_add(trial.blocks(), Ordering::Relaxed);
        for number in self.cuts_of(trial.cuts().len()) {
            if matches!(self.amount, Amount::Time(time) if self.started.elapsed() > time) {
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
        let pairs = if self.pairs { " --pairs" } else { "" };
        let recover = if self.sequel == Sequel::Recover {
            " --recover"
        } else {
            ""
        };
        self.bar.suspend(|| {
            println!("BROKEN {what}\n  again: cargo xtask crash{pairs}{recover} --seed {seed}{cut}");
        });
    }

    fn tell(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.line());
            return self.bar.tick();
        }
        if let Ok(mut last) = self.last_line.lock()
            && last.elapsed() > LINE
        {
            *last = Instant::now();
            println!("{}", self.line());
        }
    }

    fn line(&self) -> String {
        let [lives, blocks, seen, proven, full, failed, reported] = [
            &self.lives,
            &self.blocks,
            &self.cuts,
            &self.proven,
            &self.full,
            &self.failed,
            &self.reported,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        format!(
            "{:.1} min: {lives} lives of {blocks} blocks, {} cuts, {} different discs proven ({full} of them too full to be closed), \
             {reported} ended by a drive that lies, {failed} broken; next seed {}",
            self.started.elapsed().as_secs_f64() / 60.0,
            seen + proven + full,
            proven + full,
            self.next.load(Ordering::Relaxed)
        )
    }
}
