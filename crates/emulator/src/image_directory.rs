//! Where an image is on the host: its directory, opened once, and its name in it.

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, fsync, openat, statat, syncfs, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

/// What the name of a side file ends with.
const SUFFIX: &str = ".oncefs";

/// The directory of an image, by handle, and the names of the image and its side file there.
///
/// Whatever is renamed or mounted over the path later, both stay reachable here.
#[derive(Debug)]
pub(crate) struct ImageDirectory {
    directory: OwnedFd,
    /// Whether the directory can be synchronized: a directory that may only be searched cannot.
    listable: bool,
    image: OsString,
    side: OsString,
    path: PathBuf,
}

/// A file as the host knows it, and when its contents last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    file: u64,
    length: i64,
    modified: (i64, i64),
}

/// Which file a handle or a name leads to, whatever it holds.
fn same_file(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

impl Identity {
    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            file: stat.st_ino,
            length: stat.st_size,
            modified: (stat.st_mtime, stat.st_mtime_nsec.cast_signed()),
        }
    }
}

/// Opens an image without waiting for what is none, such as a FIFO.
///
/// # Errors
/// What the host answers; [`io::ErrorKind::InvalidInput`] for what is no regular file.
pub(crate) fn open_image(path: &Path, write: bool) -> io::Result<File> {
    let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
    let file = File::from(openat(
        CWD,
        path,
        access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        ))
    }
}

/// The path of a side file beside an image of this path, as names go.
pub(crate) fn side_path(image: &Path) -> PathBuf {
    let mut name = OsString::from(image);
    name.push(SUFFIX);
    PathBuf::from(name)
}

impl ImageDirectory {
    /// Where an open image is. Symbolic links on the way there do not count: one image has one side file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] where the image has no name any more; what the host answers.
    pub(crate) fn of(file: &File, opened_by: &Path) -> io::Result<Self> {
        let path = match std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())) {
            Ok(path) => path,
            // Without procfs the path is resolved again; the comparison below finds what changed meanwhile.
            Err(_) => opened_by.canonicalize()?,
        };
        let (Some(parent), Some(image)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let (directory, listable) = match openat(CWD, parent, flags | OFlags::RDONLY, Mode::empty()) {
            Err(Errno::ACCESS) => (openat(CWD, parent, flags | OFlags::PATH, Mode::empty())?, false),
            opened => (opened?, true),
        };
        let mut side = image.to_owned();
        side.push(SUFFIX);
        let place = Self {
            directory,
            listable,
            image: image.to_owned(),
            side,
            path,
        };
        if place.leads_to(file)? {
            Ok(place)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// The path of the image, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the side file, for messages.
    pub(crate) fn side_path(&self) -> PathBuf {
        side_path(&self.path)
    }

    /// The name of the side file in [`ImageDirectory::directory`].
    pub(crate) fn side_name(&self) -> &OsStr {
        &self.side
    }

    pub(crate) fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Whether the name of the image still leads to `file`.
    ///
    /// # Errors
    /// What the host answers, but that nothing is there.
    pub(crate) fn leads_to(&self, file: &File) -> io::Result<bool> {
        match statat(&self.directory, &self.image, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(same_file(&found, &fstat(file)?)),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The side file that is there now, and its kind; `None` where there is nothing.
    ///
    /// # Errors
    /// What the host answers.
    pub(crate) fn side(&self) -> io::Result<Option<Stat>> {
        match statat(&self.directory, &self.side, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the image; for one that this process has just made.
    pub(crate) fn remove_image(&self) {
        // The failure that is on its way says more than one here would.
        let _ = unlinkat(&self.directory, &self.image, AtFlags::empty());
    }

    /// Makes a change of names last.
    ///
    /// # Errors
    /// What the host answers.
    pub(crate) fn synchronize(&self, image: &File) -> io::Result<()> {
        if self.listable {
            Ok(fsync(&self.directory)?)
        } else {
            Ok(syncfs(image)?)
        }
    }
}

/// What stands in the place of a regular file.
pub(crate) fn kind_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}
