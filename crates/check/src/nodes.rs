//! The table of nodes that the tree reached.

use std::collections::HashMap;

use ecma167::RecordedAddress;

use crate::entry::Role;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its ICB cannot be used.
    Bad,
    Directory,
    StreamDirectory,
    /// Anything else.
    Other,
}

/// No node.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What has to be remembered of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub address: RecordedAddress,
    pub kind: Kind,
    /// What it was first reached as.
    pub role: Role,
    /// It has a stream directory, or extended attributes with an ICB of their own.
    pub has_sides: bool,
    /// Of a directory: the one that names it. Of a stream directory: the node that has it.
    pub parent: u32,
    pub unique_id: u64,
    /// FIDs that name it.
    pub links: u32,
    /// FIDs that name it, by its link count.
    pub stated_links: u16,
    /// Of a directory: bytes of its path, by the identifiers of its names; as many as fit where it has more.
    pub path: u16,
}

// What `MEMORY_BOUND` counts with.
const _: () = assert!(size_of::<Node>() <= 32);

/// All nodes and FIDs that were met.
#[derive(Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    index: HashMap<u64, u32>,
    /// Unique ID of a FID, and the node that it names.
    pub fids: Vec<(u32, u32)>,
    /// Directories whose FIDs wait to be examined.
    pub waiting: Vec<u32>,
    /// Of each node with a stream directory: bytes that its object size has beyond its body, and bytes of the streams that were met.
    pub streams: HashMap<u32, (u64, u64)>,
    /// Bytes of each stream.
    pub stream_lengths: HashMap<u32, u64>,
    pub files: u64,
    pub directories: u64,
    /// Not all of the tree was walked: what is counted says nothing.
    pub incomplete: bool,
    /// The file set descriptor was reached at this address.
    pub file_set: Option<RecordedAddress>,
}

fn key(address: RecordedAddress) -> u64 {
    u64::from(address.partition.0) << 32 | u64::from(address.block)
}

impl Node {
    /// It is a file or directory of the tree, and no stream or what belongs to one.
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

    /// Adds a node; `None` where the limit is reached.
    pub fn add(&mut self, node: Node, limit: usize) -> Option<u32> {
        let number = u32::try_from(self.nodes.len())
            .ok()
            .filter(|_| self.nodes.len() < limit)?;
        self.index.insert(key(node.address), number);
        self.nodes.push(node);
        Some(number)
    }
}
