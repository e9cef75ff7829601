//! The trace: each command and its outcome, as values and as lines of text.

use std::fmt;
use std::str::FromStr;

use crate::command::Command;
use crate::lba::Lba;
use crate::sense::Sense;
use crate::sense_text::SenseText;
use crate::transport::{Data, Failure};

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Success, with this number of bytes moved.
    Done(usize),
    /// CHECK CONDITION with this sense.
    Check(Sense),
    /// The drive did not answer.
    NoDevice,
}

impl Outcome {
    fn of(result: &Result<usize, Failure>) -> Self {
        match result {
            Ok(bytes) => Self::Done(*bytes),
            Err(Failure::Check(sense)) => Self::Check(*sense),
            Err(Failure::Transport(_)) => Self::NoDevice,
        }
    }
}

/// The trace keeps at most this number of bytes of a command's data.
const MOST_DATA: usize = 4096;

/// One command of the trace. As text it is a line of five or six tab-separated fields: number, name, blocks
/// as `start+count` or `-`, outcome (`ok BYTES`, `K/AA/QQ`, `K/AA/QQ@BLOCK` or `no device`), the command
/// block in hexadecimal and, if there is any data, the parameters or the answer in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// The number of the command, counted from 1.
    pub number: u64,
    /// The command block.
    pub command: Vec<u8>,
    /// Its outcome.
    pub outcome: Outcome,
    /// The parameters or the answer, but never the blocks of a READ or WRITE.
    pub data: Vec<u8>,
}

impl TraceEntry {
    /// The entry for a command after its execution; `data` and `result` are those of the transport.
    #[must_use]
    pub fn of(number: u64, command: &[u8], data: &Data<'_>, result: &Result<usize, Failure>) -> Self {
        let entry = Self {
            number,
            command: command.to_vec(),
            outcome: Outcome::of(result),
            data: Vec::new(),
        };
        let kept = match (data, entry.outcome) {
            _ if entry.blocks().is_some() => &[],
            (Data::In(answer), Outcome::Done(moved)) => &answer[..moved.min(answer.len())],
            (Data::Out(parameters), _) => parameters,
            _ => &[],
        };
        let data = kept[..kept.len().min(MOST_DATA)].to_vec();
        Self { data, ..entry }
    }

    /// The name of the command, or `?` if unknown.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.command
            .first()
            .and_then(|code| Command::name_of(*code))
            .unwrap_or("?")
    }

    /// The blocks that a READ or WRITE requested.
    #[must_use]
    pub fn blocks(&self) -> Option<(Lba, u32)> {
        Command::decode(&self.command).ok()?.blocks()
    }
}

/// The text before sense that is about an earlier command.
const DEFERRED: &str = "deferred ";

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
                let deferred = if sense.deferred { DEFERRED } else { "" };
                write!(f, "\t{deferred}{}", SenseText(sense))?;
                if let Some(block) = sense.information {
                    write!(f, "@{block}")?;
                }
                f.write_str("\t")?;
            }
        }
        self.command.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
        if self.data.is_empty() {
            return Ok(());
        }
        f.write_str("\t")?;
        self.data.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// A line that is not a trace entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a trace entry: {0:?}")]
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
    let (_name, _blocks) = (fields.next()?, fields.next()?); // the command block implies both
    let outcome = match fields.next()? {
        "no device" => Outcome::NoDevice,
        text => match text.strip_prefix("ok ") {
            Some(bytes) => Outcome::Done(bytes.parse().ok()?),
            None => Outcome::Check(sense_at(text)?),
        },
    };
    let command = unhex(fields.next()?)?;
    let data = fields.next().map_or(Some(Vec::new()), unhex)?;
    fields.next().is_none().then_some(TraceEntry {
        number,
        command,
        outcome,
        data,
    })
}

fn sense_at(text: &str) -> Option<Sense> {
    let (text, deferred) = match text.strip_prefix(DEFERRED) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (sense, block) = match text.split_once('@') {
        Some((sense, block)) => (sense, Some(block.parse().ok()?)),
        None => (text, None),
    };
    let SenseText(sense) = sense.parse().ok()?;
    Some(Sense {
        information: block,
        deferred,
        ..sense
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sense::SenseKey;
    use proptest::prelude::*;

    #[test]
    fn a_line_contains_name_blocks_and_outcome() {
        let entry = TraceEntry {
            number: 7,
            command: vec![0x2A, 0, 0, 0, 0, 100, 0, 0, 16, 0],
            outcome: Outcome::Check(Sense::INVALID_ADDRESS_FOR_WRITE.at(Lba(100))),
            data: Vec::new(),
        };
        assert_eq!(
            entry.to_string(),
            "7\tWRITE(10)\t100+16\t5/21/02@100\t2A000000006400001000"
        );
    }

    #[test]
    fn the_trace_keeps_parameters_and_answers_but_no_blocks() {
        let kept = |command: &[u8], data: Data<'_>, result| TraceEntry::of(1, command, &data, &result).data;
        let select = [0x55, 0x10, 0, 0, 0, 0, 0, 0, 4, 0];
        assert_eq!(kept(&select, Data::Out(&[1, 2, 3, 4]), Ok(4)), [1, 2, 3, 4]);
        let inquiry = [0x12, 0, 0, 0, 8, 0];
        assert_eq!(kept(&inquiry, Data::In(&mut [5; 8]), Ok(2)), [5, 5]);
        let failed = Err(Failure::Check(Sense::INVALID_FIELD_IN_CDB));
        assert!(kept(&inquiry, Data::In(&mut [5; 8]), failed).is_empty());
        let write = [0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        assert!(kept(&write, Data::Out(&[0; 2048]), Ok(2048)).is_empty());
    }

    proptest! {
        #[test]
        fn every_entry_parses_from_its_line(
            number: u64, command in proptest::collection::vec(any::<u8>(), 0..16), bytes: Option<usize>,
            data in proptest::collection::vec(any::<u8>(), 0..40),
            key in 0u8..16, asc: u8, ascq: u8, information: Option<u32>, deferred: bool
        ) {
            let sense = Sense { information, deferred, ..Sense::new(SenseKey::from_bits(key), asc, ascq) };
            for outcome in [bytes.map_or(Outcome::NoDevice, Outcome::Done), Outcome::Check(sense)] {
                let entry = TraceEntry { number, command: command.clone(), outcome, data: data.clone() };
                prop_assert_eq!(entry.to_string().parse(), Ok(entry));
            }
        }

        #[test]
        fn no_line_makes_the_parser_panic(line in "\\PC*") {
            let _ = line.parse::<TraceEntry>();
        }
    }
}
