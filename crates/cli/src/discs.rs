//! Discs from the command line: with a stated medium, a trace and faults; an image may be new.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use oncefs::nodes::ReadOnly::NoVirtualPartition;
use oncefs::{
    Disc, DiscError, Drive, ErrorKind, FaultScript, Medium, NewImage, OpenOptions, RecordingError, Speed,
    Status, TraceEntry,
};

use crate::among_devices::{HINT, require_elsewhere};
use crate::arguments::{Capacity, StatedMedium, Until};
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::faults::{Unproven, unproven};
use crate::no_disc::not_writable;
use crate::not_a_volume;
use crate::output::Output;
use crate::terminal::Shown;
use crate::trace_file;

/// Opens discs with the options that apply to every drive.
pub struct Discs {
    /// The trace file.
    pub trace: Option<PathBuf>,
    /// The fault script.
    pub faults: Option<PathBuf>,
    /// The write speed.
    pub speed: Option<Speed>,
    /// Where warnings go that do not keep a disc from being opened.
    pub output: Output,
}

impl Discs {
    /// The options of the command line for the disc at a path. Opens only the trace file.
    pub fn options(&self, path: &Path, stated: StatedMedium) -> Outcome<OpenOptions> {
        Disc::new(path).require()?;
        self.options_unchecked(path, stated)
    }

    fn options_unchecked(&self, path: &Path, stated: StatedMedium) -> Outcome<OpenOptions> {
        let disc = Disc::new(path);
        let mut options = OpenOptions::new();
        if let Some(speed) = self.speed {
            if !disc.is_device() {
                let message = "--speed needs a drive, and this is an image";
                return Err(Failure::usage(message).at(path.display()).hint(HINT));
            }
            options.write_speed(speed);
        }
        require_unknown_medium(&disc, stated)?;
        if let Some(medium) = stated.medium {
            require_elsewhere(&disc.side_file())?;
            options.medium(medium);
        }
        if let Some(Capacity(blocks)) = stated.capacity {
            options.capacity(blocks);
        }
        options.accept_image(stated.accept_image);
        options.on_notice(tell_once(self.output));
        if let Some(sink) = self.sink(Some(path))? {
            options.on_command(sink);
        }
        if let Some(script) = self.script()? {
            if disc.is_device() {
                return Err(Failure::usage("--faults is for the emulated drive").at(path.display()));
            }
            options.faults(script);
        }
        Ok(options)
    }

    /// The disc at a path, as the command line describes it. Opens only the trace file.
    pub fn disc(&self, path: &Path, stated: StatedMedium) -> Outcome<Disc> {
        Ok(self.options(path, stated)?.disc(path))
    }

    /// A function that writes commands for `disc` to the trace file.
    pub fn sink(&self, disc: Option<&Path>) -> Outcome<Option<impl FnMut(&TraceEntry) + Send + 'static>> {
        let Some(trace) = &self.trace else { return Ok(None) };
        require_elsewhere(trace)?;
        let mut out = BufWriter::new(trace_file::open(trace, disc)?);
        // A trace that cannot be written must not stop a recording.
        Ok(Some(move |entry: &TraceEntry| {
            let _ = writeln!(out, "{entry}").and_then(|()| out.flush());
        }))
    }

    /// Fails if the trace file is one of the files to record.
    pub fn require_trace_apart(&self, sources: &[PathBuf]) -> Outcome {
        let Some(trace) = &self.trace else { return Ok(()) };
        match sources.iter().find(|source| trace_file::is_same(trace, source)) {
            Some(source) => {
                let message = "--trace: this file is to be recorded; name another trace file";
                Err(Failure::usage(message).at(source.display()))
            }
            None => Ok(()),
        }
    }

    /// The fault script.
    pub fn script(&self) -> Outcome<Option<FaultScript>> {
        let Some(faults) = &self.faults else {
            return Ok(None);
        };
        let script = std::fs::read_to_string(faults).map_err(|error| Failure::host(faults, error))?;
        let script = script.parse::<FaultScript>();
        script
            .map(Some)
            .map_err(|error| Failure::usage(error).at(faults.display()))
    }

    /// Opens a disc for reading. An image of another program opens as it is.
    pub fn open(&self, path: &Path) -> Outcome<Drive> {
        self.open_as(path, How::default())
    }

    /// Opens a disc for reading all of its blocks, whether there is a volume in them or not.
    pub fn open_ruin(&self, path: &Path) -> Outcome<Drive> {
        let options = self.options(path, StatedMedium::default())?;
        opened(path, options.disc(path).in_ruins().read())
    }

    /// Opens a disc for reading, as it was or with all that can be found.
    pub fn open_as(&self, path: &Path, how: How) -> Outcome<Drive> {
        let options = self.options_as(path, how)?;
        let drive = opened(path, options.disc(path).read())?;
        rewound(&options, drive).at(path.display())
    }

    /// The options of the command line for reading the disc at a path. Opens only the trace file.
    pub fn options_as(&self, path: &Path, how: How) -> Outcome<OpenOptions> {
        let mut options = self.options(path, StatedMedium::default())?;
        options.find_sessions(how.find_sessions);
        if let Some(number) = how.until.session {
            options.session(number);
        }
        if let Some(block) = how.until.last_block {
            options.last_block(block);
        }
        if let Some(at) = how.until.at {
            options.at(at);
        }
        Ok(options)
    }

    /// Opens a disc for recording.
    pub fn open_to_record(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        let recorder = match self.disc(path, stated)?.record() {
            Err(DiscError::MediumUnknown(_)) if Self::is_mastered(path) => {
                let error = RecordingError::ReadOnly(NoVirtualPartition);
                return Err(Failure::from(error)).at(path.display());
            }
            recorder => recorder,
        };
        let drive = opened(path, recorder)?;
        if drive.medium().status != Status::Finalized
            && let Some(failure) = not_writable(path)
        {
            return Err(failure);
        }
        Ok(drive)
    }

    /// Whether an image has a volume that can only be read, whatever its medium is.
    fn is_mastered(path: &Path) -> bool {
        let volume = oncefs::open(path);
        volume.is_ok_and(|mut volume| volume.open_volume().volume().virtual_partition().is_none())
    }

    /// Opens a disc for recording, or for reading if nothing can be recorded.
    #[cfg(feature = "mount")]
    pub fn open_to_answer(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        opened(path, self.disc(path, stated)?.answer())
    }

    /// Puts a blank medium into the drive: creates an image, or begins it in an empty file. It is removed
    /// if the returned guard is dropped before it is told to keep the image.
    pub fn create(
        &self,
        path: &Path,
        medium: Medium,
        capacity: Option<Capacity>,
    ) -> Outcome<(NewImage, Drive)> {
        require_elsewhere(path)?;
        let stated = StatedMedium {
            capacity,
            ..StatedMedium::default()
        };
        let options = if Disc::new(path).is_empty_image() {
            self.options_unchecked(path, stated)
        } else {
            self.options(path, stated)
        }?;
        let (drive, image) = options.create_blank(path, medium)?;
        Ok((image, drive))
    }
}

/// Fails if the command line states a medium that is known.
pub fn require_unknown_medium(disc: &Disc, stated: StatedMedium) -> Outcome {
    if stated.medium.is_some() && (disc.medium_is_known() || disc.is_device()) {
        let message = "--medium is for images of other programs";
        return Err(Failure::usage(message).at(disc.path().display()));
    }
    Ok(())
}

/// Shows the generation that the options name.
fn rewound(options: &OpenOptions, drive: Drive) -> Outcome<Drive> {
    options.rewind(drive).map_err(|error| {
        let is_absent = error.kind() == ErrorKind::NotFound;
        let failure = Failure::from(error);
        if is_absent {
            failure.hint("`oncefs log DISC` lists the generations")
        } else {
            failure
        }
    })
}

/// How a disc is opened for reading.
#[derive(Clone, Copy, Default)]
pub struct How {
    /// The last that is shown of it.
    pub until: Until,
    /// Whether to find every session in an image that does not say where they begin.
    pub find_sessions: bool,
}

/// Warns once about each thing, however often the disc is opened.
fn tell_once(output: Output) -> impl Fn(&str) + Send + Sync + 'static {
    let reported = Mutex::new(Vec::new());
    move |what: &str| {
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        if !reported.iter().any(|known| known == what) {
            reported.push(what.to_owned());
            output.warn(Shown(what));
        }
    }
}

/// Whether the disc exists, as an image with or without a side file. An empty file is no disc yet.
pub fn exists(path: &Path) -> bool {
    let disc = Disc::new(path);
    path.symlink_metadata().is_ok() && !disc.is_empty_image() || disc.medium_is_known()
}

/// Adds the name of the disc to a fault that lacks it.
fn opened<T>(path: &Path, drive: Result<T, DiscError>) -> Outcome<T> {
    match drive {
        Err(DiscError::Drive(error)) => Err(error).at(path.display()),
        opened => Ok(opened?),
    }
}

impl From<DiscError> for Failure {
    fn from(error: DiscError) -> Self {
        if let Some(failure) = not_a_volume::failure(&error) {
            return failure;
        }
        match error {
            DiscError::Host { path, source } => {
                let is_no_device = source.kind() == std::io::ErrorKind::NotFound && path.starts_with("/dev");
                let failure = Self::host(&path, source);
                if is_no_device { failure.hint(HINT) } else { failure }
            }
            DiscError::Image(error) => error.into(),
            DiscError::Drive(error) => error.into(),
            DiscError::MediumUnknown(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, error).hint(
                "copy its side file beside it; without one, state the medium to record on it: --medium cd-r, dvd-r, dvd+r, bd-r, ...",
            ),
            DiscError::NotADisc { ref path, .. } => Self::new(Exit::Failed, FailureKind::NotADisc, &error)
                .naming(path.display())
                .hint("name the image of a disc, or a drive"),
            DiscError::ImageMissing { ref path, .. } => Self::new(Exit::Failed, FailureKind::NoImage, &error)
                .naming(path.display())
                .hint("put the image back beside its side file; for a new disc of this name, remove the side file"),
            DiscError::NoSuchSession { ref path, .. } => {
                Self::new(Exit::Failed, FailureKind::NotFound, &error).naming(path.display()).hint("`oncefs info DISC` lists the sessions")
            }
            DiscError::NotRecorded { ref path, .. } => {
                Self::new(Exit::Failed, FailureKind::NotFound, &error).naming(path.display()).hint("`oncefs info DISC` shows the last block of each session")
            }
            DiscError::InUse(ref path) => Self::in_use(Some(path), &error),
            DiscError::Mounted { .. } => {
                Self::new(Exit::Failed, FailureKind::Mounted, error).hint("unmount it first: `umount`, or eject it on the desktop")
            }
            DiscError::LaterGeneration { ref path, .. } => {
                unproven(&error, Unproven::LaterGeneration).naming(path.display())
            }
            DiscError::NotARecorder(_) | DiscError::WithoutDrives(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, error),
            other => Self::failed(other),
        }
    }
}
