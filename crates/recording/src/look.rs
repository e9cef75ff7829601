//! What a recording shows of its tree, including pending changes.

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
    /// [`Error::NotFound`] if the node is gone; any error of reading it.
    pub fn status(&mut self, node: NodeId) -> Result<Status, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.status(&mut disc, node)
    }

    /// The address of a node, constant while the recording is open: the one that directories name. A file
    /// outside the virtual partition moves when it changes, so it has an address that no directory names.
    #[must_use]
    pub fn address(&self, node: NodeId) -> RecordedAddress {
        self.tree.address(node)
    }

    /// The node that an address in a directory names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if it is outside the virtual partition.
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

    /// The node that a name in a directory leads to; `None` if there is no such name.
    ///
    /// # Errors
    /// [`Error::NotADirectory`]; any error of reading the directory.
    pub fn lookup(&mut self, directory: NodeId, name: &str) -> Result<Option<NodeId>, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.lookup(&mut disc, directory, name)
    }

    /// The node at a path from the root. `/` separates names, empty names and `.` are skipped, `..` steps
    /// back along the path. Symbolic links are not followed.
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

    /// The target path of a symbolic link (`ECMA-167 4/14.16`).
    ///
    /// # Errors
    /// [`volume::Error::NotASymbolicLink`], path components that do not decode; as [`Recording::read`].
    pub fn symlink_target(&mut self, node: NodeId) -> Result<String, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.symlink_target(&mut disc, node)
    }

    /// The entries of a directory, without that of the parent.
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
    /// [`Error::Unsupported`] if the entry names something outside the virtual partition.
    pub fn entry_node(&self, entry: &Entry) -> Result<NodeId, Error> {
        self.node_of(entry.icb.address())
    }

    /// Reads from a body at byte `offset`. Returns the number of bytes read, fewer than requested only at its
    /// end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; any error of reading the disc.
    pub fn read(&mut self, node: NodeId, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        self.trim_clean();
        let (mut disc, tree) = self.parts();
        tree.read(&mut disc, node, offset, out)
    }

    /// Opens a node that is not a directory. It can be read and written, even after its last name is removed,
    /// until it has been closed as often as opened. A node without a name is in no commit.
    ///
    /// # Errors
    /// [`Error::IsADirectory`], or as [`Recording::status`].
    pub fn open_node(&mut self, node: NodeId) -> Result<(), Error> {
        let (mut disc, tree) = self.parts();
        tree.open_node(&mut disc, node)
    }

    /// Closes an open node once.
    pub fn close_node(&mut self, node: NodeId) {
        let (mut disc, tree) = self.parts();
        tree.close_node(&mut disc, node);
    }
}
