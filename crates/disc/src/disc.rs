//! A disc by its path, and the drives that it comes in.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use drive::Drive;
use emulator::{Behaviour, FaultScript, Medium, Misfit, Recorder};
use mmc::TraceEntry;
use rustix::fs::{Access, AtFlags, CWD, accessat};
use sgio::SgDevice;

use crate::Error;
use crate::device::{Host, Node};
use crate::error::{at, is_denied};
use crate::later::later_generation;
use crate::lock::{Lock, Mode};
use crate::traced::{Sink, Traced};

/// Takes what is said of a disc that could be opened all the same: that its side file does not fit it, and how it is read
/// then.
pub type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// The medium of an image of another program, as its owner states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Which medium.
    pub medium: Medium,
    /// Blocks that it holds; the nominal capacity where `None`.
    pub capacity: Option<u32>,
}

/// A disc by its path: an image with a side file beside it, an image of another program, a recorder of this host
/// (`/dev/srN`, `/dev/sgN`), or another device, which can be read.
#[derive(Clone)]
pub struct Disc {
    path: PathBuf,
    stated: Option<Stated>,
    image_is_accepted: bool,
    faults: Option<FaultScript>,
    trace: Option<Sink>,
    hear: Option<Hear>,
}

/// What a path leads to.
enum Place {
    /// An image with a side file.
    KeptImage,
    /// An image of another program, or nothing.
    Image,
    /// A recorder of this host, with the node by which it is reached.
    Recorder(PathBuf),
    /// Another device.
    Device,
}

impl Disc {
    /// The disc at a path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            stated: None,
            image_is_accepted: false,
            faults: None,
            trace: None,
            hear: None,
        }
    }

    /// States the medium; it counts as long as the image has no side file.
    #[must_use]
    pub fn stating(mut self, stated: Stated) -> Self {
        self.stated = Some(stated);
        self
    }

    /// Takes the image for the truth where its side file does not fit it: recording goes on after all that it holds.
    #[must_use]
    pub fn accepting_image(mut self) -> Self {
        self.image_is_accepted = true;
        self
    }

    /// Tells `hear` what does not keep the disc from being opened and its user should know.
    #[must_use]
    pub fn telling(mut self, hear: Hear) -> Self {
        self.hear = Some(hear);
        self
    }

    /// Makes every emulated recorder fail by a script, counted from its opening.
    #[must_use]
    pub fn with_faults(mut self, script: FaultScript) -> Self {
        self.faults = Some(script);
        self
    }

    /// Hands every command of every recorder, emulated or not, to `sink`.
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

    /// Whether the path is that of a device.
    #[must_use]
    pub fn is_device(&self) -> bool {
        matches!(self.place(), Place::Recorder(_) | Place::Device)
    }

    /// How long the host takes the disc in a recorder of its own to be, in bytes; it asks the drive when a disc comes in. `None`
    /// for anything else, and where the recorder has no block device.
    #[must_use]
    pub fn size_on_host(&self) -> Option<u64> {
        let Place::Recorder(node) = self.place() else {
            return None;
        };
        let node = Node::of(&std::fs::metadata(node).ok()?)?;
        Host::default().size(node)
    }

    /// Whether there is something that knows the medium: a side file, or a recorder of this host.
    #[must_use]
    pub fn medium_is_known(&self) -> bool {
        matches!(self.place(), Place::Recorder(_) | Place::KeptImage)
    }

    /// Whether the host lets this user record on it, and its medium is known or stated.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let writable = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
        match self.place() {
            Place::KeptImage => writable(&self.path) && writable(&Recorder::side_file(&self.path)),
            Place::Recorder(node) => writable(&node),
            Place::Image => self.stated.is_some() && writable(&self.path),
            Place::Device => false,
        }
    }

    /// A drive to read it. An image of another program is read as it is, and so is one whose side file is not its own or cannot
    /// be used, which is told.
    ///
    /// # Errors
    /// [`Error::InUse`] while somebody records on it; [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn read(&self) -> Result<Drive, Error> {
        match self.place() {
            Place::KeptImage => self.read_kept(),
            Place::Recorder(node) => self.on_host(&node, Mode::Shared),
            Place::Image | Place::Device => self.read_bare(),
        }
    }

    fn read_kept(&self) -> Result<Drive, Error> {
        match Recorder::open_read_only(&self.path) {
            Ok(recorder) => {
                if let Some(misfit) = recorder.misfit() {
                    self.tell(&format!("{}: {misfit}", self.path.display()));
                }
                self.emulated(recorder)
            }
            // Who is to record on it next reads it as it will be recorded on.
            Err(emulator::Error::Unproven { .. }) if self.image_is_accepted => {
                self.emulated(self.recorder()?)
            }
            Err(
                error @ (emulator::Error::Unproven { .. }
                | emulator::Error::NotASideFile(_)
                | emulator::Error::SideFile { .. }),
            ) => {
                self.tell(&format!("{error}; it is read as an image without a side file"));
                self.read_bare()
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read_bare(&self) -> Result<Drive, Error> {
        let lock = Lock::take(&self.path, Mode::Shared)?;
        let drive = match lock.image() {
            Some(image) => Drive::over_image(image.try_clone().map_err(at(&self.path))?)?,
            None => Drive::open_image(&self.path)?,
        };
        Ok(drive.holding(lock))
    }

    /// A drive to record on it, which has the lock of the disc until it is dropped. An image that this user cannot write
    /// comes in a drive that is read-only.
    ///
    /// # Errors
    /// [`Error::InUse`] while anybody else has it open, [`Error::Mounted`] while the host has; [`Error::MediumUnknown`] for
    /// an image of another program whose medium is not stated, [`Error::NotARecorder`] for a device that only reads;
    /// [`Error::LaterGeneration`], [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn record(&self) -> Result<Drive, Error> {
        match self.place() {
            Place::Recorder(node) => self.on_host(&node, Mode::Exclusive),
            Place::Device => {
                // Who has the device comes before what it is: a request that reads may be another's last one.
                let _lock = Lock::take(&self.path, Mode::Exclusive)?;
                Err(Error::NotARecorder(self.path.clone()))
            }
            Place::KeptImage | Place::Image => match self.recorder() {
                Err(Error::Host { path, source }) if path == self.path && is_denied(&source) => {
                    self.emulated(Recorder::open_read_only(&self.path)?)
                }
                recorder => self.emulated(recorder?),
            },
        }
    }

    /// The emulated recorder with the image in it, to record on it.
    ///
    /// # Errors
    /// As [`Disc::record`] for an image.
    pub fn recorder(&self) -> Result<Recorder, Error> {
        if matches!(self.place(), Place::Image) {
            std::fs::metadata(&self.path).map_err(at(&self.path))?;
            let Some(Stated { medium, capacity }) = self.stated else {
                return Err(Error::MediumUnknown(self.path.clone()));
            };
            return Ok(Recorder::adopt(&self.path, medium, capacity)?);
        }
        if self.image_is_accepted {
            let recorder = Recorder::open_accepting(&self.path)?;
            if let Some(Misfit::OtherDisc { .. }) = recorder.misfit() {
                self.tell(&format!(
                    "{}: its side file is that of another disc; the image is taken for one of the same medium, {} of {} blocks",
                    self.path.display(),
                    recorder.medium(),
                    recorder.capacity()
                ));
            }
            return Ok(recorder);
        }
        let recorder = Recorder::open(&self.path)?;
        if let Some(taken_over) = recorder.taken_over() {
            // By the same handle, and by a drive of its own: no command of the judge may change what this recorder says.
            let judged = Drive::open(Box::new(recorder.reader()?))?;
            if let Some(vat_icb) = later_generation(judged, taken_over.start) {
                return Err(Error::LaterGeneration {
                    path: self.path.clone(),
                    known_end: taken_over.start,
                    vat_icb: vat_icb.0,
                });
            }
        }
        Ok(recorder)
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

    /// What its drive answers to every command that changes nothing, in their order.
    ///
    /// # Errors
    /// [`Error::NotARecorder`] for an image of another program and for a device that is no drive for CD, DVD or BD; [`Error::InUse`]
    /// while somebody records on it; [`Error::Image`], [`Error::Host`]. What the drive refuses is an answer.
    pub fn probe(&self) -> Result<Vec<TraceEntry>, Error> {
        let entries: Arc<Mutex<Vec<TraceEntry>>> = Arc::default();
        let taken = Arc::clone(&entries);
        let sink: Sink = Arc::new(Mutex::new(move |entry: &TraceEntry| {
            taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(entry.clone());
        }));
        // How the snapshot at its end came out is in the entries.
        let _ = match self.place() {
            Place::KeptImage => {
                let recorder = Recorder::open_read_only(&self.path)?;
                drive::probe(Box::new(Traced::new(recorder, sink)))
            }
            Place::Recorder(node) => {
                let _lock = Lock::take(&self.path, Mode::Shared)?;
                let device = SgDevice::open(&node, sgio::Access::Read).map_err(at(&node))?;
                drive::probe(Box::new(Traced::new(device, sink)))
            }
            Place::Image | Place::Device => {
                std::fs::metadata(&self.path).map_err(at(&self.path))?;
                return Err(Error::NotARecorder(self.path.clone()));
            }
        };
        let taken = std::mem::take(&mut *entries.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(taken)
    }

    /// Puts a blank medium into a drive: a new image.
    ///
    /// # Errors
    /// [`Error::Image`] where the image is there already; [`Error::Drive`].
    pub fn create(&self, medium: Medium, capacity: Option<u32>) -> Result<Drive, Error> {
        let recorder = Recorder::create(&self.path, medium, capacity, Behaviour::default())?;
        self.emulated(recorder)
    }

    /// Whether its medium is stated.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        self.stated.is_some()
    }

    fn tell(&self, what: &str) {
        if let Some(hear) = &self.hear {
            hear(what);
        }
    }

    /// What the path leads to. A device is one whatever lies beside its name.
    fn place(&self) -> Place {
        let found = std::fs::metadata(&self.path);
        let Some(node) = found.ok().as_ref().and_then(Node::of) else {
            let side = Recorder::side_file(&self.path);
            return if side.symlink_metadata().is_ok() {
                Place::KeptImage
            } else {
                Place::Image
            };
        };
        let host = Host::default();
        let whole = host.whole(node);
        if host.is_multi_media(whole) {
            // The block node where there is one: a signal does not disturb its commands.
            Place::Recorder(host.path_of(whole).unwrap_or_else(|| self.path.clone()))
        } else {
            Place::Device
        }
    }

    /// A recorder of this host.
    fn on_host(&self, node: &Path, mode: Mode) -> Result<Drive, Error> {
        let lock = Lock::take(&self.path, mode)?;
        let access = match mode {
            Mode::Shared => sgio::Access::Read,
            Mode::Exclusive => sgio::Access::Record,
        };
        let device = SgDevice::open(node, access).map_err(at(node))?;
        let limit = device.transfer_limit();
        let mut drive = match &self.trace {
            Some(sink) => Drive::open(Box::new(Traced::new(device, Arc::clone(sink))))?,
            None => Drive::open(Box::new(device))?,
        };
        drive.set_transfer_limit(limit);
        Ok(drive.holding(lock))
    }

    fn emulated(&self, mut recorder: Recorder) -> Result<Drive, Error> {
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
        assert!(!disc.medium_is_known(), "nothing is recorded yet");
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
