//! The faults of the other crates, sorted by what the user can do about them.

use std::fmt::Display;
use std::path::Path;

use oncefs::control::SourceError;
use oncefs::{DiscError, DriveError, ErrorKind, ImageError, Misfit, RecordingError, VolumeError};

use crate::failure::{Exit, Failure};
use crate::failure_kind::FailureKind;
#[cfg(feature = "mount")]
use crate::mounts;
use crate::not_a_volume;

impl From<DriveError> for Failure {
    fn from(error: DriveError) -> Self {
        let message = error.to_string();
        match error {
            DriveError::ReadOnly(reason) => read_only_drive(reason, message),
            DriveError::Unreadable { .. } => Self::new(Exit::Damaged, FailureKind::Unreadable, message),
            DriveError::NoMedium | DriveError::MediumRemoved | DriveError::MediumChanged => {
                Self::new(Exit::Failed, FailureKind::Drive, message).hint("put the disc in, and start again")
            }
            _ if error.is_host_full() => Self::new(Exit::Failed, FailureKind::HostFull, message).hint(
                "the file system of the image is full: make room there and start again; nothing that was committed is lost",
            ),
            _ => Self::new(Exit::Failed, FailureKind::Drive, message),
        }
    }
}

/// A later state of the volume is lost.
fn generation_lost(message: impl Display) -> Failure {
    Failure::new(Exit::Damaged, FailureKind::GenerationLost, message)
        .hint("another drive may read it; `oncefs add` and `oncefs close` continue from the earlier state with --accept-losses")
}

/// Nothing can be added to a volume without a virtual partition.
pub fn mastered(message: impl Display) -> Failure {
    Failure::new(Exit::ReadOnly, FailureKind::ReadOnly, message)
        .hint("`oncefs burn` records its files and more on a new disc")
}

fn read_only_drive(reason: oncefs::ReadOnly, message: String) -> Failure {
    let failure = Failure::new(Exit::ReadOnly, FailureKind::ReadOnly, message);
    match reason {
        oncefs::ReadOnly::BareImage => {
            failure.hint("state the medium with --medium to record on the image of another program")
        }
        _ => failure,
    }
}

impl From<VolumeError> for Failure {
    fn from(error: VolumeError) -> Self {
        let message = error.to_string();
        match error {
            VolumeError::Drive(error) => error.into(),
            VolumeError::Corrupt { .. } => Self::new(Exit::Damaged, FailureKind::Damaged, message),
            VolumeError::NoVolume => Self::new(Exit::Failed, FailureKind::NoVolume, message)
                .hint("oncefs reads no other file system, such as ISO 9660: mount one with its own driver"),
            VolumeError::Blank => Self::new(Exit::Failed, FailureKind::NoVolume, message)
                .hint("`oncefs format` makes a volume on a blank disc"),
            VolumeError::Unsupported(_) => Self::new(Exit::Failed, FailureKind::Unsupported, message),
            VolumeError::NotFound => Self::new(Exit::Failed, FailureKind::NotFound, message),
            _ => Self::failed(message),
        }
    }
}

impl From<oncefs::Error> for Failure {
    fn from(error: oncefs::Error) -> Self {
        if error.kind() == ErrorKind::Interrupted {
            return Self::interrupted();
        }
        let path = error.path().map(str::to_owned);
        let is_not_found = error.kind() == ErrorKind::NotFound;
        // Its message has the path where that helps.
        let cause = match error.into_inner().downcast::<DiscError>() {
            Ok(error) => return (*error).into(),
            Err(cause) => cause,
        };
        let mut failure = Self::of_cause(cause);
        if is_not_found && failure.kind == FailureKind::Failed {
            failure.kind = FailureKind::NotFound;
        }
        match path {
            Some(path) => failure.at(path),
            None => failure,
        }
    }
}

impl Failure {
    /// The failure for what caused an error of the library.
    fn of_cause(cause: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let cause = match cause.downcast::<VolumeError>() {
            Ok(error) => return (*error).into(),
            Err(cause) => cause,
        };
        let cause = match cause.downcast::<RecordingError>() {
            Ok(error) => return (*error).into(),
            Err(cause) => cause,
        };
        match cause.downcast::<DriveError>() {
            Ok(error) => (*error).into(),
            Err(cause) => Self::failed(cause),
        }
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        let message = error.to_string();
        match error {
            RecordingError::Drive(error) => error.into(),
            RecordingError::Volume(error) => error.into(),
            RecordingError::MediumFull { .. } | RecordingError::CapacityTooSmall { .. } => {
                Self::new(Exit::Full, FailureKind::MediumFull, message)
            }
            RecordingError::GenerationLost(_) => generation_lost(message),
            RecordingError::PlainVolumeUnreadable(_) => {
                Self::new(Exit::Damaged, FailureKind::Unreadable, message).hint(
                    "another drive may read it; `oncefs close DISC --finalize --rom no` finalizes without a plain volume in that session",
                )
            }
            RecordingError::ReadOnly(oncefs::nodes::ReadOnly::NoVirtualPartition) => mastered(message),
            RecordingError::ReadOnly(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, message),
            RecordingError::Malformed(_) => Self::new(Exit::Damaged, FailureKind::Damaged, message),
            RecordingError::Unsupported(_) => Self::new(Exit::Failed, FailureKind::Unsupported, message),
            RecordingError::NotFound => Self::new(Exit::Failed, FailureKind::NotFound, message),
            RecordingError::Exists => Self::new(Exit::Failed, FailureKind::Exists, message),
            RecordingError::NotBlank => Self::new(Exit::Failed, FailureKind::NotBlank, message)
                .hint("`oncefs add` adds to a disc that has a volume"),
            RecordingError::NotEmpty => Self::failed(message).hint("-r also removes the contents"),
            RecordingError::NotLast { .. } | RecordingError::NoProgress(_) => {
                Self::new(Exit::Failed, FailureKind::Drive, message)
            }
            _ => Self::failed(message),
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let message = error.to_string();
        match error {
            SourceError::InUse => Self::in_use(None, message),
            SourceError::Drive(error) => error.into(),
            SourceError::NotADisc(cause) | SourceError::NoVolume(cause) => {
                let known = cause.downcast_ref().and_then(not_a_volume::failure);
                known.unwrap_or_else(|| Self::failed(message))
            }
            SourceError::Unproven(cause) => match cause.downcast_ref() {
                Some(DiscError::LaterGeneration { path, .. }) => {
                    unproven(message, Unproven::LaterGeneration).naming(path.display())
                }
                Some(DiscError::Image(ImageError::Unproven { image, misfit })) => {
                    unproven(message, how(*misfit)).naming(image.display())
                }
                Some(DiscError::Image(ImageError::OtherMedium { image, .. })) => {
                    foreign(message).naming(image.display())
                }
                _ => unproven(message, Unproven::SideFile),
            },
            _ => Self::new(Exit::Failed, FailureKind::Io, message),
        }
    }
}

impl Failure {
    /// Somebody else has the disc.
    pub fn in_use(disc: Option<&Path>, message: impl Display) -> Self {
        let failure = Self::new(Exit::Failed, FailureKind::InUse, message);
        #[cfg(feature = "mount")]
        if let Some(mounted) = disc.and_then(mounts::of) {
            return failure.hint(format!(
                "it is mounted at {0}: `oncefs unmount {0}`, or `oncefs close {0}` to close its session there",
                mounted.mountpoint.display()
            ));
        }
        #[cfg(not(feature = "mount"))]
        let _ = disc;
        failure.hint("another program records on it, or has it to itself")
    }
}

impl From<ImageError> for Failure {
    fn from(error: ImageError) -> Self {
        let message = error.to_string();
        match error {
            ImageError::Exists(_) => Self::new(Exit::Failed, FailureKind::Exists, message),
            ImageError::NoSideFile(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, message)
                .hint("state the medium with --medium to record on the image of another program"),
            ImageError::InUse(ref path) => Self::in_use(Some(path), message),
            ImageError::SideFile { .. } | ImageError::NotASideFile(_) => foreign(message),
            ImageError::Unproven { image, misfit } => unproven(message, how(misfit)).naming(image.display()),
            ImageError::SideFileFixed(_) => Self::new(Exit::ReadOnly, FailureKind::ReadOnly, message)
                .hint("make it and its directory writable, or read the disc (`oncefs mount --read-only`)"),
            ImageError::Io { path, .. } => Self::failed(message).naming(path.display()),
            ImageError::OtherMedium { image, .. } => foreign(message).naming(image.display()),
            ImageError::TooBig { .. } => Self::failed(message)
                .hint("state the right medium with --medium, or its size with --capacity"),
            _ => Self::failed(message),
        }
    }
}

/// The file in the place of the side file does not describe this image.
fn foreign(message: impl Display) -> Failure {
    Failure::new(Exit::Damaged, FailureKind::Unproven, message).hint(
        "put the side file of this image there, or move what is there away and state the medium with --medium",
    )
}

/// How an image and its side file do not fit together.
#[derive(Clone, Copy)]
pub enum Unproven {
    /// The side file is older than the image, or belongs to another.
    SideFile,
    /// The image ends before what the side file describes.
    Image,
    /// A whole generation follows what the side file describes: the program was killed at the end of a
    /// commit, or the file is older.
    LaterGeneration,
}

/// Image and side file do not fit together.
pub fn unproven(message: impl Display, how: Unproven) -> Failure {
    let hint = match how {
        Unproven::SideFile => {
            "put back the side file that belongs to the image; or take everything in the image as the disc: `oncefs recover DISC --write --accept-image`"
        }
        Unproven::Image => {
            "put back the whole image, because the side file is newer; or continue without what is missing: `oncefs recover DISC --write --accept-image`"
        }
        Unproven::LaterGeneration => {
            "if the program was killed, nothing is lost: `oncefs recover DISC --write --accept-image`; if you put an older side file back, replace it with the newer one"
        }
    };
    Failure::new(Exit::Damaged, FailureKind::Unproven, message).hint(hint)
}

fn how(misfit: Misfit) -> Unproven {
    match misfit {
        Misfit::Shorter { .. } => Unproven::Image,
        _ => Unproven::SideFile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_medium_has_a_code_of_its_own() {
        let failure = Failure::from(RecordingError::MediumFull { free: 1, asked: 2 });
        assert_eq!(
            (failure.exit, failure.kind),
            (Exit::Full, FailureKind::MediumFull)
        );
    }

    #[test]
    fn a_finalized_medium_is_read_only_whoever_reports_it() {
        let by_drive = Failure::from(DriveError::ReadOnly(oncefs::ReadOnly::Finalized));
        let by_recording = Failure::from(RecordingError::ReadOnly(oncefs::nodes::ReadOnly::Finalized));
        assert_eq!(
            (by_drive.exit, by_recording.exit),
            (Exit::ReadOnly, Exit::ReadOnly)
        );
    }

    #[test]
    fn an_unreadable_block_is_damage() {
        let error = VolumeError::Corrupt {
            kind: oncefs::nodes::CorruptKind::NoVat,
            place: oncefs::LogicalSector(7).into(),
        };
        assert_eq!(Failure::from(error).exit, Exit::Damaged);
    }
}
