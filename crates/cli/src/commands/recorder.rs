//! `oncefs recorder`

mod attach;
mod attached;
mod detach;
mod device;

use attached::{Attached, found};

use super::Tools;
use crate::arguments::{RecorderArguments, RecorderCommand};
use crate::failure::Outcome;
use crate::output::List;

/// Attaches, lists or detaches.
pub fn run(tools: &Tools, arguments: &RecorderArguments) -> Outcome {
    match &arguments.command {
        RecorderCommand::Attach(attach) => attach::run(tools, attach),
        RecorderCommand::List => list(tools),
        RecorderCommand::Detach(detach) => detach::run(detach),
    }
}

fn list(tools: &Tools) -> Outcome {
    let mut list = List::new(std::io::stdout().lock(), tools.output.json);
    for found in found()? {
        list.push(&Attached::of(&found))?;
    }
    list.finish()
}
