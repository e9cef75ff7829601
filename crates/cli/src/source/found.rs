//! A file of the host, as the walk finds it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use oncefs::Timestamp;
use oncefs::nodes::{Attributes, NodeKind};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Statx, StatxFlags, openat, readlinkat, statx};
use rustix::io::Errno;

use super::state::settled;
use super::status::{WANTED, status};
use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::time;

/// What the walk passes to its visitor.
pub struct Found<'a> {
    /// The directory in which `name` is looked up.
    pub directory: BorrowedFd<'a>,
    /// Its name there.
    pub name: &'a OsStr,
    /// Its name on the disc; `None` for a directory of which only the contents are added.
    pub target_name: Option<&'a OsStr>,
    /// The path as the user would write it.
    pub path: &'a Path,
    /// Its type.
    pub kind: FileType,
    /// The open directory, if it is one that is open already.
    pub opened: Option<BorrowedFd<'a>>,
}

impl Found<'_> {
    /// The status of the file; does not follow links.
    pub fn status(&self) -> Outcome<Statx> {
        let status = match self.opened {
            Some(directory) => status(directory),
            None => statx(self.directory, self.name, AtFlags::SYMLINK_NOFOLLOW, WANTED),
        };
        status.map_err(|error| Failure::host(self.path, error))
    }

    /// Opens the file, which the walk found to be a regular file.
    ///
    /// # Errors
    /// It is no longer a regular file.
    pub fn open_file(&self) -> Outcome<OwnedFd> {
        self.open_with(|file| status(file).map(Some))
            .map(|(file, _)| file)
    }

    /// The same, with a status after which every change shows.
    pub fn open_settled(&self) -> Outcome<(OwnedFd, Statx)> {
        self.open_with(settled)
    }

    /// Opens a file that the directory listed as regular. Does not wait for a pipe that has taken its place.
    fn open_with(
        &self,
        look: impl Fn(BorrowedFd<'_>) -> rustix::io::Result<Option<Statx>>,
    ) -> Outcome<(OwnedFd, Statx)> {
        let host = |error| Failure::host(self.path, error);
        let failed = |kind, message| Err(Failure::new(Exit::Failed, kind, message).at(self.path.display()));
        let other = "it changed while it was checked";
        let file = open(self.directory, self.name, OFlags::NONBLOCK).map_err(host)?;
        match look(file.as_fd()).map_err(host)? {
            Some(status) if is_regular(&status) => Ok((file, status)),
            Some(_) => failed(FailureKind::Failed, other),
            None => failed(FailureKind::Changed, "it was changed again and again"),
        }
    }

    /// The target of a symbolic link, `None` for other files; an error if it is not UTF-8.
    pub fn link_target(&self) -> Outcome<Option<String>> {
        if self.kind != FileType::Symlink {
            return Ok(None);
        }
        let target = readlinkat(self.directory, self.name, Vec::new())
            .map_err(|error| Failure::host(self.path, error))?;
        target
            .into_string()
            .map(Some)
            .map_err(|_| Failure::failed("the target of this link is not UTF-8").at(self.path.display()))
    }

    /// Its kind on the disc; `None` if UDF does not have it.
    pub fn disc_kind(&self, status: &Statx) -> Option<NodeKind> {
        let (major, minor) = (status.stx_rdev_major, status.stx_rdev_minor);
        Some(match self.kind {
            FileType::RegularFile => NodeKind::File,
            FileType::Directory => NodeKind::Directory,
            FileType::Symlink => NodeKind::SymbolicLink,
            FileType::CharacterDevice => NodeKind::CharacterDevice { major, minor },
            FileType::BlockDevice => NodeKind::BlockDevice { major, minor },
            FileType::Fifo => NodeKind::Fifo,
            FileType::Socket => NodeKind::Socket,
            FileType::Unknown => return None,
        })
    }
}

fn is_regular(status: &Statx) -> bool {
    FileType::from_raw_mode(status.stx_mode.into()) == FileType::RegularFile
}

/// `openat` for reading without following links.
pub fn open(directory: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(directory, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(directory, name, flags, Mode::empty()),
        opened => opened,
    }
}

/// Mode, owners and times to record.
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
