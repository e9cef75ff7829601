//! Extended attributes and access control lists of files, which are not recorded yet.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{flistxattr, llistxattr};
use rustix::io::Errno;
use rustix::path::DecInt;

use super::found::Found;

/// Bytes of the list of names that most files fit in.
const SHORT: usize = 64;

/// Bytes of the longest list in Linux.
const LONGEST: usize = 1 << 16;

/// The label that a policy of the host gives every file, meaningless elsewhere.
const POLICY: &[u8] = b"security.selinux";

/// What is not recorded of the files found.
#[derive(Debug, Default)]
pub struct Unkept {
    /// Files and directories that have any.
    pub files: u64,
    /// The first of them, and the name of an attribute.
    pub first: Option<(String, String)>,
}

impl Unkept {
    /// Checks an open file or directory.
    pub fn look(&mut self, file: BorrowedFd<'_>, path: &Path) {
        self.list(path, |list| flistxattr(file, list));
    }

    /// Checks a file that is not open. `is_here` means that its directory is the working directory of this
    /// thread. Otherwise it goes through /proc; without /proc no attributes are seen.
    pub fn look_at(&mut self, found: &Found<'_>, is_here: bool) {
        if is_here {
            return self.list(found.path, |list| llistxattr(found.name, list));
        }
        let directory = DecInt::from_fd(found.directory);
        let parts: [&[u8]; 4] = [
            b"/proc/self/fd/",
            directory.as_bytes(),
            b"/",
            found.name.as_bytes(),
        ];
        let name = parts.concat();
        self.list(found.path, |list| llistxattr(OsStr::from_bytes(&name), list));
    }

    fn list(&mut self, path: &Path, list: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) {
        let (mut short, mut whole) = ([0; SHORT], Vec::new());
        let names = match list(&mut short) {
            Ok(length) => &short[..length],
            Err(Errno::RANGE) => {
                whole.resize(LONGEST, 0);
                let length = list(&mut whole).unwrap_or(0);
                &whole[..length]
            }
            // The file system has none.
            Err(_) => return,
        };
        let mut names = names.split(|byte| *byte == 0);
        let name = names.find(|name| !name.is_empty() && *name != POLICY);
        let Some(name) = name else { return };
        self.files += 1;
        if self.first.is_none() {
            let name = String::from_utf8_lossy(name).into_owned();
            self.first = Some((path.to_string_lossy().into_owned(), name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;

    use rustix::fs::{FileType, XattrFlags, setxattr};

    use super::*;
    use crate::source::standing::StartDirectory;

    #[test]
    fn attributes_are_seen_from_any_working_directory() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("empty");
        File::create(&path).expect("a file");
        if setxattr(&path, "user.comment", b"mine", XattrFlags::empty()).is_err() {
            // The file system has none.
            return;
        }
        let directory = File::open(folder.path()).expect("the directory");
        let found = Found {
            directory: directory.as_fd(),
            name: OsStr::new("empty"),
            target_name: None,
            path: Path::new("empty"),
            kind: FileType::RegularFile,
            opened: None,
        };
        let mut unkept = Unkept::default();
        unkept.look_at(&found, false);
        assert_eq!(unkept.files, 1);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let start = StartDirectory::of_this_thread();
                let is_here = start.standing().go_to(directory.as_fd());
                unkept.look_at(&found, is_here);
            });
        });
        assert_eq!(unkept.files, 2);
    }
}
