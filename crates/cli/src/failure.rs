//! Failures in words, with a hint and an exit code: here the faults of every crate reach the user.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::failure_kind::FailureKind;
use crate::terminal::{Shown, tell};

/// Exit codes besides 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Failed, refused or interrupted.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The medium has no room.
    Full = 3,
    /// The medium is finalized or read-only.
    ReadOnly = 4,
    /// Structures on the disc contradict each other, or cannot be read.
    Damaged = 5,
}

#[cfg(feature = "mount")]
impl Exit {
    /// The exit code of another run of this program; `Failed` if a signal ended it.
    pub fn of(code: Option<i32>) -> Self {
        let all = [Self::Usage, Self::Full, Self::ReadOnly, Self::Damaged];
        let found = all.into_iter().find(|exit| code == Some(*exit as i32));
        found.unwrap_or(Self::Failed)
    }
}

/// A file that is not recorded or copied, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The file, as the user would name it.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A failure as the user sees it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// The kind, for programs.
    pub kind: FailureKind,
    /// What happened, with file, block and clause if known.
    pub message: String,
    /// The file at the start of the message, if there is one.
    named: Option<Box<str>>,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// What is on the disc now, if the command was to change it.
    pub state: Option<Box<str>>,
    /// Bytes of the medium that it used up.
    pub used: u64,
    /// The files that are not recorded or copied.
    pub refused: Vec<Refusal>,
}

/// The result of a command.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure of a kind.
    pub fn new(exit: Exit, kind: FailureKind, message: impl Display) -> Self {
        Self {
            exit,
            kind,
            message: message.to_string(),
            named: None,
            hint: None,
            state: None,
            used: 0,
            refused: Vec::new(),
        }
    }

    /// A failure with exit code 1 and no kind of its own.
    pub fn failed(message: impl Display) -> Self {
        Self::new(Exit::Failed, FailureKind::Failed, message)
    }

    /// A wrong command line.
    pub fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, FailureKind::Usage, message)
    }

    /// The user stopped the command.
    pub fn interrupted() -> Self {
        Self::new(Exit::Failed, FailureKind::Interrupted, "interrupted")
    }

    /// A system error at a file of the host.
    pub fn host(path: &Path, error: impl Into<std::io::Error>) -> Self {
        Self::new(Exit::Failed, FailureKind::Io, of_system(error.into())).at(path.display())
    }

    /// The file at the start of the message, if there is one.
    pub fn named(&self) -> Option<&str> {
        self.named.as_deref()
    }

    /// What happened, without this path at the start.
    pub fn reason_at(&self, path: &Path) -> String {
        let names_it = self.named.as_deref() == Some(&*path.display().to_string());
        let before = self.named.as_ref().filter(|_| names_it);
        let reason = before.and_then(|named| self.message.strip_prefix(&**named));
        let reason = reason.and_then(|reason| reason.strip_prefix(": ").or(reason.strip_prefix(' ')));
        reason.unwrap_or(&self.message).to_owned()
    }

    /// The same failure with a file first, unless it names that file first already.
    pub fn at(mut self, file: impl Display) -> Self {
        let file = file.to_string();
        if self.named.as_deref() == Some(&*file) {
            return self;
        }
        self.message = format!("{file}: {}", self.message);
        self.naming(file)
    }

    /// The same failure, whose message begins with the name of a file.
    pub fn naming(mut self, file: impl Display) -> Self {
        self.named = Some(file.to_string().into_boxed_str());
        self
    }

    /// The same failure after words about its consequence.
    pub fn after(mut self, words: &str) -> Self {
        self.message = format!("{words}: {}", self.message);
        self.named = None;
        self
    }

    /// The same failure with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with a hint, unless it has one.
    pub fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// The same failure with what is on the disc now.
    pub fn leaving(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into().into_boxed_str());
        self
    }

    /// The same failure with the bytes of the medium that it used up.
    pub fn using(mut self, bytes: u64) -> Self {
        self.used = bytes;
        self
    }

    /// A failure that another process has already reported.
    pub fn already_reported(exit: Exit) -> Self {
        Self::new(exit, FailureKind::AlreadyReported, "")
    }

    /// Whether the reader of the output is gone, as in `oncefs ls DISC | head`.
    pub fn is_broken_pipe(&self) -> bool {
        self.kind == FailureKind::BrokenPipe
    }

    /// Prints it on standard error, and returns the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        if self.is_broken_pipe() {
            return ExitCode::SUCCESS;
        }
        if self.kind == FailureKind::AlreadyReported {
            return ExitCode::from(self.exit as u8);
        }
        if json {
            tell(format_args!("{}\n", self.to_json()));
        } else {
            tell(self.to_text());
        }
        ExitCode::from(self.exit as u8)
    }

    fn to_json(&self) -> serde_json::Value {
        let mut object = serde_json::json!({
            "kind": self.kind,
            "message": self.message,
            "exit_code": self.exit as u8,
        });
        if let Some(hint) = &self.hint {
            object["hint"] = hint.as_str().into();
        }
        if let Some(state) = &self.state {
            object["state"] = (**state).into();
        }
        if self.used > 0 {
            object["used_bytes"] = self.used.into();
        }
        if !self.refused.is_empty() {
            object["refused"] = serde_json::json!(self.refused);
        }
        object
    }

    fn to_text(&self) -> String {
        // Both may name files of a hostile disc.
        let mut text = format!("oncefs: {}\n", Shown(&self.message));
        for refusal in &self.refused {
            text += &format!("  {}: {}\n", Shown(&refusal.path), refusal.reason);
        }
        if let Some(state) = &self.state {
            text += &format!("on the disc: {state}\n");
        }
        if self.used > 0 {
            let (bytes, used) = (HumanCount(self.used), HumanBytes(self.used));
            text += &format!("used up: {bytes} bytes of the medium ({used})\n");
        }
        if let Some(hint) = &self.hint {
            text += &format!("hint: {hint}\n");
        }
        text
    }
}

/// Adds the file that a failure concerns.
pub trait Context<T> {
    /// Puts a file before the message.
    fn at(self, file: impl Display) -> Outcome<T>;
}

impl<T, E: Into<Failure>> Context<T> for Result<T, E> {
    fn at(self, file: impl Display) -> Outcome<T> {
        self.map_err(|error| error.into().at(file))
    }
}

/// The error of the system alone, without the name of a temporary file around it.
fn of_system(error: std::io::Error) -> std::io::Error {
    let inner = error.get_ref().and_then(|outer| outer.source());
    let code = inner
        .and_then(|inner| inner.downcast_ref::<std::io::Error>())
        .and_then(std::io::Error::raw_os_error);
    code.map_or(error, std::io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_the_program_the_refused_files_and_a_hint() {
        let mut failure = Failure::failed("2 files are refused")
            .at("disc.udf")
            .hint("rename them");
        failure.refused.push(Refusal {
            path: "a".into(),
            reason: "too long".into(),
        });
        assert_eq!(
            failure.to_text(),
            "oncefs: disc.udf: 2 files are refused\n  a: too long\nhint: rename them\n"
        );
    }

    #[test]
    fn a_file_is_named_once_however_often_it_is_added() {
        let path = Path::new("disc.udf");
        let failure = Failure::host(path, std::io::ErrorKind::NotFound);
        let message = failure.message.clone();
        let failure = failure.at("disc.udf");
        assert_eq!(failure.message, message);
        assert_eq!(format!("disc.udf: {}", failure.reason_at(path)), message);
        let failure = failure.after("names are lost").at("disc.udf");
        assert_eq!(failure.message, format!("disc.udf: names are lost: {message}"));
    }

    #[test]
    fn the_json_has_kind_message_and_exit_code() {
        let failure = Failure::new(Exit::Full, FailureKind::MediumFull, "no room");
        assert_eq!(
            failure.to_json(),
            serde_json::json!({"kind": "medium-full", "message": "no room", "exit_code": 3})
        );
    }
}
