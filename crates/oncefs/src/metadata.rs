//! What is known of a file beside its bytes.

use ecma167::general::Timestamp;
use std::time::SystemTime;
use volume::{Node, NodeKind as FileType};

/// What is known of a file, a directory or another node beside its bytes.
#[derive(Clone, Debug)]
pub struct Metadata {
    node: Node,
}

impl Metadata {
    pub(crate) fn new(node: Node) -> Self {
        Self { node }
    }

    /// What it is.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        self.node.kind
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.node.kind == FileType::Directory
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.node.kind == FileType::File
    }

    /// Whether it is a symbolic link.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.node.kind == FileType::SymbolicLink
    }

    /// Bytes of its body: of a file, of a directory or of the target of a symbolic link as they are recorded.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "as `std::fs::Metadata`")]
    pub fn len(&self) -> u64 {
        self.node.size()
    }

    /// File type and permissions as `st_mode` has them.
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.node.mode()
    }

    /// The owner, where one is recorded.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        self.node.uid()
    }

    /// The group, where one is recorded.
    #[must_use]
    pub fn gid(&self) -> Option<u32> {
        self.node.gid()
    }

    /// The names that it has (`ECMA-167 4/14.9.6`).
    #[must_use]
    pub fn nlink(&self) -> u64 {
        u64::from(self.node.entry.file_link_count)
    }

    /// Its unique ID (`UDF 2.60 3.2.1`): two names of one file have the same.
    #[must_use]
    pub fn unique_id(&self) -> u64 {
        self.node.unique_id()
    }

    /// When its bytes were changed, in microseconds; `None` where no time or an impossible one is recorded.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.node.entry.modification_time.to_system_time()
    }

    /// When it was read, as [`Metadata::modified`].
    #[must_use]
    pub fn accessed(&self) -> Option<SystemTime> {
        self.node.entry.access_time.to_system_time()
    }

    /// When its attributes were changed, as [`Metadata::modified`].
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        self.node.entry.attribute_time.to_system_time()
    }

    /// When it was made, as [`Metadata::modified`].
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        self.node
            .entry
            .creation_time
            .as_ref()
            .and_then(Timestamp::to_system_time)
    }

    /// The node as the layer below has it: its ICB, its file entry.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }
}
