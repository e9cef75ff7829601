//! A disc by its path, and the drives that give access to it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use drive::{Drive, Speed};
use emulator::{Behaviour, FaultScript, Medium, Misfit, Recorder};
use mmc::{Lba, TraceEntry};
use rustix::fs::{Access, AtFlags, CWD, OFlags, accessat};
#[cfg(feature = "drives")]
use sgio::SgDevice;

use crate::Error;
use crate::bare;
use crate::device::{Host, Node};
use crate::error::{at, is_denied};
use crate::later::later_generation;
use crate::lock::{Lock, Mode};
use crate::new_image::NewImage;
use crate::sessions;
use crate::traced::{Sink, Traced};

/// Receives warnings about a disc that could still be opened: for example, that its side file does not fit,
/// and how the disc is read then.
pub type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// The medium of another program's image, as stated by its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The kind of medium.
    pub medium: Medium,
    /// Its capacity in blocks; `None` for the nominal capacity.
    pub capacity: Option<u32>,
}

/// How much of a disc to show: the disc as it was when this was the last thing recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// The end of this session, counted from 1.
    Session(u16),
    /// This block of the medium.
    Block(u32),
}

/// A disc by its path: an image with a side file next to it, an image of another program, a recorder of this
/// host (`/dev/srN`, `/dev/sgN`), or another device, which can only be read.
#[derive(Clone)]
pub struct Disc {
    path: PathBuf,
    stated: Option<Stated>,
    image_is_accepted: bool,
    faults: Option<FaultScript>,
    trace: Option<Sink>,
    speed: Option<Speed>,
    hear: Option<Hear>,
    finds_sessions: bool,
    is_ruin: bool,
    until: Option<Until>,
}

/// What a path leads to.
enum Place {
    /// An image with a side file.
    KeptImage,
    /// An image of another program, or a path that does not exist yet.
    Image,
    /// A recorder of this host, with the node that reaches it.
    Recorder(PathBuf),
    /// Another device.
    Device,
}

impl Disc {
    /// The disc at a path. Opens nothing yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            stated: None,
            image_is_accepted: false,
            faults: None,
            trace: None,
            speed: None,
            hear: None,
            finds_sessions: false,
            is_ruin: false,
            until: None,
        }
    }

    /// States the medium, which counts only while the image has no side file.
    #[must_use]
    pub fn stating(mut self, stated: Stated) -> Self {
        self.stated = Some(stated);
        self
    }

    /// Trusts the image if its side file does not fit it: recording continues after everything in the image.
    #[must_use]
    pub fn accepting_image(mut self) -> Self {
        self.image_is_accepted = true;
        self
    }

    /// Finds all sessions in an image that does not say where they begin, which takes a read for each
    /// generation. Without this, an image of a volume with a VAT counts as one session.
    #[must_use]
    pub fn finding_sessions(mut self) -> Self {
        self.finds_sessions = true;
        self
    }

    /// Reads all blocks of an image of another program, or of one whose side file does not fit, whether there
    /// is a volume in them or not.
    #[must_use]
    pub fn in_ruins(mut self) -> Self {
        self.is_ruin = true;
        self
    }

    /// Shows the disc as it was at an earlier time. It can only be read then.
    #[must_use]
    pub fn until(mut self, until: Until) -> Self {
        self.until = Some(until);
        self
    }

    /// Sends warnings to `hear`: what the user should know although the disc can be opened.
    #[must_use]
    pub fn telling(mut self, hear: Hear) -> Self {
        self.hear = Some(hear);
        self
    }

    /// Makes every emulated recorder fail by a script, which starts when the recorder is opened.
    #[must_use]
    pub fn with_faults(mut self, script: FaultScript) -> Self {
        self.faults = Some(script);
        self
    }

    /// Passes every command of every recorder, emulated or not, to `sink`.
    #[must_use]
    pub fn with_trace(mut self, sink: Sink) -> Self {
        self.trace = Some(sink);
        self
    }

    /// Sets the write speed of every drive that is opened for recording.
    #[must_use]
    pub fn at_speed(mut self, speed: Speed) -> Self {
        self.speed = Some(speed);
        self
    }

    /// The path of the disc.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the side file that an image here has or would have.
    #[must_use]
    pub fn side_file(&self) -> PathBuf {
        Recorder::side_file(&self.path)
    }

    /// Whether the path is an empty regular file without a side file, which is as good as no image: creating
    /// one that was interrupted leaves it.
    #[must_use]
    pub fn is_empty_image(&self) -> bool {
        Recorder::is_empty_image(&self.path)
    }

    /// Whether this is the name of a new side file, which is beside the image until it replaces the old one.
    #[must_use]
    pub fn is_new_side_file(name: &OsStr) -> bool {
        Recorder::is_new_side_file(name)
    }

    /// Fails if the path cannot be a disc, or is that of an image whose side file alone exists. Opening the
    /// disc fails likewise.
    ///
    /// # Errors
    /// [`Error::NotADisc`], [`Error::ImageMissing`].
    pub fn require(&self) -> Result<(), Error> {
        let side_file = self.side_file();
        let has_side_file = side_file.symlink_metadata().is_ok();
        let path = self.path.clone();
        match self.path.metadata() {
            Err(error) if has_side_file && error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::ImageMissing { path, side_file })
            }
            Ok(found) if matches!(self.place(), Place::Image) => bare::require(&path, &found),
            _ => Ok(()),
        }
    }

    /// Whether the path leads to a device.
    #[must_use]
    pub fn is_device(&self) -> bool {
        matches!(self.place(), Place::Recorder(_) | Place::Device)
    }

    /// The size in bytes that the host assigns to the disc in one of its recorders; the host asks the drive
    /// when a disc is inserted. `None` for anything else, and if the recorder has no block device.
    #[must_use]
    pub fn size_on_host(&self) -> Option<u64> {
        let Place::Recorder(node) = self.place() else {
            return None;
        };
        let node = Node::of(&std::fs::metadata(node).ok()?)?;
        Host::default().size(node)
    }

    /// Whether a side file or a recorder of this host knows the medium.
    #[must_use]
    pub fn medium_is_known(&self) -> bool {
        matches!(self.place(), Place::Recorder(_) | Place::KeptImage)
    }

    /// Whether the host lets this user record on it and its medium is known or stated.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let writable = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
        match self.place() {
            Place::KeptImage => writable(&self.path) && writable(&self.side_file()),
            Place::Recorder(node) => writable(&node),
            Place::Image => self.stated.is_some() && writable(&self.path),
            Place::Device => false,
        }
    }

    /// A drive to read it. Reads an image of another program as it is, and also an image whose side file is
    /// unusable or of another image; a warning says so.
    ///
    /// # Errors
    /// [`Error::InUse`] while another program records on it; [`Error::NotADisc`], [`Error::NotUdf`],
    /// [`Error::Elsewhere`] and [`Error::Sheet`] for an image without a volume to read;
    /// [`Error::NoSuchSession`] and [`Error::NotRecorded`] for a state that the disc never had;
    /// [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn read(&self) -> Result<Drive, Error> {
        self.require()?;
        let mut drive = match self.place() {
            Place::KeptImage => self.read_kept(),
            Place::Recorder(node) => self.on_host(&node, Mode::Shared),
            Place::Image | Place::Device => self.read_bare(),
        }?;
        if let Some(until) = self.until {
            self.end_with(&mut drive, until)?;
        }
        Ok(drive)
    }

    fn end_with(&self, drive: &mut Drive, until: Until) -> Result<(), Error> {
        let end = drive.recorded_end().0;
        let last = match until {
            Until::Block(last) if last < end => Lba(last),
            Until::Block(last) => {
                let path = self.path.clone();
                return Err(Error::NotRecorded { path, last, end });
            }
            Until::Session(number) => {
                let sessions = &drive.medium().sessions;
                let recorded = sessions.iter().filter(|session| session.last_recorded.is_some());
                let session = recorded.clone().find(|session| session.number == number);
                match session.and_then(|session| session.last_recorded) {
                    Some(last) => last,
                    None => {
                        return Err(Error::NoSuchSession {
                            path: self.path.clone(),
                            number,
                            sessions: recorded.count(),
                        });
                    }
                }
            }
        };
        drive.end_with(last);
        Ok(())
    }

    fn read_kept(&self) -> Result<Drive, Error> {
        match Recorder::open_read_only(&self.path) {
            Ok(recorder) => {
                if let Some(misfit) = recorder.misfit() {
                    self.tell(&format!("{}: {misfit}", self.path.display()));
                }
                self.emulated(recorder)
            }
            // A caller that will record must read the state that it will record on.
            Err(emulator::Error::Unproven { .. }) if self.image_is_accepted => {
                self.emulated(self.recorder()?)
            }
            Err(
                error @ (emulator::Error::Unproven { .. }
                | emulator::Error::NotASideFile(_)
                | emulator::Error::SideFile { .. }),
            ) => {
                self.tell(&format!("{error}; the image is read without it"));
                self.read_bare()
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read_bare(&self) -> Result<Drive, Error> {
        if self.is_ruin {
            return bare::read_ruin(&self.path);
        }
        let mut drive = bare::read(&self.path)?;
        if self.finds_sessions || matches!(self.until, Some(Until::Session(_))) {
            drive = sessions::divided(drive);
        }
        for (after, blocks) in drive.image_gaps() {
            self.tell(&format!(
                "{}: the image lacks the {blocks} blocks before block {after}, where a session begins; it is read as if it had them",
                self.path.display(),
                after = after.0
            ));
        }
        let missing = drive.image_missing();
        if missing > 0 {
            self.tell(&format!(
                "{}: the image ends at block {}, and {missing} blocks of the volume are missing",
                self.path.display(),
                drive.recorded_end().0
            ));
        }
        Ok(drive)
    }

    /// A drive to record on it, which holds the lock of the disc until it is dropped. For an image that this
    /// user cannot write, the drive is read-only.
    ///
    /// # Errors
    /// [`Error::InUse`] while another program has it open, [`Error::Mounted`] while the host has it
    /// mounted; [`Error::MediumUnknown`] for an image of another program with no stated medium,
    /// [`Error::NotARecorder`] for a device that only reads; [`Error::OnlyRead`] for an image in a container,
    /// and the errors of [`Disc::read`] for one without a volume; [`Error::LaterGeneration`],
    /// [`Error::Image`], [`Error::Host`], [`Error::Drive`].
    pub fn record(&self) -> Result<Drive, Error> {
        self.require()?;
        let drive = match self.place() {
            Place::Recorder(node) => self.on_host(&node, Mode::Exclusive),
            Place::Device => {
                // Take the lock before examining the device: a request that only reads may disturb another
                // program's recording.
                let _lock = Lock::take(&self.path, Mode::Exclusive)?;
                Err(Error::NotARecorder(self.path.clone()))
            }
            Place::KeptImage | Place::Image => match self.recorder() {
                Err(Error::Host { path, source }) if path == self.path && is_denied(&source) => {
                    self.emulated(Recorder::open_read_only(&self.path)?)
                }
                recorder => self.emulated(recorder?),
            },
        };
        self.with_speed(drive?)
    }

    fn with_speed(&self, mut drive: Drive) -> Result<Drive, Error> {
        if let Some(speed) = self.speed.filter(|_| !drive.is_read_only()) {
            drive.set_write_speed(speed)?;
        }
        Ok(drive)
    }

    /// The emulated recorder with the image in it, opened for recording.
    ///
    /// # Errors
    /// As [`Disc::record`] for an image.
    pub fn recorder(&self) -> Result<Recorder, Error> {
        if matches!(self.place(), Place::Image) {
            let access = self.stated.map_or(OFlags::RDONLY, |_| OFlags::RDWR);
            let file = bare::open_recordable(&self.path, access)?;
            let Some(Stated { medium, capacity }) = self.stated else {
                return Err(Error::MediumUnknown(self.path.clone()));
            };
            let sessions = sessions::adopted(&file, medium);
            return Ok(Recorder::adopt_open(
                file, &self.path, medium, capacity, &sessions,
            )?);
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
            // Uses the same handle but a drive of its own: no command of this test may change what the
            // recorder reports.
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

    /// A drive for a request that itself refuses a read-only disc: as [`Disc::record`] if the medium is known
    /// or stated, otherwise as [`Disc::read`].
    ///
    /// # Errors
    /// As those.
    pub fn answer(&self) -> Result<Drive, Error> {
        match self.record() {
            Err(
                Error::MediumUnknown(_)
                | Error::NotARecorder(_)
                | Error::WithoutDrives(_)
                | Error::OnlyRead { .. },
            ) => self.read(),
            opened => opened,
        }
    }

    /// The answers of its drive to every command that changes nothing, in order.
    ///
    /// # Errors
    /// [`Error::NotARecorder`] for an image of another program and for a device that is not a CD, DVD or BD
    /// drive; [`Error::InUse`] while another program records on it; [`Error::Image`], [`Error::Host`]. A
    /// command that the drive refuses counts as answered.
    pub fn probe(&self) -> Result<Vec<TraceEntry>, Error> {
        let entries: Arc<Mutex<Vec<TraceEntry>>> = Arc::default();
        let taken = Arc::clone(&entries);
        let sink: Sink = Arc::new(Mutex::new(move |entry: &TraceEntry| {
            taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(entry.clone());
        }));
        // The entries show whether the final snapshot succeeded.
        let _ = match self.place() {
            Place::KeptImage => {
                let recorder = Recorder::open_read_only(&self.path)?;
                drive::probe(Box::new(Traced::new(recorder, sink)))
            }
            #[cfg(feature = "drives")]
            Place::Recorder(node) => {
                let _lock = Lock::take(&self.path, Mode::Shared)?;
                let device = SgDevice::open(&node, sgio::Access::Read).map_err(at(&node))?;
                drive::probe(Box::new(Traced::new(device, sink)))
            }
            #[cfg(not(feature = "drives"))]
            Place::Recorder(_) => return Err(Error::WithoutDrives(self.path.clone())),
            Place::Image | Place::Device => {
                std::fs::metadata(&self.path).map_err(at(&self.path))?;
                return Err(Error::NotARecorder(self.path.clone()));
            }
        };
        let taken = std::mem::take(&mut *entries.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(taken)
    }

    /// Inserts a blank medium into a drive: creates an image, or begins it in an empty file. It is removed
    /// again if the drive does not accept it.
    ///
    /// # Errors
    /// [`Error::Image`] if the image already exists; [`Error::Drive`].
    pub fn create(&self, medium: Medium, capacity: Option<u32>) -> Result<Drive, Error> {
        let recorder = Recorder::create(&self.path, medium, capacity, Behaviour::default())?;
        let mut image = NewImage::made(&self.path);
        let drive = self.with_speed(self.emulated(recorder)?)?;
        image.keep();
        Ok(drive)
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

    /// What the path leads to. A device is a device whatever files are next to its node.
    fn place(&self) -> Place {
        let found = std::fs::metadata(&self.path);
        let Some(node) = found.ok().as_ref().and_then(Node::of) else {
            return if self.side_file().symlink_metadata().is_ok() {
                Place::KeptImage
            } else {
                Place::Image
            };
        };
        let host = Host::default();
        let whole = host.whole(node);
        if host.is_multi_media(whole) {
            // Prefer the block node: signals do not interrupt its commands.
            Place::Recorder(host.path_of(whole).unwrap_or_else(|| self.path.clone()))
        } else {
            Place::Device
        }
    }

    /// A recorder of this host, which this build reads as a block device.
    #[cfg(not(feature = "drives"))]
    fn on_host(&self, _node: &Path, mode: Mode) -> Result<Drive, Error> {
        match mode {
            Mode::Shared => self.read_bare(),
            Mode::Exclusive => Err(Error::WithoutDrives(self.path.clone())),
        }
    }

    /// A recorder of this host.
    #[cfg(feature = "drives")]
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
        std::fs::write(&image, [1; 32 * 2048]).expect("an image");
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
    fn a_fifo_is_no_disc_and_is_not_waited_for() {
        let folder = folder();
        let fifo = folder.path().join("fifo");
        rustix::fs::mkfifoat(CWD, &fifo, rustix::fs::Mode::RWXU).expect("a FIFO");
        let refused = Disc::new(&fifo).require();
        assert!(matches!(refused, Err(Error::NotADisc { what, .. }) if what == "a FIFO"));
    }

    #[test]
    fn while_one_program_records_no_other_opens_the_disc() {
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
        std::fs::write(&image, [1; 32 * 2048]).expect("an image");
        let reader = Disc::new(&image).read().expect("the image is free");
        let recording = Disc::new(&image).stating(Stated {
            medium: Medium::BdR,
            capacity: Some(3200),
        });
        assert!(matches!(recording.record(), Err(Error::InUse(_))));
        drop(reader);
        let recorder = recording.record().expect("the image is free");
        assert!(matches!(Disc::new(&image).read(), Err(Error::InUse(_))));
        drop(recorder);
    }

    #[test]
    fn an_image_that_its_drive_does_not_accept_is_removed() {
        let folder = folder();
        let image = folder.path().join("image");
        let script = "remove before command 1".parse().expect("a script");
        let made = Disc::new(&image)
            .with_faults(script)
            .create(Medium::BdR, Some(3200));
        assert!(matches!(made, Err(Error::Drive(_))));
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 0);
    }

    #[test]
    fn a_directory_and_a_side_file_alone_are_no_discs() {
        let folder = folder();
        let opened = Disc::new(folder.path()).read();
        assert!(matches!(opened, Err(Error::NotADisc { .. })));
        let disc = Disc::new(folder.path().join("image"));
        std::fs::write(disc.side_file(), "").expect("a file");
        assert!(matches!(disc.record(), Err(Error::ImageMissing { .. })));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_reported() {
        let folder = folder();
        let disc = Disc::new(folder.path().join("nothing"));
        assert!(matches!(disc.read(), Err(Error::Host { .. })));
        assert!(matches!(disc.record(), Err(Error::Host { .. })));
    }
}
