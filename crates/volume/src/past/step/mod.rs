//! One step of a comparison: from the names and nodes that differ to what happened.
//!
//! First the directories whose node differs are compared, and those without a name any more are read as they
//! were. When all names that went are known, the names that came are matched with them by node and path.

mod directories;
mod entry;
mod names;
mod nodes;

use std::collections::{HashMap, HashSet};

use ecma167::{LogicalBlock, RecordedAddress};

use super::change::{Change, ChangeKind};
use super::state::State;
use super::tree::{DirectoryId, When};
use crate::body::Body;
use crate::directory_entry::DirectoryEntry;
use crate::error::{CorruptKind, Error};
use crate::node::{Node, NodeKind};

/// Unique IDs below this one belong to no user's file (`UDF 2.60 3.2.1.1`).
const FIRST_UNIQUE_ID: u64 = 16;

/// What a node is matched by: its unique ID or, without one, its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Identity {
    Unique(u64),
    At(RecordedAddress),
}

/// A name that went or came.
struct Name {
    path: String,
    address: RecordedAddress,
    /// The node, in the generation that has the name.
    identity: Identity,
    kind: NodeKind,
    links: u16,
    size: u64,
    is_matched: bool,
    /// Whether the node was there before by another name.
    is_further: bool,
}

/// A directory whose name went and that may be elsewhere now.
struct Leaving {
    id: DirectoryId,
    path: String,
}

/// The generation in which a name is read, and what it does there.
#[derive(Clone, Copy)]
enum Turn {
    Went,
    Came,
}

pub(super) struct Step<'a, 'v, 'h> {
    on: &'a mut State<'v>,
    /// `None` if nothing is told.
    hear: Option<&'a mut (dyn FnMut(&Change) + 'h)>,
    missed: u64,
    went: Vec<Name>,
    went_by_identity: HashMap<Identity, Vec<usize>>,
    went_by_path: HashMap<String, usize>,
    /// Names that came and perhaps belong to ones that went.
    came: Vec<Name>,
    /// Names that came before all that went are known.
    waiting: Vec<(DirectoryId, DirectoryEntry)>,
    /// Nodes with several names that the step has named.
    named: HashSet<Identity>,
    /// Virtual addresses whose change is told.
    told: HashSet<u32>,
    /// Whether all directories that both generations have are compared.
    is_following: bool,
    /// Directories without a name any more, to be read as they were.
    gone: Vec<DirectoryId>,
    read_as_gone: HashSet<DirectoryId>,
    /// Directories that were not there before, to be read.
    new: Vec<DirectoryId>,
    leaving: HashMap<RecordedAddress, Leaving>,
    /// Directories that are known, by a name that came.
    arriving: Vec<(DirectoryId, DirectoryId, String)>,
    /// Directories that came before all names that went were known.
    added_directories: Vec<DirectoryId>,
    /// Directories that moved, where from, and whether another one took the virtual address.
    moved_directories: Vec<(DirectoryId, String, bool)>,
    /// Directories with another mode or owner.
    changed_directories: Vec<DirectoryId>,
    /// The path that was needed last.
    path: Option<(DirectoryId, When, String)>,
    /// The directory whose entries were looked up last.
    looked_up: Option<(DirectoryId, Body)>,
}

impl<'a, 'v, 'h> Step<'a, 'v, 'h> {
    pub(super) fn new(on: &'a mut State<'v>, hear: Option<&'a mut (dyn FnMut(&Change) + 'h)>) -> Self {
        Self {
            on,
            hear,
            missed: 0,
            went: Vec::new(),
            went_by_identity: HashMap::new(),
            went_by_path: HashMap::new(),
            came: Vec::new(),
            waiting: Vec::new(),
            named: HashSet::new(),
            told: HashSet::new(),
            is_following: false,
            gone: Vec::new(),
            read_as_gone: HashSet::new(),
            new: Vec::new(),
            leaving: HashMap::new(),
            arriving: Vec::new(),
            added_directories: Vec::new(),
            moved_directories: Vec::new(),
            changed_directories: Vec::new(),
            path: None,
            looked_up: None,
        }
    }

    /// Does the whole step; returns what could not be read.
    pub(super) fn run(mut self, root: RecordedAddress) -> Result<u64, Error> {
        let known = self.on.root;
        if known.and_then(|id| self.on.tree.address(id)) != Some(root) {
            self.gone.extend(known);
            let id = self.on.tree.add(root, None, "")?;
            self.on.root = Some(id);
            self.new.push(id);
        }
        let changed = self.on.table.changed();
        if let Some(partition) = self.on.volume.virtual_partition() {
            for block in &changed {
                let address = RecordedAddress {
                    partition,
                    block: *block,
                };
                if let Some(id) = self.on.tree.at(address)
                    && self.on.table.now(*block).is_some()
                    && self.on.table.before(*block).is_some()
                {
                    self.compare_directory(id, address)?;
                }
            }
        }
        self.follow_directories()?;
        self.tell_moved();
        self.match_names()?;
        if self.hear.is_some() {
            self.compare_nodes(&changed)?;
        }
        let added = std::mem::take(&mut self.added_directories);
        let changed = std::mem::take(&mut self.changed_directories);
        for (kind, ids) in [(ChangeKind::Added, added), (ChangeKind::Changed, changed)] {
            for id in ids {
                let path = self.on.tree.path(id, When::Now);
                self.tell(kind.clone(), path, NodeKind::Directory, 0, 0);
            }
        }
        for id in std::mem::take(&mut self.read_as_gone) {
            self.on.tree.remove(id);
        }
        Ok(self.missed)
    }

    fn tell(&mut self, kind: ChangeKind, path: String, node: NodeKind, bytes_before: u64, bytes: u64) {
        if let Some(hear) = &mut self.hear {
            let bytes_of = |bytes: u64| if node == NodeKind::Directory { 0 } else { bytes };
            let path = if path.is_empty() { "/".to_owned() } else { path };
            hear(&Change {
                kind,
                path,
                node,
                bytes_before: bytes_of(bytes_before),
                bytes: bytes_of(bytes),
            });
        }
    }

    /// Counts damage; any other error ends the step.
    fn readable<T>(&mut self, result: Result<T, Error>) -> Result<Option<T>, Error> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ Error::Drive(_)) if !error.is_damage() => Err(error),
            Err(_) => {
                self.missed += 1;
                Ok(None)
            }
        }
    }

    /// Runs `read` with the VAT of a generation in force.
    fn in_generation<T>(&mut self, when: When, read: impl FnOnce(&mut Self) -> T) -> T {
        if when == When::Now {
            return read(self);
        }
        self.on.volume.space.exchange_vat(&mut self.on.other);
        let result = read(self);
        self.on.volume.space.exchange_vat(&mut self.on.other);
        result
    }

    /// The path of an entry of a directory.
    fn path_in(&mut self, id: DirectoryId, when: When, name: &str) -> String {
        let directory = match self.path.take() {
            Some((known, then, path)) if known == id && then == when => path,
            _ => self.on.tree.path(id, when),
        };
        let path = format!("{directory}/{name}");
        self.path = Some((id, when, directory));
        path
    }

    fn virtual_address(&self, address: RecordedAddress) -> Option<u32> {
        (self.on.volume.virtual_partition() == Some(address.partition)).then_some(address.block)
    }

    /// The node at an address in a generation; `None` if it cannot be read.
    fn node(&mut self, address: RecordedAddress, when: When) -> Result<Option<Node>, Error> {
        let node = match self.virtual_address(address) {
            Some(entry) => {
                let block = match when {
                    When::Before => self.on.table.before(entry),
                    When::Now => self.on.table.now(entry),
                };
                match block {
                    Some(block) => self.on.volume.node_at(address, LogicalBlock(block)),
                    None => Err(Error::corrupt(CorruptKind::UnusedVirtualAddress, address)),
                }
            }
            None => self.on.volume.node(address),
        };
        self.readable(node)
    }

    fn identity(node: &Node) -> Identity {
        match node.unique_id() {
            unique if unique >= FIRST_UNIQUE_ID => Identity::Unique(unique),
            _ => Identity::At(node.address),
        }
    }

    /// Whether names of two generations mean the same node.
    fn is_same(&self, one: &Name, other: &Name) -> bool {
        // A node keeps its virtual address as long as it lives. One outside the virtual partition gets a new
        // address with each change.
        let addresses = (
            self.virtual_address(one.address),
            self.virtual_address(other.address),
        );
        let is_same_address = match addresses {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        one.identity == other.identity && is_same_address
    }
}

impl Name {
    fn new(path: String, node: &Node) -> Self {
        Self {
            path,
            address: node.address,
            identity: Step::identity(node),
            kind: node.kind,
            links: node.entry.file_link_count,
            size: node.size(),
            is_matched: false,
            is_further: false,
        }
    }
}
