//! Images that this user cannot record on, reported before a drive is asked.

use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use crate::failure::{Exit, Failure};
use crate::failure_kind::FailureKind;

/// The failure if the host does not let this user write to the image.
pub fn not_writable(path: &Path) -> Option<Failure> {
    let access = accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS);
    let (message, hint) = match access {
        _ if !path.is_file() => return None,
        Err(Errno::ACCESS) => (
            "this user has no permission to write to it, so nothing can be recorded",
            "`chmod u+w` on image and side file gives their owner the permission; reading needs none",
        ),
        Err(Errno::ROFS) => (
            "its file system is mounted read-only, so nothing can be recorded",
            "copy image and side file to where they can be written, or mount that file system for writing",
        ),
        _ => return None,
    };
    let failure = Failure::new(Exit::ReadOnly, FailureKind::ReadOnly, message);
    Some(failure.at(path.display()).hint(hint))
}
