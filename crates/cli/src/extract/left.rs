//! What an earlier run left under a name.

use std::fs::File;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, chmodat, fstat, open, openat, statat};
use rustix::io::Errno;

use super::attributes::Wanted;
use super::host::Identity;
use crate::rescue::{Copy, Found, Version};

/// What an earlier run left under a name.
pub enum Left {
    /// Nothing.
    Nothing,
    /// The version that is to be copied, and the file that has it.
    Same(Identity),
    /// A version that is better than the one to be copied, and its bytes.
    Better(Copy, u64),
    /// Another version, which gives way.
    Worse,
}

/// Looks at a name. `version` is what is to be copied there, `copy` what an earlier run noted. Without a
/// version, the file is known by the size and the time that it gets.
pub fn look(
    parent: BorrowedFd<'_>,
    name: &str,
    (kind, size): (FileType, u64),
    wanted: &Wanted,
    version: Option<Version>,
    copy: Option<Copy>,
) -> Left {
    let Ok(found) = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) else {
        return Left::Nothing;
    };
    let identity = (found.st_dev, found.st_ino);
    let looks_like_it = wanted.is_of(&found, kind, size);
    let Some(version) = version else {
        return if looks_like_it {
            Left::Same(identity)
        } else {
            Left::Nothing
        };
    };
    if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
        return Left::Nothing;
    }
    match copy.map(|copy| (copy, copy.compare(&found))) {
        Some((copy, Found::Itself)) if copy.version.is_same(version) => Left::Same(identity),
        Some((copy, Found::Itself)) if copy.version.is_better(version) => {
            Left::Better(copy, u64::try_from(found.st_size).unwrap_or(0))
        }
        Some((_, Found::Itself | Found::Like)) => Left::Worse,
        _ if looks_like_it => Left::Worse,
        _ => Left::Nothing,
    }
}

/// Opens the file that was found under a name for writing, whatever its mode: its owner may change that. The
/// name may belong to another file now, which is refused.
pub fn open_for_writing(parent: BorrowedFd<'_>, name: &str, identity: Identity) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(parent, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            let handle = handle(parent, name)?;
            let path = permit(&handle, Mode::RUSR | Mode::WUSR)?;
            open(path, flags - OFlags::NOFOLLOW, Mode::empty())?
        }
        opened => opened?,
    };
    let opened = fstat(&file)?;
    if (opened.st_dev, opened.st_ino) != identity {
        return Err(Errno::STALE);
    }
    Ok(file.into())
}

/// Lets the owner of a directory below `parent` enter it and create files in it. It gets its own mode when it
/// is complete.
pub fn permit_entering(parent: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    let handle = handle(parent, name)?;
    let mode = fstat(&handle)?.st_mode;
    let is_directory = FileType::from_raw_mode(mode) == FileType::Directory;
    if is_directory && !Mode::from_raw_mode(mode).contains(Mode::RWXU) {
        permit(&handle, Mode::RWXU)?;
    }
    Ok(())
}

fn handle(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// Sets the mode of what a handle leads to, and returns a path of it.
fn permit(handle: &OwnedFd, mode: Mode) -> Result<String, Errno> {
    // fchmod does not take such a handle; this path leads to its file, whatever now has the name.
    let path = format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd());
    chmodat(CWD, &*path, mode, AtFlags::empty())?;
    Ok(path)
}
