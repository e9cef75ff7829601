//! What programs do with files and directories.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::sync::Arc;

use ecma167::general::Timestamp;
use ecma167::{BLOCK_SIZE, RecordedAddress};
use fuser::{FileAttr, FileHandle, INodeNo, RenameFlags, TimeOrNow};
use recording::{Attributes, Changes, NodeId, NodeKind, Recording};

use crate::attributes::{device, time_or};
use crate::error::Error;
use crate::generations::AT;
use crate::handles::Open;
use crate::listing::Listing;
use crate::number::Numbered;
use crate::served::Served;

/// The caller of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub uid: u32,
    pub gid: u32,
}

/// The attributes of a node that a program sets.
#[derive(Debug, Default)]
pub(crate) struct Setting {
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub size: Option<u64>,
    pub accessed: Option<TimeOrNow>,
    pub modified: Option<TimeOrNow>,
}

/// Permission bits with set-user-ID, set-group-ID and sticky.
const MODE: u32 = 0o7777;

/// Entries that have no descriptor on disc.
const DOTS: [&str; 2] = [".", ".."];

/// The name as UDF has it. A name that is not Unicode is in no directory and cannot be recorded.
fn unicode(name: &OsStr) -> Result<&str, Error> {
    name.to_str().ok_or(Error::NotUnicode)
}

impl Served {
    pub fn lookup(&mut self, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Error> {
        let Ok(name) = unicode(name) else {
            return Err(volume::Error::NotFound.into());
        };
        let found = match self.numbers.numbered(parent) {
            Numbered::Now(_) if self.is_oncefs(parent, OsStr::new(name)) => Numbered::Oncefs,
            Numbered::Now(directory) => Numbered::Now(self.tree()?.lookup(directory, name)?),
            Numbered::Then(generation, directory) => self.lookup_then(generation, directory, name)?,
            Numbered::Oncefs if name == AT => Numbered::At,
            Numbered::Oncefs => return Err(volume::Error::NotFound.into()),
            Numbered::At => self.generation_named(name)?,
        };
        self.attributes(self.numbers.number(found))
    }

    /// Makes a change with the current time, and notes that there is something to commit.
    pub fn change<R>(
        &mut self,
        work: impl FnOnce(&mut Recording, Timestamp) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let now = (self.clock)();
        let recording = self.tree()?.changing()?;
        recording.set_time(now);
        let result = work(recording, now);
        // Even if it failed: part of it may be on its way to the disc.
        if recording.is_dirty() {
            self.note_change();
        }
        result
    }

    pub fn create(
        &mut self,
        caller: Caller,
        parent: INodeNo,
        name: &OsStr,
        kind: NodeKind,
        mode: u32,
    ) -> Result<FileAttr, Error> {
        let (parent, name) = self.name_to_change(parent, name)?;
        self.make(caller, parent, kind, mode, |recording, parent, attributes| {
            let made = recording.create(parent, name, kind, attributes);
            made.map_err(Error::from)
        })
    }

    /// Makes a node in a directory by `create`.
    fn make(
        &mut self,
        caller: Caller,
        parent: RecordedAddress,
        kind: NodeKind,
        mode: u32,
        create: impl FnOnce(&mut Recording, NodeId, &Attributes) -> Result<NodeId, Error>,
    ) -> Result<FileAttr, Error> {
        let address = self.change(|recording, now| {
            let attributes = Attributes {
                uid: caller.uid,
                gid: caller.gid,
                ..Attributes::at(mode & MODE, now)
            };
            let parent = recording.node_of(parent)?;
            // A directory with the set-group-ID bit passes on its group, and the bit to directories.
            let attributes = inherit(attributes, kind, recording, parent)?;
            let node = create(recording, parent, &attributes)?;
            Ok(recording.address(node))
        })?;
        self.attributes(self.numbers.number(Numbered::Now(address)))
    }

    /// Makes what `mknod(2)` asks for by the file type bits of the mode.
    pub fn make_node(
        &mut self,
        caller: Caller,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        number: u32,
    ) -> Result<FileAttr, Error> {
        let (major, minor) = device(number);
        let kind = match mode & 0o170_000 {
            0 | 0o100_000 => NodeKind::File,
            0o010_000 => NodeKind::Fifo,
            0o140_000 => NodeKind::Socket,
            0o020_000 => NodeKind::CharacterDevice { major, minor },
            0o060_000 => NodeKind::BlockDevice { major, minor },
            _ => return Err(Error::Unsupported),
        };
        self.create(caller, parent, name, kind, mode)
    }

    pub fn make_link(
        &mut self,
        caller: Caller,
        parent: INodeNo,
        name: &OsStr,
        target: &OsStr,
    ) -> Result<FileAttr, Error> {
        let ((parent, name), target) = (self.name_to_change(parent, name)?, unicode(target)?);
        let kind = NodeKind::SymbolicLink;
        self.make(caller, parent, kind, 0o777, |recording, parent, attributes| {
            let made = recording.symlink(parent, name, target, attributes);
            made.map_err(Error::from)
        })
    }

    pub fn link(&mut self, number: INodeNo, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Error> {
        let (node, (parent, name)) = (self.to_change(number)?, self.name_to_change(parent, name)?);
        self.change(|recording, _| {
            let (node, parent) = (recording.node_of(node)?, recording.node_of(parent)?);
            Ok(recording.link(node, parent, name)?)
        })?;
        self.attributes(number)
    }

    pub fn unlink(&mut self, parent: INodeNo, name: &OsStr) -> Result<(), Error> {
        let (parent, name) = self.name_to_change(parent, name)?;
        self.change(|recording, _| Ok(recording.unlink(recording.node_of(parent)?, name)?))
    }

    pub fn remove_directory(&mut self, parent: INodeNo, name: &OsStr) -> Result<(), Error> {
        let (parent, name) = self.name_to_change(parent, name)?;
        self.change(|recording, _| Ok(recording.remove_directory(recording.node_of(parent)?, name)?))
    }

    pub fn rename(
        &mut self,
        (from, name): (INodeNo, &OsStr),
        (to, new_name): (INodeNo, &OsStr),
        flags: RenameFlags,
    ) -> Result<(), Error> {
        if !RenameFlags::RENAME_NOREPLACE.contains(flags) {
            return Err(Error::ExchangeOfNames);
        }
        let (from, name) = self.name_to_change(from, name)?;
        let (to, new_name) = self.name_to_change(to, new_name)?;
        self.change(|recording, _| {
            let (from, to) = (recording.node_of(from)?, recording.node_of(to)?);
            if !flags.is_empty() && recording.lookup(to, new_name)?.is_some() {
                return Err(recording::Error::Exists.into());
            }
            Ok(recording.rename(from, name, to, new_name)?)
        })
    }

    pub fn set(&mut self, number: INodeNo, setting: &Setting) -> Result<FileAttr, Error> {
        let address = self.to_change(number)?;
        self.change(|recording, now| {
            let node = recording.node_of(address)?;
            if let Some(size) = setting.size {
                recording.truncate(node, size)?;
            }
            let changes = Changes {
                mode: setting.mode.map(|mode| mode & MODE),
                uid: setting.uid,
                gid: setting.gid,
                accessed: setting.accessed.map(|time| time_or(time, now)),
                modified: setting.modified.map(|time| time_or(time, now)),
                changed: None,
            };
            if changes != Changes::default() {
                let changed = Some(now);
                recording.set_attributes(node, &Changes { changed, ..changes })?;
            }
            Ok(())
        })?;
        self.attributes(number)
    }

    /// Opens a file; `writes` if the program may write to it.
    pub fn open(&mut self, number: INodeNo, writes: bool) -> Result<FileHandle, Error> {
        let node = self.numbers.numbered(number);
        let body = match node {
            Numbered::Now(address) => {
                let tree = self.tree()?;
                tree.open_node(address)?;
                tree.body(address)?
            }
            _ if writes => return Err(Error::ReadOnly),
            Numbered::Then(generation, address) => {
                Some(self.then(generation, address, |volume, node| Ok(volume.body(&node)?))?)
            }
            Numbered::Oncefs | Numbered::At => return Err(recording::Error::IsADirectory.into()),
        };
        Ok(self.handles.insert(Open::File {
            node,
            body: body.map(Arc::new),
            written: 0,
        }))
    }

    pub fn open_directory(&mut self, number: INodeNo) -> Result<FileHandle, Error> {
        // Opening checks only that the directory exists; its contents are read at its first entry.
        self.attributes(number)?;
        let listing = Arc::default();
        Ok(self.handles.insert(Open::Directory { number, listing }))
    }

    /// Fills `out` from byte `offset` of an open file; less only at its end. The kernel takes a shorter
    /// answer for the end of the file, so a request with an unreadable block fails as a whole. The kernel
    /// then requests single pages, which shows what precedes the block.
    pub fn read(&mut self, handle: FileHandle, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        let Open::File { node, body, .. } = self.handles.get(handle)? else {
            return Err(Error::NotOpen);
        };
        let (node, body) = (*node, body.clone());
        let mut done = 0;
        while done < out.len() {
            let at = offset.saturating_add(done as u64);
            let (body, out) = (body.as_deref(), &mut out[done..]);
            let read = match (node, body) {
                (Numbered::Now(address), body) => self.tree()?.read(address, body, at, out)?,
                (Numbered::Then(generation, _), Some(body)) => self.read_then(generation, body, at, out)?,
                _ => return Err(Error::NotOpen),
            };
            match read {
                0 => break,
                read => done += read,
            }
        }
        Ok(done)
    }

    pub fn write(&mut self, handle: FileHandle, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        let Open::File {
            node: Numbered::Now(address),
            written,
            ..
        } = self.handles.get(handle)?
        else {
            return Err(Error::NotOpen);
        };
        let address = *address;
        *written = written.saturating_add(bytes.len() as u64);
        self.change(|recording, _| Ok(recording.write(recording.node_of(address)?, offset, bytes)?))
    }

    /// Ends what [`Served::open`] began. Pending blocks of a written file are recorded right after its other
    /// blocks, so that the file is read in one go; small appends wait for more.
    pub fn release(&mut self, handle: FileHandle) -> Result<(), Error> {
        let Some(Open::File {
            node: Numbered::Now(address),
            written,
            ..
        }) = self.handles.remove(handle)
        else {
            return Ok(());
        };
        let finished = if written >= BLOCK_SIZE as u64 {
            self.change(|recording, _| Ok(recording.finish(recording.node_of(address)?)?))
        } else {
            Ok(())
        };
        finished.and(self.tree()?.close_node(address))
    }

    /// Lists a directory from an offset on, each name with the offset after it, until `add` reports that the
    /// answer is full.
    ///
    /// # Errors
    /// [`Error::NamesLost`] after the last name of a directory that has lost some, so that a copy does not
    /// pass for whole.
    pub fn hand_out(
        &mut self,
        handle: FileHandle,
        offset: u64,
        mut add: impl FnMut(&mut Self, u64, INodeNo, &str) -> bool,
    ) -> Result<(), Error> {
        let (directory, listing) = self.listing(handle, offset)?;
        let first = usize::try_from(offset).unwrap_or(usize::MAX);
        for at in first.. {
            let found = self.entry(directory, &listing, at);
            let (number, name) = match (DOTS.get(at), found) {
                // The same for the parent: the kernel resolves `..` itself.
                (Some(dot), _) => (directory, Cow::Borrowed(*dot)),
                (None, Some(found)) => found,
                (None, None) if at > first => return Ok(()),
                (None, None) => {
                    return listing
                        .lost
                        .clone()
                        .map_or(Ok(()), |why| Err(Error::NamesLost(why)));
                }
            };
            if add(self, at as u64 + 1, number, &name) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// An entry of a directory by its position after the dots.
    fn entry<'l>(
        &self,
        directory: INodeNo,
        listing: &'l Listing,
        position: usize,
    ) -> Option<(INodeNo, Cow<'l, str>)> {
        let position = position.checked_sub(DOTS.len())?;
        let (found, name) = match self.numbers.numbered(directory) {
            Numbered::Now(_) => {
                let (name, address) = listing.get(position)?;
                (Numbered::Now(address), name.into())
            }
            Numbered::Then(generation, _) => {
                let (name, address) = listing.get(position)?;
                (Numbered::Then(generation, Some(address)), name.into())
            }
            Numbered::Oncefs => (Numbered::At, [AT].get(position).copied()?.into()),
            Numbered::At => {
                let newest = self.past.as_ref()?.newest();
                let number = u32::try_from(position + 1)
                    .ok()
                    .filter(|number| *number <= newest)?;
                (Numbered::Then(number, None), number.to_string().into())
            }
        };
        Some((self.numbers.number(found), name))
    }

    /// An open directory and its contents. They are read anew at its beginning and then stay fixed.
    fn listing(&mut self, handle: FileHandle, offset: u64) -> Result<(INodeNo, Arc<Listing>), Error> {
        let number = match self.handles.get(handle)? {
            Open::Directory { number, listing } if offset > 0 => return Ok((*number, Arc::clone(listing))),
            Open::Directory { number, .. } => *number,
            Open::File { .. } => return Err(Error::NotOpen),
        };
        let now = match self.numbers.numbered(number) {
            Numbered::Now(address) => self.tree()?.listing(address)?,
            Numbered::Then(generation, address) => self.listing_then(generation, address)?,
            Numbered::Oncefs => Arc::default(),
            Numbered::At => {
                self.update_past()?;
                Arc::default()
            }
        };
        if let Open::Directory { listing, .. } = self.handles.get(handle)? {
            *listing = Arc::clone(&now);
        }
        Ok((number, now))
    }

    pub fn target(&mut self, number: INodeNo) -> Result<String, Error> {
        match self.numbers.numbered(number) {
            Numbered::Now(address) => {
                let tree = self.tree()?;
                let node = tree.node(address)?;
                tree.target(&node)
            }
            Numbered::Then(generation, address) => self.then(generation, address, |volume, node| {
                Ok(volume.symlink_target(&node)?)
            }),
            Numbered::Oncefs | Numbered::At => Err(volume::Error::NotASymbolicLink.into()),
        }
    }
}

fn inherit(
    attributes: Attributes,
    kind: NodeKind,
    recording: &mut Recording,
    parent: NodeId,
) -> Result<Attributes, Error> {
    const SET_GROUP_ID: u32 = 0o2000;
    let status = recording.status(parent)?;
    let address = recording.address(parent);
    let parent = volume::Node::of(address, status.entry)?;
    if parent.mode() & SET_GROUP_ID == 0 {
        return Ok(attributes);
    }
    let bit = if kind == NodeKind::Directory {
        SET_GROUP_ID
    } else {
        0
    };
    Ok(Attributes {
        mode: attributes.mode | bit,
        gid: parent.gid().unwrap_or(attributes.gid),
        ..attributes
    })
}
