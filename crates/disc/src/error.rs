//! Why there is no drive for a path.

use container::{Contents, Elsewhere, SheetFault};
use std::io;
use std::path::{Path, PathBuf};

use drive::DriveError;

/// Why there is no drive for a path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host refuses access to the image or device.
    #[error("{}: {source}", path.display())]
    Host {
        /// The image or device.
        path: PathBuf,
        /// The host's error.
        source: io::Error,
    },
    /// Another program has the lock of the image or device.
    #[error("{} is in use by another program", .0.display())]
    InUse(PathBuf),
    /// The host has the device mounted, so nothing is recorded on it.
    #[error("{} is mounted at {}", path.display(), point.display())]
    Mounted {
        /// The device.
        path: PathBuf,
        /// The mount point.
        point: PathBuf,
    },
    /// The path leads to something that cannot be a disc.
    #[error("{} is {what}, not a disc", path.display())]
    NotADisc {
        /// The path.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// A side file exists without its image.
    #[error(
        "{}: the image is missing, but its side file exists ({}): the image was moved or removed",
        path.display(),
        side_file.display()
    )]
    ImageMissing {
        /// The image.
        path: PathBuf,
        /// Its side file.
        side_file: PathBuf,
    },
    /// The path leads to a device that cannot record.
    #[error("{} is not a recorder and can only be read", .0.display())]
    NotARecorder(PathBuf),
    /// This build does not support drives of the host: it was built without the feature `drives`.
    #[error("{} is a recorder, but this build only records on images: it was built without the feature `drives`", .0.display())]
    WithoutDrives(PathBuf),
    /// The image contains a later generation of its volume than its side file knows; recording needs the
    /// user's consent.
    #[error(
        "{}: its side file knows blocks up to {known_end}, and the image contains a later generation of the volume, with its VAT ICB in block {vat_icb}",
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
    /// The emulated recorder cannot use the image.
    #[error(transparent)]
    Image(emulator::Error),
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// Recording on an image without a side file requires a stated medium.
    #[error("{image} has no side file ({image}.oncefs), so its medium is unknown and it can only be read", image = .0.display())]
    MediumUnknown(PathBuf),
    /// The image is something else, without a UDF volume.
    #[error("{} is {contents}", path.display())]
    NotUdf {
        /// The image.
        path: PathBuf,
        /// What it is.
        contents: Contents,
    },
    /// The image is a part of a disc, and the volume needs the blocks before it.
    #[error("{}: {elsewhere}", path.display())]
    Elsewhere {
        /// The image.
        path: PathBuf,
        /// Where it belongs.
        elsewhere: Elsewhere,
    },
    /// The image is a sheet whose files cannot be opened.
    #[error("{} is {fault}", path.display())]
    Sheet {
        /// The sheet.
        path: PathBuf,
        /// The file, and why.
        #[source]
        fault: SheetFault,
    },
    /// The disc has no data in this session.
    #[error("{}: there is no session {number} with data; the sessions with data are 1 to {sessions}", path.display())]
    NoSuchSession {
        /// The disc.
        path: PathBuf,
        /// The session.
        number: u16,
        /// The number of sessions with data.
        sessions: usize,
    },
    /// Nothing is recorded in this block.
    #[error("{}: block {last} is not recorded; the last recorded block is {}", path.display(), end.saturating_sub(1))]
    NotRecorded {
        /// The disc.
        path: PathBuf,
        /// The block.
        last: u32,
        /// The block after the last recorded one.
        end: u32,
    },
    /// The volume does not begin with the image, so it is only read.
    #[error("{} is only read, because the volume is not the whole file: {container}", path.display())]
    OnlyRead {
        /// The image.
        path: PathBuf,
        /// Where the volume is in it.
        container: String,
    },
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

    /// Whether nothing is recorded because image and side file do not fit together.
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

/// Whether the host lets this user read but not write.
pub(crate) fn is_denied(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}
