//! A disc by its path, and the drives that it comes in.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use drive::Drive;
use emulator::{Behaviour, FaultScript, Medium, Recorder, TraceEntry};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use crate::Error;
use crate::device::Node;
use crate::lock::{Lock, Mode};

/// Takes every command that a drive gets.
pub type Sink = Arc<Mutex<dyn FnMut(&TraceEntry) + Send>>;

/// The medium of an image of another program, as its owner states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Which medium.
    pub medium: Medium,
    /// Blocks that it holds; the nominal capacity where `None`.
    pub capacity: Option<u32>,
}

/// A disc by its path: an image with a side file beside it, an image of another program, or a device that can be read.
#[derive(Clone)]
pub struct Disc {
    path: PathBuf,
    stated: Option<Stated>,
    faults: Option<FaultScript>,
    trace: Option<Sink>,
}

impl Disc {
    /// The disc at a path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            stated: None,
            faults: None,
            trace: None,
        }
    }

    /// States the medium; it counts as long as the image has no side file.
    #[must_use]
    pub fn stating(mut self, stated: Stated) -> Self {
        self.stated = Some(stated);
        self
    }

    /// Makes every emulated recorder fail by a script, counted from its opening.
    #[must_use]
    pub fn with_faults(mut self, script: FaultScript) -> Self {
        self.faults = Some(script);
        self
    }

    /// Hands every command of every emulated recorder to `sink`.
    #[must_use]
    pub fn with_trace(mut self, sink: Sink) -> Self {
        self.trace = Some(sink);
        self
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the image has a side file, so that its medium is known.
    #[must_use]
    pub fn has_side_file(&self) -> bool {
        Recorder::side_file(&self.path).exists()
    }

    /// Whether the host lets this user record on it, and its medium is known or stated.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let writable = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
        if self.has_side_file() {
            writable(&self.path) && writable(&Recorder::side_file(&self.path))
        } else {
            self.stated.is_some() && writable(&self.path)
        }
    }

    /// A drive to read it. An image of another program is read as it is.
    ///
    /// # Errors
    /// [`Error::InUse`] while somebody records on it; [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn read(&self) -> Result<Drive, Error> {
        if self.has_side_file() {
            return self.drive(Recorder::open_read_only(&self.path)?);
        }
        let lock = Lock::take(&self.path, Mode::Shared)?;
        Ok(Drive::open_image(&self.path)?.holding(lock))
    }

    /// A drive to record on it, which has the lock of the disc until it is dropped. An image that this user cannot write
    /// comes in a drive that is read-only.
    ///
    /// # Errors
    /// [`Error::InUse`] while anybody else has it open, [`Error::Mounted`] while the host has; [`Error::MediumUnknown`] for
    /// an image of another program whose medium is not stated, [`Error::NotARecorder`] for a device that only reads;
    /// [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn record(&self) -> Result<Drive, Error> {
        let recorder = if self.has_side_file() {
            match Recorder::open(&self.path) {
                Err(emulator::Error::Io { source, .. }) if is_denied(&source) => {
                    Recorder::open_read_only(&self.path)?
                }
                opened => opened?,
            }
        } else {
            if self.device()?.is_some() {
                // Who has the device comes before what it is: a request that reads may be another's last one.
                let _lock = Lock::take(&self.path, Mode::Exclusive)?;
                return Err(Error::NotARecorder(self.path.clone()));
            }
            let Some(Stated { medium, capacity }) = self.stated else {
                return Err(Error::MediumUnknown(self.path.clone()));
            };
            Recorder::adopt(&self.path, medium, capacity)?
        };
        self.drive(recorder)
    }

    /// A drive for a request that refuses by itself what cannot be recorded on: as [`Disc::record`] where the medium is
    /// known or stated, as [`Disc::read`] otherwise.
    ///
    /// # Errors
    /// As those.
    pub fn answer(&self) -> Result<Drive, Error> {
        match self.record() {
            Err(Error::MediumUnknown(_) | Error::NotARecorder(_)) => self.read(),
            opened => opened,
        }
    }

    /// Puts a blank medium into a drive: a new image.
    ///
    /// # Errors
    /// [`Error::Image`] where the image is there already; [`Error::Drive`].
    pub fn create(&self, medium: Medium, capacity: Option<u32>) -> Result<Drive, Error> {
        let recorder = Recorder::create(&self.path, medium, capacity, Behaviour::default())?;
        self.drive(recorder)
    }

    pub(crate) fn is_stated(&self) -> bool {
        self.stated.is_some()
    }

    /// The device that the path names, if it is one.
    fn device(&self) -> Result<Option<Node>, Error> {
        let found = std::fs::metadata(&self.path);
        let found = found.map_err(|source| Error::Host {
            path: self.path.clone(),
            source,
        })?;
        Ok(Node::of(&found))
    }

    fn drive(&self, mut recorder: Recorder) -> Result<Drive, Error> {
        if let Some(sink) = &self.trace {
            let sink = Arc::clone(sink);
            recorder.set_trace(Box::new(move |entry| {
                let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
                sink(entry);
            }));
        }
        if let Some(script) = &self.faults {
            recorder.set_faults(script.clone());
        }
        Ok(Drive::open(Box::new(recorder))?)
    }
}

fn is_denied(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary directory")
    }

    #[test]
    fn an_image_of_another_program_is_recorded_on_once_its_medium_is_stated() {
        let folder = folder();
        let image = folder.path().join("image");
        std::fs::write(&image, [0; 32 * 2048]).expect("an image");
        let disc = Disc::new(&image);
        assert!(!disc.is_writable());
        assert!(matches!(disc.record(), Err(Error::MediumUnknown(_))));
        assert!(disc.answer().is_ok_and(|drive| drive.is_read_only()));
        let disc = disc.stating(Stated {
            medium: Medium::DvdPlusR,
            capacity: Some(3200),
        });
        assert!(disc.is_writable());
        assert!(disc.record().is_ok_and(|drive| !drive.is_read_only()));
        assert!(disc.record().is_ok() && disc.has_side_file());
    }

    #[test]
    fn one_records_and_nobody_else_has_the_disc() {
        let folder = folder();
        let disc = Disc::new(folder.path().join("image"));
        let drive = disc.create(Medium::BdR, Some(3200)).expect("a blank disc");
        for opened in [disc.read(), disc.record()] {
            assert!(matches!(opened, Err(Error::InUse(_))));
        }
        drop(drive);
        let (first, second) = (disc.read(), disc.read());
        assert!(first.is_ok() && second.is_ok());
    }

    #[test]
    fn an_image_of_another_program_is_not_recorded_on_while_it_is_read() {
        let folder = folder();
        let image = folder.path().join("image");
        std::fs::write(&image, [0; 32 * 2048]).expect("an image");
        let reader = Disc::new(&image).read().expect("nobody has it");
        let recording = Disc::new(&image).stating(Stated {
            medium: Medium::BdR,
            capacity: Some(3200),
        });
        assert!(matches!(recording.record(), Err(Error::InUse(_))));
        drop(reader);
        let recorder = recording.record().expect("nobody has it");
        assert!(matches!(Disc::new(&image).read(), Err(Error::InUse(_))));
        drop(recorder);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_told() {
        let folder = folder();
        let disc = Disc::new(folder.path().join("nothing"));
        assert!(matches!(disc.read(), Err(Error::Host { .. })));
        assert!(matches!(disc.record(), Err(Error::Host { .. })));
    }
}
