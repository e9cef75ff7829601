//! A newly created image, removed again if nothing comes of it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use emulator::Recorder;

/// A newly created image. Unless kept, it is removed on drop, together with its side file.
///
/// Must be dropped after the drive that contains the image.
pub struct NewImage(Option<Made>);

/// An image identified by path and by file, so that what another program puts in its place is not removed.
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
    /// The image that the caller has just created at a path.
    #[must_use]
    pub fn made(path: &Path) -> Self {
        Self(Made::at(path))
    }

    /// Represents an image that existed before.
    #[must_use]
    pub fn old() -> Self {
        Self(None)
    }

    /// Whether the caller created it and it may be removed.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps the image from here on.
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
            // An error that is already being returned says more than one from here would.
            let side = Recorder::side_file(path);
            let _ = std::fs::remove_file(path);
            let _ = std::fs::remove_file(side);
        }
    }
}
