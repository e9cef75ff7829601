//! A trial by faults: one life, with one command after the other going wrong.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use emulator::{Action, Event, Fault, FaultScript, Recorder};
use mmc::{Sense, Transport};
use volume::Volume;

use crate::aftermath::Aftermath;
use crate::broken::Broken;
use crate::course::{Course, Progress, Witness};
use crate::disc::MemoryDisc;
use crate::life::Life;
use crate::model::Model;
use crate::sequel::Sequel;
use crate::trial::caught;

/// A life that ran once without faults, to be run again with one.
pub struct FaultTrial {
    life: Life,
    /// All commands, for each time the disc was inserted into a recorder.
    boots: Vec<Vec<Sent>>,
    /// The starts of its sessions.
    sessions: Vec<u32>,
    /// The blocks that were recorded, in order.
    written: Vec<u32>,
    sequel: Sequel,
}

/// A command.
#[derive(Clone, Copy, Debug)]
struct Sent {
    operation_code: u8,
    /// The block after those that it wrote.
    written_to: Option<u32>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The command fails once.
    Once(Sense),
    /// This command and all after it fail until the drive is reopened.
    ForEver(Sense),
    /// This many commands find a long write in progress.
    Busy(u32),
    /// The medium is removed.
    Removed,
    /// The command is never answered, and the host gives it up.
    Hangs,
    /// The drive's buffer runs empty after the command.
    Underrun,
}

/// The result of a life with a fault.
#[derive(Debug)]
pub struct Ended {
    /// The error of the engine; `None` if it did everything all the same.
    pub error: Option<recording::Error>,
    /// The number of commands sent to the drive.
    pub commands: u64,
}

/// Injects a fault in one boot, and counts the commands to the drive.
struct Troubled {
    /// The boot with the fault; `None` for each of them.
    boot: Option<usize>,
    script: FaultScript,
    boots: Arc<Mutex<Vec<Vec<Sent>>>>,
    written: Arc<Mutex<Vec<u32>>>,
}

impl Troubled {
    fn new(boot: Option<usize>, script: FaultScript) -> Self {
        Self {
            boot,
            script,
            boots: Arc::default(),
            written: Arc::default(),
        }
    }

    fn commands(&self) -> Vec<Vec<Sent>> {
        self.boots.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Witness for Troubled {
    fn transport(&mut self, mut recorder: Recorder) -> Box<dyn Transport> {
        let number = {
            let mut boots = self.boots.lock().unwrap_or_else(PoisonError::into_inner);
            boots.push(Vec::new());
            boots.len() - 1
        };
        if self.boot.is_none_or(|boot| boot == number) {
            recorder.set_faults(self.script.clone());
        }
        let (boots, written) = (Arc::clone(&self.boots), Arc::clone(&self.written));
        recorder.set_trace(Box::new(move |entry| {
            let mut boots = boots.lock().unwrap_or_else(PoisonError::into_inner);
            let blocks = entry.blocks().map(|(at, count)| at.0..at.0 + count);
            let blocks = blocks.filter(|_| entry.name() == "WRITE(10)");
            boots[number].push(Sent {
                operation_code: entry.command.first().copied().unwrap_or(0),
                written_to: blocks.as_ref().map(|blocks| blocks.end),
            });
            if blocks.is_some() {
                let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
                written.extend(blocks.into_iter().flatten());
            }
        }));
        Box::new(recorder)
    }

    /// Only the engine uses this drive: the disc is examined afterwards, in another.
    fn acknowledged(&mut self, _now: &Model, _volume: &mut Volume) -> Result<(), Broken> {
        Ok(())
    }
}

impl FaultTrial {
    /// Runs a life once without faults.
    ///
    /// # Errors
    /// Whatever breaks it.
    pub fn of(life: Life) -> Result<Self, Broken> {
        let mut witness = Troubled::new(None, FaultScript::new());
        let disc = MemoryDisc::blank(&life)?;
        Course::new(&disc, &life, &mut witness).run()?;
        let written = witness
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Ok(Self {
            life,
            boots: witness.commands(),
            sessions: disc
                .drive()?
                .medium()
                .sessions
                .iter()
                .map(|s| s.start.0)
                .collect(),
            written,
            sequel: Sequel::default(),
        })
    }

    /// Sets what is done with the disc after each fault.
    #[must_use]
    pub fn followed_by(self, sequel: Sequel) -> Self {
        Self { sequel, ..self }
    }

    /// The operation codes of all commands of the life.
    pub fn commands(&self) -> impl Iterator<Item = u8> {
        self.boots.iter().flatten().map(|sent| sent.operation_code)
    }

    /// The blocks that the life records.
    #[must_use]
    pub fn written(&self) -> &[u32] {
        &self.written
    }

    /// Runs it with a fault at a command, counted from 0 over the whole life, and proves what must hold.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn trouble(&self, number: usize, trouble: Trouble) -> Result<Ended, Broken> {
        let mut local = number;
        let mut boot = 0;
        while local >= self.boots[boot].len() {
            local -= self.boots[boot].len();
            boot += 1;
        }
        let event = Event::command(local as u64 + 1);
        let fault = match trouble {
            Trouble::Once(sense) => Fault::At(event, Action::Fail(sense)),
            Trouble::ForEver(sense) => Fault::From(event, sense),
            Trouble::Busy(polls) => Fault::At(event, Action::Busy(polls)),
            Trouble::Removed => Fault::At(event, Action::Remove),
            Trouble::Hangs => Fault::At(event, Action::Hang),
            Trouble::Underrun => Fault::Underrun(event),
        };
        let links = self.boots[boot][local].written_to;
        let harms = |end| trouble == Trouble::Underrun && self.links_harm_a_session(end);
        self.prove(
            Some(boot),
            FaultScript::new().with(fault),
            number,
            !links.is_some_and(harms),
        )
    }

    /// Whether links from this block on fall on the recognition sequence, descriptors or anchor of a session:
    /// the volume is then found through other copies, and the judge cannot pass it.
    fn links_harm_a_session(&self, end: u32) -> bool {
        const LINKS: u32 = 7;
        const STRUCTURES: [Range<u32>; 2] = [16..66, 256..257];
        let lie_on = |at: &Range<u32>, start| end < start + at.end && start + at.start < end + LINKS;
        let mut starts = self.sessions.iter();
        starts.any(|start| STRUCTURES.iter().any(|at| lie_on(at, *start)))
    }

    /// Runs it with an error in writing a block.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn write_error(&self, block: u32) -> Result<Ended, Broken> {
        let script = FaultScript::new().fail_block(block, Sense::WRITE_ERROR);
        self.prove(None, script, block as usize, true)
    }

    fn prove(
        &self,
        boot: Option<usize>,
        script: FaultScript,
        number: usize,
        judged: bool,
    ) -> Result<Ended, Broken> {
        caught(|| {
            let disc = MemoryDisc::blank(&self.life)?;
            let mut witness = Troubled::new(boot, script);
            let (result, progress) = self.live(&disc, &mut witness);
            let commands = witness.commands().iter().map(|boot| boot.len() as u64).sum();
            let error = match result {
                Ok(()) => None,
                Err(Broken::Recording(error)) => Some(error),
                Err(broken) => return Err(broken),
            };
            let aftermath = Aftermath {
                disc: &disc,
                life: &self.life,
                number: number * 3,
                judged: judged && !self.life.breaks_structures(),
                look: &mut |_, _, _| Ok(()),
                closed: progress.closed.clone(),
                write_failed: true,
                sequel: self.sequel,
            };
            let (position, _closed) = aftermath.prove(&progress.allowed())?;
            if error.is_none() && position != 0 {
                return Err(Broken::Contradiction(
                    "reported as done, but not on the disc".to_owned(),
                ));
            }
            Ok(Ended { error, commands })
        })
    }

    fn live(&self, disc: &MemoryDisc, witness: &mut Troubled) -> (Result<(), Broken>, Progress) {
        let mut course = Course::new(disc, &self.life, witness);
        let result = course.run();
        (result, course.progress().clone())
    }
}
