//! Faults on demand: what goes wrong and when.

use mmc::Sense;
use std::io;
use std::ops::Range;

/// One of the commands after the script is set, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Only commands with this operation code count; `None` counts all.
    pub operation_code: Option<u8>,
    /// The number of the command among these.
    pub number: u64,
}

/// How much of the unsynchronized data a power cut leaves, as whole units from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    None,
    /// At most this many units.
    Units(u32),
    /// Every whole unit.
    All,
}

/// What goes wrong at a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The command fails with this sense and has no effect.
    Fail(Sense),
    /// This number of commands, beginning with this one, answer that a long write is in progress (2/04/08).
    Busy(u32),
    /// The medium is removed before the command, and unsynchronized data is lost. START STOP UNIT loads it
    /// again.
    Remove,
    /// The power is cut before the command.
    Cut(Keep),
    /// The process that runs the drive is killed before the command. Image and side file remain as they are.
    Kill,
    /// The command has no effect and never completes: as a [`Transport`](mmc::Transport) the recorder fails
    /// with [`TimedOut`](std::io::ErrorKind::TimedOut).
    Hang,
}

/// A single fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// At a command, once.
    At(Event, Action),
    /// Every command of its kind, beginning with this one, fails with this sense and has no effect.
    From(Event, Sense),
    /// The WRITE that reaches the block fails there with this sense, once. The blocks before it are recorded.
    WriteBlock(u32, Sense),
    /// The buffer runs empty after a command, once: a WRITE without underrun protection ends the CD packet.
    Underrun(Event),
    /// Reads of these blocks fail.
    Unreadable(Range<u32>, Sense),
    /// The power is cut once this number of blocks is written.
    CutAfterBlocks(u64, Keep),
    /// The power of the host is cut before this step of replacing the side file, counted from 1: create,
    /// write, synchronize and rename the new one, synchronize the directory. The image remains as it is.
    CutAtSideFile(u64),
}

/// The faults of a drive, in any order. As text, for [`str::parse`], each fault is a line:
///
/// ```text
/// # the n-th command since the script was set, or the n-th of its name
/// fail 3/0C/00 at WRITE(10) 3
/// fail 3/0C/00 at written block 4711
/// fail 2/04/01 from command 20
/// busy 5 at command 12
/// hang at SYNCHRONIZE CACHE 1
/// underrun after WRITE(10) 7
/// unreadable 100..200
/// unreadable 100..200 with 3/11/00
/// remove before SYNCHRONIZE CACHE 2
/// cut before command 9 keep none
/// cut after 300 blocks keep 2
/// cut before step 3 of the side file
/// kill before command 9
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultScript {
    /// The faults.
    pub faults: Vec<Fault>,
}

impl Event {
    /// Command `number`, whatever its operation code.
    #[must_use]
    pub const fn command(number: u64) -> Self {
        Self {
            operation_code: None,
            number,
        }
    }

    /// Command `number` among those with this operation code.
    #[must_use]
    pub const fn operation(operation_code: u8, number: u64) -> Self {
        Self {
            operation_code: Some(operation_code),
            number,
        }
    }
}

impl FaultScript {
    /// A script without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// A command fails with `sense`.
    #[must_use]
    pub fn fail(self, event: Event, sense: Sense) -> Self {
        self.with(Fault::At(event, Action::Fail(sense)))
    }

    /// Every command from one on fails with `sense`.
    #[must_use]
    pub fn fail_from(self, event: Event, sense: Sense) -> Self {
        self.with(Fault::From(event, sense))
    }

    /// `polls` commands from `event` on answer that a long write is in progress.
    #[must_use]
    pub fn busy(self, event: Event, polls: u32) -> Self {
        self.with(Fault::At(event, Action::Busy(polls)))
    }

    /// The medium is removed before a command.
    #[must_use]
    pub fn remove(self, event: Event) -> Self {
        self.with(Fault::At(event, Action::Remove))
    }

    /// The power is cut before a command.
    #[must_use]
    pub fn cut_before(self, event: Event, keep: Keep) -> Self {
        self.with(Fault::At(event, Action::Cut(keep)))
    }

    /// The power is cut once `blocks` blocks are written.
    #[must_use]
    pub fn cut_after_blocks(self, blocks: u64, keep: Keep) -> Self {
        self.with(Fault::CutAfterBlocks(blocks, keep))
    }

    /// The power of the host is cut before a step of replacing the side file.
    #[must_use]
    pub fn cut_at_side_file(self, step: u64) -> Self {
        self.with(Fault::CutAtSideFile(step))
    }

    /// The process that runs the drive is killed before a command.
    #[must_use]
    pub fn kill_before(self, event: Event) -> Self {
        self.with(Fault::At(event, Action::Kill))
    }

    /// Writing a block fails.
    #[must_use]
    pub fn fail_block(self, block: u32, sense: Sense) -> Self {
        self.with(Fault::WriteBlock(block, sense))
    }

    /// The buffer runs empty after a command.
    #[must_use]
    pub fn underrun_after(self, event: Event) -> Self {
        self.with(Fault::Underrun(event))
    }

    /// Blocks cannot be read.
    #[must_use]
    pub fn unreadable(self, blocks: Range<u32>) -> Self {
        self.with(Fault::Unreadable(blocks, Sense::L_EC_UNCORRECTABLE_ERROR))
    }
}

/// A script and its progress.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    script: Vec<Fault>,
    commands: u64,
    by_code: std::collections::HashMap<u8, u64>,
    blocks: u64,
    /// Whether the buffer runs empty after the current command.
    underrun: bool,
    /// Steps of replacing the side file so far.
    side_steps: u64,
    /// Whether the power was cut at one of them.
    cut: bool,
}

impl Faults {
    pub(crate) fn new(script: FaultScript) -> Self {
        Self {
            script: script.faults,
            ..Self::default()
        }
    }

    /// Counts a command and takes the actions for it.
    pub(crate) fn at_command(&mut self, code: u8) -> Vec<Action> {
        self.underrun = false;
        if self.script.is_empty() {
            return Vec::new();
        }
        self.commands += 1;
        let of_code = self.by_code.entry(code).or_default();
        *of_code += 1;
        let (all, of_code) = (self.commands, *of_code);
        let count = |event: &Event| match event.operation_code {
            None => all,
            Some(wanted) if wanted == code => of_code,
            Some(_) => 0,
        };
        let mut actions = Vec::new();
        self.script.retain(|fault| match fault {
            Fault::Underrun(event) if count(event) == event.number => {
                self.underrun = true;
                false
            }
            Fault::At(event, action) if count(event) == event.number => {
                actions.push(*action);
                false
            }
            Fault::From(event, sense) if count(event) >= event.number.max(1) => {
                actions.push(Action::Fail(*sense));
                true
            }
            _ => true,
        });
        actions
    }

    /// Whether the buffer runs empty after the current command.
    pub(crate) fn underrun(&self) -> bool {
        self.underrun
    }

    /// How a WRITE of `count` blocks at `at` ends: the number of blocks recorded, and the fault after them.
    pub(crate) fn at_write(&mut self, at: u32, count: u32) -> (u32, Option<WriteFault>) {
        let mut end = (count, None);
        for fault in &self.script {
            let (blocks, what) = match fault {
                Fault::WriteBlock(block, sense) if (at..at + count).contains(block) => {
                    (block - at, WriteFault::Block(*block, *sense))
                }
                Fault::CutAfterBlocks(total, keep) => {
                    let left = total.saturating_sub(self.blocks);
                    let Ok(left) = u32::try_from(left) else { continue };
                    (left, WriteFault::Cut(*keep))
                }
                _ => continue,
            };
            if blocks < end.0 || blocks == end.0 && matches!(what, WriteFault::Cut(_)) {
                end = (blocks, Some(what));
            }
        }
        self.blocks += u64::from(end.0);
        if let Some(WriteFault::Block(failed, _)) = end.1 {
            self.script
                .retain(|fault| !matches!(fault, Fault::WriteBlock(block, _) if *block == failed));
        }
        end
    }

    /// Counts a step of replacing the side file.
    ///
    /// # Errors
    /// An error if the power is cut before the step.
    pub(crate) fn at_side_operation(&mut self) -> io::Result<()> {
        self.side_steps += 1;
        let here = |fault: &Fault| matches!(fault, Fault::CutAtSideFile(step) if *step == self.side_steps);
        self.cut |= self.script.iter().any(here);
        if self.cut {
            return Err(io::Error::other(
                "the power was cut while the side file was being replaced",
            ));
        }
        Ok(())
    }

    /// Whether the power was cut while the side file was being replaced.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Steps of replacing the side file since the script was set.
    pub(crate) fn side_steps(&self) -> u64 {
        self.side_steps
    }

    /// The first block of `of` that the script makes unreadable, and its sense.
    pub(crate) fn at_read(&self, of: &Range<u32>) -> Option<(u32, Sense)> {
        let unreadable = self.script.iter().filter_map(|fault| match fault {
            Fault::Unreadable(blocks, sense) => {
                let first = blocks.start.max(of.start);
                (first < blocks.end.min(of.end)).then_some((first, *sense))
            }
            _ => None,
        });
        unreadable.min_by_key(|found| found.0)
    }
}

/// The fault that ends a WRITE early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteFault {
    Block(u32, Sense),
    Cut(Keep),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_count_in_total_and_by_code() {
        let script = FaultScript::new()
            .fail(Event::operation(0x2A, 2), Sense::WRITE_ERROR)
            .busy(Event::command(2), 3);
        let mut faults = Faults::new(script);
        assert_eq!(faults.at_command(0x2A), []);
        assert_eq!(faults.at_command(0x00), [Action::Busy(3)]);
        assert_eq!(faults.at_command(0x2A), [Action::Fail(Sense::WRITE_ERROR)]);
        assert_eq!(faults.at_command(0x2A), []);
    }

    #[test]
    fn a_lasting_failure_is_permanent_and_affects_no_other_command() {
        let script = FaultScript::new().fail_from(Event::operation(0x2A, 2), Sense::WRITE_ERROR);
        let mut faults = Faults::new(script);
        assert_eq!(faults.at_command(0x2A), []);
        for _ in 0..3 {
            assert_eq!(faults.at_command(0x00), []);
            assert_eq!(faults.at_command(0x2A), [Action::Fail(Sense::WRITE_ERROR)]);
        }
    }

    #[test]
    fn a_cut_comes_right_after_the_last_block_before_it() {
        let mut faults = Faults::new(FaultScript::new().cut_after_blocks(10, Keep::None));
        assert_eq!(faults.at_write(0, 9), (9, None));
        assert_eq!(faults.at_write(9, 1), (1, Some(WriteFault::Cut(Keep::None))));
    }

    #[test]
    fn the_buffer_runs_empty_after_one_command() {
        let mut faults = Faults::new(FaultScript::new().underrun_after(Event::operation(0x2A, 2)));
        let after: Vec<bool> = [0x2A, 0x00, 0x2A, 0x00, 0x2A]
            .into_iter()
            .map(|code| {
                faults.at_command(code);
                faults.underrun()
            })
            .collect();
        assert_eq!(after, [false, false, true, false, false]);
    }

    #[test]
    fn a_failing_block_fails_once() {
        let mut faults = Faults::new(FaultScript::new().fail_block(5, Sense::WRITE_ERROR));
        assert_eq!(
            faults.at_write(0, 8),
            (5, Some(WriteFault::Block(5, Sense::WRITE_ERROR)))
        );
        assert_eq!(faults.at_write(0, 8), (8, None));
    }
}
