//! From the path of a disc to its drive.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use drive::Drive;
use emulator::{Medium, Recorder};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use crate::arguments::{Capacity, StatedMedium};
use crate::failure::{Context, Exit, Failure, Outcome};

/// Opens discs, with what the command line asks of every drive.
pub struct Discs {
    /// Where every command is written.
    pub trace: Option<PathBuf>,
    /// Which commands fail.
    pub faults: Option<PathBuf>,
}

impl Discs {
    /// Opens a disc to read it. An image of another program is read as it is.
    pub fn open(&self, path: &Path) -> Outcome<Drive> {
        if has_side_file(path) {
            let recorder = Recorder::open_read_only(path)?;
            return self.drive(recorder, path);
        }
        std::fs::metadata(path).map_err(|error| Failure::host(path, error))?;
        Drive::open_image(path).at(path.display())
    }

    /// Opens a disc to record on it.
    pub fn open_to_record(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        let recorder = if has_side_file(path) {
            if stated.medium.is_some() {
                let message = "its medium is known, --medium is for images of other programs";
                return Err(Failure::usage(message).at(path.display()));
            }
            match Recorder::open(path) {
                Err(emulator::Error::Io { source, .. }) if is_denied(&source) => {
                    Recorder::open_read_only(path)?
                }
                opened => opened?,
            }
        } else {
            std::fs::metadata(path).map_err(|error| Failure::host(path, error))?;
            let Some(medium) = stated.medium else {
                return Err(bare(path));
            };
            Recorder::adopt(path, medium, stated.capacity.map(|Capacity(blocks)| blocks))?
        };
        self.drive(recorder, path)
    }

    /// Opens a disc to send it a request, which refuses by itself what cannot be recorded on.
    pub fn open_to_answer(&self, path: &Path, stated: StatedMedium) -> Outcome<Drive> {
        if has_side_file(path) || stated.medium.is_some() {
            return self.open_to_record(path, stated);
        }
        self.open(path)
    }

    /// Puts a blank medium into the drive: a new image.
    pub fn create(&self, path: &Path, medium: Medium, capacity: Option<Capacity>) -> Outcome<Drive> {
        let behaviour = emulator::Behaviour::default();
        let recorder = Recorder::create(path, medium, capacity.map(|Capacity(blocks)| blocks), behaviour)?;
        self.drive(recorder, path)
    }

    fn drive(&self, mut recorder: Recorder, path: &Path) -> Outcome<Drive> {
        if let Some(trace) = &self.trace {
            let file = File::options().create(true).append(true).open(trace);
            let mut out = BufWriter::new(file.map_err(|error| Failure::host(trace, error))?);
            // A trace that cannot be written must not stop a recording.
            recorder.set_trace(Box::new(move |entry| {
                let _ = writeln!(out, "{entry}").and_then(|()| out.flush());
            }));
        }
        if let Some(faults) = &self.faults {
            let script = std::fs::read_to_string(faults).map_err(|error| Failure::host(faults, error))?;
            let script = script.parse::<emulator::FaultScript>();
            recorder.set_faults(script.map_err(|error| Failure::usage(error).at(faults.display()))?);
        }
        Drive::open(Box::new(recorder)).at(path.display())
    }
}

/// Whether the disc exists, as an image with or without a side file.
pub fn exists(path: &Path) -> bool {
    path.exists() || has_side_file(path)
}

/// Whether the image has a side file, so that its medium is known.
pub fn has_side_file(path: &Path) -> bool {
    Recorder::side_file(path).exists()
}

/// Whether the host lets this user record on the disc.
pub fn is_writable(path: &Path) -> bool {
    let writable = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
    has_side_file(path) && writable(path) && writable(&Recorder::side_file(path))
}

fn is_denied(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

fn bare(path: &Path) -> Failure {
    let message = "nothing says which medium this image stands for, so it is only read";
    Failure::new(Exit::ReadOnly, "read-only", message)
        .at(path.display())
        .hint(
            "if it was recorded by another program, state its medium: --medium cd-r, dvd-r, dvd+r, bd-r, ...",
        )
}
