//! Files of the disc itself, which are no part of what is recorded on it: the image, its side file, the trace.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use emulator::Recorder;
use rustix::fs::{Statx, major, minor};

use super::found::{Key, key};

/// Which files of the host these are; each may not be there yet.
#[derive(Clone, Debug, Default)]
pub struct Own(Vec<PathBuf>);

/// Those of them that are there.
#[derive(Debug, Default)]
pub struct OwnKeys(Vec<Key>);

impl Own {
    /// Those of a disc and a trace of it.
    pub fn of(disc: &Path, trace: Option<&Path>) -> Self {
        let mut paths = vec![disc.to_owned(), Recorder::side_file(disc)];
        if let Ok(target) = disc.canonicalize() {
            paths.push(Recorder::side_file(&target));
        }
        paths.extend(trace.map(Path::to_owned));
        Self(paths)
    }

    /// Looks which of them are there now.
    pub fn keys(&self) -> OwnKeys {
        let files = self.0.iter().filter_map(|path| std::fs::metadata(path).ok());
        let files = files.filter(std::fs::Metadata::is_file);
        OwnKeys(
            files
                .map(|file| (major(file.dev()), minor(file.dev()), file.ino()))
                .collect(),
        )
    }
}

impl OwnKeys {
    /// Whether a file is one of them.
    pub fn has(&self, status: &Statx) -> bool {
        self.0.contains(&key(status))
    }
}
