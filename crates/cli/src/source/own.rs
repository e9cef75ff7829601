//! The files of the disc itself: image, side file and trace. They are not recorded on it, and no file copied
//! from it replaces them.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use oncefs::Disc;
use rustix::fs::{AtFlags, CWD, FileType, Statx, statx};

use super::found::Found;
use super::status::{Key, WANTED, key};

/// The paths of these files; each may not exist yet.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Image and trace: they stay the same file while the disc is open.
    open: Vec<PathBuf>,
    /// The side file: every change of the disc replaces it by a new file.
    replaced: Vec<PathBuf>,
}

/// The files that these paths name now.
#[derive(Debug, Default)]
pub struct OwnFiles {
    open: Vec<Key>,
    /// A directory, and the name in it. The file of this name has another inode number each time, and any new
    /// file may get the number of an earlier one.
    replaced: Vec<(Key, OsString)>,
}

impl Own {
    /// The files of a disc and its trace.
    pub fn of(disc: &Path, trace: Option<&Path>) -> Self {
        let mut open = vec![disc.to_owned()];
        open.extend(trace.map(Path::to_owned));
        let mut replaced = vec![Disc::new(disc).side_file()];
        if let Ok(target) = disc.canonicalize() {
            replaced.push(Disc::new(target).side_file());
        }
        Self { open, replaced }
    }

    /// Finds which of them exist now.
    pub fn files(&self) -> OwnFiles {
        let file = |path: &PathBuf| {
            let status = statx(CWD, path, AtFlags::empty(), WANTED).ok()?;
            let is_file = FileType::from_raw_mode(status.stx_mode.into()) == FileType::RegularFile;
            is_file.then(|| key(&status))
        };
        let place = |path: &PathBuf| Some((directory_of(CWD, path)?, path.file_name()?.to_owned()));
        OwnFiles {
            open: self.open.iter().filter_map(file).collect(),
            replaced: self.replaced.iter().filter_map(place).collect(),
        }
    }
}

impl OwnFiles {
    /// Also counts a file that the command writes.
    pub fn and(mut self, path: Option<&Path>) -> Self {
        let status = path.and_then(|path| statx(CWD, path, AtFlags::empty(), WANTED).ok());
        self.open.extend(status.map(|status| key(&status)));
        self
    }

    /// Also counts open files that the image consists of, such as those that its sheet names.
    pub fn with(mut self, files: &[File]) -> Self {
        let status = files
            .iter()
            .map(|file| statx(file, "", AtFlags::EMPTY_PATH, WANTED));
        self.open.extend(status.flatten().map(|status| key(&status)));
        self
    }

    /// Whether an open file is the image or the trace.
    pub fn has(&self, status: &Statx) -> bool {
        self.open.contains(&key(status))
    }

    /// Whether a name is that of the side file, or of one that is about to replace it.
    pub fn has_name(&self, found: &Found<'_>) -> bool {
        self.has_side_file(found.directory, Path::new(found.name))
    }

    /// Whether a file with this name would replace one of them.
    pub fn stand_at(&self, directory: BorrowedFd<'_>, name: &str) -> bool {
        let status = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, WANTED);
        status.is_ok_and(|status| self.has(&status)) || self.has_side_file(directory, Path::new(name))
    }

    fn has_side_file(&self, directory: BorrowedFd<'_>, path: &Path) -> bool {
        // The walk passes names, most of which are none of these; only what the user named is a path.
        let name = path.as_os_str();
        let name = if name.as_bytes().contains(&b'/') {
            path.file_name().unwrap_or_default()
        } else {
            name
        };
        let is_new = Disc::is_new_side_file(name);
        if !is_new && self.replaced.iter().all(|(_, own)| own != name) {
            return false;
        }
        let directory = directory_of(directory, path);
        self.replaced
            .iter()
            .any(|(own, own_name)| directory == Some(*own) && (is_new || own_name == name))
    }
}

/// The directory of a path.
fn directory_of(start: BorrowedFd<'_>, path: &Path) -> Option<Key> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let status = statx(start, parent.unwrap_or(Path::new(".")), AtFlags::empty(), WANTED);
    status.ok().map(|status| key(&status))
}
