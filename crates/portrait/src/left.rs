//! What a portrait leaves out.

/// What a portrait leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Nodes and directories of the state shown that cannot be read.
    pub unread_nodes: u64,
    /// Blocks that no generation names and that were not looked at.
    pub not_looked_at: u64,
    /// Names that are not kept; their blocks belong to their directories.
    pub names: u64,
    /// Whether blocks have no owner because there are more runs than are kept.
    pub is_cut: bool,
}
