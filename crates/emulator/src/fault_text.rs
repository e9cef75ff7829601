//! Fault scripts as text, with one fault per line.

use crate::fault::{Action, Event, Fault, FaultScript, Keep};
use mmc::{Command, Sense, SenseText};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A line that is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a fault: {text:?}")]
pub struct ParseFaultError {
    /// The line, counted from 1.
    pub line: usize,
    /// The text of the line.
    pub text: String,
}

impl FromStr for FaultScript {
    type Err = ParseFaultError;

    /// Ignores empty lines, and text after a `#`.
    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let mut faults = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or("").trim();
            if line.is_empty() {
                continue;
            }
            let fault = fault(line).ok_or_else(|| ParseFaultError {
                line: index + 1,
                text: line.to_owned(),
            })?;
            faults.push(fault);
        }
        Ok(Self { faults })
    }
}

fn fault(line: &str) -> Option<Fault> {
    let (verb, rest) = line.split_once(' ')?;
    match verb {
        "fail" if rest.contains(" from ") => {
            let (sense, place) = rest.split_once(" from ")?;
            Some(Fault::From(event(place)?, self::sense(sense)?))
        }
        "fail" => {
            let (sense, place) = rest.split_once(" at ")?;
            let sense = self::sense(sense)?;
            match place.strip_prefix("written block ") {
                Some(block) => Some(Fault::WriteBlock(block.parse().ok()?, sense)),
                None => Some(Fault::At(event(place)?, Action::Fail(sense))),
            }
        }
        "busy" => {
            let (polls, place) = rest.split_once(" at ")?;
            Some(Fault::At(event(place)?, Action::Busy(polls.parse().ok()?)))
        }
        "hang" => Some(Fault::At(event(rest.strip_prefix("at ")?)?, Action::Hang)),
        "remove" => Some(Fault::At(event(rest.strip_prefix("before ")?)?, Action::Remove)),
        "underrun" => Some(Fault::Underrun(event(rest.strip_prefix("after ")?)?)),
        "unreadable" => match rest.split_once(" with ") {
            Some((blocks, sense)) => Some(Fault::Unreadable(range(blocks)?, self::sense(sense)?)),
            None => Some(Fault::Unreadable(range(rest)?, Sense::L_EC_UNCORRECTABLE_ERROR)),
        },
        "kill" => Some(Fault::At(event(rest.strip_prefix("before ")?)?, Action::Kill)),
        "cut" if rest.ends_with(" of the side file") => {
            let step = rest
                .strip_prefix("before step ")?
                .strip_suffix(" of the side file")?;
            Some(Fault::CutAtSideFile(step.parse().ok()?))
        }
        "cut" => {
            let (when, kept) = rest.split_once(" keep ")?;
            let keep = keep(kept)?;
            if let Some(place) = when.strip_prefix("before ") {
                return Some(Fault::At(event(place)?, Action::Cut(keep)));
            }
            let blocks = when.strip_prefix("after ")?.strip_suffix(" blocks")?;
            Some(Fault::CutAfterBlocks(blocks.parse().ok()?, keep))
        }
        _ => None,
    }
}

fn sense(text: &str) -> Option<Sense> {
    text.parse().ok().map(|SenseText(sense)| sense)
}

fn event(text: &str) -> Option<Event> {
    let (name, number) = text.rsplit_once(' ')?;
    let number = number.parse().ok()?;
    if name == "command" {
        return Some(Event::command(number));
    }
    Some(Event::operation(Command::operation_code_of(name)?, number))
}

fn keep(text: &str) -> Option<Keep> {
    match text {
        "none" => Some(Keep::None),
        "all" => Some(Keep::All),
        units => units.parse().ok().map(Keep::Units),
    }
}

fn range(text: &str) -> Option<Range<u32>> {
    let (start, end) = text.split_once("..")?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

impl fmt::Display for FaultScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults.iter().try_for_each(|fault| writeln!(f, "{fault}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(event, Action::Fail(sense)) => write!(f, "fail {} at {event}", SenseText(*sense)),
            Self::From(event, sense) => write!(f, "fail {} from {event}", SenseText(*sense)),
            Self::At(event, Action::Busy(polls)) => write!(f, "busy {polls} at {event}"),
            Self::At(event, Action::Hang) => write!(f, "hang at {event}"),
            Self::At(event, Action::Remove) => write!(f, "remove before {event}"),
            Self::At(event, Action::Cut(keep)) => write!(f, "cut before {event} keep {keep}"),
            Self::At(event, Action::Kill) => write!(f, "kill before {event}"),
            Self::CutAtSideFile(step) => write!(f, "cut before step {step} of the side file"),
            Self::WriteBlock(block, sense) => {
                write!(f, "fail {} at written block {block}", SenseText(*sense))
            }
            Self::Underrun(event) => write!(f, "underrun after {event}"),
            Self::Unreadable(blocks, sense) => {
                write!(
                    f,
                    "unreadable {}..{} with {}",
                    blocks.start,
                    blocks.end,
                    SenseText(*sense)
                )
            }
            Self::CutAfterBlocks(blocks, keep) => write!(f, "cut after {blocks} blocks keep {keep}"),
        }
    }
}

impl fmt::Display for Event {
    /// Writes an operation code without a name as `command`, because the text cannot express it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self
            .operation_code
            .and_then(Command::name_of)
            .unwrap_or("command");
        write!(f, "{name} {}", self.number)
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Units(units) => write!(f, "{units}"),
            Self::All => f.write_str("all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVERY_KIND: &str = "\
fail 3/0C/00 at WRITE(10) 3
fail 5/21/02 at command 9
fail 3/0C/00 at written block 4711
fail 2/04/01 from command 20
hang at READ TRACK INFORMATION 2
busy 5 at command 12
underrun after WRITE(10) 7
unreadable 100..200 with 3/11/05
remove before SYNCHRONIZE CACHE 2
cut before CLOSE TRACK/SESSION 1 keep all
cut after 300 blocks keep 2
cut before step 3 of the side file
kill before command 9
";

    #[test]
    fn a_script_parses_from_its_text() {
        let script: FaultScript = EVERY_KIND.parse().unwrap();
        assert_eq!(script.faults.len(), 13);
        assert_eq!(script.to_string(), EVERY_KIND);
    }

    #[test]
    fn the_example_of_the_documentation_is_a_script() {
        let documentation = include_str!("../../../docs/understanding/media.md");
        let start = documentation.find("fail 3/0C/00 at").unwrap();
        let example = documentation[start..].split("```").next().unwrap();
        assert_eq!(example.parse::<FaultScript>().unwrap().faults.len(), 13);
    }

    #[test]
    fn comments_and_empty_lines_are_ignored() {
        let script: FaultScript = "# nothing\n\nunreadable 1..2 # but this\n".parse().unwrap();
        assert_eq!(
            script.faults,
            [Fault::Unreadable(1..2, Sense::L_EC_UNCORRECTABLE_ERROR)]
        );
    }

    #[test]
    fn the_error_names_the_line_that_is_not_a_fault() {
        let error = "busy 1 at command 1\nfail often\n"
            .parse::<FaultScript>()
            .unwrap_err();
        assert_eq!(
            error,
            ParseFaultError {
                line: 2,
                text: "fail often".to_owned()
            }
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = text.parse::<FaultScript>();
        }
    }
}
