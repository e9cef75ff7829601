//! The result: volumes, files and what is missing.

use std::fmt;

use oncefs::salvage::{Form, Salvaged, State};
use serde::Serialize;

use super::super::add::size;
use super::complaints::Counts;
use super::files::Files;
use crate::extract::Copied;
use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::{Output, count};
use crate::terminal::Shown;

/// Shorter names that are told; the others are counted.
const TOLD: u64 = 100;

/// What was salvaged.
pub struct Report {
    output: Output,
    volumes: Vec<VolumeReport>,
    pub totals: Totals,
    /// Whether no recorded block could be read.
    pub is_all_unreadable: bool,
    /// The files, written as they come: of a hostile disc, they may be many.
    files: Files,
}

/// The JSON after the files.
#[derive(Serialize)]
struct Rest<'a> {
    volumes: &'a [VolumeReport],
    #[serde(flatten)]
    totals: &'a Totals,
}

/// Counts of the whole disc.
#[derive(Default, Serialize)]
pub struct Totals {
    /// Entries that the scan found, those of earlier versions included.
    pub entries: usize,
    /// Recorded blocks that cannot be read.
    pub unreadable_blocks: u64,
    /// Entries of files that led to no file.
    pub without_file: u64,
    /// Structures that were found and left out, because there are too many.
    pub left_out: u64,
    /// Files of which something is missing.
    pub not_whole: u64,
    /// Names that are shorter than on the disc, because the host takes none so long.
    pub shortened: u64,
    /// Files of which only an older version is left.
    pub older: u64,
    /// Directories of which only an older version is left.
    pub older_directories: u64,
    /// Files that may have the data of something else: too little tells where the partition begins.
    pub uncertain: u64,
}

/// A volume that was found.
#[derive(Serialize)]
pub struct VolumeReport {
    label: Option<String>,
    form: &'static str,
    block_size: u32,
    /// The sector where its partition begins; null if nothing tells.
    partition_start: Option<u32>,
    /// Whether structures that do not depend on each other agree on that.
    is_certain: bool,
    /// Whether a descriptor of the volume is left.
    has_descriptor: bool,
    /// The sector of the ICB of the newest VAT that is left.
    vat_icb: Option<u32>,
    /// Files and directories that no name leads to.
    without_name: u64,
    /// Directories made of their names, because their entries are lost.
    directories_made: u64,
    /// Nodes that were deleted, and that only --versions copies.
    deleted: u64,
    #[serde(flatten)]
    copied: Copied,
}

/// A file that was copied, or could not be.
#[derive(Serialize)]
pub struct FileReport {
    /// The path below the target.
    pub path: String,
    /// Its bytes; null if its entry is lost.
    pub size: Option<u64>,
    pub whole: bool,
    /// Whether it may have the data of something else.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    pub state: Option<OfState>,
    /// The sector of its entry.
    pub sector: Option<u32>,
    /// Ranges of bytes, the second number after the last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The state that a file is of, as in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfState {
    Newest,
    Older,
    Later,
    Unknown,
    /// An earlier version, beside the one that is there now.
    Earlier,
}

impl From<State> for OfState {
    fn from(state: State) -> Self {
        match state {
            State::Newest => Self::Newest,
            State::Older => Self::Older,
            State::Later => Self::Later,
            State::Unknown => Self::Unknown,
        }
    }
}

impl Report {
    /// An empty one.
    pub fn new(output: Output) -> Self {
        Self {
            output,
            volumes: Vec::new(),
            totals: Totals::default(),
            is_all_unreadable: false,
            files: Files::default(),
        }
    }

    /// Whether a volume was found.
    pub fn has_volumes(&self) -> bool {
        !self.volumes.is_empty()
    }

    /// Counts a file, and lists it in JSON.
    pub fn add_file(&mut self, file: &FileReport) {
        let is_older = file.state == Some(OfState::Older);
        let lacks = !file.missing.is_empty() || file.reason.is_some();
        self.totals.not_whole += u64::from(lacks);
        self.totals.older += u64::from(is_older);
        self.totals.uncertain += u64::from(file.uncertain);
        if self.output.json {
            self.files.add(file);
        }
    }

    /// Says that a name is shorter than on the disc.
    pub fn add_shortened(&mut self, name: &str, path: &str) {
        self.totals.shortened += 1;
        if self.totals.shortened <= TOLD {
            let (path, bytes) = (Shown(path), name.len());
            let words = format_args!("{path}: a shorter name, because that on the disc takes {bytes} bytes");
            self.output.note(words);
        }
    }

    /// Prints it, also that of a run that failed.
    pub fn finish(&mut self) -> Outcome {
        if self.totals.shortened > TOLD {
            let rest = count(self.totals.shortened - TOLD, "more name is", "more names are");
            self.output.note(format_args!("{rest} shorter than on the disc"));
        }
        if self.volumes.is_empty() {
            // A failure tells why.
            return Ok(());
        }
        if !self.output.json {
            return self.output.result(&Text(&self.volumes));
        }
        self.files.finish(&Rest {
            volumes: &self.volumes,
            totals: &self.totals,
        })
    }

    /// Adds a volume and what was copied of it.
    pub fn add_volume(&mut self, volume: VolumeReport, copied: Copied) {
        self.volumes.push(VolumeReport { copied, ..volume });
    }

    /// Fails if something is missing.
    pub fn judge(&self, counts: Counts) -> Outcome {
        let damaged = |message: String| {
            let failure = Failure::new(Exit::Damaged, FailureKind::Damaged, message);
            Err(failure.hint("another drive may read more; --map lets a second run go on from here"))
        };
        if self.volumes.is_empty() {
            let message = if self.is_all_unreadable {
                "no recorded block could be read, or none was according to the map"
            } else {
                "nothing of a UDF volume is left"
            };
            return Err(Failure::new(Exit::Failed, FailureKind::NoVolume, message));
        }
        let Totals {
            unreadable_blocks,
            left_out,
            older,
            older_directories,
            uncertain,
            without_file,
            ..
        } = self.totals;
        let refused = count(counts.refused, "file", "files");
        if counts.damaged > 0 {
            let files = count(counts.damaged, "file or directory is", "files or directories are");
            let mut message = format!("{files} not whole");
            if counts.refused > 0 {
                message += &format!(", and {refused} could not be written");
            }
            if counts.has_unreadable || unreadable_blocks > 0 {
                return damaged(message);
            }
            return Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message));
        }
        if counts.refused > 0 {
            let message = format_args!("{refused} could not be written");
            let failure = Failure::new(Exit::Damaged, FailureKind::Incomplete, message);
            return Err(failure
                .hint("the disc gave them whole: the messages above say why the host did not take them"));
        }
        if uncertain > 0 {
            let files = count(uncertain, "file", "files");
            return damaged(format!(
                "{files} may have the data of something else: too little tells where the partition begins"
            ));
        }
        if older > 0 {
            let files = count(older, "file is", "files are");
            return damaged(format!("{files} of an older state: the newest entries are lost"));
        }
        if older_directories > 0 {
            let directories = count(older_directories, "directory is", "directories are");
            return damaged(format!(
                "{directories} of an older state, and may lack names: the newest entries are lost"
            ));
        }
        if without_file > 0 {
            let entries = count(without_file, "entry was", "entries were");
            return damaged(format!("{entries} found of files that did not come out"));
        }
        if left_out > 0 {
            let left_out = count(left_out, "structure is", "structures are");
            return damaged(format!("{left_out} left out: too many, or the same as others"));
        }
        if unreadable_blocks > 0 {
            let blocks = count(unreadable_blocks, "block", "blocks");
            return damaged(format!(
                "{blocks} cannot be read, and may have had entries of files"
            ));
        }
        Ok(())
    }
}

impl VolumeReport {
    /// What is known of a volume before anything is copied.
    pub fn of(salvaged: &Salvaged) -> Self {
        let layout = salvaged.layout();
        let lost = salvaged.lost();
        let deleted = lost.iter().filter(|one| one.is_deleted).count() as u64;
        Self {
            label: salvaged.label(),
            form: match layout.form() {
                Form::Plain => "plain",
                Form::Virtual => "virtual",
                Form::Metadata => "metadata",
            },
            block_size: layout.block_size().bytes(),
            partition_start: layout
                .ground()
                .map(|ground| ground.0)
                .filter(|_| layout.is_placed()),
            is_certain: layout.is_proved(),
            has_descriptor: layout.is_found(),
            vat_icb: salvaged.vat_icb().map(|sector| sector.0),
            without_name: lost.len() as u64 - deleted,
            directories_made: salvaged.directories_made(),
            deleted,
            copied: Copied::default(),
        }
    }
}

/// The volumes, for people.
#[derive(Serialize)]
struct Text<'a>(&'a [VolumeReport]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|volume| volume.fmt(f))
    }
}

impl fmt::Display for VolumeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "volume '{}'", Shown(label))?,
            None => write!(f, "a volume without a name")?,
        }
        match self.partition_start {
            Some(start) if self.is_certain => write!(f, ", its partition begins in sector {start}")?,
            Some(start) => write!(f, ", its partition may begin in sector {start}")?,
            None => write!(f, ", of whose partition nothing tells where it begins")?,
        }
        if self.form == "virtual" && self.vat_icb.is_none() {
            write!(f, ", no VAT is left")?;
        }
        let Copied {
            directories,
            files,
            others,
            bytes,
            ..
        } = &self.copied;
        write!(f, ": {}", count(*files, "file", "files"))?;
        write!(f, " and {}", count(*directories, "directory", "directories"))?;
        if *others > 0 {
            write!(f, ", {others} others")?;
        }
        write!(f, ", {}", size(*bytes))?;
        if self.without_name > 0 {
            write!(f, "; {} without a name", self.without_name)?;
        }
        if self.deleted > 0 {
            write!(f, "; {} earlier or deleted (--versions)", self.deleted)?;
        }
        writeln!(f)
    }
}
