//! Lives in drives that act differently from what they report: each request ends, nothing acknowledged is
//! lost, and nothing is reported as done that was not done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use drive::{DriveError, SessionState, Status};
use emulator::{Behaviour, Recorder};
use mmc::Transport;
use recording::Error;

use crate::aftermath::Aftermath;
use crate::broken::Broken;
use crate::course::{Comparing, Course, Witness, require};
use crate::disc::MemoryDisc;
use crate::life::{End, Life};
use crate::sequel::Sequel;
use crate::trial::caught;

/// More commands than any life that ends needs.
pub(crate) const MOST_COMMANDS: u64 = 100_000;

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was done.
    Done,
    /// With an error that says what the drive did not do.
    Reported,
}

/// Runs a life in a drive with a lying switch, and proves in another drive what it has left.
///
/// # Errors
/// Whatever does not hold.
pub fn live_with_lie(life: &Life, number: usize) -> Result<Ended, Broken> {
    caught(|| {
        let mut disc = MemoryDisc::blank(life)?;
        let mut witness = Counting::default();
        let commands = Arc::clone(&witness.commands);
        let mut course = Course::new(&disc, life, &mut witness);
        let result = course.run();
        let progress = course.progress().clone();
        let commands = commands.load(Ordering::Relaxed);
        if commands > MOST_COMMANDS {
            return Err(Broken::Contradiction(format!("{commands} commands")));
        }
        let ended = match result {
            Ok(()) => Ended::Done,
            Err(Broken::Recording(error)) if is_reported(&error) => Ended::Reported,
            Err(broken) => return Err(broken),
        };
        disc.change_recorder(Behaviour::default());
        if ended == Ended::Done {
            require_end(&disc, life)?;
        }
        let honest = Life {
            behaviour: Behaviour::default(),
            ..life.clone()
        };
        let aftermath = Aftermath {
            disc: &disc,
            life: &honest,
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

/// Runs a life, and reads the result in a drive with some switch set: if its last session is closed, it must
/// be whole there.
///
/// # Errors
/// Whatever does not hold.
pub fn live_and_read_in(life: &Life, reader: &Behaviour) -> Result<(), Broken> {
    caught(|| {
        let mut disc = MemoryDisc::blank(life)?;
        let mut witness = Comparing;
        let mut course = Course::new(&disc, life, &mut witness);
        course.run()?;
        let acknowledged = course.progress().acknowledged.clone();
        disc.change_recorder(reader.clone());
        if !disc.drive()?.is_read_only() {
            return Err(Broken::Contradiction("a read-only drive accepts data".to_owned()));
        }
        let model =
            acknowledged.ok_or_else(|| Broken::Contradiction("nothing was acknowledged".to_owned()))?;
        require(&model, &mut disc.volume()?)
    })
}

/// Whether an error reports that the drive does not act as it says.
fn is_reported(error: &Error) -> bool {
    matches!(
        error,
        Error::FinalizedUnasked { .. }
            | Error::NotLast { .. }
            | Error::Drive(DriveError::NotClosed { .. } | DriveError::Lost { .. })
    )
}

/// Checks that what was reported as closed or finalized is.
fn require_end(disc: &MemoryDisc, life: &Life) -> Result<(), Broken> {
    let drive = disc.drive()?;
    let medium = drive.medium();
    let is_open = medium
        .sessions
        .iter()
        .any(|session| session.state == SessionState::Open);
    let contradiction = match life.end {
        End::Close if is_open => "reported as closed, but open",
        End::Finalize if medium.status != Status::Finalized => "reported as finalized, but appendable",
        _ => return Ok(()),
    };
    Err(Broken::Contradiction(contradiction.to_owned()))
}

/// Counts the commands; acknowledged states are compared as usual.
#[derive(Default)]
struct Counting {
    commands: Arc<AtomicU64>,
}

impl Witness for Counting {
    fn transport(&mut self, mut recorder: Recorder) -> Box<dyn Transport> {
        let commands = Arc::clone(&self.commands);
        recorder.set_trace(Box::new(move |_| {
            commands.fetch_add(1, Ordering::Relaxed);
        }));
        Comparing.transport(recorder)
    }
}
