//! The working directory of the thread that reads, which is its own.
//!
//! Linux before 6.13 lists the attributes of a file that is not open by its path alone. One through /proc/self/fd takes almost three
//! times as long as the name in a thread whose working directory holds it, and is most of what an empty file costs.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::sched::{CloneFlags, unshare};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::fchdir;

/// The directory that the program was started in, for a thread that leaves it: relative paths are relative to this one.
#[derive(Debug)]
pub struct StartDirectory(Option<OwnedFd>);

impl StartDirectory {
    /// Gives the calling thread a working directory of its own, where the host lets it: some containers do not.
    pub fn of_this_thread() -> Self {
        let here = openat(
            CWD,
            ".",
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        );
        Self(here.ok().filter(|_| unshare(CloneFlags::CLONE_FS).is_ok()))
    }

    /// The directory.
    pub fn handle(&self) -> BorrowedFd<'_> {
        self.0.as_ref().map_or(CWD, OwnedFd::as_fd)
    }

    /// What lets the thread leave it.
    pub fn standing(&self) -> Standing {
        Standing {
            may_go: self.0.is_some(),
            is_there: false,
        }
    }
}

/// Takes the thread from directory to directory, as the walk goes.
#[derive(Debug, Default)]
pub struct Standing {
    may_go: bool,
    /// The thread is in the lowest directory of the walk.
    is_there: bool,
}

impl Standing {
    /// Goes to the lowest directory of the walk; whether the thread is there.
    pub fn go_to(&mut self, lowest: BorrowedFd<'_>) -> bool {
        self.is_there = self.is_there || self.may_go && fchdir(lowest).is_ok();
        self.is_there
    }

    /// Another directory is the lowest.
    pub fn moves_on(&mut self) {
        self.is_there = false;
    }
}
