//! Directories of the open volume.

use crate::directory_entry::DirectoryEntry;
use crate::error::Error;
use crate::node::Node;
use crate::read::Directory;
use crate::volume::Volume;

impl Volume {
    /// Starts to read a directory. If a continuation of its allocation descriptors is lost, it is read up to
    /// that point. A directory longer than everything recorded is read up to the recorded length.
    ///
    /// # Errors
    /// [`Error::NotADirectory`], or as [`Volume::body`].
    pub fn directory(&mut self, node: &Node) -> Result<Directory, Error> {
        let (body, cut_short) = self.space.body_as_far(&node.entry, node.address)?;
        let is_root = |root| node.address == root;
        let is_old = !self.revision().is_third_edition();
        // If the file set is lost, so is the way to what this could hide.
        let has_system_file = is_old && self.root().is_ok_and(is_root);
        Directory::new(node, body, cut_short, self.recorded_bytes(), has_system_file)
    }
}

impl Directory {
    /// The next entry, including deleted entries and the parent's; `None` at the end.
    ///
    /// # Errors
    /// A descriptor that does not decode or runs past the end, or an unreadable block: its entries are lost,
    /// and the next call continues with the entries found after them. After an error of the drive, the next
    /// call returns the end.
    pub fn next(&mut self, volume: &mut Volume) -> Result<Option<DirectoryEntry>, Error> {
        self.next_in(&mut volume.space)
    }

    /// The next entry that is neither deleted nor the parent's, nor of the
    /// [system](DirectoryEntry::is_system).
    ///
    /// # Errors
    /// As [`Directory::next`].
    pub fn next_live(&mut self, volume: &mut Volume) -> Result<Option<DirectoryEntry>, Error> {
        while let Some(entry) = self.next(volume)? {
            if entry.is_live() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}
