//! `oncefs format`

use std::fmt;
use std::path::Path;

use oncefs::{Disc, Drive, FormatOptions, Medium, NewImage};
use serde::Serialize;

use super::Tools;
use super::write::own_ids;
use crate::arguments::{Format, NewDisc, RomKind, StatedMedium};
use crate::discs;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::terminal::Shown;
use crate::time;

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
    let disc = Disc::new(path);
    disc.require()?;
    if !disc.medium_is_known() {
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
    let (uid, gid) = own_ids();
    let mut options = FormatOptions::new();
    options
        .unique(unique)
        .owner(uid, gid)
        .plain_volume_if_possible(is_optional);
    if let Some(revision) = new.udf {
        options.revision(revision);
    }
    if let Some(kind) = new.rom.rom.and_then(RomKind::kind) {
        options.plain_volume(kind).plain_volume_links(new.rom.rom_links);
    } else if new.rom.rom_links {
        let message = "--rom-links is about a plain volume, and the disc gets none";
        return Err(Failure::usage(message).hint("--rom bridge or --rom udf makes one"));
    }
    let label = match &new.label {
        Some(label) => label.clone(),
        None => default_label(path),
    };
    options.label(&*label);
    let formatted = Formatted {
        label,
        udf_revision: options.revision_on(&drive).to_string(),
        capacity_blocks: drive.medium().capacity_blocks,
    };
    let usage = drive.usage();
    let formatted_drive = options.write_volume(drive, time::now()).at(path.display());
    formatted_drive
        .map(|drive| (drive, formatted))
        .map_err(|failure| failure.using(usage.bytes()))
}

/// The name of the image without its suffix, cut to fit the descriptors. The name of a device means nothing.
fn default_label(path: &Path) -> String {
    let image = (!Disc::new(path).is_device()).then_some(path);
    let name = image
        .and_then(Path::file_stem)
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let label = FormatOptions::label_of(&name);
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
