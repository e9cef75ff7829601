//! `oncefs format`

use std::fmt;
use std::path::Path;

use drive::Drive;
use ecma167::osta::{Revision, cs0};
use emulator::Medium;
use oncefs::{Disc, NewImage};
use recording::{FormatOptions, Rom};
use serde::Serialize;

use super::Tools;
use super::write::own_attributes;
use crate::arguments::{Format, NewDisc, RomKind, RomOptions, StatedMedium};
use crate::discs;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::no_disc::require_disc;
use crate::terminal::Shown;
use crate::time;

/// The primary volume descriptor has 32 bytes for the name, the last of which is the length
/// (`ECMA-167 3/10.1.4`).
const MOST_CODED_LABEL: usize = 31;

/// The default medium of a new image.
pub const DEFAULT_MEDIUM: Medium = Medium::BdR;

/// What is left of a new image on which nothing is recorded.
pub const NOTHING: &str = "nothing: the new image was removed";

/// The result of formatting.
#[derive(Debug, Serialize)]
pub struct Formatted {
    /// The name of the volume.
    pub label: String,
    /// The revision of UDF.
    pub udf_revision: String,
    /// Blocks of the medium.
    pub capacity_blocks: u32,
}

/// Makes a volume on a blank disc.
pub fn run(tools: &Tools, arguments: &Format) -> Outcome {
    let (mut image, drive) = blank(tools, &arguments.disc, &arguments.new)?;
    let usage = drive.usage();
    let formatted = format(drive, &arguments.disc, &arguments.new, false);
    let (_, formatted) = formatted.map_err(|failure| gone(&image, failure))?;
    image.keep();
    tools.output.recorded(&formatted, usage.bytes())
}

/// The blank disc: a new image, which is removed unless it is kept, or an existing one that is blank.
pub fn blank(tools: &Tools, path: &Path, new: &NewDisc) -> Outcome<(NewImage, Drive)> {
    if !discs::exists(path) {
        return tools
            .discs
            .create(path, new.medium.unwrap_or(DEFAULT_MEDIUM), new.capacity);
    }
    require_disc(path)?;
    if !Disc::new(path).medium_is_known() {
        let message = "exists already and is not a disc of this program";
        return Err(Failure::new(Exit::Failed, FailureKind::Exists, message)
            .at(path.display())
            .hint("choose another path"));
    }
    if new.medium.is_some() || new.capacity.is_some() {
        let message = "exists already: its medium and capacity cannot be changed";
        return Err(Failure::new(Exit::Usage, FailureKind::Usage, message).at(path.display()));
    }
    let drive = tools.discs.open_to_record(path, StatedMedium::default())?;
    tools.tell_track_at_once(&drive);
    Ok((NewImage::old(), drive))
}

/// A failure on a new image costs nothing, because the image is removed.
pub fn gone(image: &NewImage, failure: Failure) -> Failure {
    if image.is_new() {
        failure.leaving(NOTHING).using(0)
    } else {
        failure
    }
}

/// Makes the volume. A plain volume that `is_optional` is dropped if the drive reserves no track for it.
pub fn format(drive: Drive, path: &Path, new: &NewDisc, is_optional: bool) -> Outcome<(Drive, Formatted)> {
    let unique =
        getrandom::u32().map_err(|error| Failure::failed(format_args!("no random numbers: {error}")))?;
    let now = time::now();
    let revision = new
        .udf
        .unwrap_or_else(|| recording::default_revision(drive.medium()));
    let label = match &new.label {
        Some(label) => label.clone(),
        None => default_label(path),
    };
    let formatted = Formatted {
        label: label.clone(),
        udf_revision: revision.to_string(),
        capacity_blocks: drive.medium().capacity_blocks,
    };
    let seconds = now
        .to_unix()
        .and_then(|(seconds, _)| u32::try_from(seconds).ok())
        .unwrap_or(u32::MAX);
    let options = FormatOptions {
        revision,
        label,
        unique,
        now,
        seconds,
        root: own_attributes(0o755, now),
        rom: rom(new.rom, revision, is_optional),
    };
    let usage = drive.usage();
    let formatted_drive = recording::format(drive, &options).at(path.display());
    formatted_drive
        .map(|drive| (drive, formatted))
        .map_err(|failure| failure.using(usage.bytes()))
}

/// The requested plain volume, beside a volume of that revision.
fn rom(asked: RomOptions, revision: Revision, is_optional: bool) -> Option<Rom> {
    let bridge = match asked.rom? {
        RomKind::Bridge => true,
        RomKind::Udf => false,
        RomKind::No => return None,
    };
    Some(Rom {
        revision: Rom::revision_beside(revision),
        bridge,
        links: asked.rom_links,
        is_optional,
    })
}

/// The name of the image without its suffix, cut to fit the descriptors. The name of a device means nothing.
fn default_label(path: &Path) -> String {
    let image = (!Disc::new(path).is_device()).then_some(path);
    let name = image
        .and_then(Path::file_stem)
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut label: String = name
        .chars()
        .filter(|c| !c.is_control() && cs0::is_recordable(*c))
        .collect();
    while cs0::encoded_len(&label) > MOST_CODED_LABEL && label.pop().is_some() {}
    if label.is_empty() { "oncefs".into() } else { label }
}

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            label,
            udf_revision,
            capacity_blocks,
        } = self;
        let capacity = super::add::size(u64::from(*capacity_blocks) * 2048);
        writeln!(f, "formatted '{}', UDF {udf_revision}, {capacity}", Shown(label))
    }
}
