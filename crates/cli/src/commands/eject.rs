//! `--eject`: the tray opens behind a command that has succeeded.

use std::path::{Path, PathBuf};

use disc::Disc;

use super::Tools;
use crate::arguments::{Command, StatedMedium};
use crate::failure::{Context, Failure, Outcome};

/// The drive whose tray is to open.
pub fn disc(command: &Command) -> Outcome<PathBuf> {
    match command.disc() {
        Some(path) if Disc::new(path).is_device() => Ok(path.to_owned()),
        Some(path) => Err(Failure::usage("an image is in no drive with a tray").at(path.display())),
        None => Err(Failure::usage("--eject is for commands on a disc in a drive")),
    }
}

/// Opens the tray.
pub fn run(tools: &Tools, path: &Path) -> Outcome {
    let mut drive = tools.discs.open_to_record(path, StatedMedium::default())?;
    let ejected = drive.eject().at(path.display());
    ejected.map_err(|failure| failure.leaving("everything that was asked for; the tray stayed closed"))
}
