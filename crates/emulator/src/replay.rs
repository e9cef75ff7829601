//! Replaying a trace: sends the commands that another drive got to an emulated one, and compares the answers.

use std::fmt;

use crate::recorder::Recorder;
use mmc::{BLOCK_SIZE, Command, Data, Outcome, Sense, SenseKey, TraceEntry, Transport as _};

/// A command that the emulated drive answers differently from the drive of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The command, with its outcome on the drive of the trace.
    pub traced: TraceEntry,
    /// Its outcome here.
    pub replayed: Outcome,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: here {:?}", self.traced, self.replayed)
    }
}

/// The most bytes of an answer if the trace does not tell.
const ANSWER: usize = 1 << 16;

/// More blocks than one command of any trace moves.
const MOST_BLOCKS: u32 = 1 << 10;

/// Sends the commands of a trace to `recorder` in order, with zeros for the blocks, which a trace does not
/// contain.
///
/// This skips commands to which the drive of the trace was not ready or had a unit attention, because each
/// drive has its own busy times. A command that succeeds on both drives is equal, whatever the answer. If it
/// fails on both, key and code of the sense must match. The replay ends if the traced drive was lost.
pub fn replay<'a>(
    recorder: &mut Recorder,
    trace: impl IntoIterator<Item = &'a TraceEntry>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for entry in trace {
        match entry.outcome {
            Outcome::NoDevice => break,
            Outcome::Check(sense) if is_put_off(sense) => continue,
            _ => {}
        }
        let replayed = send(recorder, entry);
        if !is_equal(entry.outcome, replayed) {
            differences.push(Difference {
                traced: entry.clone(),
                replayed,
            });
        }
    }
    differences
}

fn send(recorder: &mut Recorder, entry: &TraceEntry) -> Outcome {
    let command = Command::decode(&entry.command).ok();
    let blocks = command.as_ref().and_then(Command::blocks);
    let bytes = blocks.map_or(ANSWER, |(_, count)| count.min(MOST_BLOCKS) as usize * BLOCK_SIZE);
    let mut buffer = vec![0; bytes];
    let data = match &command {
        Some(command) if !command.sends_data() => Data::In(&mut buffer),
        _ if blocks.is_some() => Data::Out(&buffer),
        _ if entry.data.is_empty() => Data::None,
        _ => Data::Out(&entry.data),
    };
    let result = recorder.execute(&entry.command, data);
    TraceEntry::of(entry.number, &entry.command, &Data::None, &result).outcome
}

const fn is_put_off(sense: Sense) -> bool {
    matches!(
        (sense.key, sense.asc),
        (SenseKey::NotReady, 0x04) | (SenseKey::UnitAttention, _)
    )
}

fn is_equal(one: Outcome, other: Outcome) -> bool {
    match (one, other) {
        (Outcome::Done(_), Outcome::Done(_)) => true,
        (Outcome::Check(one), Outcome::Check(other)) => one.is(other),
        _ => false,
    }
}
