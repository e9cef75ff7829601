//! Power cuts: every place in a tape where the power can fail, at the disc and at the side file of its image,
//! and the disc that each cut leaves.

use std::fmt;

use emulator::{FaultScript, Keep};
use mmc::Failure;

use crate::broken::Broken;
use crate::disc::MemoryDisc;
use crate::life::Life;
use crate::tape::{State, Tape};

/// A power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    boot: usize,
    event: usize,
    moment: Moment,
    formatted: bool,
    /// Blocks recorded before it in the whole life.
    after: u64,
    /// Which of the unsynchronized blocks reach the disc.
    keep: Keep,
}

/// The moment during a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// After this many of the blocks that it records.
    Blocks(u32),
    /// After the command.
    After,
    /// Before this step of replacing the side file.
    SideFile(u64),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.moment {
            Moment::Blocks(_) => "",
            Moment::After => " and a command",
            Moment::SideFile(step) => {
                return write!(
                    f,
                    "after {} blocks, before step {step} of replacing the side file",
                    self.after
                );
            }
        };
        write!(
            f,
            "after {} blocks{place}, keeping {:?} of the unsynchronized blocks",
            self.after, self.keep
        )
    }
}

/// Every cut of a life: after each block that it records and after each other command that changes the disc,
/// with nothing, everything, or some units of the unsynchronized blocks kept; and before each step of
/// replacing the side file.
///
/// Formatting is not cut if links could fall on the start of the session and no further session fits: there
/// is no other place for the volume.
pub(crate) fn cuts(tape: &Tape, life: &Life) -> Vec<Cut> {
    let mut before = 0;
    let mut all = Vec::new();
    let formatting_too = !life.may_not_be_formatted();
    for (boot, events) in tape.boots.iter().enumerate() {
        for (event, command) in events.events.iter().enumerate() {
            let places = if command.acknowledged == 0 && !formatting_too {
                Vec::new()
            } else if command.recorded > 0 {
                (1..=command.recorded).map(Moment::Blocks).collect()
            } else if command.changes() {
                vec![Moment::After]
            } else {
                Vec::new()
            };
            let steps = if command.acknowledged == 0 && !formatting_too {
                0
            } else {
                command.side_file_steps
            };
            all.extend((1..=steps).map(|step| Cut {
                formatted: command.acknowledged > 0,
                boot,
                event,
                moment: Moment::SideFile(step),
                after: before,
                keep: Keep::All,
            }));
            for moment in places {
                let blocks = match moment {
                    Moment::Blocks(blocks) => blocks,
                    Moment::After | Moment::SideFile(_) => 0,
                };
                let after = before + u64::from(blocks);
                let some = u32::try_from(after % 7).unwrap_or(0) + 1;
                for keep in [Keep::None, Keep::Units(some), Keep::All] {
                    all.push(Cut {
                        formatted: command.acknowledged > 0,
                        boot,
                        event,
                        moment,
                        after,
                        keep,
                    });
                }
            }
            before += u64::from(command.recorded);
        }
    }
    all
}

impl Cut {
    /// Whether the format was acknowledged before it.
    #[must_use]
    pub fn is_after_format(&self) -> bool {
        self.formatted
    }

    /// Stores the disc that the cut leaves in place of `disc`.
    ///
    /// # Errors
    /// Errors from the host or the recorder.
    pub(crate) fn leave(&self, tape: &Tape, life: &Life, disc: &MemoryDisc) -> Result<(), Broken> {
        let whole = self.event + usize::from(self.moment == Moment::After);
        let mut recorder = tape.recorder_before(self.boot, whole, life, disc)?;
        let script = match self.moment {
            Moment::After => {
                recorder.cut_power(self.keep);
                return Ok(());
            }
            Moment::Blocks(blocks) => FaultScript::new().cut_after_blocks(u64::from(blocks), self.keep),
            Moment::SideFile(step) => FaultScript::new().cut_at_side_file(step),
        };
        recorder.set_faults(script);
        match tape.boots[self.boot].events[self.event].repeat(&mut recorder) {
            Err(Failure::Transport(_)) => Ok(()),
            _ => Err(Broken::Contradiction(
                "the tape took another course when it was repeated".to_owned(),
            )),
        }
    }

    /// The closed state that readers of plain volumes may find after the cut, besides one that was begun.
    pub(crate) fn closed(&self, tape: &Tape) -> State {
        let event = &tape.boots[self.boot].events[self.event];
        tape.last_closed(event.acknowledged)
    }

    /// The states that a reader may find after the cut: the acknowledged one, and one that was begun.
    pub(crate) fn allowed(&self, tape: &Tape) -> Vec<State> {
        let event = &tape.boots[self.boot].events[self.event];
        let acknowledged = event.acknowledged.checked_sub(1);
        let mut allowed = vec![acknowledged];
        if event.begun > event.acknowledged {
            allowed.push(event.begun.checked_sub(1));
        }
        allowed
    }
}
