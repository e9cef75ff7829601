//! The one question that is asked: finalizing a disc cannot be undone.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use drive::{Medium, Status};
use ecma167::BLOCK_SIZE;
use indicatif::{HumanBytes, HumanCount};

use crate::failure::{Exit, Failure, Outcome};

/// Whether there is somebody to ask: a terminal to read the question on and to answer at.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Says what finalizing takes away, and asks whether that is meant. A medium that cannot be finalized is no question: what
/// follows is refused.
pub fn finalizing(path: &Path, medium: &Medium) -> Outcome {
    if medium.status != Status::Appendable {
        return Ok(());
    }
    let ask = || {
        eprint!("{}", question(path, medium.free_blocks));
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(is_yes(&answer))
    };
    if ask().map_err(|error: io::Error| Failure::failed(format_args!("no answer: {error}")))? {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, "declined", "not finalized")
        .at(path.display())
        .leaving("what was there before this command"))
}

fn question(path: &Path, free: u32) -> String {
    let (blocks, bytes) = (
        HumanCount(free.into()),
        HumanBytes(u64::from(free) * BLOCK_SIZE as u64),
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
    fn only_a_yes_is_a_yes() {
        assert!(["y\n", "Yes\n", " YES "].into_iter().all(is_yes));
        assert!(
            ["", "\n", "n\n", "yess\n"]
                .into_iter()
                .all(|answer| !is_yes(answer))
        );
    }
}
