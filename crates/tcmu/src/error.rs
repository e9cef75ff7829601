//! What keeps a device from being made or answered.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no device, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel lacks a module, or configfs is not mounted: this directory is not there.
    #[error("{} is not there", .0.display())]
    NoTarget(PathBuf),
    /// The kernel refused an operation on this file.
    #[error("{}: {source}", path.display())]
    Kernel {
        /// The file or directory of configfs or sysfs, or the UIO device.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel made no UIO device for the backstore.
    #[error("the kernel made no UIO device for {0}")]
    NoUio(String),
    /// The ring is not as this crate knows it.
    #[error("the ring of commands {0}")]
    Ring(&'static str),
}

/// Names the file that the kernel refused.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Kernel {
        path: path.to_owned(),
        source,
    }
}
