//! Why there is no drive for a path.

use std::io;
use std::path::{Path, PathBuf};

use drive::DriveError;

/// Why there is no drive for a path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host does not give the image or device.
    #[error("{}: {source}", path.display())]
    Host {
        /// Which.
        path: PathBuf,
        /// What the host answered.
        source: io::Error,
    },
    /// Somebody else has the lock of the image or device.
    #[error("{} is in use by another program", .0.display())]
    InUse(PathBuf),
    /// The host has mounted the device, so nothing is recorded on it.
    #[error("{} is mounted at {}", path.display(), point.display())]
    Mounted {
        /// The device.
        path: PathBuf,
        /// Where.
        point: PathBuf,
    },
    /// The path is that of a device on which nothing is recorded.
    #[error("{} is no recorder, so it is only read", .0.display())]
    NotARecorder(PathBuf),
    /// The image holds a later generation of its volume than the side file knows, so that nothing is recorded unasked.
    #[error(
        "{}: its side file knows blocks up to {known_end}, and the image holds a later generation of the volume, whose VAT ICB is block {vat_icb}",
        path.display()
    )]
    LaterGeneration {
        /// The image.
        path: PathBuf,
        /// The block after the last one that the side file knows.
        known_end: u32,
        /// The block of the VAT ICB.
        vat_icb: u32,
    },
    /// The image is none for the emulated recorder.
    #[error(transparent)]
    Image(emulator::Error),
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// To record on an image without a side file its medium has to be stated.
    #[error("{image} has no side file ({image}.oncefs), so its medium is not known and it is only read", image = .0.display())]
    MediumUnknown(PathBuf),
}

impl From<emulator::Error> for Error {
    fn from(error: emulator::Error) -> Self {
        match error {
            emulator::Error::InUse(path) => Self::InUse(path),
            emulator::Error::Io { path, source } => Self::Host { path, source },
            other => Self::Image(other),
        }
    }
}

impl Error {
    /// Whether the host does not let this user record on it.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        match self {
            Self::Host { source, .. } => is_denied(source),
            Self::Image(emulator::Error::SideFileFixed(_)) => true,
            _ => false,
        }
    }

    /// Whether nothing is recorded since image and side file do not fit together.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        matches!(
            self,
            Self::LaterGeneration { .. }
                | Self::Image(
                    emulator::Error::Unproven { .. }
                        | emulator::Error::OtherMedium { .. }
                        | emulator::Error::NotASideFile(_)
                        | emulator::Error::SideFile { .. },
                )
        )
    }
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Host {
        path: path.to_owned(),
        source,
    }
}

/// Whether the host lets this user read and not write.
pub(crate) fn is_denied(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}
