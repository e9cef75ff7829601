//! Lives in a drive that gives some answers short, overlong, stale, empty or with one bit wrong: each request
//! ends, and nothing acknowledged is lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emulator::Recorder;
use mmc::{Command, Data, Failure, Transport};
use volume::Volume;

use crate::aftermath::Aftermath;
use crate::broken::Broken;
use crate::course::{Course, Witness};
use crate::disc::MemoryDisc;
use crate::lie::{Ended, MOST_COMMANDS};
use crate::life::Life;
use crate::model::Model;
use crate::sequel::Sequel;
use crate::trial::caught;

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Only this many bytes of it arrive.
    Short(usize),
    /// It is padded with rubbish.
    Long,
    /// It is the previous answer to the same command.
    Stale,
    /// It is all zeros.
    Zero,
    /// One bit of it is flipped.
    Flipped(usize),
}

/// Which answers about the disc are changed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lies {
    /// The first of them, counted from 0 over the life.
    pub first: u64,
    /// Their number.
    pub count: u64,
    /// What happens to each.
    pub mischief: Mischief,
}

/// A drive that changes its answers.
struct Liar {
    recorder: Recorder,
    lies: Lies,
    answered: Arc<AtomicU64>,
    commands: Arc<AtomicU64>,
    before: HashMap<Vec<u8>, Vec<u8>>,
}

impl Transport for Liar {
    fn execute(&mut self, command: &[u8], mut data: Data<'_>) -> Result<usize, Failure> {
        self.commands.fetch_add(1, Ordering::Relaxed);
        let moved = self.recorder.execute(command, data.reborrow())?;
        let Data::In(out) = data else { return Ok(moved) };
        if !tells_of_the_disc(command) {
            return Ok(moved);
        }
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        let answer = out[..moved].to_vec();
        let before = self.before.insert(command.to_vec(), answer);
        if number.wrapping_sub(self.lies.first) >= self.lies.count {
            return Ok(moved);
        }
        Ok(self.lies.mischief.change(out, moved, before.as_deref()))
    }
}

impl Mischief {
    /// Changes an answer of `moved` bytes; returns its new length.
    fn change(self, out: &mut [u8], moved: usize, before: Option<&[u8]>) -> usize {
        match self {
            Self::Short(bytes) => {
                let length = bytes.min(moved);
                out[length..].fill(0);
                return length;
            }
            Self::Long => {
                out[moved..].fill(0x5A);
                return out.len();
            }
            Self::Stale => {
                if let Some(before) = before {
                    out[..before.len()].copy_from_slice(before);
                    return before.len();
                }
            }
            Self::Zero => out[..moved].fill(0),
            Self::Flipped(bit) if moved > 0 => out[bit / 8 % moved] ^= 1 << (bit % 8),
            Self::Flipped(_) => {}
        }
        moved
    }
}

fn tells_of_the_disc(command: &[u8]) -> bool {
    matches!(
        Command::decode(command),
        Ok(Command::ReadDiscInformation(_)
            | Command::ReadTrackInformation(_)
            | Command::ReadCapacity(_)
            | Command::ReadTocPmaAtip(_)
            | Command::GetConfiguration(_)
            | Command::ModeSense10(_))
    )
}

/// Wraps each recorder in such a drive. What is acknowledged is checked afterwards, in another.
struct LyingDrives {
    lies: Lies,
    answered: Arc<AtomicU64>,
    commands: Arc<AtomicU64>,
}

impl Witness for LyingDrives {
    fn transport(&mut self, recorder: Recorder) -> Box<dyn Transport> {
        Box::new(Liar {
            recorder,
            lies: self.lies,
            answered: Arc::clone(&self.answered),
            commands: Arc::clone(&self.commands),
            before: HashMap::new(),
        })
    }

    fn acknowledged(&mut self, _now: &Model, _volume: &mut Volume) -> Result<(), Broken> {
        Ok(())
    }
}

/// Runs a life in a drive that lies in this way, and proves in another drive what it has left.
///
/// # Errors
/// Whatever does not hold.
pub fn live_with_liar(life: &Life, lies: Lies, number: usize) -> Result<Ended, Broken> {
    caught(|| {
        let disc = MemoryDisc::blank(life)?;
        let mut witness = LyingDrives {
            lies,
            answered: Arc::default(),
            commands: Arc::default(),
        };
        let mut course = Course::new(&disc, life, &mut witness);
        let result = course.run();
        let progress = course.progress().clone();
        let commands = witness.commands.load(Ordering::Relaxed);
        if commands > MOST_COMMANDS {
            return Err(Broken::Contradiction(format!("{commands} commands")));
        }
        let ended = match result {
            Ok(()) => Ended::Done,
            // Including what a reader misses while the drive conceals it.
            Err(_) => Ended::Reported,
        };
        let aftermath = Aftermath {
            disc: &disc,
            life,
            number: number * 3,
            judged: !life.breaks_structures(),
            look: &mut |_, _, _| Ok(()),
            closed: progress.closed.clone(),
            write_failed: true,
            sequel: Sequel::GoOn,
        };
        let (position, _) = aftermath.prove(&progress.allowed())?;
        if ended == Ended::Done && position != 0 {
            return Err(Broken::Contradiction(
                "reported as done, but not on the disc".to_owned(),
            ));
        }
        Ok(ended)
    })
}
