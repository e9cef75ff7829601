//! Directories of the host, each held open so that no name below can lead out of it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, StatxFlags, fstat, fstatvfs, mkdirat, openat,
    renameat, renameat_with, statat, statx, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::among_devices::require_directory_elsewhere;
use crate::failure::{Failure, Outcome};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens the directory to copy to, and creates it and its parents if missing. Returns whether it was created.
pub fn target_directory(path: &Path) -> Outcome<(OwnedFd, bool)> {
    require_directory_elsewhere(path)?;
    let made = !path.exists();
    std::fs::create_dir_all(path).map_err(|error| Failure::host(path, error))?;
    // The user may name a link here.
    let directory =
        openat(CWD, path, DIRECTORY, Mode::empty()).map_err(|error| Failure::host(path, error))?;
    Ok((directory, made))
}

/// Opens a directory below `parent` without following a link.
pub fn open_directory(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
}

/// Creates a directory below `parent`, or opens the existing one.
pub fn enter(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    match mkdirat(parent, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => open_directory(parent, name),
        Err(error) => Err(error),
    }
}

/// The directory reached by these names from `top`, without following links.
pub fn descend(top: BorrowedFd<'_>, names: &[&str]) -> Result<OwnedFd, Errno> {
    let mut directory = top
        .try_clone_to_owned()
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    for name in names {
        directory = open_directory(directory.as_fd(), name)?;
    }
    Ok(directory)
}

/// The type of the file with this name; `None` if there is none.
pub fn kind(parent: BorrowedFd<'_>, name: &str) -> Result<Option<FileType>, Errno> {
    match statx(parent, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE) {
        Ok(status) => Ok(Some(FileType::from_raw_mode(status.stx_mode.into()))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A handle of the file just created under this name, for its attributes alone. The name may belong to
/// another file now: one of another kind, or with other names, is refused.
pub fn handle_of_new(parent: BorrowedFd<'_>, name: &str, kind: FileType) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = openat(parent, name, flags, Mode::empty())?;
    let status = fstat(&handle)?;
    if FileType::from_raw_mode(status.st_mode) != kind || status.st_nlink != 1 {
        return Err(Errno::STALE);
    }
    Ok(handle)
}

/// Identifies a file whatever its names: device and inode number.
pub type Identity = (u64, u64);

/// The identity of the file with this name.
pub fn identity(parent: BorrowedFd<'_>, name: &str) -> Result<Identity, Errno> {
    let status = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok((status.st_dev, status.st_ino))
}

/// Renames a new file, and replaces the file of that name if it may.
pub fn put(parent: BorrowedFd<'_>, made: &str, name: &str, replaces: bool) -> Result<(), Errno> {
    if replaces {
        return renameat(parent, made, parent, name);
    }
    match renameat_with(parent, made, parent, name, RenameFlags::NOREPLACE) {
        // The file system does not support the flag.
        Err(Errno::INVAL | Errno::NOSYS) => match kind(parent, name)? {
            Some(_) => Err(Errno::EXIST),
            None => renameat(parent, made, parent, name),
        },
        renamed => renamed,
    }
}

/// Free bytes on the file system of a directory; `None` if unknown.
pub fn room(directory: BorrowedFd<'_>) -> Option<u64> {
    let space = fstatvfs(directory).ok().filter(|space| space.f_blocks > 0)?;
    let free = if geteuid().is_root() {
        space.f_bfree
    } else {
        space.f_bavail
    };
    Some(free.saturating_mul(space.f_frsize))
}

/// Removes a file in the way. A directory stays, and the next step fails.
pub fn make_way(parent: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
        Err(error) => Err(error),
    }
}
