//! Moves the tray after a command that has succeeded, and refreshes what Linux knows of the disc.

use std::path::{Path, PathBuf};

use oncefs::{BLOCK_SIZE, Disc, Volume};

use super::Tools;
use crate::among_devices::HINT;
use crate::arguments::{Command, StatedMedium, Tray};
use crate::failure::{Context, Failure, Outcome};

/// The drive whose tray moves.
pub fn disc(command: &Command, tray: Tray) -> Outcome<PathBuf> {
    match command.disc() {
        Some(path) if Disc::new(path).is_device() => Ok(path.to_owned()),
        Some(path) => {
            let failure = Failure::usage("an image has no tray");
            Err(failure.at(path.display()).hint(HINT))
        }
        None => Err(Failure::usage(format_args!(
            "{} is for commands on a disc in a drive",
            tray.option()
        ))),
    }
}

/// Moves the tray.
pub fn run(tools: &Tools, path: &Path, tray: Tray) -> Outcome {
    let mut drive = tools.discs.open_to_record(path, StatedMedium::default())?;
    let ejected = drive.eject().at(path.display());
    ejected.map_err(|failure| failure.leaving("everything requested; the tray stayed closed"))?;
    if tray == Tray::Open {
        return Ok(());
    }
    let loaded = drive.load().at(path.display());
    loaded.map_err(|failure| failure.leaving("everything requested; the tray is open, close it by hand"))?;
    // Opened again, because that waits until the disc is ready.
    tools.discs.open(path).map(drop)
}

/// Reports if Linux does not know how far the disc is now recorded. It asks a drive only when a disc is
/// inserted, and until then mounts an earlier state, or nothing.
pub fn note_size(tools: &Tools, path: &Path) {
    let Some(known) = Disc::new(path).size_on_host() else {
        return;
    };
    let drive = tools.discs.open(path).ok();
    let volume = drive.and_then(|drive| Volume::from_drive(drive).ok());
    let Some(last) = volume.as_ref().and_then(Volume::vat_icb) else {
        return;
    };
    if known <= u64::from(last) * BLOCK_SIZE as u64 {
        tools.output.note(
            "Linux still knows the disc as it was before: take it out and put it in before it is mounted (--reload does that)",
        );
    }
}
