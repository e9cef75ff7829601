//! Copies a directory of a volume to the host.
//!
//! Each directory of the host is opened from the top down, without following links, so no name on the disc
//! and no link that another program makes meanwhile leads out of the target.

use std::collections::HashMap;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ecma167::RecordedAddress;
use ecma167::general::Timestamp;
use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, futimens, linkat, mkdirat, openat,
    symlinkat, unlinkat, utimensat,
};
use rustix::io::Errno;
use volume::{Node, NodeKind, Step, Walk};

use crate::error::{AtPath as _, Error, ErrorKind, Result};
use crate::file::File;
use crate::open_options::shown;
use crate::turn::Turn;
use crate::volume::Volume;
use crate::walk_dir;

/// Maximum depth of nested directories that one call copies.
const DEEPEST: usize = 1 << 10;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const NEW_FILE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl Volume {
    /// Copies the contents of a directory, recursively, to a directory of the host, which is created if it is
    /// missing. Copies files with their holes, directories and symbolic links, each with its permissions and
    /// times. Names of one file become hard links. Owners and set-ID bits are not kept, and streams are not
    /// copied.
    ///
    /// Adds to directories that exist, but replaces no file. Follows no link below `host` and creates nothing
    /// outside it. Symbolic links keep their targets, which may be anywhere.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does, if the host cannot be written, or with:
    ///
    /// - [`ErrorKind::NotADirectory`] if `path` is not a directory.
    /// - [`ErrorKind::AlreadyExists`] if a file exists on the host.
    /// - [`ErrorKind::WrongFileType`] for a device, a FIFO or a socket.
    /// - [`ErrorKind::Damaged`] if a part cannot be read.
    /// - [`ErrorKind::TooLarge`] if directories are nested more than 1,024 deep.
    ///
    /// The first error ends the copy. What it copied before stays, but it removes an incomplete file.
    /// [`nodes`](crate::nodes) has what a program needs to go on after an error.
    pub fn extract_dir_all(&self, path: &str, host: impl AsRef<Path>) -> Result<()> {
        let host = host.as_ref();
        let node = self.turn().lock().lookup_path(path).at(path)?;
        if node.kind != NodeKind::Directory {
            return Err(recording::Error::NotADirectory).at(path);
        }
        let is_new = !host.exists();
        fs::create_dir_all(host).at(&shown(host))?;
        // The caller may name a link here.
        let top = host_result(openat(CWD, host, DIRECTORY, Mode::empty()), host)?;
        let here = host_result(openat(&top, ".", DIRECTORY, Mode::empty()), host)?;
        let extraction = Extraction {
            turn: self.turn(),
            host,
            top,
            here,
            below: Vec::new(),
            first_names: HashMap::new(),
        };
        let here = extraction.run(&node, path)?;
        if is_new {
            host_result(set_attributes(&here, &node), host)?;
        }
        Ok(())
    }
}

/// A copy that is under way.
struct Extraction<'v> {
    turn: &'v Turn,
    host: &'v Path,
    top: OwnedFd,
    /// The directories from the top down to the one being filled, with their nodes on the disc.
    below: Vec<(Rc<Way>, Node)>,
    /// The directory being filled.
    here: OwnedFd,
    /// Where the first name of each file with several was copied to.
    first_names: HashMap<RecordedAddress, FirstName>,
}

struct FirstName {
    /// Its directory; `None` is the top.
    way: Option<Rc<Way>>,
    name: String,
}

/// A directory below the top, by its name in the one above, so that many deep paths take no more memory than
/// their names.
struct Way {
    above: Option<Rc<Way>>,
    name: String,
}

impl Way {
    /// The names from the top down.
    fn names(way: Option<&Rc<Self>>) -> Vec<&str> {
        let up = std::iter::successors(way, |way| way.above.as_ref());
        let mut names: Vec<&str> = up.map(|way| way.name.as_str()).collect();
        names.reverse();
        names
    }
}

impl Extraction<'_> {
    /// Copies everything below a directory, and returns the top of the host.
    fn run(mut self, directory: &Node, path: &str) -> Result<OwnedFd> {
        let mut walk = Walk::new(directory.clone(), path);
        loop {
            let step = walk.step(&mut *self.turn.lock());
            match step.transpose().map_err(walk_dir::error)? {
                None => return Ok(self.here),
                Some(Step::Leave) => self.leave()?,
                Some(Step::Entry { path, named }) => {
                    let node = self.turn.lock().node(named.address).at(&path)?;
                    require_below(&named.name).at(&path)?;
                    if node.kind == NodeKind::Directory {
                        self.enter(named.name, &node, &path)?;
                        walk.enter(node, &path);
                    } else {
                        self.copy(&named.name, &node, &path)?;
                    }
                }
            }
        }
    }

    fn enter(&mut self, name: String, node: &Node, path: &str) -> Result<()> {
        if self.below.len() == DEEPEST {
            let message = "directories are nested more than 1,024 deep";
            return Err(Error::new(ErrorKind::TooLarge, message)).at(path);
        }
        let entered = match mkdirat(&self.here, name.as_str(), Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => open_below(&self.here, &name),
            Err(error) => Err(error),
        };
        self.here = host_result(entered, &self.path_of(&name))?;
        let above = self.way().cloned();
        self.below.push((Rc::new(Way { above, name }), node.clone()));
        Ok(())
    }

    /// Ends a directory. Sets its times last, because creating an entry changes them.
    fn leave(&mut self) -> Result<()> {
        let directory = self.path_of("");
        let Some((_, node)) = self.below.pop() else {
            return Ok(());
        };
        host_result(set_attributes(&self.here, &node), &directory)?;
        self.here = host_result(self.descend(self.way()), &self.path_of(""))?;
        Ok(())
    }

    /// The directory being filled; `None` is the top.
    fn way(&self) -> Option<&Rc<Way>> {
        self.below.last().map(|(way, _)| way)
    }

    fn descend(&self, way: Option<&Rc<Way>>) -> rustix::io::Result<OwnedFd> {
        let mut directory = openat(&self.top, ".", DIRECTORY, Mode::empty())?;
        for name in Way::names(way) {
            directory = open_below(&directory, name)?;
        }
        Ok(directory)
    }

    /// Copies anything but a directory.
    fn copy(&mut self, name: &str, node: &Node, path: &str) -> Result<()> {
        let has_names = node.entry.file_link_count > 1;
        if has_names && self.link(name, node)? {
            return Ok(());
        }
        match node.kind {
            NodeKind::File => self.copy_file(name, node, path)?,
            NodeKind::SymbolicLink => self.copy_link(name, node, path)?,
            _ => return Err(recording::Error::NotAFile).at(path),
        }
        if has_names {
            let first = FirstName {
                way: self.way().cloned(),
                name: name.to_owned(),
            };
            self.first_names.insert(node.address, first);
        }
        Ok(())
    }

    /// Makes another name for a file that was copied before. Returns `false` if it was not, or if the host
    /// makes no such name; then the file is copied again.
    fn link(&self, name: &str, node: &Node) -> Result<bool> {
        let Some(first) = self.first_names.get(&node.address) else {
            return Ok(false);
        };
        let directory = host_result(self.descend(first.way.as_ref()), self.host)?;
        let linked = linkat(
            &directory,
            first.name.as_str(),
            &self.here,
            name,
            AtFlags::empty(),
        );
        match linked {
            Err(Errno::NOENT | Errno::MLINK | Errno::PERM | Errno::XDEV | Errno::OPNOTSUPP) => Ok(false),
            linked => host_result(linked, &self.path_of(name)).map(|()| true),
        }
    }

    fn copy_file(&self, name: &str, node: &Node, path: &str) -> Result<()> {
        let mut from = File::open(self.turn, node.address, path)?;
        let made = openat(&self.here, name, NEW_FILE, Mode::RUSR | Mode::WUSR);
        let to = fs::File::from(host_result(made, &self.path_of(name))?);
        let copied = from.copy_to_file(&to).at(path);
        let whole = copied.and_then(|_| host_result(set_attributes(&to, node), &self.path_of(name)));
        if whole.is_err() {
            // The first error says more than a failure to remove the file.
            let _ = unlinkat(&self.here, name, AtFlags::empty());
        }
        whole
    }

    fn copy_link(&self, name: &str, node: &Node, path: &str) -> Result<()> {
        let target = self.turn.lock().symlink_target(node).at(path)?;
        let made = symlinkat(target, &self.here, name).and_then(|()| {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            utimensat(&self.here, name, &times(node), flags)
        });
        host_result(made, &self.path_of(name))
    }

    /// The path of a name on the host, for messages.
    fn path_of(&self, name: &str) -> PathBuf {
        let mut path = self.host.to_owned();
        path.extend(Way::names(self.way()));
        if !name.is_empty() {
            path.push(name);
        }
        path
    }
}

/// Fails if a name leads out of its directory on the host.
fn require_below(name: &str) -> Result<()> {
    if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
        let message = "the name leads elsewhere (ECMA-167 4/14.4.8)";
        return Err(Error::new(ErrorKind::Damaged, message));
    }
    Ok(())
}

fn open_below(parent: &OwnedFd, name: &str) -> rustix::io::Result<OwnedFd> {
    openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
}

fn host_result<T>(result: rustix::io::Result<T>, host: &Path) -> Result<T> {
    result.map_err(std::io::Error::from).at(&shown(host))
}

/// Sets permissions and times, but no set-ID bits: a program from a disc must not get the rights of the user
/// who copies it.
fn set_attributes(file: impl AsFd, node: &Node) -> rustix::io::Result<()> {
    fchmod(&file, Mode::from_raw_mode(node.mode() & 0o777))?;
    futimens(&file, &times(node))
}

fn times(node: &Node) -> Timestamps {
    Timestamps {
        last_access: timespec(&node.entry.access_time),
        last_modification: timespec(&node.entry.modification_time),
    }
}

/// A time of the disc. If it is impossible or not recorded, the host's time stays.
fn timespec(time: &Timestamp) -> Timespec {
    match time.to_unix() {
        Some((tv_sec, nanoseconds)) => Timespec {
            tv_sec,
            tv_nsec: nanoseconds.into(),
        },
        None => Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["", ".", "..", "../x", "/etc/passwd", "a\0b"] {
            let refused = require_below(name).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::Damaged), "{name:?}");
        }
        assert!(require_below("...").is_ok());
    }
}
