//! Results: text for people, or JSON for programs.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::terminal::tell;

/// Where results go.
#[derive(Clone, Copy)]
pub struct Output {
    /// As JSON.
    pub json: bool,
}

impl Output {
    /// Prints one result.
    pub fn result<T: Serialize + Display>(self, result: &T) -> Outcome {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, result)
                .map_err(io::Error::from)
                .map_err(written)?;
            writeln!(out).map_err(written)?;
        } else {
            write!(out, "{result}").map_err(written)?;
        }
        out.flush().map_err(written)
    }

    /// Prints the result of a command that has recorded and used `used` bytes of the medium. If printing
    /// fails, the failure says what is on the disc.
    pub fn recorded<T: Serialize + Display>(self, result: &T, used: u64) -> Outcome {
        self.result(result).map_err(|mut failure| {
            let state = result.to_string().trim_end().replace('\n', "; ");
            let colon = if state.is_empty() { "" } else { ": " };
            failure.kind = FailureKind::Io;
            failure
                .leaving(format!("everything requested{colon}{state}"))
                .using(used)
        })
    }

    /// Prints something the user should know that is not a failure.
    pub fn note(self, words: impl Display) {
        self.say("note", "", &words);
    }

    /// Warns of a fault of the disc that was worked around.
    pub fn warn(self, words: impl Display) {
        self.say("warning", "warning: ", &words);
    }

    fn say(self, kind: &str, before: &str, words: &dyn Display) {
        if self.json {
            let words = serde_json::json!({"kind": kind, "message": words.to_string()});
            tell(format_args!("{words}\n"));
        } else {
            tell(format_args!("oncefs: {before}{words}\n"));
        }
    }
}

/// The failure of standard output. A closed pipe has a kind of its own.
pub fn written(error: io::Error) -> Failure {
    let kind = if error.kind() == io::ErrorKind::BrokenPipe {
        FailureKind::BrokenPipe
    } else {
        FailureKind::Io
    };
    Failure::new(Exit::Failed, kind, format_args!("standard output: {error}"))
}

/// Several results, written one by one, so that a long list takes no memory.
pub struct List<W> {
    out: W,
    json: bool,
    count: u64,
}

impl<W: Write> List<W> {
    /// Starts a list.
    pub fn new(out: W, json: bool) -> Self {
        Self { out, json, count: 0 }
    }

    /// Adds an element. The text ends its own line.
    pub fn push<T: Serialize + Display>(&mut self, element: &T) -> Outcome {
        if self.json {
            let start: &[u8] = if self.count == 0 { b"[\n" } else { b",\n" };
            self.out.write_all(start).map_err(written)?;
            serde_json::to_writer(&mut self.out, element)
                .map_err(io::Error::from)
                .map_err(written)?;
        } else {
            write!(self.out, "{element}").map_err(written)?;
        }
        self.count += 1;
        Ok(())
    }

    /// Ends the list.
    pub fn finish(mut self) -> Outcome {
        if self.json {
            let end: &[u8] = if self.count == 0 { b"[]\n" } else { b"\n]\n" };
            self.out.write_all(end).map_err(written)?;
        }
        self.out.flush().map_err(written)
    }
}

/// `1 file`, `2 files`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: bool, elements: &[&str]) -> Outcome<String> {
        let mut bytes = Vec::new();
        let mut list = List::new(&mut bytes, json);
        for element in elements {
            list.push(element)?;
        }
        list.finish()?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn a_list_is_an_array_however_long_it_is() -> Result<(), Box<dyn std::error::Error>> {
        for elements in [&[][..], &["a"], &["a", "b"]] {
            let text = list(true, elements).map_err(|failure| failure.message)?;
            assert_eq!(serde_json::from_str::<Vec<String>>(&text)?, elements);
        }
        Ok(())
    }
}
