//! `oncefs burn`

use std::fmt;
use std::path::Path;

use oncefs::{BLOCK_SIZE, Disc, Drive, FormatOptions, NewImage, RecordingError, Revision, Status};
use serde::Serialize;

use super::Tools;
use super::add::{Added, Load};
use super::close::{ClosedDisc, NotShown, close};
use super::format::{DEFAULT_MEDIUM, Formatted, blank, format, gone};
use super::write::Change;
use crate::among_devices::require_elsewhere;
use crate::arguments::{Burn, Capacity, NewDisc, RomKind, StatedMedium};
use crate::discs;
use crate::failure::{Context, Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::source::{Surveyed, Totals};

/// The result of burning.
#[derive(Serialize)]
struct Burned<'a> {
    /// The result of formatting, if the disc was blank.
    formatted: Option<Formatted>,
    added: &'a Added,
    closed: Option<ClosedDisc>,
}

/// Formats a disc if it is blank, adds files, and closes it on request.
pub fn run(tools: &Tools, arguments: &Burn) -> Outcome {
    let path = &arguments.disc;
    require_elsewhere(path)?;
    tools.discs.require_trace_apart(&arguments.sources)?;
    let load = Load::new(tools, &arguments.sources, &arguments.selecting, path)?;
    let interrupt = Interrupt::watch_twice()?;
    // Files that cannot be recorded are refused before the disc is touched.
    let surveyed = load.survey(tools, &interrupt)?;
    require_capacity(path, &arguments.new, surveyed.totals.bytes)?;
    let asked = arguments.new.rom;
    if (is_plain_volume_preferred(arguments) || matches!(asked.rom, Some(RomKind::Bridge | RomKind::Udf)))
        && let Some(not_shown) = NotShown::foreseen(&surveyed, asked)
    {
        tools.output.note(not_shown);
        let (names, more) = surveyed.changed.listed();
        for name in names {
            tools
                .output
                .note(format_args!("changed for some readers: {name}"));
        }
        if more > 0 {
            tools
                .output
                .note(format_args!("changed for some readers: {more} more names"));
        }
    }
    if asked.rom_links && surveyed.totals.others > 0 {
        tools
            .output
            .note("7-Zip refuses the whole plain UDF volume because it has links or special files");
    }
    let NewVolume {
        mut image,
        drive,
        formatted,
        has_no_room,
    } = volume(tools, arguments, &surveyed)?;
    let usage = drive.usage();
    let nothing = |failure: Failure| {
        let used = usage.bytes();
        let failure = if formatted.is_some() {
            failure.leaving("a volume without files")
        } else {
            failure
        };
        gone(&image, failure.using(used))
    };
    interrupt.check().map_err(nothing).at(path.display())?;
    let opened = Change::open(tools, drive, interrupt, false);
    let mut change = opened.map_err(nothing).at(path.display())?;
    let has_plain_volume = change.recording.plain_volume().is_some();
    if formatted.is_some() && is_plain_volume_preferred(arguments) && !has_plain_volume {
        let why = if has_no_room {
            "the medium has no room for one in addition to the files"
        } else {
            "the drive reserves no track for one"
        };
        tools.output.note(format_args!(
            "the disc gets no plain volume because {why}: only readers with VAT support will open it"
        ));
    }
    if formatted.is_none() && (arguments.close || arguments.finalize) && !has_plain_volume {
        tell_no_plain_volume(tools, arguments.finalize);
    }
    // The survey is valid for a new volume if it assumed the right form of its nodes.
    let is_reckoned = formatted.is_some()
        && !has_plain_volume
        && arguments
            .new
            .udf
            .is_none_or(|revision| revision >= Revision::V2_00);
    let surveyed = is_reckoned.then_some(surveyed);
    let added = load.add(tools, &mut change, surveyed).at(path.display());
    let added = match added {
        // An image with intermediate commits is worth keeping.
        Err(failure) if image.is_new() && change.commits.last.is_none() => {
            return Err(gone(&image, failure));
        }
        added => added,
    };
    image.keep();
    let added = added?;
    let is_to_be_closed = arguments.close || arguments.finalize;
    let stated = format!("{}; the session is open", added.state());
    if is_to_be_closed && !added.is_complete() {
        let burned = Burned {
            formatted,
            added: &added,
            closed: None,
        };
        let shown = tools.output.recorded(&burned, added.used());
        let hint = if arguments.finalize { "--finalize" } else { "" };
        let hint = format!(
            "the disc is not closed because files are missing: add them, or close it without them with `oncefs close {} {hint}`",
            path.display()
        );
        return added
            .judge(shown)
            .map_err(|failure| failure.leaving(stated).hint(hint.trim()))
            .at(path.display());
    }
    let closed = if is_to_be_closed {
        change
            .interrupt
            .check()
            .map_err(|failure| failure.leaving(&stated).using(usage.bytes()).at(path.display()))?;
        let drive = change.recording.into_drive();
        let closed = close(tools, drive, arguments.finalize).at(path.display());
        Some(closed.map_err(|failure| failure.leaving(stated))?)
    } else {
        None
    };
    let burned = Burned {
        formatted,
        added: &added,
        closed,
    };
    let mut shown = tools.output.recorded(&burned, usage.bytes());
    if let Some(closed) = &burned.closed {
        shown = closed.judge(shown);
    }
    added.judge(shown).at(path.display())
}

/// Says before the first block is recorded that the closed disc will have no plain volume, because it was
/// formatted without one.
fn tell_no_plain_volume(tools: &Tools, finalize: bool) {
    let what = "the disc was formatted without --rom, so only readers with VAT support will open it";
    if finalize {
        tools.output.note(format_args!(
            "{what}; to let others open it, burn without --finalize, then use `oncefs close DISC --rom bridge --finalize`"
        ));
    } else {
        tools.output.note(format_args!(
            "{what}; `oncefs close DISC --rom bridge` adds what others need, in one more session"
        ));
    }
}

/// Refuses data that would not fit a new medium even without a volume on it. Checks that are more exact need
/// the volume.
fn require_capacity(path: &Path, new: &NewDisc, bytes: u64) -> Outcome {
    if discs::exists(path) {
        return Ok(());
    }
    let nominal = new.medium.unwrap_or(DEFAULT_MEDIUM).nominal_capacity();
    let free = new.capacity.map_or(nominal, |Capacity(blocks)| blocks).into();
    let asked = bytes.div_ceil(BLOCK_SIZE as u64);
    if asked > free {
        return Err(RecordingError::MediumFull { free, asked }).at(path.display());
    }
    Ok(())
}

/// Whether to make a plain volume if possible: the disc is closed at once, and the user did not say
/// otherwise.
fn is_plain_volume_preferred(arguments: &Burn) -> bool {
    (arguments.close || arguments.finalize) && arguments.new.rom.rom.is_none()
}

/// Whether a plain volume fits in addition to everything that will be recorded.
fn has_room_for_plain_volume(drive: &Drive, surveyed: &Surveyed) -> bool {
    let Totals {
        directories,
        files,
        others,
        ..
    } = surveyed.totals;
    /// Blocks of a reserved track with the descriptors after it, and of the units that the parts end in.
    const START: u64 = 640;
    let plain = START + FormatOptions::plain_volume_blocks(files + others, directories + 1);
    surveyed.blocks.saturating_add(plain) <= drive.medium().free_blocks.into()
}

/// The disc to burn.
struct NewVolume {
    image: NewImage,
    drive: Drive,
    /// The result of formatting, if the disc was blank.
    formatted: Option<Formatted>,
    /// Whether the disc gets no plain volume for lack of room, so that the drive was not asked for a track.
    has_no_room: bool,
}

/// The drive with a volume, formatted if the disc is blank.
fn volume(tools: &Tools, arguments: &Burn, surveyed: &Surveyed) -> Outcome<NewVolume> {
    let path = &arguments.disc;
    let new = &arguments.new;
    let (image, drive) = if Disc::new(path).medium_is_known() {
        let drive = tools.discs.open_to_record(path, StatedMedium::default())?;
        (NewImage::old(), drive)
    } else {
        blank(tools, path, new)?
    };
    // A format that was interrupted after it reserved a track leaves a medium without a block.
    let has_data = drive.medium().last_session_with_data().is_some();
    if drive.medium().status == Status::Blank || !has_data {
        let is_optional = is_plain_volume_preferred(arguments);
        let has_no_room = is_optional && !has_room_for_plain_volume(&drive, surveyed);
        let mut new = new.clone();
        if is_optional && !has_no_room {
            new.rom.rom = Some(RomKind::Bridge);
        }
        let made = format(drive, path, &new, is_optional);
        let (drive, formatted) = made.map_err(|failure| gone(&image, failure))?;
        return Ok(NewVolume {
            image,
            drive,
            formatted: Some(formatted),
            has_no_room,
        });
    }
    if new.medium.is_some()
        || new.capacity.is_some()
        || new.udf.is_some()
        || new.label.is_some()
        || new.rom.rom.is_some()
    {
        let message =
            "has a volume already: its medium, capacity, revision, label and --rom stay as they are";
        return Err(Failure::usage(message).at(path.display()).hint(
            "`oncefs close DISC --rom bridge` adds a plain volume to a disc formatted without one; `oncefs format DISC` completes an interrupted format",
        ));
    }
    Ok(NewVolume {
        image,
        drive,
        formatted: None,
        has_no_room: false,
    })
}

impl fmt::Display for Burned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(formatted) = &self.formatted {
            formatted.fmt(f)?;
        }
        self.added.fmt(f)?;
        self.closed.as_ref().map_or(Ok(()), |closed| closed.fmt(f))
    }
}
