//! Names for whole files that an interrupted recording left on the disc. Their data is not recorded again.

use volume::{AfterNewest, NodeKind};

use crate::Recording;
use crate::attributes::Attributes;
use crate::change::CREATE_BLOCKS;
use crate::error::Error;
use crate::tree::NodeId;

/// The directory that gets the names, in the root.
pub const LOST_AND_FOUND: &str = "lost+found";

/// Allocation descriptors in an allocation extent descriptor, at least.
const DESCRIPTORS_A_BLOCK: u64 = 100;

/// What naming files again did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// What followed the newest generation.
    pub found: AfterNewest,
    /// Files, links and special files that have a name now.
    pub files: u64,
    /// Those among them that had streams, which are left out.
    pub without_streams: u64,
    /// Those left out because `lost+found` has a file of their name.
    pub taken: u64,
}

impl Recording {
    /// Recovers as [`Recording::recover`] does, and gives the whole files that no generation names a name
    /// each: in the directory `lost+found` of the root, `#` and the block of the medium with the entry. Only
    /// nodes and directories are recorded, with the next commit. Records nothing, and makes no directory, if
    /// there is no such file.
    ///
    /// An interrupted closing is completed. What it left has names already.
    ///
    /// # Errors
    /// As [`Recording::recover`]; [`Error::NotADirectory`] if `lost+found` is a file;
    /// [`Error::MediumFull`]. What was named before an error is pending.
    pub fn recover_lost_and_found(&mut self, attributes: &Attributes) -> Result<Linked, Error> {
        if self.is_closing_begun() {
            self.recover()?;
            return Ok(Linked::default());
        }
        let mut linked = Linked {
            found: self.volume.after_newest()?,
            ..Linked::default()
        };
        self.recover()?;
        if linked.found.whole_files().next().is_none() {
            return Ok(linked);
        }
        let directory = self.lost_and_found(attributes)?;
        for entry in linked.found.whole_files() {
            let name = format!("#{}", entry.sector.0);
            if self.lookup(directory, &name)?.is_some() {
                linked.taken += 1;
                continue;
            }
            let continuations = u64::from(entry.extents) / DESCRIPTORS_A_BLOCK;
            self.prepare_change(CREATE_BLOCKS + continuations)?;
            let (mut disc, tree) = self.parts();
            let has_all = tree.link_unnamed(&mut disc, (directory, &name), (entry.address, entry.block))?;
            linked.files += 1;
            linked.without_streams += u64::from(!has_all);
        }
        Ok(linked)
    }

    fn lost_and_found(&mut self, attributes: &Attributes) -> Result<NodeId, Error> {
        let root = self.root();
        match self.lookup(root, LOST_AND_FOUND)? {
            None => self.create(root, LOST_AND_FOUND, NodeKind::Directory, attributes),
            Some(existing) if self.is_directory(existing)? => Ok(existing),
            Some(_) => Err(Error::NotADirectory),
        }
    }
}
