//! A drive that repeats the answers of another drive and records nothing.

use std::collections::HashMap;
use std::io;

use crate::data_phase::{reply, wrong_way};
use mmc::{Command, Data, Failure, Outcome, Sense, TraceEntry, Transport};
use zerocopy::big_endian::U16;

/// The answers of another drive with its medium, command by command, as `oncefs drives --probe` captured
/// them.
///
/// A command gets the captured answer. A command that differs only in its allocation length gets the same
/// answer, as far as it was captured. If the same command was captured several times, the last answer counts.
/// Without a captured answer, READ answers 5/21/00, commands that record 7/27/00, and all others 5/20/00.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    exact: HashMap<Vec<u8>, TraceEntry>,
    any_length: HashMap<Vec<u8>, TraceEntry>,
}

impl Probed {
    /// A drive that gives the answers in `entries`.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = TraceEntry>) -> Self {
        let mut probed = Self::default();
        for entry in entries {
            let Some(key) = without_length(&entry.command) else {
                continue;
            };
            let known = probed.any_length.get(&key);
            if known.is_none_or(|known| known.data.len() <= entry.data.len()) {
                probed.any_length.insert(key, entry.clone());
            }
            probed.exact.insert(entry.command.clone(), entry);
        }
        probed
    }
}

impl Transport for Probed {
    fn execute(&mut self, bytes: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        let known = self
            .exact
            .get(bytes)
            .or_else(|| self.any_length.get(&without_length(bytes)?));
        let command = Command::decode(bytes).map_err(|_| Sense::INVALID_COMMAND_OPERATION_CODE)?;
        let Some(entry) = known else {
            return Err(unknown(&command).into());
        };
        match (entry.outcome, data) {
            (Outcome::Check(sense), _) => Err(sense.into()),
            (Outcome::NoDevice, _) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            (Outcome::Done(_), Data::In(blocks)) if command.blocks().is_some() => {
                // The trace does not contain the blocks.
                blocks.fill(0);
                Ok(blocks.len())
            }
            (Outcome::Done(_), Data::None) => Ok(0),
            (Outcome::Done(_), data @ Data::In(_)) => reply(data, allocation_length(command), &entry.data),
            (Outcome::Done(_), Data::Out(_) | Data::ToFile(_)) => Err(wrong_way()),
        }
    }
}

fn unknown(command: &Command) -> Sense {
    match command {
        Command::Read10(_) | Command::Read12(_) => Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE,
        command if command.sends_data() || command.blocks().is_some() => Sense::WRITE_PROTECTED,
        _ => Sense::INVALID_COMMAND_OPERATION_CODE,
    }
}

/// Bytes of the answer that a command accepts.
fn allocation_length(mut command: Command) -> usize {
    length_of_answer(&mut command).map_or(usize::MAX, |length| usize::from(length.get()))
}

/// A command block with an allocation length of 0.
fn without_length(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::decode(bytes).ok()?;
    if let Some(length) = length_of_answer(&mut command) {
        *length = 0.into();
    }
    Some(command.as_bytes().to_vec())
}

/// The allocation length of a command. GET PERFORMANCE has none: it counts descriptors, and gets the whole
/// captured answer.
fn length_of_answer(command: &mut Command) -> Option<&mut U16> {
    Some(match command {
        Command::Inquiry(command) => &mut command.allocation_length,
        Command::ModeSense10(command) => &mut command.allocation_length,
        Command::GetConfiguration(command) => &mut command.allocation_length,
        Command::GetEventStatusNotification(command) => &mut command.allocation_length,
        Command::ReadDiscInformation(command) => &mut command.allocation_length,
        Command::ReadTrackInformation(command) => &mut command.allocation_length,
        Command::ReadTocPmaAtip(command) => &mut command.allocation_length,
        Command::ReadFormatCapacities(command) => &mut command.allocation_length,
        Command::ReadBufferCapacity(command) => &mut command.allocation_length,
        Command::ReadDiscStructure(command) => &mut command.allocation_length,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmc::command::ReadDiscInformation;

    fn probed(lines: &[&str]) -> Probed {
        Probed::new(lines.iter().map(|line| line.parse().expect("an entry")))
    }

    fn disc_information(probed: &mut Probed, length: u16) -> Result<Vec<u8>, Failure> {
        let mut answer = vec![0; usize::from(length)];
        let command = Command::from(ReadDiscInformation::standard(length));
        let moved = probed.execute(command.as_bytes(), Data::In(&mut answer))?;
        answer.truncate(moved);
        Ok(answer)
    }

    #[test]
    fn a_command_gets_its_captured_answer_at_any_length() {
        let mut drive = probed(&["1\tREAD DISC INFORMATION\t-\tok 4\t51000000000000100000\t00200E01"]);
        assert_eq!(
            disc_information(&mut drive, 34).expect("an answer"),
            [0, 0x20, 0x0E, 1]
        );
        assert_eq!(disc_information(&mut drive, 2).expect("an answer"), [0, 0x20]);
    }

    #[test]
    fn a_refused_command_is_refused_again() {
        let mut drive = probed(&["1\tREAD DISC INFORMATION\t-\t5/20/00\t51000000000000220000"]);
        let refused = disc_information(&mut drive, 34);
        assert!(
            matches!(refused, Err(Failure::Check(sense)) if sense.is(Sense::INVALID_COMMAND_OPERATION_CODE))
        );
    }

    #[test]
    fn nothing_is_recorded() {
        let write = [0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        let refused = probed(&[]).execute(&write, Data::Out(&[0; 2048]));
        assert!(matches!(refused, Err(Failure::Check(sense)) if sense.is(Sense::WRITE_PROTECTED)));
    }
}
