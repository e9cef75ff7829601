//! The walk over the files of the host: each directory in the order of its names, so that equal trees make equal discs.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, OFlags, StatxFlags, statx};

use super::found::{Found, open};
use super::names::Names;
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
        let path: PathBuf = source.path.components().collect();
        let mut walk = Walk {
            exclude: (!exclude.is_empty()).then_some(exclude),
            visitor: &mut *visitor,
            path: path.as_os_str().as_bytes().to_vec(),
            below: Vec::new(),
        };
        if let Some(name) = &source.name {
            walk.below.extend_from_slice(name.as_bytes());
            if walk.is_excluded() {
                continue;
            }
        }
        walk.top(source)?;
    }
    Ok(())
}

struct Walk<'a, V> {
    /// Where anything is left out.
    exclude: Option<&'a Exclude>,
    visitor: &'a mut V,
    /// The path as the user would name it.
    path: Vec<u8>,
    /// The path on the disc below the target, where something is left out by it.
    below: Vec<u8>,
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

    fn is_excluded(&self) -> bool {
        self.exclude
            .is_some_and(|exclude| exclude.matches(path_of(&self.below)))
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
            path: path_of(&self.path),
            kind,
        };
        if kind != FileType::Directory {
            return self.visitor.visit(&found);
        }
        if !self.visitor.enter(&found)? {
            return Ok(());
        }
        let opened = open(parent, name, OFlags::DIRECTORY);
        match opened.and_then(|directory| Ok((Names::of(&directory)?, directory))) {
            Ok((names, directory)) => self.contents(&directory, &names)?,
            Err(error) => {
                let path = path_of(&self.path);
                self.visitor.fault(path, Failure::host(path, error))?;
            }
        }
        self.visitor.leave()
    }

    fn contents(&mut self, directory: &OwnedFd, names: &Names) -> Outcome {
        let (path, below) = (self.path.len(), self.below.len());
        for (name, kind) in names.sorted() {
            push(&mut self.path, name);
            if self.exclude.is_some() {
                push(&mut self.below, name);
            }
            if !self.is_excluded() {
                self.node(directory.as_fd(), name, Some(name), kind)?;
            }
            self.below.truncate(below);
            self.path.truncate(path);
        }
        Ok(())
    }
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// One more name behind a path: what `PathBuf::push` does, and cheaply undone.
fn push(path: &mut Vec<u8>, name: &OsStr) {
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_bytes());
}

/// What something is, links not followed.
pub fn kind_of(directory: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<FileType> {
    let status = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)?;
    Ok(FileType::from_raw_mode(status.stx_mode.into()))
}
