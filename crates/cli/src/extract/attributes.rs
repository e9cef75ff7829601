//! Mode, owner and times of copied files.

use std::os::fd::{AsRawFd, BorrowedFd};

use oncefs::nodes::{Node, NodeKind};
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, Stat, Timestamps, Uid, chmodat, chownat, fchmod, fchown, futimens,
    statat, utimensat,
};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid};

use crate::time;

/// Set-user-ID and set-group-ID.
const SET_ID: u32 = 0o6000;

/// Who copies, which decides which attributes can be set.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    uid: Uid,
    gid: Gid,
}

impl Caller {
    /// The user of this process.
    pub fn of_process() -> Self {
        Self {
            uid: geteuid(),
            gid: getegid(),
        }
    }
}

/// The attributes to set on a file of the host.
pub struct Wanted {
    mode: Mode,
    owner: Option<(Uid, Gid)>,
    times: Timestamps,
}

impl Wanted {
    /// The attributes of a node, as far as this user may set them. Only root sets owners, and with them
    /// set-ID bits: otherwise a program from a disc could run with the rights of the user who copied it. The
    /// set-group-ID bit of the user's own directories runs nothing and is kept.
    pub fn new(node: &Node, caller: Caller) -> Self {
        let (uid, gid) = (node.entry.uid, node.entry.gid);
        let is_own = uid == caller.uid.as_raw() && gid == caller.gid.as_raw();
        // All ones: the disc states none (`ECMA-167 4/14.9.3`).
        let is_stated = uid != u32::MAX && gid != u32::MAX;
        let owner = (caller.uid.is_root() && is_stated).then(|| (Uid::from_raw(uid), Gid::from_raw(gid)));
        let kept = if owner.is_some() || (is_own && node.kind == NodeKind::Directory) {
            0o7777
        } else {
            0o7777 & !SET_ID
        };
        Self {
            mode: Mode::from_raw_mode(node.mode() & kept),
            owner,
            times: Timestamps {
                last_access: time::to_host(&node.entry.access_time),
                last_modification: time::to_host(&node.entry.modification_time),
            },
        }
    }

    /// The attributes of a stream: those of its file, because its own do not count (`UDF 2.60 3.3.5.1`),
    /// without the right to execute.
    pub fn of_stream(file: &Node, caller: Caller) -> Self {
        let wanted = Self::new(file, caller);
        Self {
            mode: wanted.mode & Mode::from_raw_mode(0o666),
            ..wanted
        }
    }

    /// Whether an earlier run left a file of this name with these attributes.
    pub fn is_left(&self, parent: BorrowedFd<'_>, name: &str, kind: FileType, size: u64) -> bool {
        let found = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
        found.is_ok_and(|found| self.is_of(&found, kind, size))
    }

    /// Whether a file of the host has kind, time and size of one that extracting wrote with these attributes.
    /// It sets the time last.
    pub fn is_of(&self, found: &Stat, kind: FileType, size: u64) -> bool {
        let time = &self.times.last_modification;
        FileType::from_raw_mode(found.st_mode) == kind
            && (kind != FileType::RegularFile || u64::try_from(found.st_size) == Ok(size))
            && found.st_mtime == time.tv_sec
            && i64::try_from(found.st_mtime_nsec) == Ok(time.tv_nsec)
    }

    /// Sets them on an open file or directory. The mode comes after the owner, which clears set-ID bits.
    pub fn set(&self, file: BorrowedFd<'_>) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            fchown(file, Some(uid), Some(gid))?;
        }
        fchmod(file, self.mode)?;
        futimens(file, &self.times)
    }

    /// Sets them on a file that is not opened for reading: a link (whose mode is never used), a pipe, a
    /// socket, a device. `found` is a handle of it (`O_PATH`), so that no other file can be substituted
    /// meanwhile.
    pub fn set_by_handle(&self, found: BorrowedFd<'_>, is_link: bool) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            chownat(found, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)?;
        }
        if !is_link {
            // fchmod does not take such a handle; this path leads to its file, whatever now has the name.
            let path = format!("/proc/self/fd/{}", found.as_raw_fd());
            chmodat(CWD, path, self.mode, AtFlags::empty())?;
        }
        utimensat(found, "", &self.times, AtFlags::EMPTY_PATH)
    }
}
