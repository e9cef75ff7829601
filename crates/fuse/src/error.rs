//! Why an operation fails, and the system error for it.

use fuser::Errno;
use recording::NameFault;

/// Why an operation of the kernel failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The volume could not be read.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// The change could not be made.
    #[error(transparent)]
    Recording(#[from] recording::Error),
    /// A name or target is not UTF-8: UDF has only Unicode (`UDF 2.60 2.1.1`).
    #[error("the name or link target is not UTF-8; UDF records Unicode")]
    NotUnicode,
    /// The volume is mounted for reading.
    #[error("the volume is mounted for reading")]
    ReadOnly,
    /// A handle or node is unknown.
    #[error("the file or directory is not open")]
    NotOpen,
    /// Some names of a directory cannot be read.
    #[error("names in this directory are lost: {0}")]
    NamesLost(String),
    /// A directory has more names than are held in memory.
    #[error("the directory has more than {0} names")]
    TooManyNames(usize),
    /// The node does not have this extended attribute.
    #[error("no such stream")]
    NoAttribute,
    /// A stream is longer than an extended attribute may be.
    #[error("the stream is too long for an extended attribute")]
    AttributeTooLong,
    /// No node of this mount has extended attributes.
    #[error("no file here has extended attributes")]
    NoAttributes,
    /// Two names cannot be exchanged in one step (`renameat2`).
    #[error("two names cannot be exchanged in one step")]
    ExchangeOfNames,
    /// The operation is not supported.
    #[error("not supported")]
    Unsupported,
    /// A commit failed.
    #[error("{error}; the uncommitted changes used up {used} bytes of the medium")]
    Commit {
        /// Why.
        #[source]
        error: recording::Error,
        /// Bytes used up since the last commit.
        used: u64,
    },
    /// Serving could not start.
    #[error(transparent)]
    Host(std::io::Error),
    /// The mount has ended.
    #[error("the mount has ended")]
    Ended,
}

impl Error {
    /// Whether the fault is in disc, drive or volume, not in the request.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.errno() == Errno::EIO
    }

    /// Whether structures or blocks of the volume are damaged.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Volume(error) | Self::Recording(recording::Error::Volume(error)) => error.is_damage(),
            _ => false,
        }
    }

    /// The error number that the kernel returns to the program.
    pub(crate) fn errno(&self) -> Errno {
        match self {
            Self::Volume(error) => of_volume(error),
            Self::Recording(error) | Self::Commit { error, .. } => of_recording(error),
            Self::NotUnicode => Errno::EILSEQ,
            Self::ReadOnly => Errno::EROFS,
            Self::NotOpen => Errno::EBADF,
            Self::NoAttribute => Errno::NO_XATTR,
            Self::AttributeTooLong => Errno::E2BIG,
            // With this the kernel does not ask again.
            Self::NoAttributes => Errno::ENOSYS,
            Self::TooManyNames(_) => Errno::EFBIG,
            Self::Unsupported => Errno::ENOTSUP,
            Self::ExchangeOfNames => Errno::EINVAL,
            Self::Host(_) | Self::NamesLost(_) => Errno::EIO,
            Self::Ended => Errno::ENODEV,
        }
    }
}

fn of_volume(error: &volume::Error) -> Errno {
    match error {
        volume::Error::NotFound => Errno::ENOENT,
        volume::Error::NotADirectory => Errno::ENOTDIR,
        volume::Error::NotASymbolicLink => Errno::EINVAL,
        volume::Error::Unsupported(_) => Errno::ENOTSUP,
        _ => Errno::EIO,
    }
}

fn of_recording(error: &recording::Error) -> Errno {
    match error {
        recording::Error::MediumFull { .. } => Errno::ENOSPC,
        recording::Error::Drive(error) if error.is_host_full() => Errno::ENOSPC,
        recording::Error::ReadOnly(_) => Errno::EROFS,
        recording::Error::NotFound => Errno::ENOENT,
        recording::Error::Exists => Errno::EEXIST,
        recording::Error::NotADirectory => Errno::ENOTDIR,
        recording::Error::IsADirectory => Errno::EISDIR,
        recording::Error::NotAFile | recording::Error::IntoItself | recording::Error::Attribute(_) => {
            Errno::EINVAL
        }
        recording::Error::NotEmpty => Errno::ENOTEMPTY,
        recording::Error::TooManyLinks => Errno::EMLINK,
        recording::Error::Name(NameFault::TooLong { .. }) => Errno::ENAMETOOLONG,
        recording::Error::Name(_) => Errno::EINVAL,
        recording::Error::FileTooLarge | recording::Error::DirectoryTooLong => Errno::EFBIG,
        recording::Error::NoVirtualAddress => Errno::ENOSPC,
        recording::Error::Unsupported(_) => Errno::ENOTSUP,
        recording::Error::Volume(error) => of_volume(error),
        _ => Errno::EIO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_and_a_finalized_medium_have_their_system_errors() {
        let full = recording::Error::MediumFull { free: 1, asked: 2 };
        assert_eq!(Error::from(full).errno(), Errno::ENOSPC);
        let finalized = recording::Error::ReadOnly(recording::ReadOnly::Finalized);
        assert_eq!(Error::from(finalized).errno(), Errno::EROFS);
    }

    #[test]
    fn faults_of_the_disc_are_faults_and_wrong_requests_are_not() {
        let lost = recording::Error::NoProgress(3);
        assert!(Error::from(lost).is_fault());
        assert!(!Error::from(recording::Error::NotEmpty).is_fault());
        assert!(!Error::from(volume::Error::NotFound).is_fault());
    }
}
