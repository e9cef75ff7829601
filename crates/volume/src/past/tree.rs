//! The directories of a generation, and where each node of the virtual partition is named. File names stay on
//! the disc, so a million files take some 20 MB.

use std::collections::{BTreeSet, HashMap};

use ecma167::RecordedAddress;

use super::names::Starts;
use crate::error::{Error, Unsupported};
use crate::walk::{DEEPEST, LONGEST_PATH};

/// The most directories.
const MOST: usize = 1 << 22;
/// The most starts of descriptors that are kept, in 64 MiB.
const MOST_STARTS: usize = 1 << 25;

/// A directory by its number in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DirectoryId(u32);

/// Which of the two generations of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    Now,
}

struct Directory {
    address: RecordedAddress,
    /// `None` for the root.
    parent: Option<DirectoryId>,
    name: Box<str>,
    starts: Option<Starts>,
}

/// A name of a node: the directory, and the offset of the descriptor in its body.
pub(super) type Site = (DirectoryId, u32);

#[derive(Default)]
pub(super) struct Tree {
    directories: HashMap<DirectoryId, Directory>,
    by_address: HashMap<RecordedAddress, DirectoryId>,
    next: u32,
    /// Virtual address, directory, offset.
    names: BTreeSet<(u32, DirectoryId, u32)>,
    /// Of directories that the step moved: where they were.
    moved: HashMap<DirectoryId, (Option<DirectoryId>, Box<str>)>,
    /// Starts that are kept, of all directories.
    starts: usize,
}

impl Tree {
    /// Adds a directory.
    pub(super) fn add(
        &mut self,
        address: RecordedAddress,
        parent: Option<DirectoryId>,
        name: &str,
    ) -> Result<DirectoryId, Error> {
        let next = self.next.checked_add(1);
        let (Some(next), true) = (next, self.directories.len() < MOST) else {
            return Err(Unsupported::Directories(MOST).into());
        };
        let id = DirectoryId(self.next);
        self.next = next;
        let directory = Directory {
            address,
            parent,
            name: name.into(),
            starts: None,
        };
        self.directories.insert(id, directory);
        self.by_address.insert(address, id);
        Ok(id)
    }

    /// Removes a directory, after all that is in it.
    pub(super) fn remove(&mut self, id: DirectoryId) {
        if let Some(directory) = self.directories.remove(&id) {
            if self.by_address.get(&directory.address) == Some(&id) {
                self.by_address.remove(&directory.address);
            }
            self.starts -= directory.starts.map_or(0, |starts| starts.len());
        }
    }

    /// Gives a directory another name, and keeps the present one up to the end of the step.
    pub(super) fn rename(&mut self, id: DirectoryId, parent: DirectoryId, name: &str) {
        if let Some(directory) = self.directories.get_mut(&id) {
            let from = directory.parent.replace(parent);
            let name = std::mem::replace(&mut directory.name, name.into());
            self.moved.entry(id).or_insert((from, name));
        }
    }

    /// Forgets where directories were before the step.
    pub(super) fn end_step(&mut self) {
        self.moved.clear();
    }

    pub(super) fn at(&self, address: RecordedAddress) -> Option<DirectoryId> {
        self.by_address.get(&address).copied()
    }

    pub(super) fn address(&self, id: DirectoryId) -> Option<RecordedAddress> {
        self.directories.get(&id).map(|directory| directory.address)
    }

    /// The path of a directory; empty for the root. One that is nested too deep is cut at its start.
    pub(super) fn path(&self, id: DirectoryId, when: When) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut length = 0;
        let mut next = Some(id);
        while let Some(id) = next {
            let moved = self.moved.get(&id).filter(|_| when == When::Before);
            let Some(directory) = self.directories.get(&id) else {
                break;
            };
            let (parent, name) = match moved {
                Some((parent, name)) => (*parent, name),
                None => (directory.parent, &directory.name),
            };
            length += name.len() + 1;
            if parent.is_none() || names.len() >= DEEPEST || length > LONGEST_PATH {
                break;
            }
            names.push(name);
            next = parent;
        }
        let mut path = String::with_capacity(length);
        for name in names.iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        path
    }

    /// Where the descriptors of a directory start, while it is compared.
    pub(super) fn take_starts(&mut self, id: DirectoryId) -> Starts {
        let starts = self
            .directories
            .get_mut(&id)
            .and_then(|directory| directory.starts.take());
        let starts = starts.unwrap_or_default();
        self.starts -= starts.len();
        starts
    }

    /// Keeps where the descriptors of a directory start, if there is room.
    pub(super) fn keep_starts(&mut self, id: DirectoryId, starts: Starts) {
        if self.starts + starts.len() > MOST_STARTS {
            return;
        }
        if let Some(directory) = self.directories.get_mut(&id) {
            self.starts += starts.len();
            directory.starts = Some(starts);
        }
    }

    /// Adds a name of the node at a virtual address.
    pub(super) fn add_name(&mut self, node: u32, (directory, offset): Site) {
        self.names.insert((node, directory, offset));
    }

    /// Removes a name of the node at a virtual address.
    pub(super) fn remove_name(&mut self, node: u32, (directory, offset): Site) {
        self.names.remove(&(node, directory, offset));
    }

    /// A name of the node at a virtual address.
    pub(super) fn name_of(&self, node: u32) -> Option<Site> {
        let first = (node, DirectoryId(0), 0);
        let mut names = self.names.range(first..);
        let (of, directory, offset) = names.next()?;
        (*of == node).then_some((*directory, *offset))
    }
}
