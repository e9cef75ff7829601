//! Directories of the open volume.

use crate::directory_entry::DirectoryEntry;
use crate::error::Error;
use crate::node::Node;
use crate::read::Directory;
use crate::volume::Volume;

impl Volume {
    /// Begins to read a directory. Where the continuation of its allocation descriptors is lost, it is read up to there; one that is
    /// longer than all that is recorded is read as far as that.
    ///
    /// # Errors
    /// [`Error::NotADirectory`], or as [`Volume::body`].
    pub fn directory(&mut self, node: &Node) -> Result<Directory, Error> {
        let (body, cut_short) = self.space.body_as_far(&node.entry, node.address)?;
        Directory::new(node, body, cut_short, self.recorded_bytes())
    }
}

impl Directory {
    /// The next entry, deleted ones and that of the parent among them; `None` at the end.
    ///
    /// # Errors
    /// A descriptor that does not decode or runs past the end, or a block that cannot be read: its entries are lost, and the
    /// next call goes on with what is found behind them. Behind an error of the drive the end follows.
    pub fn next(&mut self, volume: &mut Volume) -> Result<Option<DirectoryEntry>, Error> {
        self.next_in(&mut volume.space)
    }

    /// The next entry that is neither deleted nor the parent's.
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
