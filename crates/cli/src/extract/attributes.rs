//! Mode, owner and times of what was copied.

use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{
    AtFlags, CWD, Gid, Mode, Timestamps, Uid, chmodat, chownat, fchmod, fchown, futimens, utimensat,
};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid};
use volume::{Node, NodeKind};

use crate::time;

/// Set-user-ID and set-group-ID.
const SET_ID: u32 = 0o6000;

/// Who copies. It decides which attributes can be set.
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

/// What is set on a file of the host.
pub struct Wanted {
    mode: Mode,
    owner: Option<(Uid, Gid)>,
    times: Timestamps,
}

impl Wanted {
    /// The attributes of a node as far as this user may set them: owners, and with them set-ID bits, as root. As anybody else no program
    /// of a disc shall run with the rights of who copied it; of an own directory its set-group-ID bit, which runs nothing, is kept.
    pub fn new(node: &Node, caller: Caller) -> Self {
        let (uid, gid) = (node.entry.uid, node.entry.gid);
        let is_own = uid == caller.uid.as_raw() && gid == caller.gid.as_raw();
        // All ones: the disc does not say (ECMA-167 4/14.9.3).
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

    /// Those of a stream: of the file that it belongs to, since its own count for nothing (`UDF 2.60 3.3.5.1`), and no right to run it.
    pub fn of_stream(file: &Node, caller: Caller) -> Self {
        let wanted = Self::new(file, caller);
        Self {
            mode: wanted.mode & Mode::from_raw_mode(0o666),
            ..wanted
        }
    }

    /// Sets them on an open file or directory; the mode after the owner, which clears set-ID bits.
    pub fn set(&self, file: BorrowedFd<'_>) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            fchown(file, Some(uid), Some(gid))?;
        }
        fchmod(file, self.mode)?;
        futimens(file, &self.times)
    }

    /// Sets them on what is not opened for reading: a link (whose mode nothing looks at), a pipe, a socket, a device. `found` is a
    /// handle of it (`O_PATH`), so that nobody can put another file in its place meanwhile.
    pub fn set_by_handle(&self, found: BorrowedFd<'_>, is_link: bool) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            chownat(found, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)?;
        }
        if !is_link {
            // fchmod takes no such handle; this path leads to the file behind it, whatever has its name by now.
            let path = format!("/proc/self/fd/{}", found.as_raw_fd());
            chmodat(CWD, path, self.mode, AtFlags::empty())?;
        }
        utimensat(found, "", &self.times, AtFlags::EMPTY_PATH)
    }
}
