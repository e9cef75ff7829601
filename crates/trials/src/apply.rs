//! Applies one operation to both the volume and its model.

use ecma167::general::Timestamp;
use recording::{Attributes, Changes, Error, NodeId, NodeKind, Recording};

use crate::broken::Broken;
use crate::model::{Model, Node, Shape, split};
use crate::operation::{Operation, content, name as text};

/// Directories are created down to this level.
pub(crate) const DEEPEST: usize = 4;

const TARGET: &str = "../x/ü";

/// A file that is held open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// In the recording.
    pub node: NodeId,
    /// In the model.
    pub number: usize,
}

/// Both sides at one moment.
pub(crate) struct Sides<'a> {
    pub recording: &'a mut Recording,
    pub model: &'a mut Model,
    /// The files that are held open.
    pub held: &'a mut Vec<Held>,
    pub now: Timestamp,
}

/// The result of the engine; `None` if the medium has no room for it, or no further track.
pub(crate) fn done<T>(result: Result<T, Error>) -> Result<Option<T>, Broken> {
    match result.map_err(Broken::from) {
        Ok(value) => Ok(Some(value)),
        Err(broken) if broken.is_medium_full() => Ok(None),
        Err(broken) => Err(broken),
    }
}

/// The engine must refuse what the model knows to be impossible, with that error.
fn refused<T>(result: Result<T, Error>, wanted: fn(&Error) -> bool, what: &str) -> Result<(), Broken> {
    match result {
        Err(error) if wanted(&error) => Ok(()),
        Err(error @ (Error::Drive(_) | Error::Volume(_) | Error::ReadOnly(_))) => Err(error.into()),
        Err(error) => Err(Broken::Contradiction(format!("{what} was refused with: {error}"))),
        Ok(_) => Err(Broken::Contradiction(format!("{what} was not refused"))),
    }
}

impl Sides<'_> {
    /// Applies an operation other than a commit.
    pub fn apply(&mut self, operation: &Operation) -> Result<(), Broken> {
        self.recording.set_time(self.now);
        match *operation {
            Operation::Create { parent, name, length } => self.create_file(parent, name, length),
            Operation::MakeDirectory { parent, name } => {
                let parent = self.model.directory(parent);
                if parent.matches('/').count() >= DEEPEST {
                    return Ok(());
                }
                self.create(&parent, &text(name), NodeKind::Directory, Vec::new())
                    .map(drop)
            }
            Operation::Symlink { parent, name } => {
                let parent = self.model.directory(parent);
                self.create(&parent, &text(name), NodeKind::SymbolicLink, TARGET.into())
                    .map(drop)
            }
            Operation::Special { parent, name, shape } => {
                let parent = self.model.directory(parent);
                self.create(&parent, &text(name), kind(shape), Vec::new())
                    .map(drop)
            }
            Operation::Crowd { parent, count } => self.crowd(&self.model.directory(parent), count),
            Operation::Write { node, offset, length } => self.write(&self.model.pick(node), offset, length),
            Operation::Append { node, length } => {
                let path = self.model.pick(node);
                self.write(&path, self.model.length(&path), length)
            }
            Operation::Truncate { node, length } => self.truncate(&self.model.pick(node), length),
            Operation::Link { node, parent, name } => self.link(node, parent, name),
            Operation::Remove { node } => self.remove(&self.model.pick(node)),
            Operation::Outlive { node, length } => self.outlive(&self.model.pick(node), length),
            Operation::Hold { node } => self.hold(&self.model.pick(node)),
            Operation::Release { length } => self.release(length),
            Operation::Finish { node } => self.finish(&self.model.pick(node)),
            Operation::Rename { node, parent, name } => self.rename(node, parent, name),
            Operation::Mode { node, mode } => self.change_mode(&self.model.pick(node), mode),
            Operation::TakeBack { parent, name, length } => {
                self.take_back(&self.model.directory(parent), &text(name), length)
            }
            Operation::Replace { node, length } => self.replace(&self.model.pick(node), length),
            Operation::Record { .. }
            | Operation::Commit
            | Operation::Abandon
            | Operation::Reopen
            | Operation::Close => Ok(()),
        }
    }

    pub(crate) fn moment(&self) -> (i64, u32) {
        self.now.to_unix().unwrap_or_default()
    }

    pub(crate) fn node(&mut self, path: &str) -> Result<NodeId, Broken> {
        Ok(self.recording.lookup_path(path)?)
    }

    /// Creates a node; returns its path if there was room for it and the name was free.
    pub(crate) fn create(
        &mut self,
        parent: &str,
        name: &str,
        kind: NodeKind,
        bytes: Vec<u8>,
    ) -> Result<Option<(String, NodeId)>, Broken> {
        let path = format!("{parent}/{name}");
        let at = self.node(parent)?;
        let owner = (1000 + u32::try_from(name.len()).unwrap_or(0), 100);
        let mut attributes = Attributes::at(0o640, self.now);
        (attributes.uid, attributes.gid) = owner;
        let made = match kind {
            NodeKind::SymbolicLink => self.recording.symlink(at, name, TARGET, &attributes),
            kind => self.recording.create(at, name, kind, &attributes),
        };
        if self.model.contains(&path) {
            refused(made, |error| matches!(error, Error::Exists), &path)?;
            return Ok(None);
        }
        let Some(made) = done(made)? else {
            return Ok(None);
        };
        let node = Node {
            shape: shape(kind),
            mode: 0o640,
            owner,
            modified: self.moment(),
            bytes,
        };
        self.model.add(path.clone(), node);
        Ok(Some((path, made)))
    }

    fn crowd(&mut self, parent: &str, count: usize) -> Result<(), Broken> {
        for number in 0..count {
            self.create(parent, &format!("pipe {number}"), NodeKind::Fifo, Vec::new())?;
        }
        Ok(())
    }

    fn create_file(&mut self, parent: usize, index: usize, length: usize) -> Result<(), Broken> {
        let parent = self.model.directory(parent);
        let Some((path, made)) = self.create(&parent, &text(index), NodeKind::File, Vec::new())? else {
            return Ok(());
        };
        let bytes = content(length, index.to_le_bytes()[0]);
        if done(self.recording.write(made, 0, &bytes))?.is_some() {
            self.model.change(&path, |node| node.bytes = bytes);
        }
        Ok(())
    }

    fn write(&mut self, path: &str, offset: usize, length: usize) -> Result<(), Broken> {
        if !self.model.is_file(path) {
            return Ok(());
        }
        let bytes = content(length, offset.to_le_bytes()[0]);
        let (at, now) = (self.node(path)?, self.moment());
        if done(self.recording.write(at, offset as u64, &bytes))?.is_some() {
            self.model.change(path, |node| {
                node.modified = now;
                if length > 0 || offset <= node.bytes.len() {
                    node.bytes.resize(node.bytes.len().max(offset + length), 0);
                    node.bytes[offset..offset + length].copy_from_slice(&bytes);
                }
            });
        }
        Ok(())
    }

    fn truncate(&mut self, path: &str, length: usize) -> Result<(), Broken> {
        if !self.model.is_file(path) {
            return Ok(());
        }
        let (at, now) = (self.node(path)?, self.moment());
        if done(self.recording.truncate(at, length as u64))?.is_some() {
            self.model.change(path, |node| {
                node.modified = now;
                node.bytes.resize(length, 0);
            });
        }
        Ok(())
    }

    fn link(&mut self, node: usize, parent: usize, index: usize) -> Result<(), Broken> {
        let (path, parent) = (self.model.pick(node), self.model.directory(parent));
        let link = format!("{parent}/{}", text(index));
        let (at, to) = (self.node(&path)?, self.node(&parent)?);
        let linked = self.recording.link(at, to, &text(index));
        if self.model.is_directory(&path) {
            return refused(linked, |error| matches!(error, Error::IsADirectory), &link);
        }
        if self.model.contains(&link) {
            return refused(linked, |error| matches!(error, Error::Exists), &link);
        }
        if done(linked)?.is_some() {
            self.model.link(&path, link, self.moment());
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, path: &str) -> Result<(), Broken> {
        if path.is_empty() {
            return Ok(());
        }
        let (parent, last) = split(path);
        let at = self.node(&parent)?;
        let removed = if !self.model.is_directory(path) {
            self.recording.unlink(at, &last)
        } else if self.model.has_children(path) {
            let removed = self.recording.remove_directory(at, &last);
            return refused(removed, |error| matches!(error, Error::NotEmpty), path);
        } else {
            self.recording.remove_directory(at, &last)
        };
        if done(removed)?.is_some() {
            self.model.remove(path, self.moment());
        }
        Ok(())
    }

    fn outlive(&mut self, path: &str, length: usize) -> Result<(), Broken> {
        let Some(number) = self.model.number(path).filter(|_| self.model.is_file(path)) else {
            return Ok(());
        };
        let at = self.node(path)?;
        let mut expected = self.model.bytes(path);
        self.recording.open_node(at)?;
        self.remove(path)?;
        let more = content(length, length.to_le_bytes()[0]);
        if done(self.recording.write(at, expected.len() as u64, &more))?.is_some() {
            expected.extend(&more);
            let now = self.moment();
            if let Some(node) = self.model.numbered(number) {
                node.modified = now;
                node.bytes.clone_from(&expected);
            }
        }
        let mut found = vec![0; expected.len() + 1];
        let read = self.recording.read(at, 0, &mut found)?;
        found.truncate(read);
        self.recording.close_node(at);
        if found == expected {
            Ok(())
        } else {
            Err(Broken::Contradiction(format!("{path:?} has other contents")))
        }
    }

    fn finish(&mut self, path: &str) -> Result<(), Broken> {
        if !self.model.is_file(path) {
            return Ok(());
        }
        let at = self.node(path)?;
        done(self.recording.finish(at)).map(drop)
    }

    fn rename(&mut self, node: usize, parent: usize, index: usize) -> Result<(), Broken> {
        let (path, parent) = (self.model.pick(node), self.model.directory(parent));
        if path.is_empty() {
            return Ok(());
        }
        let target = format!("{parent}/{}", text(index));
        let (from, last) = split(&path);
        let (from, to) = (self.node(&from)?, self.node(&parent)?);
        let renamed = self.recording.rename(from, &last, to, &text(index));
        if self.model.same(&path, &target) {
            return done(renamed).map(drop);
        }
        if let Some(wanted) = self.why_not(&path, &parent, &target) {
            return refused(renamed, wanted, &target);
        }
        if done(renamed)?.is_some() {
            self.model.rename(&path, &target, self.moment());
        }
        Ok(())
    }

    /// The error with which a rename must be refused, if it must be.
    fn why_not(&self, path: &str, parent: &str, target: &str) -> Option<fn(&Error) -> bool> {
        let directory = self.model.is_directory(path);
        if directory && (parent == path || parent.starts_with(&format!("{path}/"))) {
            return Some(|error| matches!(error, Error::IntoItself));
        }
        match (directory, self.model.is_directory(target)) {
            (true, true) if self.model.has_children(target) => Some(|error| matches!(error, Error::NotEmpty)),
            (true, false) if self.model.contains(target) => {
                Some(|error| matches!(error, Error::NotADirectory))
            }
            (false, true) => Some(|error| matches!(error, Error::IsADirectory)),
            _ => None,
        }
    }

    fn change_mode(&mut self, path: &str, mode: u32) -> Result<(), Broken> {
        let at = self.node(path)?;
        let changes = Changes {
            mode: Some(mode),
            ..Changes::default()
        };
        if done(self.recording.set_attributes(at, &changes))?.is_some() {
            self.model.change(path, |node| node.mode = mode);
        }
        Ok(())
    }
}

fn kind(shape: Shape) -> NodeKind {
    match shape {
        Shape::Directory => NodeKind::Directory,
        Shape::File => NodeKind::File,
        Shape::SymbolicLink => NodeKind::SymbolicLink,
        Shape::CharacterDevice { major, minor } => NodeKind::CharacterDevice { major, minor },
        Shape::BlockDevice { major, minor } => NodeKind::BlockDevice { major, minor },
        Shape::Fifo => NodeKind::Fifo,
        Shape::Socket => NodeKind::Socket,
    }
}

fn shape(kind: NodeKind) -> Shape {
    match kind {
        NodeKind::Directory => Shape::Directory,
        NodeKind::File => Shape::File,
        NodeKind::SymbolicLink => Shape::SymbolicLink,
        NodeKind::CharacterDevice { major, minor } => Shape::CharacterDevice { major, minor },
        NodeKind::BlockDevice { major, minor } => Shape::BlockDevice { major, minor },
        NodeKind::Fifo => Shape::Fifo,
        NodeKind::Socket => Shape::Socket,
    }
}
