//! Mode, owner and times of what was copied.

use std::os::fd::BorrowedFd;

use rustix::fs::{
    AtFlags, Gid, Mode, Timestamps, Uid, chmodat, chownat, fchmod, fchown, futimens, utimensat,
};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid};
use volume::Node;

use crate::time;

/// Set-user-ID and set-group-ID.
const SET_ID: u32 = 0o6000;

/// What is set on a file of the host.
pub struct Wanted {
    mode: Mode,
    owner: Option<(Uid, Gid)>,
    times: Timestamps,
}

impl Wanted {
    /// The attributes of a node as far as this user may set them: owners as root; set-ID bits only with the owner that
    /// they are meant for.
    pub fn new(node: &Node) -> Self {
        let (uid, gid) = (node.entry.uid, node.entry.gid);
        let is_own = uid == geteuid().as_raw() && gid == getegid().as_raw();
        // All ones: the disc does not say (ECMA-167 4/14.9.3).
        let is_stated = uid != u32::MAX && gid != u32::MAX;
        let owner = (geteuid().is_root() && is_stated).then(|| (Uid::from_raw(uid), Gid::from_raw(gid)));
        let kept = if owner.is_some() || is_own {
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

    /// Sets them on an open file or directory; the mode after the owner, which clears set-ID bits.
    pub fn set(&self, file: BorrowedFd<'_>) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            fchown(file, Some(uid), Some(gid))?;
        }
        fchmod(file, self.mode)?;
        futimens(file, &self.times)
    }

    /// Sets them on what cannot be opened: a link (whose mode nothing looks at), a pipe, a socket, a device.
    pub fn set_by_name(&self, parent: BorrowedFd<'_>, name: &str, is_link: bool) -> Result<(), Errno> {
        if let Some((uid, gid)) = self.owner {
            chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        if !is_link {
            chmodat(parent, name, self.mode, AtFlags::empty())?;
        }
        utimensat(parent, name, &self.times, AtFlags::SYMLINK_NOFOLLOW)
    }
}
