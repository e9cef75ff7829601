//! One error for all that a disc, a drive, a volume or the host can refuse.

use std::fmt;
use std::io;

use drive::DriveError;
use volume::Error as VolumeError;

/// What can be done about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such path, on the disc or on the host.
    NotFound,
    /// The path is taken.
    AlreadyExists,
    /// A path goes through something that is no directory, or a directory was asked for.
    NotADirectory,
    /// The path is that of a directory.
    IsADirectory,
    /// The path is that of no regular file, or of no symbolic link where one was asked for.
    WrongFileType,
    /// Only an empty directory is removed or replaced.
    DirectoryNotEmpty,
    /// UDF cannot hold this name, path, label or attribute.
    InvalidName,
    /// A directory was to be moved into itself.
    IntoItself,
    /// A body, a directory or a link count would be larger than UDF has them.
    TooLarge,
    /// The medium has not the room; nothing of the request was recorded.
    MediumFull,
    /// Medium, drive or volume takes nothing (more).
    ReadOnly,
    /// Only a blank medium is formatted.
    NotBlank,
    /// The medium has no UDF volume.
    NoVolume,
    /// The volume or the medium has what this library does not read or go on from.
    Unsupported,
    /// The disc is damaged, or breaks the standard where it matters.
    Damaged,
    /// A later state of the volume cannot be read, so nothing is recorded over it:
    /// [`OpenOptions::accept_losses`](crate::OpenOptions::accept_losses).
    NewestStateLost,
    /// Another program has the disc.
    InUse,
    /// The medium of an image of another program has to be stated:
    /// [`OpenOptions::medium`](crate::OpenOptions::medium).
    MediumUnknown,
    /// The side file does not fit its image: [`OpenOptions::accept_image`](crate::OpenOptions::accept_image).
    SideFile,
    /// The host does not let this user.
    PermissionDenied,
    /// There is no medium in the drive, or another one.
    NoMedium,
    /// The drive failed; what was committed before is on the disc.
    Drive,
    /// The host failed.
    Host,
    /// Something else.
    Other,
}

/// Why something could not be done: a [kind](Error::kind), the path where there is one, and the
/// [error below](Error::get_ref).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    path: Option<String>,
    /// Whether the words of the cause begin with the path.
    is_path_in_cause: bool,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

/// What a library returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind,
            path: None,
            is_path_in_cause: false,
            cause: cause.into(),
        }
    }

    /// Says which path it was; one that is known already stays.
    pub(crate) fn at(mut self, path: &str) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// What can be done about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The path on the disc or on the host, where one was asked for.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// As [`Error::get_ref`], given away.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn std::error::Error + Send + Sync> {
        self.cause
    }

    /// The error of the layer below: a [`VolumeError`], a [`RecordingError`](crate::RecordingError), a
    /// [`DiscError`](crate::DiscError), a [`DriveError`] with its sense, or one of the host.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.cause
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) if !self.is_path_in_cause => write!(f, "{path}: {}", self.cause),
            _ => self.cause.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    /// What is below [`Error::get_ref`], whose words are those of this error.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.source()
    }
}

/// Says which path an error is about.
pub(crate) trait At<T> {
    fn at(self, path: &str) -> Result<T>;
}

impl<T, E: Into<Error>> At<T> for std::result::Result<T, E> {
    fn at(self, path: &str) -> Result<T> {
        self.map_err(|error| error.into().at(path))
    }
}

impl From<DriveError> for Error {
    fn from(error: DriveError) -> Self {
        Self::new(of_drive(&error), error)
    }
}

impl From<VolumeError> for Error {
    fn from(error: VolumeError) -> Self {
        match error {
            VolumeError::Drive(error) => error.into(),
            error => Self::new(of_volume(&error), error),
        }
    }
}

impl From<recording::Error> for Error {
    fn from(error: recording::Error) -> Self {
        match error {
            recording::Error::Volume(error) => error.into(),
            recording::Error::Drive(error) => error.into(),
            error => Self::new(of_recording(&error), error),
        }
    }
}

impl From<disc::Error> for Error {
    fn from(error: disc::Error) -> Self {
        match error {
            disc::Error::Drive(error) => error.into(),
            error => Self {
                is_path_in_cause: !matches!(error, disc::Error::Image(emulator::Error::NoCapacity(_))),
                ..Self::new(of_disc(&error), error)
            },
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(of_host(&error), error)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        use io::ErrorKind as Io;
        let kind = match error.kind {
            ErrorKind::NotFound => Io::NotFound,
            ErrorKind::AlreadyExists => Io::AlreadyExists,
            ErrorKind::NotADirectory => Io::NotADirectory,
            ErrorKind::IsADirectory => Io::IsADirectory,
            ErrorKind::DirectoryNotEmpty => Io::DirectoryNotEmpty,
            ErrorKind::InvalidName => Io::InvalidFilename,
            ErrorKind::WrongFileType | ErrorKind::IntoItself => Io::InvalidInput,
            ErrorKind::TooLarge => Io::FileTooLarge,
            ErrorKind::MediumFull => Io::StorageFull,
            ErrorKind::ReadOnly => Io::ReadOnlyFilesystem,
            ErrorKind::NoVolume | ErrorKind::Damaged => Io::InvalidData,
            ErrorKind::Unsupported => Io::Unsupported,
            ErrorKind::InUse => Io::ResourceBusy,
            ErrorKind::PermissionDenied => Io::PermissionDenied,
            _ => Io::Other,
        };
        Self::new(kind, error)
    }
}

fn of_drive(error: &DriveError) -> ErrorKind {
    match error {
        DriveError::NoMedium | DriveError::MediumRemoved | DriveError::MediumChanged => ErrorKind::NoMedium,
        DriveError::Unreadable { .. } => ErrorKind::Damaged,
        DriveError::Transport(error) => of_host(error),
        _ => ErrorKind::Drive,
    }
}

fn of_volume(error: &VolumeError) -> ErrorKind {
    match error {
        VolumeError::NotFound => ErrorKind::NotFound,
        VolumeError::NotADirectory => ErrorKind::NotADirectory,
        VolumeError::NotASymbolicLink => ErrorKind::WrongFileType,
        VolumeError::NoVolume => ErrorKind::NoVolume,
        VolumeError::Unsupported(_) => ErrorKind::Unsupported,
        VolumeError::Corrupt { .. } => ErrorKind::Damaged,
        _ => ErrorKind::Other,
    }
}

fn of_recording(error: &recording::Error) -> ErrorKind {
    use recording::Error as E;
    match error {
        E::MediumFull { .. } | E::CapacityTooSmall { .. } | E::NoVirtualAddress => ErrorKind::MediumFull,
        E::ReadOnly(_) | E::OnlySessionSpoiled | E::FinalizedUnasked { .. } => ErrorKind::ReadOnly,
        E::Unsupported(_) => ErrorKind::Unsupported,
        E::GenerationLost(_) => ErrorKind::NewestStateLost,
        E::NotBlank | E::BegunOtherwise { .. } => ErrorKind::NotBlank,
        E::NotFound => ErrorKind::NotFound,
        E::Exists => ErrorKind::AlreadyExists,
        E::NotADirectory => ErrorKind::NotADirectory,
        E::IsADirectory => ErrorKind::IsADirectory,
        E::NotAFile => ErrorKind::WrongFileType,
        E::NotEmpty => ErrorKind::DirectoryNotEmpty,
        E::IntoItself => ErrorKind::IntoItself,
        E::Name(_) | E::Attribute(_) | E::NoTarget => ErrorKind::InvalidName,
        E::FileTooLarge | E::DirectoryTooLong | E::TooManyLinks => ErrorKind::TooLarge,
        E::Malformed(_) => ErrorKind::Damaged,
        E::NoProgress(_) | E::NotLast { .. } => ErrorKind::Drive,
        _ => ErrorKind::Other,
    }
}

fn of_disc(error: &disc::Error) -> ErrorKind {
    match error {
        disc::Error::Host { source, .. } => of_host(source),
        disc::Error::InUse(_) | disc::Error::Mounted { .. } => ErrorKind::InUse,
        disc::Error::NotARecorder(_) | disc::Error::WithoutDrives(_) => ErrorKind::ReadOnly,
        disc::Error::MediumUnknown(_) => ErrorKind::MediumUnknown,
        disc::Error::Image(emulator::Error::Exists(_)) => ErrorKind::AlreadyExists,
        disc::Error::Image(emulator::Error::NoCapacity(_)) => ErrorKind::Unsupported,
        error if error.is_denied() => ErrorKind::PermissionDenied,
        error if error.is_unproven() => ErrorKind::SideFile,
        _ => ErrorKind::Other,
    }
}

fn of_host(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::PermissionDenied,
        _ => ErrorKind::Host,
    }
}
