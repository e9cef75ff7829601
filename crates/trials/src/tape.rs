//! The tape: every command of a life, so that any beginning of it can be repeated without the engine.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::{Recorder, RecoveredErrors};
use mmc::{BLOCK_SIZE, Command, Data, Failure, Sense, SenseKey, Transport};
use volume::Volume;

use crate::broken::Broken;
use crate::course::{Course, Witness};
use crate::disc::MemoryDisc;
use crate::life::Life;
use crate::model::Model;

/// A life that ran once without faults.
#[derive(Debug, Default)]
pub struct Tape {
    /// Each time the disc was inserted into a recorder.
    pub(crate) boots: Vec<Boot>,
    /// The states in the order in which commits and closes began; the first is the formatted volume.
    pub(crate) states: Vec<Model>,
    /// How many of the states are acknowledged.
    acknowledged: usize,
    /// Which of the states are those of closed sessions.
    closed: Vec<usize>,
}

/// What may be on a disc after a cut: one of the tape's states by its index, or no volume yet.
pub(crate) type State = Option<usize>;

/// From switching a drive on to switching it off.
#[derive(Debug)]
pub(crate) struct Boot {
    /// The moments at which everything was synchronized, starting with the beginning.
    moments: Vec<Moment>,
    pub events: Vec<Event>,
}

/// A moment when image and side file match.
#[derive(Debug)]
struct Moment {
    /// Number of commands of the boot before it.
    events: usize,
    side: String,
    /// Length of the image in bytes.
    length: u64,
}

impl Moment {
    fn of(image: &Path, events: usize) -> Self {
        let side = std::fs::read_to_string(Recorder::side_file(image)).unwrap_or_default();
        let length = image.metadata().map_or(0, |image| image.len());
        Self { events, side, length }
    }
}

/// A command that reached the drive.
#[derive(Debug)]
pub(crate) struct Event {
    command: Vec<u8>,
    phase: Phase,
    /// The number of blocks that it recorded.
    pub recorded: u32,
    /// The number of steps of replacing the side file that it took.
    pub side_file_steps: u64,
    /// How many states had begun before it, and how many of those were acknowledged.
    pub begun: usize,
    pub acknowledged: usize,
}

#[derive(Debug)]
enum Phase {
    None,
    In(usize),
    Out(Vec<u8>),
}

impl Event {
    /// Whether it may change the disc or the drive's knowledge of it.
    pub fn changes(&self) -> bool {
        matches!(
            Command::decode(&self.command),
            Ok(Command::SynchronizeCache(_) | Command::CloseTrackSession(_) | Command::ReserveTrack(_))
        )
    }

    fn sets_parameters(&self) -> bool {
        matches!(Command::decode(&self.command), Ok(Command::ModeSelect10(_)))
    }

    fn reads(&self) -> bool {
        matches!(
            Command::decode(&self.command),
            Ok(Command::Read10(_) | Command::Read12(_))
        )
    }

    /// The blocks that it recorded, with their address.
    fn blocks(&self) -> Option<(u64, &[u8])> {
        let Phase::Out(data) = &self.phase else {
            return None;
        };
        let (at, _) = Command::decode(&self.command).ok()?.blocks()?;
        let bytes = data.get(..self.recorded as usize * BLOCK_SIZE)?;
        Some((u64::from(at.0) * BLOCK_SIZE as u64, bytes))
    }

    pub fn repeat(&self, recorder: &mut Recorder) -> Result<usize, Failure> {
        match &self.phase {
            Phase::None => recorder.execute(&self.command, Data::None),
            Phase::In(length) => recorder.execute(&self.command, Data::In(&mut vec![0; *length])),
            Phase::Out(bytes) => recorder.execute(&self.command, Data::Out(bytes)),
        }
    }
}

impl Tape {
    /// Runs a life and records its tape.
    ///
    /// # Errors
    /// Whatever breaks the life; without faults that is a defect.
    pub fn of(life: &Life) -> Result<Self, Broken> {
        let disc = MemoryDisc::blank(life)?;
        let tape = Arc::new(Mutex::new(Self::default()));
        let mut taking = Taking {
            tape: Arc::clone(&tape),
            disc: &disc,
        };
        Course::new(&disc, life, &mut taking).run()?;
        Ok(std::mem::take(&mut *locked(&tape)))
    }

    /// The number of blocks that the life recorded, without links.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        let events = self.boots.iter().flat_map(|boot| &boot.events);
        events.map(|event| u64::from(event.recorded)).sum()
    }

    /// What a reader finds in a state.
    pub(crate) fn model(&self, state: State) -> Option<Model> {
        state.map(|number| self.states[number].clone())
    }

    /// The last state of a closed session among the first `states`.
    pub(crate) fn last_closed(&self, states: usize) -> State {
        self.closed.iter().copied().rfind(|state| *state < states)
    }

    /// Whether a reader finds the same in two states.
    pub(crate) fn same(&self, one: State, other: State) -> bool {
        let listing = |state| self.model(state).map(|model| model.listing());
        one == other || listing(one) == listing(other)
    }

    /// A recorder in its state before a command.
    pub(crate) fn recorder_before(
        &self,
        boot: usize,
        event: usize,
        life: &Life,
        disc: &MemoryDisc,
    ) -> Result<Recorder, Broken> {
        let behaviour = &life.behaviour;
        let polls = behaviour.becoming_ready_polls > 0
            || behaviour.long_write_polls > 0
            || behaviour.operation_in_progress_polls > 0
            || behaviour.first_write_out_of_sequence
            || behaviour.recovered_errors == RecoveredErrors::Deferred
            || behaviour.unit_attention_after_load;
        // Such drives count what they did since they were switched on.
        let counts = polls || behaviour.underrun_after_writes > 0;
        let number = boot;
        let boot = &self.boots[boot];
        let before = |moment: &&Moment| moment.events <= event && (moment.events == 0 || !counts);
        let moment = boot.moments.iter().rfind(before).unwrap_or(&boot.moments[0]);
        let image = File::create(disc.image())?;
        image.set_len(moment.length)?;
        self.fill(&image, number, moment)?;
        std::fs::write(disc.side_file(), &moment.side)?;
        let mut recorder = disc.recorder()?;
        let (settled, since) = boot.events[..event].split_at(moment.events);
        let settings = settled.iter().filter(|event| event.sets_parameters());
        for event in settings.chain(since.iter().filter(|event| polls || !event.reads())) {
            // Commands that failed then fail again.
            let _ = event.repeat(&mut recorder);
        }
        Ok(recorder)
    }

    /// Writes what was recorded up to a moment to an image that already has its length.
    fn fill(&self, image: &File, boot: usize, moment: &Moment) -> Result<(), Broken> {
        let before = self.boots[..boot].iter().flat_map(|boot| &boot.events);
        let here = &self.boots[boot].events[..moment.events];
        for (at, bytes) in before.chain(here).filter_map(Event::blocks) {
            let room = usize::try_from(moment.length.saturating_sub(at)).unwrap_or(usize::MAX);
            image.write_all_at(&bytes[..bytes.len().min(room)], at)?;
        }
        Ok(())
    }
}

fn locked(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records the tape of a life.
struct Taking<'a> {
    tape: Arc<Mutex<Tape>>,
    disc: &'a MemoryDisc,
}

impl Witness for Taking<'_> {
    fn transport(&mut self, recorder: Recorder) -> Box<dyn Transport> {
        locked(&self.tape).boots.push(Boot {
            moments: vec![Moment::of(&self.disc.image(), 0)],
            events: Vec::new(),
        });
        Box::new(Taped {
            recorder,
            image: self.disc.image(),
            tape: Arc::clone(&self.tape),
        })
    }

    fn begun(&mut self, next: &Model) {
        locked(&self.tape).states.push(next.clone());
    }

    fn acknowledged(&mut self, _now: &Model, _volume: &mut Volume) -> Result<(), Broken> {
        let mut tape = locked(&self.tape);
        tape.acknowledged = tape.states.len();
        Ok(())
    }

    fn closed(&mut self) {
        let mut tape = locked(&self.tape);
        let last = tape.states.len().checked_sub(1);
        tape.closed.extend(last);
    }
}

fn is_recovered(sense: Sense) -> bool {
    sense.key == SenseKey::RecoveredError && !sense.deferred
}

/// A recorder that logs its commands.
struct Taped {
    recorder: Recorder,
    image: PathBuf,
    tape: Arc<Mutex<Tape>>,
}

impl Transport for Taped {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        let phase = match &data {
            Data::None => Phase::None,
            Data::In(out) => Phase::In(out.len()),
            Data::ToFile(part) => Phase::In(part.bytes),
            Data::Out(bytes) => Phase::Out(bytes.to_vec()),
        };
        let steps = self.recorder.side_file_steps();
        let result = self.recorder.execute(command, data);
        let side_file_steps = self.recorder.side_file_steps() - steps;
        let writes = matches!(
            Command::decode(command),
            Ok(Command::Write10(_) | Command::Write12(_))
        );
        let bytes = match (&result, &phase) {
            (Ok(bytes), _) => *bytes,
            // It was carried out.
            (Err(Failure::Check(sense)), Phase::Out(bytes)) if is_recovered(*sense) => bytes.len(),
            (Err(_), _) => 0,
        };
        let recorded = if writes { bytes / BLOCK_SIZE } else { 0 };
        let mut tape = locked(&self.tape);
        let (begun, acknowledged) = (tape.states.len(), tape.acknowledged);
        let event = Event {
            command: command.to_vec(),
            phase,
            recorded: u32::try_from(recorded).unwrap_or(0),
            side_file_steps,
            begun,
            acknowledged,
        };
        if let Some(boot) = tape.boots.last_mut() {
            let changes = event.changes();
            boot.events.push(event);
            if changes {
                boot.moments.push(Moment::of(&self.image, boot.events.len()));
            }
        }
        result
    }
}
