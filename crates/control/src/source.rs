//! Where a disc is, and how a request opens it.

use disc::DiscIdentity;
use drive::{Drive, DriveError};

use crate::NtStatus;
use crate::drive_status::of_drive;

/// A failure of whatever opens the disc.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Where a disc is: an image in an emulated recorder, a device, or something made up by a test.
///
/// A volume handle has a source and no drive. Each request opens a drive, and drops it at its end.
pub trait DiscSource: Send {
    /// Which disc it is now. This may change while a handle is open, if the path comes to name another file.
    ///
    /// # Errors
    /// [`SourceError::NotFound`], [`SourceError::Denied`], [`SourceError::Host`].
    fn identity(&self) -> Result<DiscIdentity, SourceError>;

    /// Whether the disc is on a network or cluster file system, where the control is not offered.
    ///
    /// # Errors
    /// [`SourceError::Host`].
    fn is_on_network(&self) -> Result<bool, SourceError>;

    /// Whether host and drive let this user record on the disc. A drive opened for reading does not tell.
    fn is_writable(&self) -> bool;

    /// Opens a drive with the disc in it for reading, beside other readers.
    ///
    /// # Errors
    /// [`SourceError::InUse`] if somebody records on it or has locked it; otherwise the fault that opening it
    /// met.
    fn open_to_read(&self) -> Result<Drive, SourceError>;

    /// Opens a drive with the disc in it for recording. The drive holds the advisory lock of the disc until
    /// it is dropped. If this user may only read the disc, or its medium is unknown, the drive is read-only.
    ///
    /// # Errors
    /// [`SourceError::InUse`] if anybody else has the disc; otherwise the fault that opening it met.
    fn open_to_record(&self) -> Result<Drive, SourceError>;
}

/// Why a drive with the disc in it could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Somebody else holds the lock of the disc.
    #[error("the disc is in use")]
    InUse,
    /// There is no such image or device.
    #[error("no such image or device")]
    NotFound,
    /// The host denies access to it.
    #[error("the host denies access to the image or device")]
    Denied,
    /// It exists but is not a disc.
    #[error(transparent)]
    NotADisc(Cause),
    /// It has blocks, but no UDF volume.
    #[error(transparent)]
    NoVolume(Cause),
    /// The side file of the image does not fit it, so nothing is recorded.
    #[error(transparent)]
    Unproven(Cause),
    /// The host failed.
    #[error(transparent)]
    Host(std::io::Error),
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
}

impl SourceError {
    /// The status when a handle is opened.
    pub(crate) fn status_at_open(&self) -> NtStatus {
        match self {
            Self::InUse => NtStatus::SHARING_VIOLATION,
            Self::NotFound => NtStatus::OBJECT_NAME_NOT_FOUND,
            other => other.status(),
        }
    }

    /// The status when a request needs the disc of an open handle.
    pub(crate) fn status(&self) -> NtStatus {
        match self {
            Self::InUse => NtStatus::DEVICE_BUSY,
            Self::NotFound => NtStatus::NO_MEDIA_IN_DEVICE,
            Self::Denied => NtStatus::ACCESS_DENIED,
            Self::NotADisc(_) => NtStatus::UNRECOGNIZED_VOLUME,
            Self::NoVolume(_) => NtStatus::INVALID_DEVICE_REQUEST,
            Self::Unproven(_) => NtStatus::DISK_CORRUPT_ERROR,
            Self::Host(_) => NtStatus::IO_DEVICE_ERROR,
            Self::Drive(error) => of_drive(error),
        }
    }
}

impl From<std::io::Error> for SourceError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::Denied,
            _ => Self::Host(error),
        }
    }
}
