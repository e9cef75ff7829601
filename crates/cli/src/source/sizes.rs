//! Whether the host knows how long its files are.

use std::collections::HashMap;
use std::os::fd::BorrowedFd;

use rustix::fs::{FsWord, Statx, fstatfs};

/// What statfs(2) calls a file system of a program in user space, whose sizes are what that program says.
const FUSE: FsWord = 0x6573_5546;

/// Which file systems state the sizes of their files. /proc and its kind say 0 of files that hold something.
#[derive(Debug, Default)]
pub struct Sizes {
    /// By their devices.
    believed: HashMap<(u32, u32), bool>,
}

impl Sizes {
    /// Whether the size of a file is the truth; `near` is the file, or its directory.
    pub fn are_true(&mut self, status: &Statx, near: BorrowedFd<'_>) -> bool {
        let device = (status.stx_dev_major, status.stx_dev_minor);
        // Who has a device of its own keeps the files there.
        device.0 != 0 || *self.believed.entry(device).or_insert_with(|| keeps_files(near))
    }
}

/// Whether a file system without a device has room for files: one that makes them up has none.
fn keeps_files(near: BorrowedFd<'_>) -> bool {
    fstatfs(near).is_ok_and(|system| system.f_blocks > 0 && system.f_type != FUSE)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;

    use super::*;
    use crate::source::status::status;

    fn are_true(path: &str) -> bool {
        let file = File::open(path).expect("it is there");
        let status = status(file.as_fd()).expect("a status");
        Sizes::default().are_true(&status, file.as_fd())
    }

    #[test]
    fn a_file_of_proc_may_hold_more_than_it_says() {
        assert!(!are_true("/proc/self/status"));
    }

    #[test]
    fn a_program_on_a_disc_is_as_long_as_it_says() {
        assert!(are_true(env!("CARGO_MANIFEST_DIR")));
    }
}
