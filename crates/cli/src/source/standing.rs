//! The working directory of the reading thread, which is its own.
//!
//! Linux before 6.13 lists the attributes of a file that is not open only by path. A path through
//! /proc/self/fd takes almost three times as long as a name in the working directory of the thread, and is
//! most of the cost of an empty file.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::sched::{CloneFlags, unshare};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::fchdir;

/// The directory in which the program was started, for a thread that leaves it: relative paths start here.
#[derive(Debug)]
pub struct StartDirectory(Option<OwnedFd>);

impl StartDirectory {
    /// Gives the calling thread a working directory of its own, if the host allows it: some containers do
    /// not.
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

    /// The means to leave it.
    pub fn standing(&self) -> Standing {
        Standing {
            may_go: self.0.is_some(),
            is_there: false,
        }
    }
}

/// Moves the thread from directory to directory with the walk.
#[derive(Debug, Default)]
pub struct Standing {
    may_go: bool,
    /// The thread is in the lowest directory of the walk.
    is_there: bool,
}

impl Standing {
    /// Changes to the lowest directory of the walk. Returns whether the thread is there.
    pub fn go_to(&mut self, lowest: BorrowedFd<'_>) -> bool {
        self.is_there = self.is_there || self.may_go && fchdir(lowest).is_ok();
        self.is_there
    }

    /// Another directory has become the lowest.
    pub fn moves_on(&mut self) {
        self.is_there = false;
    }
}
