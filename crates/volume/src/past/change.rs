//! What differs between two generations.

use crate::node::NodeKind;

/// A difference between two generations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The path: in the later generation or, if it is not there, in the earlier one.
    pub path: String,
    /// The kind of the node.
    pub node: NodeKind,
    /// Bytes of the node in the earlier generation; 0 for a directory, and if it is not there.
    pub bytes_before: u64,
    /// Bytes of the node in the later generation; 0 for a directory, and if it is not there.
    pub bytes: u64,
}

/// What happened to a name or its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The node is new, and this is its first name.
    Added,
    /// The contents, the mode, the owner or the modification time differ; of a directory, mode or owner. A
    /// node that takes the path of another of its kind also counts.
    Changed,
    /// The node has no name any more, and this was the last one.
    Removed,
    /// The node was at another path. What is in a directory moves with it, without a change of its own.
    Renamed {
        /// The path in the earlier generation.
        from: String,
    },
    /// A further name of a node that has another one.
    Linked,
    /// A name of a node that keeps another one.
    Unlinked,
}

/// How many nodes a kind of change concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Files, and everything else that is not a directory. A file with several names counts once.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Bytes of the files: of changed ones those in the later generation.
    pub bytes: u64,
}

/// The sum of the changes between two generations.
///
/// The files of the later generation are those of the earlier one, plus those added, less those removed. Its
/// bytes are those of the earlier one, plus the bytes added, less those removed, plus the bytes changed, less
/// [`bytes_before`](Totals::bytes_before).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// New nodes.
    pub added: Count,
    /// Nodes that differ.
    pub changed: Count,
    /// Nodes without a name any more.
    pub removed: Count,
    /// Nodes at another path.
    pub renamed: Count,
    /// The bytes that the changed nodes had before.
    pub bytes_before: u64,
    /// Further names of nodes.
    pub linked: u64,
    /// Names less of nodes that have others.
    pub unlinked: u64,
}

impl Totals {
    /// Adds a change.
    pub fn count(&mut self, change: &Change) {
        let is_directory = change.node == NodeKind::Directory;
        let add = |count: &mut Count, bytes: u64| {
            count.files += u64::from(!is_directory);
            count.directories += u64::from(is_directory);
            count.bytes = count.bytes.saturating_add(bytes);
        };
        match change.kind {
            ChangeKind::Added => add(&mut self.added, change.bytes),
            ChangeKind::Changed => {
                add(&mut self.changed, change.bytes);
                self.bytes_before = self.bytes_before.saturating_add(change.bytes_before);
            }
            ChangeKind::Removed => add(&mut self.removed, change.bytes_before),
            ChangeKind::Renamed { .. } => add(&mut self.renamed, change.bytes),
            ChangeKind::Linked => self.linked += 1,
            ChangeKind::Unlinked => self.unlinked += 1,
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
