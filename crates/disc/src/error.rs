//! Why there is no drive for a path.

use std::io;
use std::path::PathBuf;

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
    /// The image is none for the emulated recorder.
    #[error(transparent)]
    Image(#[from] emulator::Error),
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// To record on an image without a side file its medium has to be stated.
    #[error("nothing says which medium {} stands for, so it is only read", .0.display())]
    MediumUnknown(PathBuf),
}
