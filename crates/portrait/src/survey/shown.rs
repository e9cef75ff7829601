//! Paints what the state shown uses, and lists its files and directories.

use std::ops::Range;

use ecma167::general::Timestamp;
use volume::{BlockUse, Error, Node, NodeKind, Used, Volume};

use super::painter::Painter;
use super::unreadable_block;
use crate::kind::Kind;
use crate::owners::{Owner, OwnerId, OwnerKind};

/// Where the walk is.
#[derive(Default)]
struct Place {
    /// The directories that were entered.
    entered: Vec<Option<OwnerId>>,
    /// The owner of the blocks that follow.
    owner: Option<OwnerId>,
    /// Whether that is a directory.
    is_directory: bool,
}

impl Painter {
    /// Walks the state shown.
    pub fn paint_shown(&mut self, volume: &mut Volume) -> Result<(), Error> {
        let mut place = Place::default();
        volume.uses(&mut |used| self.take(&mut place, &used))
    }

    fn take(&mut self, place: &mut Place, used: &Used<'_>) {
        match used {
            Used::Name { name, node, is_first } => self.name(place, name, node, *is_first),
            Used::Blocks(what, blocks) => self.blocks(place, *what, blocks.clone()),
            Used::Enter => place.entered.push(place.owner),
            Used::Leave => {
                place.entered.pop();
            }
            Used::UnreadableNode {
                name,
                is_directory,
                entry,
                error,
            } => {
                self.unreadable(Some(*error));
                self.unreadable_node(place, name, *is_directory, entry.clone());
            }
            Used::Unreadable { error } => self.unreadable(*error),
            Used::More => self.is_more = true,
        }
    }

    fn unreadable(&mut self, error: Option<&Error>) {
        self.unread += 1;
        if let Some(blocks) = error.and_then(unreadable_block) {
            self.note_bad(blocks);
        }
    }

    /// Adds a node of which only the name is known, as the owner of its entry.
    fn unreadable_node(&mut self, place: &Place, name: &str, is_directory: bool, entry: Option<Range<u32>>) {
        let (owner_kind, kind) = if is_directory {
            (OwnerKind::Directory, Kind::Directory)
        } else {
            (OwnerKind::File, Kind::Node)
        };
        let parent = place.entered.last().copied().flatten();
        let added = self.owners.add(Owner {
            parent,
            name: name.into(),
            kind: owner_kind,
            bytes: 0,
            is_regular: false,
            modified: Timestamp::unspecified(),
        });
        if let Some(entry) = entry {
            self.canvas.fill(entry, kind, added.or(parent));
        }
    }

    fn name(&mut self, place: &mut Place, name: &str, node: &Node, is_first: bool) {
        let parent = place.entered.last().copied().flatten();
        place.is_directory = node.kind == NodeKind::Directory;
        let first = self.names.get(&node.address).copied();
        let kind = match first {
            Some(first) if !is_first => OwnerKind::Link(first),
            _ if place.is_directory => OwnerKind::Directory,
            _ => OwnerKind::File,
        };
        let added = self.owners.add(Owner {
            parent,
            name: name.into(),
            kind,
            bytes: if place.is_directory { 0 } else { node.size() },
            is_regular: node.kind == NodeKind::File,
            modified: node.entry.modification_time,
        });
        if let (Some(owner), true) = (added, is_first) {
            self.names.insert(node.address, owner);
        }
        // The blocks of a file that is left out count for its directory.
        place.owner = added.or(parent);
    }

    fn blocks(&mut self, place: &Place, what: BlockUse, blocks: Range<u32>) {
        let kind = match what {
            BlockUse::Vat => Kind::Vat,
            BlockUse::FileSet => Kind::Descriptors,
            BlockUse::Entry | BlockUse::Continuation if !place.is_directory => Kind::Node,
            BlockUse::Entry | BlockUse::Continuation | BlockUse::Directory => Kind::Directory,
            BlockUse::Data => Kind::Data,
        };
        self.canvas.fill(blocks, kind, place.owner);
    }
}

/// A node that only earlier generations have.
pub(super) fn former(path: &str) -> Owner {
    Owner {
        parent: None,
        name: path.into(),
        kind: OwnerKind::Former,
        bytes: 0,
        is_regular: false,
        modified: Timestamp::unspecified(),
    }
}
