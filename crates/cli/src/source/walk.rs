//! Walks the files of the host: each directory in the order of its names, so that equal trees make equal
//! discs.
//!
//! It goes as deep as the tree: the directories above are kept as names.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags};

use super::argument::Content;
use super::found::{Found, open};
use super::names::Names;
use super::status::kind_of;
use super::{Exclude, Source};
use crate::descent::Descent;
use crate::failure::{Failure, Outcome};

/// What to do with the files of the walk.
pub trait Visitor {
    /// A name, before its file is checked.
    fn meet(&mut self, found: &Found<'_>) -> Outcome;
    /// A directory, before its contents. `false` skips its contents and `leave`.
    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool>;
    /// Anything but a directory.
    fn visit(&mut self, found: &Found<'_>) -> Outcome;
    /// Input from a descriptor.
    fn content(&mut self, source: &Source, content: &Content) -> Outcome;
    /// A directory, after its contents.
    fn leave(&mut self, path: &Path) -> Outcome;
    /// A directory whose names cannot be listed, or a missing file. The walk continues unless this fails.
    fn fault(&mut self, path: &Path, failure: Failure) -> Outcome;
}

/// Walks all sources in order; their paths are relative to `start`.
pub fn walk(
    start: BorrowedFd<'_>,
    sources: &[Source],
    exclude: &Exclude,
    visitor: &mut impl Visitor,
) -> Outcome {
    for source in sources {
        let path: PathBuf = source.path.components().collect();
        let mut walk = Walk {
            start,
            exclude: (!exclude.is_empty()).then_some(exclude),
            visitor: &mut *visitor,
            path: path.as_os_str().as_bytes().to_vec(),
            below: Vec::new(),
            levels: Vec::new(),
            descent: Descent::default(),
        };
        if let Some(name) = &source.name {
            walk.below.extend_from_slice(name.as_bytes());
            if walk.is_excluded() {
                continue;
            }
        }
        match &source.content {
            Some(content) => walk.visitor.content(source, content)?,
            None => walk.top(source)?,
        }
    }
    Ok(())
}

struct Walk<'a, V> {
    start: BorrowedFd<'a>,
    /// The globs, if any.
    exclude: Option<&'a Exclude>,
    visitor: &'a mut V,
    /// The path as the user would write it.
    path: Vec<u8>,
    /// The path on the disc below the target, if globs need it.
    below: Vec<u8>,
    /// The directories entered, from the top down.
    levels: Vec<Level>,
    descent: Descent,
}

/// An entered directory.
struct Level {
    names: Names,
    /// How many names are done.
    done: usize,
    /// The length of its own path, and of that on the disc.
    path: usize,
    below: usize,
}

impl<V: Visitor> Walk<'_, V> {
    fn top(&mut self, source: &Source) -> Outcome {
        let name = source.path.as_os_str();
        let kind = match kind_of(self.start, name) {
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
        self.node(self.start, name, source.name.as_deref(), kind)?;
        while let Some(level) = self.levels.last_mut() {
            let (path, below) = (level.path, level.below);
            self.path.truncate(path);
            self.below.truncate(below);
            let Some((name, kind)) = level.names.get(level.done) else {
                self.leave()?;
                continue;
            };
            level.done += 1;
            let name = name.to_owned();
            push(&mut self.path, &name);
            if self.exclude.is_some() {
                push(&mut self.below, &name);
            }
            if self.is_excluded() {
                continue;
            }
            match self.descent.lowest() {
                Ok(directory) => self.node(directory.as_fd(), &name, Some(&name), kind)?,
                Err(_) => self.lost(source)?,
            }
        }
        Ok(())
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
        let mut found = Found {
            directory: parent,
            name,
            target_name: target,
            path: path_of(&self.path),
            kind,
            opened: None,
        };
        self.visitor.meet(&found)?;
        if kind != FileType::Directory {
            return self.visitor.visit(&found);
        }
        // A directory that cannot be opened is missing, rather than present and empty.
        let opened = open(parent, name, OFlags::DIRECTORY);
        let opened = opened.and_then(|directory| {
            let names = Names::of(&directory)?;
            Ok((names, directory))
        });
        let (names, directory) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let path = found.path;
                return self.visitor.fault(path, Failure::host(path, error));
            }
        };
        found.opened = Some(directory.as_fd());
        if self.visitor.enter(&found)? {
            let level = Level {
                names,
                done: 0,
                path: self.path.len(),
                below: self.below.len(),
            };
            let pushed = self.descent.push(directory);
            pushed.map_err(|error| Failure::host(path_of(&self.path), error))?;
            self.levels.push(level);
        }
        Ok(())
    }

    /// Ends the lowest directory.
    fn leave(&mut self) -> Outcome {
        self.levels.pop();
        self.descent.pop();
        self.visitor.leave(path_of(&self.path))
    }

    /// The lowest directory is not where it was: find it from the top down. One that was moved away is
    /// reported, and the rest of it is left out.
    fn lost(&mut self, source: &Source) -> Outcome {
        let (path, levels) = (&self.path, &self.levels);
        let below = levels.windows(2).map(|pair| {
            let name = &path[pair[0].path..pair[1].path];
            OsStr::from_bytes(name.strip_prefix(b"/").unwrap_or(name))
        });
        let names = std::iter::once(source.path.as_os_str()).chain(below);
        let found = self.descent.find(self.start, names);
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        if found.is_ok() {
            // The name at which it was missed comes again.
            level.done -= 1;
            return Ok(());
        }
        level.done = usize::MAX;
        let path = path_of(&self.path[..level.path]);
        let failure = Failure::failed("it was moved away while it was read").at(path.display());
        self.visitor.fault(path, failure)
    }
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Adds a name to a path: like `PathBuf::push`, but cheap to undo.
fn push(path: &mut Vec<u8>, name: &OsStr) {
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_bytes());
}
