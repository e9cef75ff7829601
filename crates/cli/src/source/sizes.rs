//! Whether the host knows the sizes of its files.

use std::collections::HashMap;
use std::os::fd::BorrowedFd;

use rustix::fs::{FsWord, Statx, fstatfs};

/// The statfs(2) type of FUSE file systems, whose sizes are true.
const FUSE: FsWord = 0x6573_5546;

/// Which file systems report true sizes. /proc and the like report 0 for files with contents.
#[derive(Debug, Default)]
pub struct Sizes {
    /// By their devices.
    believed: HashMap<(u32, u32), bool>,
}

impl Sizes {
    /// Whether the size of a file is true; `near` is the file, or its directory.
    pub fn are_true(&mut self, status: &Statx, near: BorrowedFd<'_>) -> bool {
        let device = (status.stx_dev_major, status.stx_dev_minor);
        // A file system with a device of its own stores its files there.
        device.0 != 0 || *self.believed.entry(device).or_insert_with(|| keeps_files(near))
    }
}

/// Whether a file system without a device stores files: one that generates them has no room.
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
