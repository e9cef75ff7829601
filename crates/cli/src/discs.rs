//! Discs from the command line: with a stated medium, a trace and faults; an image may be new.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use disc::NewImage;
use disc::{Disc, Hear, Stated};
use drive::{Drive, DriveError, Speed, Status};
use emulator::{Medium, Recorder};

use crate::among_devices::{HINT, require_elsewhere};
use crate::arguments::{Capacity, StatedMedium};
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::faults::{Unproven, unproven};
use crate::no_disc::{not_writable, require_disc};
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
    /// The disc at a path, as the command line describes it. Opens only the trace file.
    pub fn disc(&self, path: &Path, stated: StatedMedium) -> Outcome<Disc> {
        require_disc(path)?;
        let mut disc = Disc::new(path);
        if self.speed.is_some() && !disc.is_device() {
            let message = "--speed needs a drive, and this is an image";
            return Err(Failure::usage(message).at(path.display()).hint(HINT));
        }
        if let Some(medium) = stated.medium {
            if disc.medium_is_known() || disc.is_device() {
                let message = "--medium is for images of other programs";
                return Err(Failure::usage(message).at(path.display()));
            }
            require_elsewhere(&Recorder::side_file(path))?;
            let capacity = stated.capacity.map(|Capacity(blocks)| blocks);
            disc = disc.stating(Stated { medium, capacity });
        }
        if stated.accept_image {
            disc = disc.accepting_image();
        }
        disc = disc.telling(tell_once(self.output));
        if let Some(sink) = self.sink(Some(path))? {
            disc = disc.with_trace(Arc::new(Mutex::new(sink)));
        }
        if let Some(script) = self.script()? {
            if disc.is_device() {
                return Err(Failure::usage("--faults is for the emulated drive").at(path.display()));
            }
            disc = disc.with_faults(script);
        }
        Ok(disc)
    }

    /// A function that writes commands for `disc` to the trace file.
    pub fn sink(
        &self,
        disc: Option<&Path>,
    ) -> Outcome<Option<impl FnMut(&mmc::TraceEntry) + Send + 'static>> {
        let Some(trace) = &self.trace else { return Ok(None) };
        require_elsewhere(trace)?;
        let mut out = BufWriter::new(trace_file::open(trace, disc)?);
        // A trace that cannot be written must not stop a recording.
        Ok(Some(move |entry: &mmc::TraceEntry| {
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
    pub fn script(&self) -> Outcome<Option<emulator::FaultScript>> {
        let Some(faults) = &self.faults else {
            return Ok(None);
        };
        let script = std::fs::read_to_string(faults).map_err(|error| Failure::host(faults, error))?;
        let script = script.parse::<emulator::FaultScript>();
        script
            .map(Some)
            .map_err(|error| Failure::usage(error).at(faults.display()))
    }

    /// Opens a disc for reading. An image of another program opens as it is.
    pub fn open(&self, path: &Path) -> Outcome<Drive> {
        opened(path, self.disc(path, StatedMedium::default())?.read())
    }

    /// Opens a disc for recording.
    pub fn open_to_record(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        let drive = opened(path, self.disc(path, stated)?.record())?;
        if drive.medium().status != Status::Finalized
            && let Some(failure) = not_writable(path)
        {
            return Err(failure);
        }
        self.at_speed(drive).at(path.display())
    }

    /// Opens a disc for recording, or for reading if nothing can be recorded.
    #[cfg(feature = "mount")]
    pub fn open_to_answer(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        let drive = opened(path, self.disc(path, stated)?.answer())?;
        self.at_speed(drive).at(path.display())
    }

    /// Sets the drive to the requested speed.
    fn at_speed(&self, mut drive: Drive) -> Result<Drive, DriveError> {
        if let Some(speed) = self.speed.filter(|_| !drive.is_read_only()) {
            drive.set_write_speed(speed)?;
        }
        Ok(drive)
    }

    /// Puts a blank medium into the drive: creates an image. It is removed if the returned guard is dropped
    /// before it is told to keep the image.
    pub fn create(
        &self,
        path: &Path,
        medium: Medium,
        capacity: Option<Capacity>,
    ) -> Outcome<(NewImage, Drive)> {
        require_elsewhere(path)?;
        let disc = self.disc(path, StatedMedium::default())?;
        match disc.create(medium, capacity.map(|Capacity(blocks)| blocks)) {
            Ok(drive) => {
                let image = NewImage::made(path);
                let drive = self.at_speed(drive).at(path.display())?;
                Ok((image, drive))
            }
            Err(error) => {
                // The image was created, but the drive does not accept it.
                if matches!(error, disc::Error::Drive(_)) {
                    drop(NewImage::made(path));
                }
                opened(path, Err(error))
            }
        }
    }
}

/// Warns once about each thing, however often the disc is opened.
fn tell_once(output: Output) -> Hear {
    let told = Mutex::new(Vec::new());
    Arc::new(move |what| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.iter().any(|known| known == what) {
            told.push(what.to_owned());
            output.warn(Shown(what));
        }
    })
}

/// Whether the disc exists, as an image with or without a side file.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok() || Disc::new(path).medium_is_known()
}

/// Adds the name of the disc to a fault that lacks it.
fn opened<T>(path: &Path, drive: Result<T, disc::Error>) -> Outcome<T> {
    match drive {
        Err(disc::Error::Drive(error)) => Err(error).at(path.display()),
        opened => Ok(opened?),
    }
}

impl From<disc::Error> for Failure {
    fn from(error: disc::Error) -> Self {
        match error {
            disc::Error::Host { path, source } => {
                let is_no_device = source.kind() == std::io::ErrorKind::NotFound && path.starts_with("/dev");
                let failure = Self::host(&path, source);
                if is_no_device { failure.hint(HINT) } else { failure }
            }
            disc::Error::Image(error) => error.into(),
            disc::Error::Drive(error) => error.into(),
            disc::Error::MediumUnknown(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, error).hint(
                "copy its side file beside it; without one, state the medium to record on it: --medium cd-r, dvd-r, dvd+r, bd-r, ...",
            ),
            disc::Error::InUse(ref path) => Self::in_use(Some(path), &error),
            disc::Error::Mounted { .. } => {
                Self::new(Exit::Failed, FailureKind::Mounted, error).hint("unmount it first: `umount`, or eject it on the desktop")
            }
            disc::Error::LaterGeneration { ref path, .. } => {
                unproven(&error, Unproven::LaterGeneration).naming(path.display())
            }
            disc::Error::NotARecorder(_) | disc::Error::WithoutDrives(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, error),
            other => Self::failed(other),
        }
    }
}
