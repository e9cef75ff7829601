//! `oncefs burn`

use std::fmt;
use std::path::Path;

use disc::Disc;
use drive::{Drive, Status};
use ecma167::BLOCK_SIZE;
use ecma167::osta::Revision;
use serde::Serialize;

use super::Tools;
use super::add::{Added, Load};
use super::close::{ClosedDisc, close};
use super::format::{DEFAULT_MEDIUM, Formatted, blank, format};
use super::write::Change;
use crate::arguments::{Burn, Capacity, NewDisc, StatedMedium};
use crate::discs::{self, NewImage};
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
    tools.discs.require_trace_apart(&arguments.sources)?;
    let load = Load::new(&arguments.sources, &arguments.exclude, &arguments.into)?;
    // What cannot be recorded is refused before the disc is touched.
    let totals = load.survey(tools, &interrupt)?;
    require_capacity(path, &arguments.new, totals.bytes)?;
    let (mut image, drive, formatted) = volume(tools, arguments)?;
    let nothing = if image.is_new() {
        "nothing: the image was new, and is removed"
    } else {
        "a volume without files"
    };
    interrupt.check().map_err(|failure| failure.leaving(nothing))?;
    let mut change = Change::open(tools, drive, interrupt, false).at(path.display())?;
    // The survey stands for a volume that is new, where it reckoned with the form of its nodes.
    let is_reckoned = formatted.is_some()
        && arguments
            .new
            .udf
            .is_none_or(|revision| revision >= Revision::V2_00);
    let surveyed = is_reckoned.then_some(totals);
    let added = change.commit(tools, |change| load.record(tools, change, surveyed));
    let added = added.at(path.display()).map_err(|failure| {
        if image.is_new() {
            failure.leaving(nothing)
        } else {
            failure
        }
    })?;
    image.keep();
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

/// Refuses data that do not fit a new medium even without a volume on it. What needs the volume to be known is asked later.
fn require_capacity(path: &Path, new: &NewDisc, bytes: u64) -> Outcome {
    if discs::exists(path) {
        return Ok(());
    }
    let nominal = new.medium.unwrap_or(DEFAULT_MEDIUM).nominal_capacity();
    let free = new.capacity.map_or(nominal, |Capacity(blocks)| blocks).into();
    let asked = bytes.div_ceil(BLOCK_SIZE as u64);
    if asked > free {
        return Err(recording::Error::MediumFull { free, asked }).at(path.display());
    }
    Ok(())
}

/// The drive with a volume, formatted where the disc is blank; whether the image is new comes first.
fn volume(tools: &Tools, arguments: &Burn) -> Outcome<(NewImage, Drive, Option<Formatted>)> {
    let path = &arguments.disc;
    let new = &arguments.new;
    let (image, drive) = if Disc::new(path).medium_is_known() {
        let drive = tools.discs.open_to_record(path, StatedMedium::default())?;
        (NewImage::old(), drive)
    } else {
        blank(tools, path, new)?
    };
    if drive.medium().status == Status::Blank {
        let (drive, formatted) = format(drive, path, new)?;
        return Ok((image, drive, Some(formatted)));
    }
    if new.medium.is_some() || new.capacity.is_some() || new.udf.is_some() || new.label.is_some() {
        let message = "has a volume already: its medium, capacity, revision and label stand";
        return Err(Failure::usage(message).at(path.display()));
    }
    Ok((image, drive, None))
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
