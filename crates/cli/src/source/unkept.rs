//! Extended attributes and access control lists of files, which are not recorded yet.

use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::flistxattr;
use rustix::io::Errno;

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
        let name = match flistxattr(file, &mut list[..]) {
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
