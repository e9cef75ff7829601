//! Why a device cannot be made or answered.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no device, or no longer one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This directory is missing, because the kernel lacks a module or configfs is not mounted.
    #[error("{} does not exist", .0.display())]
    NoTarget(PathBuf),
    /// The kernel refused an operation on this file.
    #[error("{}: {source}", path.display())]
    Kernel {
        /// The file or directory of configfs or sysfs, or the UIO device.
        path: PathBuf,
        /// The error that the kernel returned.
        source: io::Error,
    },
    /// The kernel made no UIO device for the backstore.
    #[error("the kernel made no UIO device for {0}")]
    NoUio(String),
    /// The ring does not have the expected form.
    #[error("the ring of commands {0}")]
    Ring(&'static str),
}

/// Adds the path of the file that the kernel refused.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Kernel {
        path: path.to_owned(),
        source,
    }
}
