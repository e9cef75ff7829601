//! The walk over the files of the host: each directory in the order of its names, so that equal trees make equal discs.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, OFlags, StatxFlags, statx};

use super::found::{Found, open};
use super::{Exclude, Source};
use crate::failure::{Failure, Outcome};

/// What is done with the files that the walk finds.
pub trait Visitor {
    /// A directory, before what it holds. `false` passes over what it holds, and over `leave`.
    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool>;
    /// Anything but a directory.
    fn visit(&mut self, found: &Found<'_>) -> Outcome;
    /// A directory, after what it holds.
    fn leave(&mut self) -> Outcome;
    /// A directory whose names cannot be listed, or a file that is gone. The walk goes on if this does.
    fn fault(&mut self, path: &Path, failure: Failure) -> Outcome;
}

/// Walks all sources in their order.
pub fn walk(sources: &[Source], exclude: &Exclude, visitor: &mut impl Visitor) -> Outcome {
    for source in sources {
        let mut walk = Walk {
            exclude,
            visitor: &mut *visitor,
            path: source.path.components().collect(),
            below: PathBuf::new(),
        };
        if let Some(name) = &source.name {
            walk.below.push(name);
            if exclude.matches(&walk.below) {
                continue;
            }
        }
        walk.top(source)?;
    }
    Ok(())
}

struct Walk<'a, V> {
    exclude: &'a Exclude,
    visitor: &'a mut V,
    /// The path as the user would name it.
    path: PathBuf,
    /// The path on the disc below the target.
    below: PathBuf,
}

impl<V: Visitor> Walk<'_, V> {
    fn top(&mut self, source: &Source) -> Outcome {
        let name = source.path.as_os_str();
        let kind = match kind_of(CWD, name) {
            Ok(kind) => kind,
            Err(error) => {
                return self
                    .visitor
                    .fault(&source.path, Failure::host(&source.path, error));
            }
        };
        if source.name.is_none() && kind != FileType::Directory {
            let failure = Failure::failed("not a directory").at(source.path.display());
            return self.visitor.fault(&source.path, failure);
        }
        self.node(CWD, name, source.name.as_deref(), kind)
    }

    fn node(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &OsStr,
        target: Option<&OsStr>,
        kind: FileType,
    ) -> Outcome {
        let found = Found {
            directory: parent,
            name,
            target_name: target,
            path: &self.path,
            kind,
        };
        if kind != FileType::Directory {
            return self.visitor.visit(&found);
        }
        if !self.visitor.enter(&found)? {
            return Ok(());
        }
        match open(parent, name, OFlags::DIRECTORY).and_then(|directory| Ok((names(&directory)?, directory)))
        {
            Ok((names, directory)) => self.contents(&directory, names)?,
            Err(error) => self.visitor.fault(&self.path, Failure::host(&self.path, error))?,
        }
        self.visitor.leave()
    }

    fn contents(&mut self, directory: &OwnedFd, names: Vec<(OsString, FileType)>) -> Outcome {
        for (name, kind) in names {
            self.path.push(&name);
            self.below.push(&name);
            if !self.exclude.matches(&self.below) {
                self.node(directory.as_fd(), &name, Some(&name), kind)?;
            }
            self.below.pop();
            self.path.pop();
        }
        Ok(())
    }
}

/// The names in a directory, sorted by their bytes.
fn names(directory: &OwnedFd) -> rustix::io::Result<Vec<(OsString, FileType)>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => kind_of(directory.as_fd(), name)?,
            kind => kind,
        };
        names.push((name.to_owned(), kind));
    }
    names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(names)
}

fn kind_of(directory: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<FileType> {
    let status = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)?;
    Ok(FileType::from_raw_mode(status.stx_mode.into()))
}
