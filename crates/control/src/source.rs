//! Where a disc is, and how it is reached when a request needs it.

use disc::DiscIdentity;
use drive::{Drive, DriveError};

use crate::NtStatus;
use crate::drive_status::of_drive;

/// A failure of what opens the disc, whatever that is.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Where a disc is: an image behind an emulated recorder, a device, or what a test makes up.
///
/// A volume handle holds a source and no drive. Each request opens a drive, and drops it when it is done.
pub trait DiscSource: Send {
    /// Which disc it is now; this may change while a handle is open, where a path comes to name another file.
    ///
    /// # Errors
    /// [`SourceError::NotFound`], [`SourceError::Denied`], [`SourceError::Host`].
    fn identity(&self) -> Result<DiscIdentity, SourceError>;

    /// Whether the disc lies on a network or cluster file system, on which the control is not offered.
    ///
    /// # Errors
    /// [`SourceError::Host`].
    fn is_on_network(&self) -> Result<bool, SourceError>;

    /// Whether this user may record on the disc, as far as host and drive go: a drive opened for reading does not say so.
    fn is_writable(&self) -> bool;

    /// A drive with the disc in it, to read it beside others that read it.
    ///
    /// # Errors
    /// [`SourceError::InUse`] where somebody records on it or has locked it; what opening it met.
    fn open_to_read(&self) -> Result<Drive, SourceError>;

    /// A drive with the disc in it, to record on it. It has the advisory lock of the disc until it is dropped. A disc that
    /// this user can only read, or of which nobody knows the medium, comes in a drive that is read-only.
    ///
    /// # Errors
    /// [`SourceError::InUse`] where anybody else has the disc; what opening it met.
    fn open_to_record(&self) -> Result<Drive, SourceError>;
}

/// Why there is no drive with the disc in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Somebody else holds the lock of the disc.
    #[error("the disc is in use")]
    InUse,
    /// There is no such image or device.
    #[error("no such image or device")]
    NotFound,
    /// The host does not let this user have it.
    #[error("the host denies access to the image or device")]
    Denied,
    /// It is there and cannot be taken for a disc.
    #[error(transparent)]
    NotADisc(Cause),
    /// What is kept of the disc beside its image does not fit it, so that nothing is recorded.
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
    /// The status where a handle is being opened.
    pub(crate) fn status_at_open(&self) -> NtStatus {
        match self {
            Self::InUse => NtStatus::SHARING_VIOLATION,
            Self::NotFound => NtStatus::OBJECT_NAME_NOT_FOUND,
            other => other.status(),
        }
    }

    /// The status where a request needs the disc of an open handle.
    pub(crate) fn status(&self) -> NtStatus {
        match self {
            Self::InUse => NtStatus::DEVICE_BUSY,
            Self::NotFound => NtStatus::NO_MEDIA_IN_DEVICE,
            Self::Denied => NtStatus::ACCESS_DENIED,
            Self::NotADisc(_) => NtStatus::UNRECOGNIZED_VOLUME,
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
