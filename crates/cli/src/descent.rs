//! Descends through directories of the host and holds only the lowest open, because a tree may be deeper than
//! a program may have open files.
//!
//! A directory that was closed is found again from below, and no other directory is mistaken for it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use rustix::fs::{AtFlags, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::{Errno, Result};

/// Directories held open: those that are needed again soon.
const HELD: usize = 32;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Directories, each in the one before it.
#[derive(Debug, Default)]
pub struct Descent(Vec<Level>);

#[derive(Debug)]
struct Level {
    directory: Option<Rc<OwnedFd>>,
    /// Device and inode number.
    identity: (u32, u32, u64),
}

fn identity(directory: BorrowedFd<'_>) -> Result<(u32, u32, u64)> {
    let status = statx(directory, "", AtFlags::EMPTY_PATH, StatxFlags::INO)?;
    Ok((status.stx_dev_major, status.stx_dev_minor, status.stx_ino))
}

impl Descent {
    /// Enters a directory.
    pub fn push(&mut self, directory: OwnedFd) -> Result<()> {
        let identity = identity(directory.as_fd())?;
        if let Some(far) = self.0.len().checked_sub(HELD) {
            self.0[far].directory = None;
        }
        self.0.push(Level {
            directory: Some(Rc::new(directory)),
            identity,
        });
        Ok(())
    }

    /// The lowest directory.
    pub fn lowest(&self) -> Result<Rc<OwnedFd>> {
        let level = self.0.last().ok_or(Errno::NOENT)?;
        level.directory.clone().ok_or(Errno::STALE)
    }

    /// Leaves the lowest directory, and finds the one above again if it was closed. If that was moved away,
    /// [`Descent::lowest`] fails until [`Descent::find`] finds it.
    pub fn pop(&mut self) -> Option<Rc<OwnedFd>> {
        let below = self.0.pop()?.directory;
        if let (Some(above), Some(below)) = (self.0.last_mut(), &below)
            && above.directory.is_none()
        {
            let found = openat(&**below, "..", DIRECTORY, Mode::empty());
            let found = found.and_then(|found| Ok((identity(found.as_fd())?, found)));
            above.directory = match found {
                Ok((identity, found)) if identity == above.identity => Some(Rc::new(found)),
                _ => None,
            };
        }
        below
    }

    /// Finds the lowest directory again by the names from the top down; the host resolves the first one from
    /// `start`.
    pub fn find<'n>(&mut self, start: BorrowedFd<'_>, names: impl Iterator<Item = &'n OsStr>) -> Result<()> {
        let mut directory: Option<OwnedFd> = None;
        for (level, name) in self.0.iter().zip(names) {
            let parent = directory.as_ref().map_or(start, OwnedFd::as_fd);
            let found = openat(parent, name, DIRECTORY, Mode::empty())?;
            if identity(found.as_fd())? != level.identity {
                return Err(Errno::STALE);
            }
            directory = Some(found);
        }
        let level = self.0.last_mut().ok_or(Errno::NOENT)?;
        level.directory = Some(Rc::new(directory.ok_or(Errno::NOENT)?));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::CWD;

    use super::*;

    fn deep(top: &std::path::Path, count: usize) -> std::io::Result<Descent> {
        let mut descent = Descent::default();
        descent.push(std::fs::File::open(top)?.into())?;
        for _ in 0..count {
            let above = descent.lowest()?;
            rustix::fs::mkdirat(&*above, "d", Mode::RWXU)?;
            descent.push(openat(&*above, "d", DIRECTORY, Mode::empty())?)?;
        }
        Ok(descent)
    }

    #[test]
    fn every_directory_is_found_again() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut descent = deep(folder.path(), 3000)?;
        while descent.pop().is_some() {
            assert!(descent.0.is_empty() || descent.lowest().is_ok());
        }
        Ok(())
    }

    #[test]
    fn another_directory_is_not_mistaken_for_one_that_was_moved_away() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut descent = deep(folder.path(), 40)?;
        // The tenth from the bottom moves elsewhere with everything in it.
        let path: std::path::PathBuf = std::iter::repeat_n("d", 8).collect();
        std::fs::rename(folder.path().join(&path), folder.path().join("moved"))?;
        while descent.0.len() > 8 {
            descent.pop();
        }
        assert_eq!(descent.lowest().err(), Some(Errno::STALE));
        let names = std::iter::once(folder.path().as_os_str());
        descent.find(CWD, names.chain(std::iter::repeat_n(OsStr::new("d"), 7)))?;
        assert!(descent.lowest().is_ok());
        Ok(())
    }
}
