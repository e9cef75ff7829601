//! The location of an image on the host: its directory, opened once, and its name there.

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, fsync, openat, statat, syncfs, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

/// The end of a side file's name.
const SUFFIX: &str = ".oncefs";

/// The handle of an image's directory, and the names of the image and its side file in it.
///
/// Both remain reachable here, whatever is renamed or mounted over the path later.
#[derive(Debug)]
pub(crate) struct ImageDirectory {
    directory: OwnedFd,
    /// Whether the directory can be synchronized; one that is only searchable cannot.
    listable: bool,
    image: OsString,
    side: OsString,
    path: PathBuf,
}

/// The identity of a file on the host, and the time of its last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    file: u64,
    length: i64,
    modified: (i64, i64),
}

/// Whether both are the same file, whatever its contents.
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

/// Opens an image, without waiting for other kinds of file such as a FIFO.
///
/// # Errors
/// Errors of the host; [`io::ErrorKind::InvalidInput`] if it is not a regular file.
pub(crate) fn open_image(path: &Path, write: bool) -> io::Result<File> {
    let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
    let file = File::from(openat(
        CWD,
        path,
        access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )?);
    require_regular(&file)?;
    Ok(file)
}

/// Fails for anything but a regular file.
pub(crate) fn require_regular(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

/// Whether a path is an empty file without a side file: an interrupted program leaves one as the image of a
/// disc that never was.
pub(crate) fn is_empty_image(path: &Path) -> bool {
    let file = path.symlink_metadata();
    file.is_ok_and(|file| file.is_file() && file.len() == 0) && side_path(path).symlink_metadata().is_err()
}

/// The path of the side file of an image with this path, by name alone.
pub(crate) fn side_path(image: &Path) -> PathBuf {
    let mut name = OsString::from(image);
    name.push(SUFFIX);
    PathBuf::from(name)
}

impl ImageDirectory {
    /// The location of an open image, without symbolic links, so that an image has only one side file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if the image no longer has a name; errors of the host.
    pub(crate) fn of(file: &File, opened_by: &Path) -> io::Result<Self> {
        let path = match std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())) {
            Ok(path) => path,
            // Without procfs this resolves the path again. The comparison below detects a change in between.
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

    /// Whether the name of the image still refers to `file`.
    ///
    /// # Errors
    /// Errors of the host, except that the file does not exist.
    pub(crate) fn leads_to(&self, file: &File) -> io::Result<bool> {
        match statat(&self.directory, &self.image, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(same_file(&found, &fstat(file)?)),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The present side file and its kind; `None` if there is none.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn side(&self) -> io::Result<Option<Stat>> {
        match statat(&self.directory, &self.side, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes an image that this process has just made.
    pub(crate) fn remove_image(&self) {
        // The failure that led here says more than a failure here would.
        let _ = unlinkat(&self.directory, &self.image, AtFlags::empty());
    }

    /// Makes a change of names durable.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn synchronize(&self, image: &File) -> io::Result<()> {
        if self.listable {
            Ok(fsync(&self.directory)?)
        } else {
            Ok(syncfs(image)?)
        }
    }
}

/// The type of a file that may not be regular.
pub(crate) fn kind_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}
