//! What keeps an operation from being done, and the error of the system that says so.

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
    /// A name or a target that is no UTF-8: UDF has Unicode alone (`UDF 2.60 2.1.1`).
    #[error("UDF records names in Unicode, and this one is no UTF-8")]
    NotUnicode,
    /// The volume is mounted for reading.
    #[error("the volume is mounted for reading")]
    ReadOnly,
    /// A handle or node that is not known.
    #[error("not open")]
    NotOpen,
    /// A directory of which some names cannot be read.
    #[error("names in this directory are lost: {0}")]
    NamesLost(String),
    /// A directory with more names than are held in memory.
    #[error("a directory of more than {0} names")]
    TooManyNames(usize),
    /// A node without this extended attribute.
    #[error("no such stream")]
    NoAttribute,
    /// A stream that is longer than an extended attribute may be.
    #[error("a stream that is too long for an extended attribute")]
    AttributeTooLong,
    /// No node here has extended attributes.
    #[error("no extended attributes")]
    NoAttributes,
    /// Two names are not exchanged in one step (`renameat2`).
    #[error("names are not exchanged here")]
    ExchangeOfNames,
    /// What is asked for is not done here.
    #[error("not supported")]
    Unsupported,
    /// A commit failed.
    #[error("{error}; {used} bytes of the medium are used up by what is not committed")]
    Commit {
        /// Why.
        #[source]
        error: recording::Error,
        /// Bytes that were used up since the commit before.
        used: u64,
    },
    /// The answering could not be begun.
    #[error(transparent)]
    Host(std::io::Error),
    /// The mount has ended.
    #[error("the mount has ended")]
    Ended,
}

impl Error {
    /// Whether something is wrong with disc, drive or volume, and not with what was asked.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.errno() == Errno::EIO
    }

    /// What the kernel tells the program that asked.
    pub(crate) fn errno(&self) -> Errno {
        match self {
            Self::Volume(error) => of_volume(error),
            Self::Recording(error) | Self::Commit { error, .. } => of_recording(error),
            Self::NotUnicode => Errno::EILSEQ,
            Self::ReadOnly => Errno::EROFS,
            Self::NotOpen => Errno::EBADF,
            Self::NoAttribute => Errno::NO_XATTR,
            Self::AttributeTooLong => Errno::E2BIG,
            // The kernel does not ask again.
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
    fn a_full_medium_and_a_finalized_one_are_what_the_system_calls_them() {
        let full = recording::Error::MediumFull { free: 1, asked: 2 };
        assert_eq!(Error::from(full).errno(), Errno::ENOSPC);
        let finalized = recording::Error::ReadOnly(recording::ReadOnly::Finalized);
        assert_eq!(Error::from(finalized).errno(), Errno::EROFS);
    }

    #[test]
    fn what_is_wrong_with_the_disc_is_a_fault_and_what_was_asked_wrongly_is_none() {
        let lost = recording::Error::NoProgress(3);
        assert!(Error::from(lost).is_fault());
        assert!(!Error::from(recording::Error::NotEmpty).is_fault());
        assert!(!Error::from(volume::Error::NotFound).is_fault());
    }
}
