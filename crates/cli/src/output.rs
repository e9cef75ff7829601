//! Results: words for people, or JSON for programs.

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
    /// One result.
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

    /// The result of a command that has recorded, and took so many bytes of the medium. Where it cannot be written, what is on the disc is
    /// said with the failure.
    pub fn recorded<T: Serialize + Display>(self, result: &T, used: u64) -> Outcome {
        self.result(result).map_err(|mut failure| {
            let state = result.to_string().trim_end().replace('\n', "; ");
            let colon = if state.is_empty() { "" } else { ": " };
            failure.kind = FailureKind::Io;
            failure
                .leaving(format!("everything that was asked for{colon}{state}"))
                .using(used)
        })
    }

    /// Something that the user should know and that is no failure.
    pub fn note(self, words: impl Display) {
        self.say("note", "", &words);
    }

    /// Something that went wrong with the disc and was gone around.
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

/// Standard output failed. That nobody reads it any more has a kind of its own.
pub fn written(error: io::Error) -> Failure {
    let kind = if error.kind() == io::ErrorKind::BrokenPipe {
        FailureKind::BrokenPipe
    } else {
        FailureKind::Io
    };
    Failure::new(Exit::Failed, kind, format_args!("standard output: {error}"))
}

/// Several results, written one by one, so that a long list needs no memory.
pub struct List<W> {
    out: W,
    json: bool,
    count: u64,
}

impl<W: Write> List<W> {
    /// The start of a list.
    pub fn new(out: W, json: bool) -> Self {
        Self { out, json, count: 0 }
    }

    /// One more element. The text ends its own line.
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

    /// The end of the list.
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
