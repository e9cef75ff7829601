//! The one error type for disc, drive, volume and host.

use std::fmt;
use std::io;

use drive::DriveError;
use volume::{CopyError, Error as VolumeError, Loss, OpenError};

/// The category of an [`Error`]: what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The path does not exist, on the disc or on the host.
    NotFound,
    /// The path already exists.
    AlreadyExists,
    /// A component of the path is not a directory, or the operation needs a directory.
    NotADirectory,
    /// The path names a directory.
    IsADirectory,
    /// The path is not a regular file, or not a symbolic link if the operation needs one.
    WrongFileType,
    /// The directory to remove or replace is not empty.
    DirectoryNotEmpty,
    /// UDF cannot represent the name, path, label or attribute.
    InvalidName,
    /// A directory cannot be moved into itself.
    IntoItself,
    /// A file body, a directory or a link count would exceed the limits of UDF.
    TooLarge,
    /// The medium has too little free space; nothing of the request was recorded.
    MediumFull,
    /// The medium, drive or volume accepts no (more) data.
    ReadOnly,
    /// The medium to format is not blank.
    NotBlank,
    /// The medium has no UDF volume.
    NoVolume,
    /// The disc gets no plain volume.
    NoPlainVolume,
    /// The disc gets a plain volume when a session is closed, and none is closed yet.
    NotClosed,
    /// The volume or medium uses something that this library cannot read or continue from.
    Unsupported,
    /// The disc is damaged, or violates the standard in a way that matters.
    Damaged,
    /// A later state of the volume is unreadable, so nothing is recorded over it. See
    /// [`OpenOptions::accept_losses`](crate::OpenOptions::accept_losses).
    NewestStateLost,
    /// Another program uses the disc.
    InUse,
    /// The image was made by another program, so its medium must be stated with
    /// [`OpenOptions::medium`](crate::OpenOptions::medium).
    MediumUnknown,
    /// The side file does not match its image. See
    /// [`OpenOptions::accept_image`](crate::OpenOptions::accept_image).
    SideFile,
    /// The host denies access to this user.
    PermissionDenied,
    /// The drive has no medium, or the medium was changed.
    NoMedium,
    /// The path cannot be a disc: it is a directory, say, or a file of less than a block.
    NotADisc,
    /// [`Recording::stop_if`](crate::Recording::stop_if) stopped the operation.
    Interrupted,
    /// The drive failed. What was committed before is on the disc.
    Drive,
    /// The host failed.
    Host,
    /// Any other error.
    Other,
}

/// The error of every operation in this crate: a [kind](Error::kind), the path if there is one, and the
/// [error of the layer below](Error::get_ref).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    path: Option<String>,
    /// Whether the message of the cause already begins with the path.
    is_path_in_cause: bool,
    losses: Vec<Loss>,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

/// A result with an [`Error`] of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind,
            path: None,
            is_path_in_cause: false,
            losses: Vec::new(),
            cause: cause.into(),
        }
    }

    /// Sets the path, unless one is already set.
    pub(crate) fn at(mut self, path: &str) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// Sets what could not be read before the error.
    pub(crate) fn with_losses(mut self, losses: Vec<Loss>) -> Self {
        self.losses = losses;
        self
    }

    /// Returns what could not be read of a volume before it failed to open.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the path that the operation was about, on the disc or on the host, if there was one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Consumes the error and returns the [error of the layer below](Error::get_ref).
    #[must_use]
    pub fn into_inner(self) -> Box<dyn std::error::Error + Send + Sync> {
        self.cause
    }

    /// Returns the error of the layer below: a [`VolumeError`], a [`RecordingError`](crate::RecordingError),
    /// a [`DiscError`](crate::DiscError), a [`DriveError`] with its sense, or an error of the host.
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
    /// Returns the first source of [`Error::get_ref`] whose message this error does not already display, so
    /// that a chain shows no message twice.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let displayed = self.cause.to_string();
        let mut source = self.cause.source();
        while let Some(shown) = source.filter(|source| displayed.ends_with(&source.to_string())) {
            source = shown.source();
        }
        source
    }
}

/// Adds the path to an error.
pub(crate) trait AtPath<T> {
    fn at(self, path: &str) -> Result<T>;
}

impl<T, E: Into<Error>> AtPath<T> for std::result::Result<T, E> {
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

impl From<OpenError> for Error {
    fn from(failed: OpenError) -> Self {
        Self::from(failed.error).with_losses(failed.losses)
    }
}

impl From<recording::OpenError<volume::Volume>> for Error {
    fn from(failed: recording::OpenError<volume::Volume>) -> Self {
        Self::from(failed.error).with_losses(failed.given.losses().to_vec())
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

impl<E: Into<Self>> From<CopyError<E>> for Error {
    fn from(error: CopyError<E>) -> Self {
        match error {
            CopyError::Read(error) => error.into(),
            CopyError::Write(error) => error.into(),
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
            ErrorKind::WrongFileType | ErrorKind::IntoItself | ErrorKind::NotADisc => Io::InvalidInput,
            ErrorKind::TooLarge => Io::FileTooLarge,
            ErrorKind::MediumFull => Io::StorageFull,
            ErrorKind::ReadOnly => Io::ReadOnlyFilesystem,
            ErrorKind::NoVolume | ErrorKind::NoPlainVolume | ErrorKind::NotClosed | ErrorKind::Damaged => {
                Io::InvalidData
            }
            ErrorKind::Unsupported => Io::Unsupported,
            ErrorKind::InUse => Io::ResourceBusy,
            ErrorKind::PermissionDenied => Io::PermissionDenied,
            ErrorKind::Interrupted => Io::Interrupted,
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
        VolumeError::NoVolume | VolumeError::Blank => ErrorKind::NoVolume,
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
        E::Malformed(_) | E::PlainVolumeUnreadable(_) => ErrorKind::Damaged,
        E::NoProgress(_) | E::NotLast { .. } => ErrorKind::Drive,
        _ => ErrorKind::Other,
    }
}

fn of_disc(error: &disc::Error) -> ErrorKind {
    match error {
        disc::Error::Host { source, .. } => of_host(source),
        disc::Error::InUse(_) | disc::Error::Mounted { .. } => ErrorKind::InUse,
        disc::Error::NotARecorder(_) | disc::Error::WithoutDrives(_) => ErrorKind::ReadOnly,
        disc::Error::NotADisc { .. } => ErrorKind::NotADisc,
        disc::Error::ImageMissing { .. }
        | disc::Error::NoSuchSession { .. }
        | disc::Error::NotRecorded { .. } => ErrorKind::NotFound,
        disc::Error::MediumUnknown(_) => ErrorKind::MediumUnknown,
        disc::Error::NotUdf { .. } | disc::Error::Elsewhere { .. } => ErrorKind::NoVolume,
        disc::Error::Sheet {
            fault: container::SheetFault::File { source, .. },
            ..
        } => of_host(source),
        disc::Error::OnlyRead { .. } => ErrorKind::ReadOnly,
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
        io::ErrorKind::NotADirectory => ErrorKind::NotADirectory,
        io::ErrorKind::IsADirectory => ErrorKind::IsADirectory,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::PermissionDenied,
        _ => ErrorKind::Host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_shows_the_message_of_the_host_once() {
        let host = |what: &str| io::Error::other(what.to_owned());
        let errors: [Error; 2] = [
            disc::Error::Host {
                path: "d.udf".into(),
                source: host("it broke"),
            }
            .into(),
            DriveError::Transport(host("it broke")).into(),
        ];
        for error in errors {
            let first: &dyn std::error::Error = &error;
            let (mut next, mut shown) = (Some(first), 0);
            while let Some(error) = next {
                shown += usize::from(error.to_string().contains("it broke"));
                next = error.source();
            }
            assert_eq!(shown, 1, "{error}");
        }
    }
}
