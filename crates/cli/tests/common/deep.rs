//! Trees deeper than the longest path of the system.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};

use super::Place;

/// Makes nested directories of one name with a file in the lowest; each also has a file that sorts last.
pub fn deep(place: &Place, top: &str, count: usize, name: &str) {
    std::fs::create_dir(place.path(top)).expect("a directory");
    let mut at = open(CWD, place.path(top).as_os_str());
    for _ in 0..count {
        mkdirat(&at, name, Mode::RWXU).expect("a directory");
        file(&at, "z");
        at = open(at.as_fd(), OsStr::new(name));
    }
    file(&at, "leaf");
}

fn open(parent: std::os::fd::BorrowedFd<'_>, name: &OsStr) -> OwnedFd {
    openat(parent, name, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).expect("a directory")
}

fn file(parent: &OwnedFd, name: &str) {
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = openat(parent, name, flags, Mode::RUSR | Mode::WUSR).expect("a file");
    rustix::io::write(&file, name.as_bytes()).expect("it is written");
}

/// The depth of nested directories, and the contents of the file in the lowest.
pub fn depth(place: &Place, top: &str, name: &str) -> (usize, String) {
    let mut at = open(CWD, place.path(top).as_os_str());
    let mut count = 0;
    while let Ok(below) = openat(&at, name, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
        let beside = openat(&at, "z", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        assert!(beside.is_ok(), "at level {count}");
        at = below;
        count += 1;
    }
    let leaf = openat(&at, "leaf", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).expect("the file");
    let mut bytes = [0; 16];
    let length = rustix::io::read(&leaf, &mut bytes[..]).expect("it is read");
    (count, String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// Removes a tree whose paths are too long for any library.
pub fn clear(place: &Place, top: &str, name: &str) {
    let removed = std::process::Command::new("rm")
        .arg("-rf")
        .arg(place.path(top))
        .status();
    assert!(removed.is_ok_and(|status| status.success()), "{name}");
    let _ = unlinkat(CWD, place.path(top), AtFlags::REMOVEDIR);
}
