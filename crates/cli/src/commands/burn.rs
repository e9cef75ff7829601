//! `oncefs burn`

use std::fmt;

use drive::Status;
use serde::Serialize;

use super::Tools;
use super::add::{Added, Load};
use super::close::{ClosedDisc, close};
use super::format::{Formatted, blank, format};
use super::write::Change;
use crate::arguments::{Burn, StatedMedium};
use crate::disc;
use crate::failure::{Context, Failure, Outcome};
use crate::interrupt::Interrupt;

/// What was done.
#[derive(Serialize)]
struct Burned {
    /// Where the disc was blank.
    formatted: Option<Formatted>,
    added: Added,
    closed: Option<ClosedDisc>,
}

/// Formats a disc if it is blank, adds files, and closes it if that is asked for.
pub fn run(tools: &Tools, arguments: &Burn) -> Outcome {
    let path = &arguments.disc;
    let interrupt = Interrupt::watch()?;
    let load = Load::new(&arguments.sources, &arguments.exclude, &arguments.into)?;
    // What cannot be recorded is refused before the disc is touched.
    load.survey(tools, &interrupt)?;
    let (drive, formatted) = volume(tools, arguments)?;
    interrupt
        .check()
        .map_err(|failure| failure.leaving("a volume without files"))?;
    let mut change = Change::open(drive, interrupt).at(path.display())?;
    let added = change
        .commit(tools, |change| load.record(tools, change))
        .at(path.display())?;
    let closed = if arguments.close || arguments.finalize {
        let stated = "what was added, the session is open";
        change
            .interrupt
            .check()
            .map_err(|failure| failure.leaving(stated).at(path.display()))?;
        let drive = change.recording.into_volume().into_drive();
        Some(close(tools, drive, arguments.finalize).at(path.display())?)
    } else {
        None
    };
    tools.output.result(&Burned {
        formatted,
        added,
        closed,
    })
}

/// The drive with a volume, formatted where the disc is blank.
fn volume(tools: &Tools, arguments: &Burn) -> Outcome<(drive::Drive, Option<Formatted>)> {
    let path = &arguments.disc;
    let new = &arguments.new;
    let is_new = !disc::exists(path);
    let drive = if is_new || !disc::has_side_file(path) {
        blank(tools, path, new)?
    } else {
        tools.discs.open_to_record(
            path,
            StatedMedium {
                medium: None,
                capacity: None,
            },
        )?
    };
    if drive.medium().status == Status::Blank {
        let (drive, formatted) = format(drive, path, new)?;
        return Ok((drive, Some(formatted)));
    }
    if new.medium.is_some() || new.capacity.is_some() || new.udf.is_some() || new.label.is_some() {
        let message = "has a volume already: its medium, capacity, revision and label stand";
        return Err(Failure::usage(message).at(path.display()));
    }
    Ok((drive, None))
}

impl fmt::Display for Burned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(formatted) = &self.formatted {
            formatted.fmt(f)?;
        }
        self.added.fmt(f)?;
        self.closed.as_ref().map_or(Ok(()), |closed| closed.fmt(f))
    }
}
