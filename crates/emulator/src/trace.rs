//! The trace: what each command was and what became of it, as values and as lines of text.

use core::fmt;
use core::str::FromStr;
use mmc::{Command, Failure, Lba, Sense, SenseKey};

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; this many bytes moved.
    Done(usize),
    /// CHECK CONDITION with this sense.
    Check(Sense),
    /// The drive did not answer.
    NoDevice,
}

impl Outcome {
    /// What a transport has answered.
    #[must_use]
    pub fn of(result: &Result<usize, Failure>) -> Self {
        match result {
            Ok(bytes) => Self::Done(*bytes),
            Err(Failure::Check(sense)) => Self::Check(*sense),
            Err(Failure::Transport(_)) => Self::NoDevice,
        }
    }
}

/// One command of the trace. As text it is a line of five fields between tabs: number, name, blocks as `start+count` or `-`,
/// outcome (`ok BYTES`, `K/AA/QQ`, `K/AA/QQ@BLOCK` or `no device`), command block in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// The number of the command, from 1.
    pub number: u64,
    /// The command block.
    pub command: Vec<u8>,
    /// What became of it.
    pub outcome: Outcome,
}

impl TraceEntry {
    /// The name of the command, `?` where it is not known.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.command
            .first()
            .and_then(|code| Command::name_of(*code))
            .unwrap_or("?")
    }

    /// The blocks that a READ or WRITE asked for.
    #[must_use]
    pub fn blocks(&self) -> Option<(Lba, u32)> {
        Command::decode(&self.command).ok()?.blocks()
    }
}

impl fmt::Display for TraceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}\t", self.number, self.name())?;
        match self.blocks() {
            Some((at, count)) => write!(f, "{}+{count}", at.0)?,
            None => f.write_str("-")?,
        }
        match self.outcome {
            Outcome::Done(bytes) => write!(f, "\tok {bytes}\t")?,
            Outcome::NoDevice => f.write_str("\tno device\t")?,
            Outcome::Check(sense) => {
                write!(f, "\t{}", SenseText(sense))?;
                if let Some(block) = sense.information {
                    write!(f, "@{block}")?;
                }
                f.write_str("\t")?;
            }
        }
        self.command.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// A line is no entry of a trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no entry of a trace: {0:?}")]
pub struct ParseTraceError(pub String);

impl FromStr for TraceEntry {
    type Err = ParseTraceError;

    fn from_str(line: &str) -> Result<Self, ParseTraceError> {
        parse(line).ok_or_else(|| ParseTraceError(line.to_owned()))
    }
}

fn parse(line: &str) -> Option<TraceEntry> {
    let mut fields = line.split('\t');
    let number = fields.next()?.parse().ok()?;
    let (_name, _blocks) = (fields.next()?, fields.next()?); // both follow from the command block
    let outcome = match fields.next()? {
        "no device" => Outcome::NoDevice,
        text => match text.strip_prefix("ok ") {
            Some(bytes) => Outcome::Done(bytes.parse().ok()?),
            None => Outcome::Check(sense_at(text)?),
        },
    };
    let command = unhex(fields.next()?)?;
    fields.next().is_none().then_some(TraceEntry {
        number,
        command,
        outcome,
    })
}

fn sense_at(text: &str) -> Option<Sense> {
    let (sense, block) = match text.split_once('@') {
        Some((sense, block)) => (sense, Some(block.parse().ok()?)),
        None => (text, None),
    };
    Some(Sense {
        information: block,
        ..parse_sense(sense)?
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Sense as `K/AA/QQ`, hexadecimal.
pub(crate) struct SenseText(pub(crate) Sense);

impl fmt::Display for SenseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:02X}/{:02X}", self.0.key as u8, self.0.asc, self.0.ascq)
    }
}

/// Reads `K/AA/QQ`.
pub(crate) fn parse_sense(text: &str) -> Option<Sense> {
    let mut parts = text.split('/').map(|part| u8::from_str_radix(part, 16).ok());
    let (key, asc, ascq) = (parts.next()??, parts.next()??, parts.next()??);
    (key < 16 && parts.next().is_none()).then(|| Sense::new(SenseKey::from_bits(key), asc, ascq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_says_name_blocks_and_outcome() {
        let entry = TraceEntry {
            number: 7,
            command: vec![0x2A, 0, 0, 0, 0, 100, 0, 0, 16, 0],
            outcome: Outcome::Check(Sense::INVALID_ADDRESS_FOR_WRITE.at(Lba(100))),
        };
        assert_eq!(
            entry.to_string(),
            "7\tWRITE(10)\t100+16\t5/21/02@100\t2A000000006400001000"
        );
    }

    proptest! {
        #[test]
        fn every_entry_comes_back_from_its_line(
            number: u64, command in proptest::collection::vec(any::<u8>(), 0..16), bytes: Option<usize>,
            key in 0u8..16, asc: u8, ascq: u8, information: Option<u32>
        ) {
            let sense = Sense { information, ..Sense::new(SenseKey::from_bits(key), asc, ascq) };
            for outcome in [bytes.map_or(Outcome::NoDevice, Outcome::Done), Outcome::Check(sense)] {
                let entry = TraceEntry { number, command: command.clone(), outcome };
                prop_assert_eq!(entry.to_string().parse(), Ok(entry));
            }
        }

        #[test]
        fn no_line_makes_the_parser_panic(line in "\\PC*") {
            let _ = line.parse::<TraceEntry>();
        }
    }
}
