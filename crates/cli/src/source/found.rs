//! One file of the host, as the walk finds it.

use std::ffi::OsStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

use ecma167::general::Timestamp;
use recording::{Attributes, Kind};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Statx, StatxFlags, openat, readlinkat, statx};
use rustix::io::Errno;

use crate::failure::{Failure, Outcome};
use crate::time;

/// What the walk hands to its visitor.
pub struct Found<'a> {
    /// The directory in which `name` is looked up.
    pub directory: BorrowedFd<'a>,
    /// What it is called there.
    pub name: &'a OsStr,
    /// The name that it gets on the disc; `None` for a directory of which only the contents are added.
    pub target_name: Option<&'a OsStr>,
    /// The path, as the user would name it.
    pub path: &'a Path,
    /// What it is.
    pub kind: FileType,
}

const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

impl Found<'_> {
    /// What the host knows of it, links not followed.
    pub fn status(&self) -> Outcome<Statx> {
        statx(self.directory, self.name, AtFlags::SYMLINK_NOFOLLOW, WANTED)
            .map_err(|error| Failure::host(self.path, error))
    }

    /// Opens it for reading, links not followed, without touching its time of access where that is allowed.
    pub fn open(&self, flags: OFlags) -> Outcome<OwnedFd> {
        open(self.directory, self.name, flags).map_err(|error| Failure::host(self.path, error))
    }

    /// Opens it as a regular file and tells what the host knows of what was opened.
    pub fn open_file(&self) -> Outcome<(OwnedFd, Statx)> {
        // Without NONBLOCK a file that became a pipe since it was listed would hold the program.
        let file = self.open(OFlags::NONBLOCK)?;
        let status =
            statx(&file, "", AtFlags::EMPTY_PATH, WANTED).map_err(|error| Failure::host(self.path, error))?;
        if FileType::from_raw_mode(status.stx_mode.into()) != FileType::RegularFile {
            return Err(Failure::failed("it changed while it was looked at").at(self.path.display()));
        }
        Ok((file, status))
    }

    /// The text of a symbolic link; an error where it is no UTF-8.
    pub fn link_target(&self) -> Outcome<String> {
        let target = readlinkat(self.directory, self.name, Vec::new())
            .map_err(|error| Failure::host(self.path, error))?;
        target
            .into_string()
            .map_err(|_| Failure::failed("the target of this link is no UTF-8").at(self.path.display()))
    }

    /// What it becomes on the disc; `None` for what UDF does not know.
    pub fn disc_kind(&self, status: &Statx) -> Outcome<Option<Kind>> {
        let (major, minor) = (status.stx_rdev_major, status.stx_rdev_minor);
        Ok(Some(match self.kind {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::SymbolicLink(self.link_target()?),
            FileType::CharacterDevice => Kind::CharacterDevice { major, minor },
            FileType::BlockDevice => Kind::BlockDevice { major, minor },
            FileType::Fifo => Kind::Fifo,
            FileType::Socket => Kind::Socket,
            FileType::Unknown => return Ok(None),
        }))
    }
}

/// `openat` for reading without following links.
pub fn open(directory: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(directory, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(directory, name, flags, Mode::empty()),
        opened => opened,
    }
}

/// Mode, owners and times as they are recorded.
pub fn attributes(status: &Statx, now: Timestamp) -> Attributes {
    let modified = time::of_host(status.stx_mtime);
    let has_birth = StatxFlags::from_bits_retain(status.stx_mask).contains(StatxFlags::BTIME);
    Attributes {
        mode: u32::from(status.stx_mode) & 0o7777,
        uid: status.stx_uid,
        gid: status.stx_gid,
        accessed: time::of_host(status.stx_atime),
        modified,
        changed: now,
        created: if has_birth {
            time::of_host(status.stx_btime)
        } else {
            modified
        },
    }
}
