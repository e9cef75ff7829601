//! Extended attributes and access control lists of files, which are not recorded yet.

use std::ffi::OsStr;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{flistxattr, llistxattr};
use rustix::io::Errno;

use super::found::Found;

/// Bytes of a list of names that is looked through; a longer one is not empty.
const LIST: usize = 4096;

/// The label that a policy of the host gives every file, which means nothing elsewhere.
const POLICY: &[u8] = b"security.selinux";

/// What is not recorded of the files that were met.
#[derive(Debug, Default)]
pub struct Unkept {
    /// Files and directories that have any.
    pub files: u64,
    /// The first of them, and the name of an attribute.
    pub first: Option<(String, String)>,
}

impl Unkept {
    /// Looks at an open file or directory.
    pub fn look(&mut self, file: BorrowedFd<'_>, path: &Path) {
        let mut list = [0; LIST];
        let length = flistxattr(file, &mut list[..]);
        self.take(length, &list, path);
    }

    /// Looks at a file that is not open. Without /proc it has none that can be seen.
    pub fn look_at(&mut self, found: &Found<'_>) {
        let mut list = [0; LIST];
        let mut name = format!("/proc/self/fd/{}/", found.directory.as_raw_fd()).into_bytes();
        name.extend_from_slice(found.name.as_bytes());
        let length = llistxattr(OsStr::from_bytes(&name), &mut list[..]);
        self.take(length, &list, found.path);
    }

    fn take(&mut self, length: rustix::io::Result<usize>, list: &[u8], path: &Path) {
        let name = match length {
            Ok(0) => return,
            Ok(length) => list[..length]
                .split(|byte| *byte == 0)
                .find(|name| !name.is_empty() && *name != POLICY),
            Err(Errno::RANGE) => Some(&b"..."[..]),
            // A file system without them.
            Err(_) => None,
        };
        let Some(name) = name else { return };
        self.files += 1;
        if self.first.is_none() {
            let name = String::from_utf8_lossy(name).into_owned();
            self.first = Some((path.to_string_lossy().into_owned(), name));
        }
    }
}
