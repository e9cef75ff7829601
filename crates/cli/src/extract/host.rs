//! Directories of the host, each held open, so that no name below them can lead out.

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

/// Opens the directory to copy to, and makes it with its parents where it does not exist; whether it was made.
pub fn target_directory(path: &Path) -> Outcome<(OwnedFd, bool)> {
    require_directory_elsewhere(path)?;
    let made = !path.exists();
    std::fs::create_dir_all(path).map_err(|error| Failure::host(path, error))?;
    // The user may well name a link here.
    let directory =
        openat(CWD, path, DIRECTORY, Mode::empty()).map_err(|error| Failure::host(path, error))?;
    Ok((directory, made))
}

/// Opens a directory below `parent` without following a link.
pub fn open_directory(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
}

/// Makes a directory below `parent`, or opens the one that is there.
pub fn enter(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    match mkdirat(parent, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => open_directory(parent, name),
        Err(error) => Err(error),
    }
}

/// The directory that names lead to from `top`, no link among them.
pub fn descend(top: BorrowedFd<'_>, names: &[&str]) -> Result<OwnedFd, Errno> {
    let mut directory = top
        .try_clone_to_owned()
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    for name in names {
        directory = open_directory(directory.as_fd(), name)?;
    }
    Ok(directory)
}

/// What has this name; `None` where nothing has.
pub fn kind(parent: BorrowedFd<'_>, name: &str) -> Result<Option<FileType>, Errno> {
    match statx(parent, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE) {
        Ok(status) => Ok(Some(FileType::from_raw_mode(status.stx_mode.into()))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A handle of the file that was just made under this name, for its attributes alone. What has the name by now may be another
/// file: one of another kind, or with names elsewhere, is not taken.
pub fn handle_of_new(parent: BorrowedFd<'_>, name: &str, kind: FileType) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = openat(parent, name, flags, Mode::empty())?;
    let status = fstat(&handle)?;
    if FileType::from_raw_mode(status.st_mode) != kind || status.st_nlink != 1 {
        return Err(Errno::STALE);
    }
    Ok(handle)
}

/// Which file it is, whatever its names: device and number.
pub type Identity = (u64, u64);

/// Which file has this name.
pub fn identity(parent: BorrowedFd<'_>, name: &str) -> Result<Identity, Errno> {
    let status = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok((status.st_dev, status.st_ino))
}

/// Gives a file that was made under one name another, in place of a file that has it where that is to go.
pub fn put(parent: BorrowedFd<'_>, made: &str, name: &str, replaces: bool) -> Result<(), Errno> {
    if replaces {
        return renameat(parent, made, parent, name);
    }
    match renameat_with(parent, made, parent, name, RenameFlags::NOREPLACE) {
        // A file system that cannot tell.
        Err(Errno::INVAL | Errno::NOSYS) => match kind(parent, name)? {
            Some(_) => Err(Errno::EXIST),
            None => renameat(parent, made, parent, name),
        },
        renamed => renamed,
    }
}

/// Bytes that the file system of a directory has room for; `None` where it does not say.
pub fn room(directory: BorrowedFd<'_>) -> Option<u64> {
    let space = fstatvfs(directory).ok().filter(|space| space.f_blocks > 0)?;
    let free = if geteuid().is_root() {
        space.f_bfree
    } else {
        space.f_bavail
    };
    Some(free.saturating_mul(space.f_frsize))
}

/// Removes a file that stands in the way; a directory stays, and what follows fails.
pub fn make_way(parent: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
        Err(error) => Err(error),
    }
}
