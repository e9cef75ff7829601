//! The text of a map file.

use std::fmt;
use std::str::FromStr;

use crate::map::Map;
use crate::status::Status;

/// Maximum number of areas in a map file.
const MOST_AREAS: usize = 1 << 22;

/// Why a text is not a map file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// A line does not have the required form.
    #[error("line {line} is not `{expected}`")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// The required form.
        expected: &'static str,
    },
    /// An area begins before the end of the one before it, or passes the last address.
    #[error("line {line}: areas overlap or are not in ascending order")]
    Order {
        /// The line, counted from 1.
        line: usize,
    },
    /// The status line is missing.
    #[error("there is no status line")]
    NoStatus,
    /// There are too many areas.
    #[error("there are more than {MOST_AREAS} areas")]
    TooManyAreas,
}

/// The form of the status line.
const STATUS_LINE: &str = "current_pos current_status [current_pass]";
/// The form of a line of an area.
const AREA_LINE: &str = "pos size status";

impl FromStr for Map {
    type Err = ParseError;

    /// Areas that are not named were not tried.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut comments = Vec::new();
        let mut areas = Vec::new();
        let (mut has_status, mut end) = (false, 0_u64);
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if let Some(comment) = content.strip_prefix('#') {
                comments.push(comment.trim().to_owned());
                continue;
            }
            let content = content.split('#').next().unwrap_or_default();
            let words: Vec<&str> = content.split_whitespace().collect();
            match &words[..] {
                [] => {}
                [position, status] | [position, status, _] if !has_status => {
                    let known = ["?", "*", "/", "-", "F", "G", "+"].contains(status);
                    if number(position).is_none() || !known {
                        let expected = STATUS_LINE;
                        return Err(ParseError::Line { line, expected });
                    }
                    has_status = true;
                }
                [position, size, status] => {
                    let status = single(status).and_then(Status::of);
                    let (Some(position), Some(size), Some(status)) = (number(position), number(size), status)
                    else {
                        let expected = AREA_LINE;
                        return Err(ParseError::Line { line, expected });
                    };
                    let next = position.checked_add(size).filter(|_| position >= end);
                    end = next.ok_or(ParseError::Order { line })?;
                    if areas.len() == MOST_AREAS {
                        return Err(ParseError::TooManyAreas);
                    }
                    areas.push((position..end, status));
                }
                _ => {
                    let expected = if has_status { AREA_LINE } else { STATUS_LINE };
                    return Err(ParseError::Line { line, expected });
                }
            }
        }
        if !has_status {
            return Err(ParseError::NoStatus);
        }
        let mut map = Self::of_length(end);
        for (bytes, status) in areas {
            map.set(bytes, status);
        }
        // Every program writes these itself.
        comments.retain(|comment| !comment.starts_with("current_pos") && !comment.starts_with("pos "));
        comments.iter().for_each(|comment| map.comment(comment));
        Ok(map)
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comment in self.comments() {
            writeln!(f, "# {comment}")?;
        }
        writeln!(f, "# current_pos  current_status  current_pass")?;
        // The current status of ddrescue's passes: finished.
        writeln!(f, "0x{:08X}     +               1", self.length())?;
        writeln!(f, "#      pos        size  status")?;
        for area in self.areas() {
            let size = area.bytes.end - area.bytes.start;
            let status = area.status.character();
            writeln!(f, "0x{:08X}  0x{size:08X}  {status}", area.bytes.start)?;
        }
        Ok(())
    }
}

/// A number as C writes it: decimal, `0x` hexadecimal, `0` octal.
fn number(word: &str) -> Option<u64> {
    let (digits, radix) = match word.strip_prefix("0x").or(word.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => match word.strip_prefix('0').filter(|rest| !rest.is_empty()) {
            Some(digits) => (digits, 8),
            None => (word, 10),
        },
    };
    let is_digit = |digit: char| digit.is_digit(radix);
    let whole = digits.chars().all(is_digit);
    u64::from_str_radix(digits, radix).ok().filter(|_| whole)
}

fn single(word: &str) -> Option<char> {
    let mut characters = word.chars();
    characters.next().filter(|_| characters.next().is_none())
}
