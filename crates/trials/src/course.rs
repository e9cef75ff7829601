//! The course of a life, from blank to its end, with an observer.

use emulator::Recorder;
use mmc::Transport;
use recording::{CloseDisc, PlainVolume, Recording, format};
use volume::Volume;

use crate::apply::{DEEPEST, Held, Sides};
use crate::broken::Broken;
use crate::disc::{MemoryDisc, time};
use crate::life::{End, Life};
use crate::listing::{differences, listing};
use crate::model::Model;
use crate::operation::{Operation, name};

/// Observes a life. By default it compares each acknowledged state, on a drive in which nothing goes wrong.
pub trait Witness {
    /// Called whenever the disc is inserted into a recorder; returns the transport for the drive.
    fn transport(&mut self, recorder: Recorder) -> Box<dyn Transport> {
        Box::new(recorder)
    }

    /// A commit or close begins; from now on the disc may contain its result.
    fn begun(&mut self, _next: &Model) {}

    /// What was begun is acknowledged, and a reader must find it in this volume.
    ///
    /// # Errors
    /// [`Broken::Contradiction`] if the reader does not.
    fn acknowledged(&mut self, now: &Model, volume: &mut Volume) -> Result<(), Broken> {
        require(now, volume)
    }

    /// The acknowledged state is that of a closed session.
    fn closed(&mut self) {}
}

/// A witness that compares each acknowledged state.
pub struct Comparing;

impl Witness for Comparing {}

/// The states that a life may be in.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The last acknowledged state; `None` until the format is acknowledged.
    pub acknowledged: Option<Model>,
    /// The result of a commit or close that is not acknowledged yet.
    pub begun: Option<Model>,
    /// The state of the session that was closed last.
    pub closed: Option<Model>,
    /// The result for its plain volume.
    pub plain: Option<PlainVolume>,
}

impl Progress {
    /// The states that a reader may find, the acknowledged one first; `None` is a disc that is not formatted
    /// yet.
    #[must_use]
    pub fn allowed(&self) -> Vec<Option<Model>> {
        let begun = self.begun.iter().cloned().map(Some);
        [self.acknowledged.clone()].into_iter().chain(begun).collect()
    }
}

/// A life in progress.
pub struct Course<'a> {
    disc: &'a MemoryDisc,
    life: &'a Life,
    witness: &'a mut dyn Witness,
    /// Includes pending changes.
    model: Model,
    /// The files that are held open.
    held: Vec<Held>,
    progress: Progress,
}

/// Checks that a reader finds the contents of a model.
///
/// # Errors
/// [`Broken::Contradiction`]; errors from reading.
pub fn require(model: &Model, volume: &mut Volume) -> Result<(), Broken> {
    let different = differences(&model.listing(), &listing(volume)?);
    if different.is_empty() {
        Ok(())
    } else {
        Err(Broken::Contradiction(different.join("; ")))
    }
}

impl<'a> Course<'a> {
    /// A life on its blank disc.
    pub fn new(disc: &'a MemoryDisc, life: &'a Life, witness: &'a mut dyn Witness) -> Self {
        Self {
            disc,
            life,
            witness,
            model: Model::formatted(time(0).to_unix().unwrap_or_default()),
            held: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// A life that continues: it begins with what it finds on the disc instead of with a format.
    pub fn resume(disc: &'a MemoryDisc, life: &'a Life, found: Model, witness: &'a mut dyn Witness) -> Self {
        let progress = Progress {
            acknowledged: Some(found.clone()),
            ..Progress::default()
        };
        Self {
            disc,
            life,
            witness,
            model: found,
            held: Vec::new(),
            progress,
        }
    }

    /// How far the life has come.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Runs the life.
    ///
    /// # Errors
    /// Whatever breaks it; without faults nothing may.
    pub fn run(&mut self) -> Result<(), Broken> {
        if self.progress.acknowledged.is_none() {
            self.format()?;
        }
        let mut recording = self.open()?;
        let mut now = 1;
        for operation in &self.life.operations {
            now += 1;
            match operation {
                Operation::Commit => self.commit(&mut recording, now)?,
                Operation::Close => {
                    if self.close(&mut recording, CloseDisc::No, now)? {
                        return Ok(());
                    }
                }
                Operation::Abandon => {
                    self.sides(&mut recording, now).let_go();
                    recording.abandon()?;
                    self.forget_pending();
                }
                Operation::Reopen => {
                    drop(recording);
                    self.held.clear();
                    self.forget_pending();
                    recording = self.open()?;
                }
                Operation::Record {
                    parent,
                    name,
                    files,
                    every,
                } => {
                    self.record(&mut recording, now, (*parent, *name), *files, *every)?;
                }
                other => self.sides(&mut recording, now).apply(other)?,
            }
        }
        now += 1;
        match self.life.end {
            End::Commit => self.commit(&mut recording, now),
            End::Close => self.close(&mut recording, CloseDisc::No, now).map(drop),
            End::Finalize => self.close(&mut recording, CloseDisc::Yes, now).map(drop),
        }
    }

    fn sides<'s>(&'s mut self, recording: &'s mut Recording, now: i64) -> Sides<'s> {
        Sides {
            recording,
            model: &mut self.model,
            held: &mut self.held,
            now: time(now),
        }
    }

    /// Records a tree with commits in between; at each of them its directory is as on the host.
    fn record(
        &mut self,
        recording: &mut Recording,
        now: i64,
        (parent, index): (usize, usize),
        files: usize,
        every: usize,
    ) -> Result<(), Broken> {
        recording.set_time(time(now));
        let parent = self.model.directory(parent);
        if parent.matches('/').count() >= DEEPEST {
            return Ok(());
        }
        let begun = self.sides(recording, now).begin_tree(&parent, &name(index))?;
        let Some(tree) = begun else { return Ok(()) };
        for number in 0..files {
            // From none to several blocks.
            let length = number * number * 1_013 + index * 97 * (number % 2);
            self.sides(recording, now).record_in_tree(&tree, number, length)?;
            if number % every == every - 1 {
                self.sides(recording, now).complete(&tree)?;
                self.commit(recording, now)?;
            }
        }
        self.sides(recording, now).complete(&tree)
    }

    fn transport(&mut self) -> Result<Box<dyn Transport>, Broken> {
        Ok(self.witness.transport(self.disc.recorder()?))
    }

    fn format(&mut self) -> Result<(), Broken> {
        let transport = self.transport()?;
        let drive = self.disc.drive_over(transport)?;
        self.begin();
        let mut volume = Volume::open(format(drive, &self.disc.options())?)?;
        self.acknowledge(&mut volume)
    }

    fn open(&mut self) -> Result<Recording, Broken> {
        let transport = self.transport()?;
        Ok(Recording::open(self.disc.drive_over(transport)?, time(1))?)
    }

    fn commit(&mut self, recording: &mut Recording, now: i64) -> Result<(), Broken> {
        self.begin();
        recording.commit(time(now))?;
        self.acknowledge(recording.volume())
    }

    /// Returns whether nothing can be added any more.
    fn close(&mut self, recording: &mut Recording, disc: CloseDisc, now: i64) -> Result<bool, Broken> {
        self.begin();
        let closed = recording.close(disc, time(now))?;
        self.acknowledge(recording.volume())?;
        self.progress.closed.clone_from(&self.progress.acknowledged);
        self.progress.plain = Some(closed.plain);
        self.witness.closed();
        Ok(closed.finalized)
    }

    fn begin(&mut self) {
        self.witness.begun(&self.model);
        self.progress.begun = Some(self.model.clone());
    }

    fn acknowledge(&mut self, volume: &mut Volume) -> Result<(), Broken> {
        self.progress.acknowledged = self.progress.begun.take();
        self.witness.acknowledged(&self.model, volume)
    }

    fn forget_pending(&mut self) {
        if let Some(acknowledged) = &self.progress.acknowledged {
            self.model = acknowledged.clone();
        }
    }
}
