//! Shared by the commands that read a volume: losses are always reported.

use std::path::Path;

use oncefs::{Drive, ErrorKind, LogicalSector, Loss, OpenOptions, Reading, Status, Volume};
use serde::Serialize;

use super::Tools;
use crate::arguments::View;
use crate::discs::How;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::{Output, count};

/// A loss, as in JSON.
#[derive(Serialize)]
pub struct Lost {
    structure: &'static str,
    sector: u32,
    sectors: u32,
    clause: &'static str,
    /// Whether files may be missing because an earlier state of the volume is shown.
    hides_generation: bool,
    message: String,
}

/// Opens the volume of a disc for reading, and reports what could not be read on the way.
pub fn open(tools: &Tools, disc: &Path, view: View) -> Outcome<Volume> {
    open_reading(tools, disc, view, |_| Ok(Reading::new()))
}

/// As [`open`], with a way to read that the disc keeps.
pub fn open_reading(
    tools: &Tools,
    disc: &Path,
    view: View,
    reading: impl FnOnce(&Drive) -> Outcome<Reading>,
) -> Outcome<Volume> {
    open_finding(tools, disc, view, false, reading)
}

/// As [`open_reading`]; looks for the sessions in an image without its side file if that is asked for.
pub fn open_finding(
    tools: &Tools,
    disc: &Path,
    view: View,
    find_sessions: bool,
    reading: impl FnOnce(&Drive) -> Outcome<Reading>,
) -> Outcome<Volume> {
    let how = How {
        until: view.until,
        // Only a session that is known has its plain volume.
        find_sessions: find_sessions || view.rom_view,
    };
    let mut drive = tools.listening(tools.discs.open_as(disc, how)?);
    let reading = reading(&drive)?;
    drive.set_reading(reading);
    let opened = OpenOptions::new().plain_volume(view.rom_view).open_drive(drive);
    match opened {
        Ok(volume) => {
            tell(tools.output, &volume.losses());
            tell_what_follows(tools.output, &volume);
            Ok(volume)
        }
        Err(error) => {
            tell(tools.output, error.losses());
            Err(failed(error)).at(disc.display())
        }
    }
}

fn failed(error: oncefs::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotClosed => Failure::failed("no session was closed with a plain volume yet, so other readers see nothing")
            .hint("`oncefs close DISC --rom bridge` (or `udf`, as the disc was made) records one; leave out --rom-view until then"),
        ErrorKind::NoPlainVolume => {
            Failure::failed("the disc was made without --rom and has one volume").hint("leave out --rom-view")
        }
        _ => error.into(),
    }
}

/// Blocks of an image without a side file after the state that it shows. They belong to a later state, which
/// the image has only in part: it was cut short, or its recording was interrupted. A loss that hides a later
/// state has already said more.
fn blocks_of_later_state(volume: &Volume) -> Option<u32> {
    let disc = volume.disc();
    if volume.is_clean() || !volume.is_newest() || disc.profile.is_some() {
        return None;
    }
    let blocks = disc
        .capacity_blocks
        .checked_sub(volume.vat_icb()?.checked_add(1)?)?;
    (blocks > 0).then_some(blocks)
}

/// Reports that more was recorded than the state shown. From here it is unknown whether a recording was
/// interrupted or the image is only a part.
pub fn tell_what_follows(output: Output, volume: &Volume) {
    if volume.is_clean() || !volume.is_newest() {
        return;
    }
    if let Some(blocks) = blocks_of_later_state(volume) {
        let blocks = count(blocks.into(), "block", "blocks");
        output.warn(format_args!(
            "{blocks} after the state that is shown belong to a later one, which the image has only in part: it was cut short, or its recording was interrupted"
        ));
    } else if let Some(icb) = volume.vat_icb().map(LogicalSector) {
        output.note(format_args!(
            "more was recorded after {icb}, which ends the newest state: a recording was interrupted, or the image is cut short"
        ));
    }
}

/// Reports losses.
pub fn tell(output: Output, losses: &[Loss]) {
    for loss in losses {
        output.warn(loss);
    }
}

/// Reports losses met meanwhile, and fails if files may be missing, or older than those recorded last. Called
/// after everything else, so that what is left is there.
pub fn require_newest(output: Output, volume: &mut Volume) -> Outcome {
    tell(output, &volume.losses_since_opening());
    require_newest_shown(volume)?;
    if volume.losses().iter().any(Loss::hides_spared_packets) {
        let message = "every copy of the sparing table is lost: names and contents may be damaged, or older than what was recorded last";
        return Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message));
    }
    if volume.losses().iter().any(Loss::hides_version) {
        let message = "newer versions of entries are damaged: names and contents may be older than what was recorded last";
        return Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message));
    }
    Ok(())
}

/// As [`require_newest`], and fails if files of earlier sessions are not in the volume.
pub fn require_all(output: Output, volume: &mut Volume) -> Outcome {
    require_newest(output, volume)?;
    match volume.open_volume().volume().files_of_earlier_sessions() {
        0 => Ok(()),
        files => {
            let files = count(files, "file", "files");
            let message = format_args!(
                "the ISO 9660 of this session has {files} of earlier sessions, which its UDF shows empty, or not at all"
            );
            let hint = "`mount -t iso9660` shows all files; --session shows an earlier session";
            Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message).hint(hint))
        }
    }
}

/// Fails if the volume shows an earlier state than the newest.
pub fn require_newest_shown(volume: &mut Volume) -> Outcome {
    let (message, mut hint) = if !volume.is_newest() {
        let message = "this is an earlier state of the volume: the newest cannot be read";
        let mut hint = String::from("another drive may read it");
        if volume.disc().status == Status::Appendable {
            hint += "; `oncefs add` and `oncefs close` continue from the earlier state with --accept-losses";
        }
        (message, hint)
    } else if blocks_of_later_state(volume).is_some() {
        let message = "this is an earlier state of the volume: the image has the newest only in part";
        (message, String::from("copy the disc again, to its end"))
    } else {
        return Ok(());
    };
    let companion = volume.open_volume().volume().companion();
    if companion.is_some_and(|companion| !companion.is_plain) {
        hint += "; the plain volume may show it: --rom-view";
    }
    Err(Failure::new(Exit::Damaged, FailureKind::GenerationLost, message).hint(hint))
}

impl Lost {
    /// All that was lost.
    pub fn of(losses: &[Loss]) -> Vec<Self> {
        let one = |loss: &Loss| Self {
            structure: loss.structure.name(),
            sector: loss.sector.0,
            sectors: loss.sectors,
            clause: loss.structure.clause(),
            hides_generation: loss.hides_generation(),
            message: loss.to_string(),
        };
        losses.iter().map(one).collect()
    }
}
