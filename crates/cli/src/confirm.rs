//! Questions before something irreversible: finalizing a disc, replacing a file of the host, and what to do
//! with a recording that the user stops.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;

use indicatif::{HumanBytes, HumanCount};
use oncefs::{BLOCK_SIZE, DiscInfo, Status};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::failure::{Exit, Failure, Outcome, Refusal};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::output::count;
use crate::terminal::Shown;

/// How long to wait for an answer before checking for another interrupt.
const MOMENT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Most files that a question lists.
const SHOWN_FILES: usize = 10;

/// Whether somebody can be asked: both the question and the answer need a terminal.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Shows what finalizing costs and asks for confirmation. Does not ask about a medium that cannot be
/// finalized: the command is refused later.
pub fn finalizing(path: &Path, medium: &DiscInfo) -> Outcome {
    if medium.status != Status::Appendable {
        return Ok(());
    }
    confirmed(path, medium.free_blocks.into())
}

fn confirmed(path: &Path, free: u64) -> Outcome {
    if ask(&question(path, free))? {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, FailureKind::Declined, "not finalized")
        .at(path.display())
        .leaving("what was there before this command"))
}

/// The same for a mounted volume, whose free blocks the kernel knows.
#[cfg(feature = "mount")]
pub fn finalizing_mounted(path: &Path) -> Outcome {
    let space = rustix::fs::statvfs(path).map_err(|error| Failure::host(path, error))?;
    confirmed(path, space.f_bfree)
}

/// Lists the files that would be replaced and asks for confirmation.
pub fn replacing(target: &Path, files: &[Refusal]) -> Outcome {
    if ask(&question_of_files(target, files))? {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, FailureKind::Declined, "nothing was written").at(target.display()))
}

/// What to do with the complete files after the user stopped a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They become part of the volume.
    Commit,
    /// The recording continues.
    GoOn,
    /// Nothing of it stays.
    Abandon,
}

/// Asks what to do with `files` complete files of `bytes` bytes in total. Another interrupt means to abandon
/// them.
pub fn stopping(interrupt: &Interrupt, files: u64, bytes: u64) -> Outcome<Answer> {
    let failed = |error: io::Error| Failure::failed(format_args!("cannot read the answer: {error}"));
    let files = count(files, "file is", "files are");
    let mut out = io::stderr();
    let bytes = HumanBytes(bytes);
    write!(
        out,
        "\nStopped: {files} whole, {bytes}. [C]ommit, [g]o on or [a]bandon? "
    )
    .map_err(failed)?;
    out.flush().map_err(failed)?;
    let input = io::stdin();
    while !interrupt.asked_twice() {
        let mut watched = [PollFd::from_borrowed_fd(input.as_fd(), PollFlags::IN)];
        match poll(&mut watched, Some(&MOMENT)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => {
                let mut answer = String::new();
                input.read_line(&mut answer).map_err(failed)?;
                return Ok(answer_of(&answer));
            }
        }
    }
    Ok(Answer::Abandon)
}

/// An answer that is not understood keeps the files.
fn answer_of(text: &str) -> Answer {
    match text.trim().to_lowercase().as_str() {
        "g" | "go on" | "go" => Answer::GoOn,
        "a" | "abandon" => Answer::Abandon,
        _ => Answer::Commit,
    }
}

/// Shows that a target has no room for the files, and asks whether to copy anyway.
pub fn without_room(target: &Path, message: &str) -> Outcome<bool> {
    ask(&format!(
        "{}: {message}.\nExtract what fits? [y/N] ",
        target.display()
    ))
}

fn ask(question: &str) -> Outcome<bool> {
    let answer = || {
        let mut out = io::stderr();
        write!(out, "{question}")?;
        out.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(is_yes(&answer))
    };
    answer().map_err(|error: io::Error| Failure::failed(format_args!("cannot read the answer: {error}")))
}

fn question_of_files(target: &Path, files: &[Refusal]) -> String {
    let mut question = String::new();
    for file in files.iter().take(SHOWN_FILES) {
        question += &format!("  {}: {}\n", Shown(&file.path), file.reason);
    }
    if let Some(more @ 1..) = files.len().checked_sub(SHOWN_FILES) {
        question += &format!("  and {}\n", count(more as u64, "other", "others"));
    }
    let files = count(files.len() as u64, "file is", "files are");
    format!(
        "{}: {files} in the way\n{question}Replace? [y/N] ",
        target.display()
    )
}

fn question(path: &Path, free: u64) -> String {
    let (blocks, bytes) = (
        HumanCount(free),
        HumanBytes(free.saturating_mul(BLOCK_SIZE as u64)),
    );
    format!(
        "{}: finalizing cannot be undone, and {blocks} free blocks ({bytes}) will be lost.\nFinalize? [y/N] ",
        path.display()
    )
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_how_much_is_lost() {
        let question = question(Path::new("d.udf"), 10_240);
        assert!(question.contains("10,240 free blocks (20.00 MiB)"), "{question}");
    }

    #[test]
    fn the_question_names_some_of_the_files_and_counts_the_others() {
        let files: Vec<_> = (0..12)
            .map(|number| Refusal {
                path: format!("/{number}\x1b"),
                reason: "exists already".into(),
            })
            .collect();
        let question = question_of_files(Path::new("out"), &files);
        assert!(
            question.starts_with("out: 12 files are in the way\n  /0\\u{1b}: exists"),
            "{question}"
        );
        assert!(
            question.ends_with("  and 2 others\nReplace? [y/N] "),
            "{question}"
        );
    }

    #[test]
    fn complete_files_are_committed_unless_the_answer_says_otherwise() {
        let answers = ["", "\n", "c\n", "x\n", "G\n", "a\n"].map(answer_of);
        use Answer::{Abandon, Commit, GoOn};
        assert_eq!(answers, [Commit, Commit, Commit, Commit, GoOn, Abandon]);
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(["y\n", "Yes\n", " YES "].into_iter().all(is_yes));
        assert!(
            ["", "\n", "n\n", "yess\n"]
                .into_iter()
                .all(|answer| !is_yes(answer))
        );
    }
}
