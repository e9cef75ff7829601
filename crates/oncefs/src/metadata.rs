//! Metadata of a file.

use ecma167::general::Timestamp;
use std::time::SystemTime;
use volume::{Node, NodeKind as FileType};

/// Metadata of a file, a directory or another node.
#[derive(Clone, Debug)]
pub struct Metadata {
    node: Node,
}

impl Metadata {
    pub(crate) fn new(node: Node) -> Self {
        Self { node }
    }

    /// Returns the type of the node.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        self.node.kind
    }

    /// Returns whether this is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.node.kind == FileType::Directory
    }

    /// Returns whether this is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.node.kind == FileType::File
    }

    /// Returns whether this is a symbolic link.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.node.kind == FileType::SymbolicLink
    }

    /// Returns the size of the body in bytes. For a directory or a symbolic link, this is the size of its
    /// entries or its target as recorded.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "as `std::fs::Metadata`")]
    pub fn len(&self) -> u64 {
        self.node.size()
    }

    /// Returns the file type and permissions, encoded as in `st_mode`.
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.node.mode()
    }

    /// Returns the owner, if one is recorded.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        self.node.uid()
    }

    /// Returns the group, if one is recorded.
    #[must_use]
    pub fn gid(&self) -> Option<u32> {
        self.node.gid()
    }

    /// Returns the number of names (`ECMA-167 4/14.9.6`).
    #[must_use]
    pub fn nlink(&self) -> u64 {
        u64::from(self.node.entry.file_link_count)
    }

    /// Returns the unique ID (`UDF 2.60 3.2.1`), which is the same for all names of a file.
    #[must_use]
    pub fn unique_id(&self) -> u64 {
        self.node.unique_id()
    }

    /// Returns the time of the last change of the bytes, in microseconds. Returns `None` if no time is
    /// recorded or it is impossible.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.node.entry.modification_time.to_system_time()
    }

    /// Returns the time of the last read, in the same form as [`Metadata::modified`].
    #[must_use]
    pub fn accessed(&self) -> Option<SystemTime> {
        self.node.entry.access_time.to_system_time()
    }

    /// Returns the time of the last change of the attributes, in the same form as [`Metadata::modified`].
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        self.node.entry.attribute_time.to_system_time()
    }

    /// Returns the time of creation, in the same form as [`Metadata::modified`].
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        self.node
            .entry
            .creation_time
            .as_ref()
            .and_then(Timestamp::to_system_time)
    }

    /// Returns the node of the layer below, with its ICB and file entry.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }
}
