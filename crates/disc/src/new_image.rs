//! An image that was just made, and goes again where nothing comes of it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use emulator::Recorder;

/// A new image. Dropping it before it is told to stay removes it and its side file.
///
/// It has to be dropped after the drive with the image in it.
pub struct NewImage(Option<Made>);

/// An image by its name and by its file: what another program puts in its place stays.
struct Made {
    path: PathBuf,
    file: (u64, u64),
}

impl Made {
    fn at(path: &Path) -> Option<Self> {
        let file = path.metadata().ok()?;
        Some(Self {
            path: path.to_owned(),
            file: (file.dev(), file.ino()),
        })
    }
}

impl NewImage {
    /// The image that the caller has just made at a path.
    #[must_use]
    pub fn made(path: &Path) -> Self {
        Self(Made::at(path))
    }

    /// Stands for an image that was there before.
    #[must_use]
    pub fn old() -> Self {
        Self(None)
    }

    /// Whether the caller has made it, and it may be removed.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.0.is_some()
    }

    /// From here on the image stays.
    pub fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for NewImage {
    fn drop(&mut self) {
        let Some(Made { path, file }) = &self.0 else {
            return;
        };
        if Made::at(path).is_some_and(|now| now.file == *file) {
            // The failure that is on its way says more than one here would.
            let side = Recorder::side_file(path);
            let _ = std::fs::remove_file(path);
            let _ = std::fs::remove_file(side);
        }
    }
}
