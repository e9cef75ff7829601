//! Writes files of the host: new ones, and those that an earlier run left.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use oncefs::nodes::{Node, NodeKind};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, fstat, linkat, makedev, mknodat, openat, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use super::left::{self, Left};
use super::{Copier, First, Put, Wanted, Way, host, host_failure};
use crate::failure::Outcome;
use crate::missing::Missing;
use crate::rescue::{Copy, Found, Version};

impl Copier<'_> {
    /// Copies a file, or completes the one that an earlier run left.
    pub(super) fn file(
        &mut self,
        node: &Node,
        parent: BorrowedFd<'_>,
        name: &str,
        wanted: &Wanted,
        version: Option<Version>,
    ) -> Outcome<Put> {
        if let Some(map) = &mut self.map {
            map.save_now_and_then()?;
        }
        // Only a map needs the whole path.
        let key = if self.map.is_some() {
            self.key(name)
        } else {
            String::new()
        };
        let expected = (FileType::RegularFile, node.size());
        let replaces = match self.left(parent, name, expected, wanted, version, &key) {
            Left::Same(identity) => {
                let missing = self.go_on_with(node, (parent, name, identity), wanted, version, &key)?;
                return Ok(Put::new(missing));
            }
            Left::Better(copy, size) => {
                let missing = self.map.as_ref().map_or_else(Vec::new, |map| map.lacking(&key));
                return Ok(Put {
                    missing: Missing::of(missing),
                    kept: Some((copy.version, size)),
                    ..Put::default()
                });
            }
            Left::Worse => true,
            Left::Nothing => self.force,
        };
        let (begun, file) = self.begin(parent)?;
        let body = self.body(node, &file);
        let set = wanted.set(file.as_fd());
        // It gets its name only now, so that a partial file never passes for whole.
        let whole = body.and_then(|missing| {
            self.note(&key, &missing)?;
            self.note_copy(&key, version, file.as_fd())?;
            let put = host::put(parent, &begun, name, replaces).map_err(host_failure);
            put.map(|()| missing)
        });
        let missing = whole.inspect_err(|_| {
            let _ = unlinkat(parent, &*begun, AtFlags::empty());
        })?;
        set.map_err(host_failure)?;
        Ok(Put::new(missing))
    }

    /// Completes the file that an earlier run left. Returns what it still lacks.
    fn go_on_with(
        &mut self,
        node: &Node,
        (parent, name, identity): (BorrowedFd<'_>, &str, host::Identity),
        wanted: &Wanted,
        version: Option<Version>,
        key: &str,
    ) -> Outcome<Missing> {
        let lacking = self.map.as_ref().map_or_else(Vec::new, |map| map.lacking(key));
        if lacking.is_empty() {
            return Ok(Missing::default());
        }
        let file = left::open_for_writing(parent, name, identity).map_err(host_failure)?;
        if let Some(version) = version {
            let copy = Copy::new(version, &fstat(&file).map_err(host_failure)?);
            self.put_down(key, copy.being_completed())?;
        }
        let completed = self.complete(node, lacking, &file);
        wanted.set(file.as_fd()).map_err(host_failure)?;
        let missing = completed?;
        file.sync_data().map_err(host_failure)?;
        self.note(key, &missing)?;
        self.note_copy(key, version, file.as_fd())?;
        Ok(missing)
    }

    /// Makes or finds a file that is not regular.
    pub(super) fn special(
        &mut self,
        node: &Node,
        parent: BorrowedFd<'_>,
        name: &str,
        version: Option<Version>,
    ) -> Outcome<Put> {
        let (kind, device) = match node.kind {
            NodeKind::SymbolicLink => (FileType::Symlink, 0),
            NodeKind::CharacterDevice { major, minor } => (FileType::CharacterDevice, makedev(major, minor)),
            NodeKind::BlockDevice { major, minor } => (FileType::BlockDevice, makedev(major, minor)),
            NodeKind::Socket => (FileType::Socket, 0),
            _ => (FileType::Fifo, 0),
        };
        let is_link = kind == FileType::Symlink;
        let wanted = Wanted::new(node, self.caller);
        let key = self.key(name);
        let replaces = match self.left(parent, name, (kind, node.size()), &wanted, version, &key) {
            Left::Same(_) => return Ok(Put::default()),
            Left::Better(copy, size) => {
                return Ok(Put {
                    kept: Some((copy.version, size)),
                    ..Put::default()
                });
            }
            Left::Worse => true,
            Left::Nothing => self.force,
        };
        // The old one stays if the new one has no target.
        let target = if is_link {
            Some(self.volume.symlink_target(node)?)
        } else {
            None
        };
        if replaces {
            host::make_way(parent, name).map_err(host_failure)?;
        }
        match target {
            Some(target) => symlinkat(target, parent, name).map_err(host_failure)?,
            None => {
                mknodat(parent, name, kind, Mode::RUSR | Mode::WUSR, device).map_err(host_failure)?;
            }
        }
        self.copied.others += 1;
        let made = host::handle_of_new(parent, name, kind).map_err(host_failure)?;
        let set = wanted.set_by_handle(made.as_fd(), is_link);
        self.note_copy(&key, version, made.as_fd())?;
        set.map_err(host_failure)?;
        Ok(Put::default())
    }

    /// Makes another name for a file; `false` if that must be a copy of its own.
    pub(super) fn link_to(
        &self,
        first: &First,
        parent: BorrowedFd<'_>,
        name: &str,
        key: &str,
        version: Option<Version>,
    ) -> Outcome<bool> {
        let mut replaces = self.force;
        if self.goes_on()
            && let Ok(found) = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
        {
            if (found.st_dev, found.st_ino) == first.identity {
                return Ok(true);
            }
            // A run that could not make the link made a copy, which lacks the same bytes.
            let copy = self.map.as_ref().and_then(|map| map.copy_of(key));
            let copy = copy.filter(|copy| copy.compare(&found) == Found::Itself);
            let is_worse = copy.zip(version).is_some_and(|(copy, version)| {
                !copy.version.is_same(version) && !copy.version.is_better(version)
            });
            if !is_worse {
                return Ok(false);
            }
            replaces = true;
        }
        if replaces {
            host::make_way(parent, name).map_err(host_failure)?;
        }
        let names = Way::names(first.way.as_deref());
        let directory = host::descend(self.top.as_fd(), &names).map_err(host_failure)?;
        match linkat(
            directory.as_fd(),
            first.name.as_str(),
            parent,
            name,
            AtFlags::empty(),
        ) {
            Ok(()) => {}
            // The file is gone, or the file system has no room for another name: make a copy.
            Err(Errno::NOENT | Errno::MLINK | Errno::PERM | Errno::XDEV) => return Ok(false),
            Err(error) => return Err(host_failure(error)),
        }
        let is_it = host::identity(parent, name).is_ok_and(|found| found == first.identity);
        if !is_it {
            unlinkat(parent, name, AtFlags::empty()).map_err(host_failure)?;
        }
        Ok(is_it)
    }

    /// Creates a directory below `parent`, or opens the existing one, which an earlier run may have left
    /// closed to its owner.
    pub(super) fn enter(&self, parent: BorrowedFd<'_>, name: &str) -> Outcome<OwnedFd> {
        if self.goes_on() || self.only_versions {
            // If that fails, entering it tells why.
            let _ = left::permit_entering(parent, name);
        }
        host::enter(parent, name).map_err(host_failure)
    }

    /// Whether a name belongs to another file than this version.
    pub(super) fn is_of_other(
        &self,
        node: &Node,
        parent: BorrowedFd<'_>,
        name: &str,
        wanted: &Wanted,
        version: Version,
    ) -> Outcome<bool> {
        if host::kind(parent, name).map_err(host_failure)?.is_none() {
            return Ok(false);
        }
        let expected = (FileType::RegularFile, node.size());
        let key = self.key(name);
        let left = self.left(parent, name, expected, wanted, Some(version), &key);
        Ok(!matches!(left, Left::Same(_)))
    }

    /// What an earlier run left under a name.
    fn left(
        &self,
        parent: BorrowedFd<'_>,
        name: &str,
        expected: (FileType, u64),
        wanted: &Wanted,
        version: Option<Version>,
        key: &str,
    ) -> Left {
        match self.map.as_ref().filter(|map| map.goes_on()) {
            Some(map) => left::look(parent, name, expected, wanted, version, map.copy_of(key)),
            None => Left::Nothing,
        }
    }

    /// Creates a file under a unique name.
    fn begin(&mut self, parent: BorrowedFd<'_>) -> Outcome<(String, File)> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let name = format!("{}{}", self.begins, self.begun);
            self.begun += 1;
            match openat(parent, &*name, flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) => return Ok((name, file.into())),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(host_failure(error)),
            }
        }
    }

    /// Notes in the map what a file lacks.
    fn note(&mut self, key: &str, missing: &Missing) -> Outcome {
        self.map.as_mut().map_or(Ok(()), |map| map.note(key, missing))
    }

    /// Notes in the map which version a file of the host is.
    fn note_copy(&mut self, key: &str, version: Option<Version>, file: BorrowedFd<'_>) -> Outcome {
        match version.filter(|_| self.map.is_some()) {
            Some(version) => self.put_down(key, Copy::new(version, &fstat(file).map_err(host_failure)?)),
            None => Ok(()),
        }
    }

    fn put_down(&mut self, key: &str, copy: Copy) -> Outcome {
        self.map.as_mut().map_or(Ok(()), |map| map.note_copy(key, copy))
    }

    /// Whether files that an earlier run left are completed.
    fn goes_on(&self) -> bool {
        self.map.as_ref().is_some_and(|map| map.goes_on())
    }
}
