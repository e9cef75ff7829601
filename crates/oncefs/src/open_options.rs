//! How a disc is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use control::{DesiredAccess, OpenFailure, ShareMode, Target, VolumeHandle};
use disc::{Disc, Hear, Stated};
use ecma167::general::Timestamp;
use emulator::Medium;

use crate::disc_info::DiscInfo;
use crate::error::{At as _, Error, ErrorKind, Result};
use crate::recording::Recording;
use crate::volume::Volume;

/// Opens the volume of a disc for reading: an image, or a drive such as `/dev/sr0`.
///
/// # Errors
/// As [`OpenOptions::open`].
pub fn open(path: impl AsRef<Path>) -> Result<Volume> {
    OpenOptions::new().open(path)
}

/// How a disc is opened: a path of an image or a drive, and what its owner says of it.
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
    hear: Option<Hear>,
}

impl OpenOptions {
    /// Opens what is there as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// States the medium that an image of another program is one of, so that it can be recorded on. It counts
    /// as long as the image has no side file.
    pub fn medium(&mut self, medium: Medium) -> &mut Self {
        self.medium = Some(medium);
        self
    }

    /// Blocks of 2,048 bytes that the stated medium holds; without it those of its kind.
    pub fn capacity(&mut self, blocks: u32) -> &mut Self {
        self.capacity = Some(blocks);
        self
    }

    /// Takes the image for the truth where its side file does not fit it: recording goes on after all that it
    /// holds.
    pub fn accept_image(&mut self, accept: bool) -> &mut Self {
        self.accept_image = accept;
        self
    }

    /// Records on from what the volume shows although a later state cannot be read, which is left behind.
    pub fn accept_losses(&mut self, accept: bool) -> &mut Self {
        self.accept_losses = accept;
        self
    }

    /// Opens the plain volume that readers without VAT see, on a disc that has one, in place of the volume
    /// with the VAT. It is only read.
    pub fn plain_volume(&mut self, plain: bool) -> &mut Self {
        self.plain_volume = plain;
        self
    }

    /// Hears what does not keep a disc from being opened and its user should know, such as a side file that
    /// does not fit.
    pub fn on_notice(&mut self, hear: impl Fn(&str) + Send + Sync + 'static) -> &mut Self {
        self.hear = Some(Arc::new(hear));
        self
    }

    /// Opens the volume for reading. Others may read the disc meanwhile, and nobody records on it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::InUse`], [`ErrorKind::NoVolume`], [`ErrorKind::Unsupported`],
    /// [`ErrorKind::Damaged`], or what the drive or the host met.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Volume> {
        let path = path.as_ref();
        let drive = self.disc(path).read().at(&shown(path))?;
        if !self.plain_volume {
            return Volume::from_drive(drive).at(&shown(path));
        }
        let opened = volume::Volume::open_plain(drive).map_err(|failed| failed.error);
        let volume = opened.at(&shown(path))?;
        if !volume.companion().is_some_and(|companion| companion.is_plain) {
            return Err(Error::new(ErrorKind::NoVolume, "the disc has no plain volume")).at(&shown(path));
        }
        Ok(volume.into())
    }

    /// Opens the volume to record on it. Nobody else has the disc meanwhile. Nothing is recorded before the
    /// first change, which has the time `now`, as what follows until [`Recording::set_time`].
    ///
    /// # Errors
    /// As [`OpenOptions::open`]; [`ErrorKind::ReadOnly`], [`ErrorKind::MediumUnknown`],
    /// [`ErrorKind::SideFile`], [`ErrorKind::NewestStateLost`], [`ErrorKind::PermissionDenied`].
    pub fn record(&self, path: impl AsRef<Path>, now: impl Into<Timestamp>) -> Result<Recording> {
        let path = path.as_ref();
        let drive = self.disc(path).record().at(&shown(path))?;
        let opened = volume::Volume::open(drive).map_err(|failed| failed.error);
        let mut volume = opened.at(&shown(path))?;
        if self.accept_losses {
            volume.accept_losses();
        }
        Recording::from_volume(volume, now).at(&shown(path))
    }

    /// What the drive says of the medium, whether there is a volume on it or not.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::InUse`], or what the drive or the host met.
    pub fn info(&self, path: impl AsRef<Path>) -> Result<DiscInfo> {
        let path = path.as_ref();
        Ok(DiscInfo::of(&self.disc(path).read().at(&shown(path))?))
    }

    /// Judges the volume by the clauses of ECMA-167 and UDF. Nothing is changed; findings are no errors.
    ///
    /// # Errors
    /// As [`OpenOptions::open`].
    pub fn check(&self, path: impl AsRef<Path>, options: &check::Options) -> Result<check::Report> {
        let path = path.as_ref();
        let mut drive = self.disc(path).read().at(&shown(path))?;
        let report = check::check(&mut drive, options);
        match report.unjudged() {
            Some(check::Unjudged::NoVolume) => Err(volume::Error::NoVolume).at(&shown(path)),
            Some(check::Unjudged::BlockSize(size)) => {
                Err(volume::Error::from(volume::Unsupported::BlockSize(size))).at(&shown(path))
            }
            _ => Ok(report),
        }
    }

    /// Opens a handle that takes NT control codes, on the volume or on a path in it.
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
    /// As [`VolumeHandle::open_on`].
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

    /// The disc at a path, for what is done to its drive. Nothing is opened yet.
    ///
    /// ```no_run
    /// use oncefs::{OpenOptions, Recording, Speed};
    ///
    /// let mut drive = OpenOptions::new().disc("/dev/sr0").record()?;
    /// drive.set_write_speed(Speed::Factor(4))?;
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
        match &self.hear {
            Some(hear) => disc.telling(Arc::clone(hear)),
            None => disc,
        }
    }
}

/// A path of the host for a message.
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
            .finish_non_exhaustive()
    }
}
