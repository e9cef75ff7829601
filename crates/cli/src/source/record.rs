//! The second walk: everything goes to the disc.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use ecma167::general::Timestamp;
use indicatif::ProgressBar;
use recording::{Attributes, Changes, Kind, NodeId, Recording};
use rustix::fs::{FileType, SeekFrom, Statx, seek};
use rustix::io::read;

use super::found::{Found, attributes};
use super::holes;
use super::walk::Visitor;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;

/// Bytes that are read from a file at once: as much as the drive takes in one command.
const CHUNK: usize = 1 << 20;

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Files that became longer or shorter while they were read: each as its path.
    pub changed: Vec<String>,
}

/// The second visitor of a walk.
pub struct Recorder<'a> {
    recording: &'a mut Recording,
    interrupt: &'a Interrupt,
    bar: ProgressBar,
    now: Timestamp,
    /// The directories from the top down.
    directories: Vec<Directory>,
    /// Nodes of the files that have several names.
    links: HashMap<(u32, u32, u64), NodeId>,
    buffer: Vec<u8>,
    recorded: Recorded,
}

struct Directory {
    node: NodeId,
    /// Made by this command, so that nothing of the disc is in it.
    is_new: bool,
    /// What it gets when it is complete.
    attributes: Option<Attributes>,
}

impl<'a> Recorder<'a> {
    /// A recorder that adds to the directory `target`.
    pub fn new(
        recording: &'a mut Recording,
        target: NodeId,
        interrupt: &'a Interrupt,
        bar: ProgressBar,
        now: Timestamp,
    ) -> Self {
        Self {
            recording,
            interrupt,
            bar,
            now,
            directories: vec![Directory {
                node: target,
                is_new: false,
                attributes: None,
            }],
            links: HashMap::new(),
            buffer: vec![0; CHUNK],
            recorded: Recorded::default(),
        }
    }

    /// What was recorded.
    pub fn finish(self) -> Recorded {
        self.bar.finish_and_clear();
        self.recorded
    }

    fn parent(&self) -> Outcome<(NodeId, bool)> {
        let directory = self
            .directories
            .last()
            .ok_or_else(|| Failure::failed("a file outside of every directory"))?;
        Ok((directory.node, directory.is_new))
    }

    /// The node that has this name already.
    fn existing(&mut self, name: &str) -> Outcome<Option<NodeId>> {
        let (parent, is_new) = self.parent()?;
        if is_new {
            Ok(None)
        } else {
            Ok(self.recording.lookup(parent, name)?)
        }
    }

    fn name<'n>(&self, found: &Found<'n>) -> Outcome<&'n str> {
        let name = found.target_name.and_then(|name| name.to_str());
        name.ok_or_else(|| Failure::failed("the name is no UTF-8").at(found.path.display()))
    }

    /// Makes a node, in place of a file of the same name.
    fn create(&mut self, found: &Found<'_>, kind: &Kind, attributes: &Attributes) -> Outcome<NodeId> {
        let name = self.name(found)?;
        let (parent, _) = self.parent()?;
        if self.existing(name)?.is_some() {
            self.recording.unlink(parent, name)?;
        }
        Ok(self.recording.create(parent, name, kind, attributes)?)
    }

    /// One more name for a node.
    fn link(&mut self, found: &Found<'_>, node: NodeId) -> Outcome {
        let name = self.name(found)?;
        let (parent, _) = self.parent()?;
        match self.existing(name)? {
            Some(existing) if existing == node => return Ok(()),
            Some(_) => self.recording.unlink(parent, name)?,
            None => {}
        }
        Ok(self.recording.link(node, parent, name)?)
    }

    fn directory(&mut self, found: &Found<'_>) -> Outcome<Directory> {
        let attributes = attributes(&found.status()?, self.now);
        let existing = match found.target_name {
            None => Some(self.parent()?.0),
            Some(_) => self.existing(self.name(found)?)?,
        };
        let node = match existing {
            Some(node) => node,
            None => self.create(found, &Kind::Directory, &attributes)?,
        };
        Ok(Directory {
            node,
            is_new: existing.is_none(),
            attributes: Some(attributes),
        })
    }

    fn other(&mut self, found: &Found<'_>) -> Outcome {
        let status = found.status()?;
        if let Some(node) = self.known_link(&status) {
            return self.link(found, node);
        }
        let kind = found.disc_kind(&status)?;
        let kind = kind.ok_or_else(|| Failure::failed("a kind of file that UDF does not have"))?;
        let node = self.create(found, &kind, &attributes(&status, self.now))?;
        self.remember_link(&status, node);
        Ok(())
    }

    fn file(&mut self, found: &Found<'_>) -> Outcome {
        let (file, status) = found.open_file()?;
        if let Some(node) = self.known_link(&status) {
            return self.link(found, node);
        }
        let attributes = attributes(&status, self.now);
        let node = self.create(found, &Kind::File, &attributes)?;
        self.remember_link(&status, node);
        if status.stx_size == 0 {
            return Ok(());
        }
        let length = if holes::may_be_sparse(&status) {
            self.sparse(found.path, file.as_fd(), node, status.stx_size)?
        } else {
            self.dense(found.path, file.as_fd(), node, status.stx_size)?
        };
        if length != status.stx_size {
            self.recorded
                .changed
                .push(found.path.to_string_lossy().into_owned());
        }
        Ok(self.recording.set_attributes(node, &times(&attributes))?)
    }

    /// Reads to the end that the file had when it was opened.
    fn dense(&mut self, path: &Path, file: BorrowedFd<'_>, node: NodeId, size: u64) -> Outcome<u64> {
        self.copy(path, file, node, 0, size)
    }

    /// Reads the parts that hold data, and leaves holes between them.
    fn sparse(&mut self, path: &Path, file: BorrowedFd<'_>, node: NodeId, size: u64) -> Outcome<u64> {
        let mut at = 0;
        let host = |error| Failure::host(path, error);
        while let Some((start, end)) = holes::next_data(file, at, size).map_err(host)? {
            seek(file, SeekFrom::Start(start)).map_err(host)?;
            at = self.copy(path, file, node, start, end)?;
            if at < end {
                return Ok(at);
            }
        }
        if at < size {
            self.recording.truncate(node, size)?;
        }
        Ok(size)
    }

    /// Copies from byte `at` to `end`, or to where the file ends now; returns how far it came.
    fn copy(
        &mut self,
        path: &Path,
        file: BorrowedFd<'_>,
        node: NodeId,
        mut at: u64,
        end: u64,
    ) -> Outcome<u64> {
        while at < end {
            self.interrupt.check()?;
            let want = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
            let got = fill(file, &mut self.buffer[..want]).map_err(|error| Failure::host(path, error))?;
            self.recording.write(node, at, &self.buffer[..got])?;
            self.bar.inc(got as u64);
            at += got as u64;
            if got < want {
                break;
            }
        }
        Ok(at)
    }

    fn known_link(&self, status: &Statx) -> Option<NodeId> {
        if status.stx_nlink < 2 {
            None
        } else {
            self.links.get(&key(status)).copied()
        }
    }

    fn remember_link(&mut self, status: &Statx, node: NodeId) {
        if status.stx_nlink > 1 {
            self.links.insert(key(status), node);
        }
    }
}

impl Visitor for Recorder<'_> {
    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool> {
        self.interrupt.check()?;
        let directory = self
            .directory(found)
            .map_err(|failure| named(failure, found.path))?;
        self.directories.push(directory);
        Ok(true)
    }

    fn visit(&mut self, found: &Found<'_>) -> Outcome {
        self.interrupt.check()?;
        let done = if found.kind == FileType::RegularFile {
            self.file(found)
        } else {
            self.other(found)
        };
        done.map_err(|failure| named(failure, found.path))
    }

    fn leave(&mut self) -> Outcome {
        if let Some(Directory {
            node,
            attributes: Some(attributes),
            ..
        }) = self.directories.pop()
        {
            let changes = Changes {
                mode: Some(attributes.mode),
                uid: Some(attributes.uid),
                gid: Some(attributes.gid),
                ..times(&attributes)
            };
            self.recording.set_attributes(node, &changes)?;
        }
        Ok(())
    }

    fn fault(&mut self, _path: &Path, failure: Failure) -> Outcome {
        Err(failure)
    }
}

/// Names the file where the failure does not, and leaves an interrupt as it is.
fn named(failure: Failure, path: &Path) -> Failure {
    let path = path.display().to_string();
    if failure.kind == "interrupted" || failure.message.starts_with(&path) {
        failure
    } else {
        failure.at(path)
    }
}

fn key(status: &Statx) -> (u32, u32, u64) {
    (status.stx_dev_major, status.stx_dev_minor, status.stx_ino)
}

/// The times that writing into a node has moved.
fn times(attributes: &Attributes) -> Changes {
    Changes {
        accessed: Some(attributes.accessed),
        modified: Some(attributes.modified),
        changed: Some(attributes.changed),
        ..Changes::default()
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: BorrowedFd<'_>, buffer: &mut [u8]) -> rustix::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read(file, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
