//! What a recording shows of its tree, pending changes included.

use ecma167::RecordedAddress;

use crate::Recording;
use crate::error::Error;
use crate::tree::{Entry, NodeId, Status};

impl Recording {
    /// The root directory.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.tree.root()
    }

    /// What is known of a node.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the node is gone; what reading it reports.
    pub fn status(&mut self, node: NodeId) -> Result<Status, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.status(&mut disc, node)
    }

    /// The address by which a node is known as long as the recording is open: the one that directories name, or of a file outside the
    /// virtual partition, which is recorded elsewhere when it changes, one that no directory names.
    #[must_use]
    pub fn address(&self, node: NodeId) -> RecordedAddress {
        self.tree.address(node)
    }

    /// The node that an address of a directory names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where it is outside the virtual partition.
    pub fn node_of(&self, address: RecordedAddress) -> Result<NodeId, Error> {
        self.tree.node_of(address)
    }

    /// Whether a node is a directory.
    ///
    /// # Errors
    /// As [`Recording::status`].
    pub fn is_directory(&mut self, node: NodeId) -> Result<bool, Error> {
        let (mut disc, tree) = self.parts();
        tree.is_directory(&mut disc, node)
    }

    /// The node that a directory has for a name; `None` where it has no such name.
    ///
    /// # Errors
    /// [`Error::NotADirectory`]; what reading the directory reports.
    pub fn lookup(&mut self, directory: NodeId, name: &str) -> Result<Option<NodeId>, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.lookup(&mut disc, directory, name)
    }

    /// The node of a path from the root. `/` separates names, empty ones and `.` are passed over, `..` goes back along the
    /// path. Symbolic links are not followed.
    ///
    /// # Errors
    /// [`Error::NotFound`], or as [`Recording::lookup`].
    pub fn lookup_path(&mut self, path: &str) -> Result<NodeId, Error> {
        let mut above = Vec::new();
        let mut node = self.root();
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            if name == ".." {
                if !self.is_directory(node)? {
                    return Err(Error::NotADirectory);
                }
                node = above.pop().unwrap_or(node);
                continue;
            }
            above.push(node);
            node = self.lookup(node, name)?.ok_or(Error::NotFound)?;
        }
        Ok(node)
    }

    /// The path that a symbolic link says (`ECMA-167 4/14.16`).
    ///
    /// # Errors
    /// [`volume::Error::NotASymbolicLink`], path components that do not decode; as [`Recording::read`].
    pub fn symlink_target(&mut self, node: NodeId) -> Result<String, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.symlink_target(&mut disc, node)
    }

    /// The entries of a directory, the parent's left out.
    ///
    /// # Errors
    /// As [`Recording::lookup`].
    pub fn entries(&mut self, directory: NodeId) -> Result<Vec<Entry>, Error> {
        let (mut disc, tree) = self.parts();
        tree.entries(&mut disc, directory)
    }

    /// The node that an entry of [`Recording::entries`] names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the entry names something outside the virtual partition.
    pub fn entry_node(&self, entry: &Entry) -> Result<NodeId, Error> {
        self.node_of(entry.icb.address())
    }

    /// Reads from a body at byte `offset`; returns the bytes read, fewer than asked only at its end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what reading the disc reports.
    pub fn read(&mut self, node: NodeId, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.read(&mut disc, node, offset, out)
    }

    /// Opens a node that is not a directory: it can be read and written, also when its last name is removed, until it is closed
    /// as often as it was opened. A node without a name is in no commit.
    ///
    /// # Errors
    /// [`Error::IsADirectory`], or as [`Recording::status`].
    pub fn open_node(&mut self, node: NodeId) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        tree.open_node(&mut disc, node)
    }

    /// Closes a node that was opened.
    pub fn close_node(&mut self, node: NodeId) {
        let (mut disc, tree) = self.parts();
        tree.close_node(&mut disc, node);
    }
}
