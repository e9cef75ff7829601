//! The table of nodes reached by the tree.

use std::collections::HashMap;

use ecma167::RecordedAddress;

use crate::entry::Role;

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its ICB is unusable.
    Bad,
    Directory,
    StreamDirectory,
    /// Anything else.
    Other,
}

/// Represents no node.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What is kept of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub address: RecordedAddress,
    pub kind: Kind,
    /// The role in which it was first reached.
    pub role: Role,
    /// Whether it has a stream directory, or extended attributes with their own ICB.
    pub has_sides: bool,
    /// For a directory: the directory that names it. For a stream directory: its node.
    pub parent: u32,
    pub unique_id: u64,
    /// Number of FIDs that name it.
    pub links: u32,
    /// Its link count: the stated number of FIDs that name it.
    pub stated_links: u16,
    /// For a directory: bytes of its path, by the identifiers of its names; the maximum if it has more.
    pub path: u16,
}

// `MEMORY_BOUND` assumes this size.
const _: () = assert!(size_of::<Node>() <= 32);

/// All nodes and FIDs found.
#[derive(Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    index: HashMap<u64, u32>,
    /// The unique ID of each FID, and the node that it names.
    pub fids: Vec<(u32, u32)>,
    /// Directories whose FIDs are still to be examined.
    pub waiting: Vec<u32>,
    /// For each node with a stream directory: the bytes of its object size beyond its body, and the bytes of
    /// the streams found.
    pub streams: HashMap<u32, (u64, u64)>,
    /// The length of each stream in bytes.
    pub stream_lengths: HashMap<u32, u64>,
    pub files: u64,
    pub directories: u64,
    /// Part of the tree was not walked: the counts say nothing.
    pub incomplete: bool,
    /// The address at which the file set descriptor was found.
    pub file_set: Option<RecordedAddress>,
}

fn key(address: RecordedAddress) -> u64 {
    u64::from(address.partition.0) << 32 | u64::from(address.block)
}

impl Node {
    /// Whether it is a file or directory of the tree rather than a stream or something that belongs to one.
    pub fn is_in_tree(&self) -> bool {
        matches!(self.role, Role::Root | Role::Named)
    }
}

impl Tree {
    pub fn find(&self, address: RecordedAddress) -> Option<u32> {
        self.index.get(&key(address)).copied()
    }

    pub fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(usize::try_from(number).ok()?)
    }

    pub fn node_mut(&mut self, number: u32) -> Option<&mut Node> {
        self.nodes.get_mut(usize::try_from(number).ok()?)
    }

    /// Adds a node; `None` if the limit is reached.
    pub fn add(&mut self, node: Node, limit: usize) -> Option<u32> {
        let number = u32::try_from(self.nodes.len())
            .ok()
            .filter(|_| self.nodes.len() < limit)?;
        self.index.insert(key(node.address), number);
        self.nodes.push(node);
        Some(number)
    }
}
