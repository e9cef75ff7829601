//! Options for opening a disc.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use control::{DesiredAccess, OpenFailure, ShareMode, Target, VolumeHandle};
use disc::{Disc, Hear, NewImage, Sink, Stated, Until};
use drive::{Drive, Speed, Status};
use ecma167::general::Timestamp;
use emulator::{FaultScript, Medium};
use mmc::TraceEntry;

use crate::at::At;
use crate::disc_info::DiscInfo;
use crate::error::{AtPath as _, Error, ErrorKind, Result};
use crate::recording::Recording;
use crate::volume::Volume;

/// Opens the volume of a disc for reading. The path is an image, or a drive such as `/dev/sr0`.
///
/// # Errors
/// Fails as [`OpenOptions::open`] does.
pub fn open(path: impl AsRef<Path>) -> Result<Volume> {
    OpenOptions::new().open(path)
}

/// Options for opening a disc, which is an image or a drive.
///
/// ```no_run
/// let mut options = oncefs::OpenOptions::new();
/// options.medium(oncefs::Medium::BdR).on_notice(|what| eprintln!("{what}"));
/// let volume = options.open("image-of-another-program.udf")?;
/// # Ok::<(), oncefs::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct OpenOptions {
    medium: Option<Medium>,
    capacity: Option<u32>,
    accept_image: bool,
    accept_losses: bool,
    plain_volume: bool,
    find_sessions: bool,
    until: Option<Until>,
    at: Option<At>,
    speed: Option<Speed>,
    faults: Option<FaultScript>,
    trace: Option<Sink>,
    hear: Option<Hear>,
}

impl OpenOptions {
    /// Creates options that open a disc as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// States the medium of an image of another program, so that oncefs can record on it. Has no effect if
    /// the image has a side file.
    pub fn medium(&mut self, medium: Medium) -> &mut Self {
        self.medium = Some(medium);
        self
    }

    /// Sets the capacity of a stated medium, or of that in a new image, in blocks of 2,048 bytes. The default
    /// is the nominal capacity of the medium ([`Medium::nominal_capacity`]); it need not be one that is sold.
    ///
    /// The capacity is rounded down to whole [units of writing](Medium::write_unit): a block on a CD, 16 on a
    /// DVD, 32 on a BD. What remains must be a unit at least, 3 blocks on a CD, and 2³⁰ blocks at most;
    /// otherwise opening or creating the image fails with [`ErrorKind::Unsupported`]. A volume needs more: on
    /// a medium too small for one, formatting fails with [`ErrorKind::MediumFull`].
    pub fn capacity(&mut self, blocks: u32) -> &mut Self {
        self.capacity = Some(blocks);
        self
    }

    /// Sets whether to trust the image if its side file does not match it. Recording then continues after
    /// everything in the image.
    pub fn accept_image(&mut self, accept: bool) -> &mut Self {
        self.accept_image = accept;
        self
    }

    /// Sets whether to record on a volume although its newest state is unreadable. Recording continues from
    /// the state that the volume shows; the newer one is lost.
    pub fn accept_losses(&mut self, accept: bool) -> &mut Self {
        self.accept_losses = accept;
        self
    }

    /// Sets whether to open the plain volume, which readers without VAT support see, instead of the volume
    /// with the VAT. It can only be read.
    pub fn plain_volume(&mut self, plain: bool) -> &mut Self {
        self.plain_volume = plain;
        self
    }

    /// Shows the disc as it was at the end of a session, counted from 1. It can only be read then, as a
    /// finalized disc that ends there.
    ///
    /// In an image without its side file, oncefs finds sessions by their contents; see
    /// [`OpenOptions::find_sessions`].
    pub fn session(&mut self, number: u16) -> &mut Self {
        self.until = Some(Until::Session(number));
        self
    }

    /// Shows the disc as it was when a block of the medium was the last recorded one. It can only be read
    /// then.
    pub fn last_block(&mut self, block: u32) -> &mut Self {
        self.until = Some(Until::Block(block));
        self
    }

    /// Shows the disc as it was when a generation was the newest one. It can only be read then, as a
    /// finalized disc that ends there.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut new = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// # new.write("/note.txt", "first")?;
    /// # new.commit()?;
    /// # new.remove_file("/note.txt")?;
    /// # new.commit()?;
    /// # drop(new);
    /// use oncefs::{At, OpenOptions};
    ///
    /// assert!(!oncefs::open(&path)?.exists("/note.txt")?);
    /// let before = OpenOptions::new().at(At::Generation(2)).open(&path)?;
    /// assert!(before.exists("/note.txt")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(&mut self, at: At) -> &mut Self {
        self.at = Some(at);
        self
    }

    /// Sets whether to find every session in an image without its side file, for [`DiscInfo::sessions`].
    /// oncefs always finds the newest state, but without this a volume with a VAT counts as one session.
    /// Finding them takes a few reads for each commit.
    pub fn find_sessions(&mut self, find: bool) -> &mut Self {
        self.find_sessions = find;
        self
    }

    /// Sets a function that receives notices. A notice does not prevent opening the disc, but the user should
    /// see it: for example, that a side file does not match.
    pub fn on_notice(&mut self, hear: impl Fn(&str) + Send + Sync + 'static) -> &mut Self {
        self.hear = Some(Arc::new(hear));
        self
    }

    /// Sets a function that receives every command sent to the drive, with its answer, after it completes.
    #[doc(alias = "trace")]
    pub fn on_command(&mut self, hear: impl FnMut(&TraceEntry) + Send + 'static) -> &mut Self {
        self.trace = Some(Arc::new(Mutex::new(hear)));
        self
    }

    /// Sets the speed at which a drive records. The default is the current setting of the drive.
    pub fn write_speed(&mut self, speed: Speed) -> &mut Self {
        self.speed = Some(speed);
        self
    }

    /// Makes the emulated drive of an image fail as a script says, to test how a program handles failures.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # drop(oncefs::FormatOptions::new().capacity(20_000).create(&path, oncefs::Medium::BdR, now)?);
    /// let mut options = oncefs::OpenOptions::new();
    /// options.faults("remove before command 2".parse()?);
    /// assert_eq!(options.open(&path).unwrap_err().kind(), oncefs::ErrorKind::NoMedium);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn faults(&mut self, script: FaultScript) -> &mut Self {
        self.faults = Some(script);
        self
    }

    /// Opens the volume for reading. Meanwhile others can read the disc, but not record on it.
    ///
    /// # Errors
    /// Fails with an error of the drive or the host, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist, or if nothing is recorded in the
    ///   [session](Self::session) or [block](Self::last_block) to show, or if there is no such
    ///   [generation](Self::at).
    /// - [`ErrorKind::InUse`] if another program uses the disc.
    /// - [`ErrorKind::NoVolume`] if the medium has no UDF volume.
    /// - [`ErrorKind::NoPlainVolume`] or [`ErrorKind::NotClosed`] if the plain volume is asked for, and the
    ///   disc gets none or has none yet.
    /// - [`ErrorKind::NotADisc`] if `path` cannot be a disc, such as a directory.
    /// - [`ErrorKind::Unsupported`] if this library cannot read the volume.
    /// - [`ErrorKind::Damaged`] if the volume is damaged.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Volume> {
        let path = path.as_ref();
        let drive = self.read(path)?;
        self.open_volume(drive).at(&shown(path))
    }

    /// The drive with the disc as it is to be shown.
    fn read(&self, path: &Path) -> Result<Drive> {
        let drive = self.disc(path).read().at(&shown(path))?;
        self.rewind(drive).at(&shown(path))
    }

    /// Shows the disc in a drive that is already open as it was at the [generation](Self::at) to show, if one
    /// is set.
    ///
    /// # Errors
    /// Fails as [`Volume::from_drive`] does, or with [`ErrorKind::NotFound`] if there is no such generation.
    pub fn rewind(&self, drive: Drive) -> Result<Drive> {
        match self.at {
            Some(at) => at.rewind(drive),
            None => Ok(drive),
        }
    }

    /// Opens the volume in a drive that is already open, for reading.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::open`] does.
    pub fn open_drive(&self, drive: Drive) -> Result<Volume> {
        let drive = self.rewind(drive)?;
        self.open_volume(drive)
    }

    fn open_volume(&self, drive: Drive) -> Result<Volume> {
        if !self.plain_volume {
            return Volume::from_drive(drive);
        }
        let volume = volume::Volume::open_plain(drive)?;
        let (kind, message) = match volume.companion() {
            Some(companion) if companion.is_plain => return Ok(volume.into()),
            Some(_) => (
                ErrorKind::NotClosed,
                "no session was closed with a plain volume yet",
            ),
            None => (ErrorKind::NoPlainVolume, "the disc has no plain volume"),
        };
        Err(Error::new(kind, message))
    }

    /// Opens the volume to record on it, exclusively. Nothing is recorded before the first change. Changes
    /// have the time `now` until [`Recording::set_time`] sets another.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::open`] does, or with:
    ///
    /// - [`ErrorKind::ReadOnly`] if the medium, drive or volume accepts no more data.
    /// - [`ErrorKind::MediumUnknown`] if the medium of an image must be [stated](Self::medium).
    /// - [`ErrorKind::SideFile`] if the side file does not match its image.
    /// - [`ErrorKind::NewestStateLost`] if a later state of the volume is unreadable.
    /// - [`ErrorKind::PermissionDenied`] if the host denies access.
    pub fn record(&self, path: impl AsRef<Path>, now: impl Into<Timestamp>) -> Result<Recording> {
        let path = path.as_ref();
        let drive = self.disc(path).record().at(&shown(path))?;
        self.record_drive(drive, now).at(&shown(path))
    }

    /// Opens the volume in a drive that is already open, to record on it.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::record`] does.
    pub fn record_drive(&self, drive: Drive, now: impl Into<Timestamp>) -> Result<Recording> {
        if self.plain_volume {
            let message = "the plain volume of a disc can only be read";
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        if self.until.is_some() || self.at.is_some() {
            let message = "an earlier state of a disc can only be read";
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        let mut volume = Volume::from_drive(drive)?;
        if self.accept_losses {
            volume.accept_losses();
        }
        Recording::from_volume(volume, now)
    }

    /// Returns what the drive reports about the medium, whether or not it has a volume.
    ///
    /// # Errors
    /// Fails with an error of the drive or the host, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::NoVolume`] if an image of another program is recognized as something other than UDF.
    /// - [`ErrorKind::InUse`] if another program uses the disc.
    pub fn info(&self, path: impl AsRef<Path>) -> Result<DiscInfo> {
        let path = path.as_ref();
        Ok(DiscInfo::of(&self.read(path)?))
    }

    /// Checks the volume against the clauses of ECMA-167 and UDF. Changes nothing. Findings are in the
    /// report; they are not errors.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::open`] does.
    pub fn check(&self, path: impl AsRef<Path>, options: &check::Options) -> Result<check::Report> {
        let path = path.as_ref();
        let mut drive = self.read(path)?;
        let is_blank = drive.medium().status == Status::Blank;
        let report = check::check(&mut drive, options);
        match report.unjudged() {
            Some(check::Unjudged::NoVolume) if is_blank => Err(volume::Error::Blank).at(&shown(path)),
            Some(check::Unjudged::NoVolume) => Err(volume::Error::NoVolume).at(&shown(path)),
            Some(check::Unjudged::BlockSize(size)) => {
                Err(volume::Error::from(volume::Unsupported::BlockSize(size))).at(&shown(path))
            }
            _ => Ok(report),
        }
    }

    /// Opens a handle for NT control codes, on the volume or on a path in it.
    ///
    /// ```
    /// use oncefs::control::{
    ///     DesiredAccess, FSCTL_MAKE_MEDIA_COMPATIBLE, FileMakeCompatibleBuffer, ShareMode, Target,
    /// };
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # drop(oncefs::FormatOptions::new().capacity(20_000).create(&path, oncefs::Medium::BdR, now)?);
    ///
    /// let access = DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA;
    /// let share = ShareMode::FILE_SHARE_READ;
    /// let options = oncefs::OpenOptions::new();
    /// let mut volume = options.control(&path, Target::Volume, access, share, now)?;
    ///
    /// let buffer = FileMakeCompatibleBuffer { close_disc: true }.to_bytes();
    /// let io = volume.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&buffer), None);
    /// assert!(io.status.is_success(), "{}, {}", io.status, io.status.win32_error().0);
    /// assert!(volume.last_closed().is_some_and(|closed| closed.finalized));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails as [`VolumeHandle::open_on`] does.
    #[doc(alias = "CreateFile")]
    pub fn control(
        &self,
        path: impl AsRef<Path>,
        target: Target<'_>,
        access: DesiredAccess,
        share: ShareMode,
        now: impl Into<Timestamp>,
    ) -> std::result::Result<VolumeHandle, OpenFailure> {
        let source = Box::new(self.disc(path.as_ref()));
        let mut handle = VolumeHandle::open_on(source, target, access, share, now.into())?;
        if self.accept_losses {
            handle.accept_losses();
        }
        Ok(handle)
    }

    /// Creates an image of a blank medium, and returns a drive with that medium in it, and a guard. Dropping
    /// the guard removes the image unless you call [`NewImage::keep`] first. The capacity is the nominal one
    /// of the medium unless [`OpenOptions::capacity`] sets another.
    /// [`FormatOptions::create`](crate::FormatOptions::create) also formats it.
    ///
    /// # Errors
    /// Fails with an error of the drive or the host, or with:
    ///
    /// - [`ErrorKind::AlreadyExists`] if `path` exists.
    /// - [`ErrorKind::Unsupported`] if no medium has the capacity.
    pub fn create_blank(&self, path: impl AsRef<Path>, medium: Medium) -> Result<(Drive, NewImage)> {
        let path = path.as_ref();
        let drive = self.disc(path).create(medium, self.capacity).at(&shown(path))?;
        Ok((drive, NewImage::made(path)))
    }

    /// Returns the disc at a path, without opening its drive. Open it to [read](Disc::read), to
    /// [record](Disc::record), or to record if possible and otherwise read ([answer](Disc::answer)).
    ///
    /// ```no_run
    /// use oncefs::{OpenOptions, Recording, Speed};
    ///
    /// let drive = OpenOptions::new().write_speed(Speed::Factor(4)).disc("/dev/sr0").record()?;
    /// let mut recording = Recording::from_drive(drive, std::time::SystemTime::now())?;
    /// recording.write("/note.txt", "Slowly")?;
    /// recording.commit()?;
    /// recording.into_open_volume().volume().drive_mut().eject()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn disc(&self, path: impl Into<PathBuf>) -> Disc {
        let mut disc = Disc::new(path);
        if let Some(medium) = self.medium {
            let capacity = self.capacity;
            disc = disc.stating(Stated { medium, capacity });
        }
        if self.accept_image {
            disc = disc.accepting_image();
        }
        if self.find_sessions {
            disc = disc.finding_sessions();
        }
        if let Some(until) = self.until {
            disc = disc.until(until);
        }
        if let Some(speed) = self.speed {
            disc = disc.at_speed(speed);
        }
        if let Some(script) = &self.faults {
            disc = disc.with_faults(script.clone());
        }
        if let Some(trace) = &self.trace {
            disc = disc.with_trace(Arc::clone(trace));
        }
        match &self.hear {
            Some(hear) => disc.telling(Arc::clone(hear)),
            None => disc,
        }
    }
}

/// Formats a path of the host for a message.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

impl std::fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenOptions")
            .field("medium", &self.medium)
            .field("capacity", &self.capacity)
            .field("accept_image", &self.accept_image)
            .field("accept_losses", &self.accept_losses)
            .field("plain_volume", &self.plain_volume)
            .field("find_sessions", &self.find_sessions)
            .field("until", &self.until)
            .field("at", &self.at)
            .field("speed", &self.speed)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
