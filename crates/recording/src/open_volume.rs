//! An open volume, for reading or for changes, with one interface for those who serve it to others.

use std::iter::Enumerate;
use std::vec;

use ecma167::RecordedAddress;
use volume::{Body, Directories, Directory, Named, Node, Volume};

use crate::Recording;
use crate::error::Error;
use crate::tree::Entry;

/// A volume being read or recorded on. A node is identified by the address that directories name.
pub enum OpenVolume {
    /// For reading.
    Reading(Box<Volume>),
    /// For changes; pending changes show.
    Recording(Box<Recording>),
}

/// The entries of a directory, one at a time, without deleted ones and that of the parent.
pub struct Entries(Cursor);

enum Cursor {
    Reading(Directory),
    Recording(Enumerate<vec::IntoIter<Entry>>),
}

impl OpenVolume {
    /// The volume as of the last commit.
    pub fn volume(&mut self) -> &mut Volume {
        match self {
            Self::Reading(volume) => volume,
            Self::Recording(recording) => recording.volume(),
        }
    }

    /// The recording; `None` if the volume is only read.
    pub fn recording(&mut self) -> Option<&mut Recording> {
        match self {
            Self::Reading(_) => None,
            Self::Recording(recording) => Some(recording),
        }
    }

    /// The address of the root directory.
    ///
    /// # Errors
    /// As [`Volume::root`].
    pub fn root(&mut self) -> Result<RecordedAddress, Error> {
        match self {
            Self::Reading(volume) => Ok(volume.root()?),
            Self::Recording(recording) => Ok(recording.address(recording.root())),
        }
    }

    /// The node at an address, its information length up to date.
    ///
    /// # Errors
    /// As [`Volume::node`] and [`Recording::status`].
    pub fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        match self {
            Self::Reading(volume) => Ok(volume.node(address)?),
            Self::Recording(recording) => {
                let status = recording.status(recording.node_of(address)?)?;
                let mut entry = status.entry;
                entry.information_length = status.length;
                Ok(Node::of(address, entry)?)
            }
        }
    }

    /// The node at a path from the root.
    ///
    /// # Errors
    /// [`Error::NotFound`], or as [`Volume::lookup_path`] and [`Recording::lookup_path`].
    pub fn lookup_path(&mut self, path: &str) -> Result<Node, Error> {
        match self {
            Self::Reading(volume) => match volume.lookup_path(path) {
                Err(volume::Error::NotFound) => Err(Error::NotFound),
                Err(volume::Error::NotADirectory) => Err(Error::NotADirectory),
                found => Ok(found?),
            },
            Self::Recording(recording) => {
                let node = recording.lookup_path(path)?;
                let address = recording.address(node);
                self.node(address)
            }
        }
    }

    /// The target path of a symbolic link (`ECMA-167 4/14.16`).
    ///
    /// # Errors
    /// As [`Volume::symlink_target`] and [`Recording::symlink_target`].
    pub fn symlink_target(&mut self, node: &Node) -> Result<String, Error> {
        match self {
            Self::Reading(volume) => Ok(volume.symlink_target(node)?),
            Self::Recording(recording) => recording.symlink_target(recording.node_of(node.address)?),
        }
    }

    /// The extents of a node's body, for callers that read it repeatedly; `None` if the body may change.
    ///
    /// # Errors
    /// As [`Volume::body`].
    pub fn body(&mut self, address: RecordedAddress) -> Result<Option<Body>, Error> {
        match self {
            Self::Reading(volume) => {
                let node = volume.node(address)?;
                Ok(Some(volume.body(&node)?))
            }
            Self::Recording(_) => Ok(None),
        }
    }

    /// Fills `out` from byte `offset` of the body of a node. Pass as `body` what [`OpenVolume::body`]
    /// returned, if anything. Reads fewer bytes only at the end of the body.
    ///
    /// # Errors
    /// As [`Volume::read`] and [`Recording::read`].
    pub fn read(
        &mut self,
        address: RecordedAddress,
        body: Option<&Body>,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        match (self, body) {
            (Self::Reading(volume), Some(body)) => Ok(volume.read_readable(body, offset, out)?),
            (Self::Reading(volume), None) => {
                let node = volume.node(address)?;
                let body = volume.body(&node)?;
                Ok(volume.read_readable(&body, offset, out)?)
            }
            (Self::Recording(recording), _) => {
                let node = recording.node_of(address)?;
                recording.read(node, offset, out)
            }
        }
    }
}

impl Directories for OpenVolume {
    type Cursor = Entries;
    type Error = Error;

    fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        Self::node(self, address)
    }

    fn begin(&mut self, directory: &Node, after: u64) -> Result<Entries, Error> {
        Ok(Entries(match self {
            Self::Reading(volume) => Cursor::Reading(volume.begin(directory, after)?),
            Self::Recording(recording) => {
                let node = recording.node_of(directory.address)?;
                let mut entries = recording.entries(node)?.into_iter().enumerate();
                if let Some(last) = usize::try_from(after).ok().and_then(|after| after.checked_sub(1)) {
                    entries.nth(last);
                }
                Cursor::Recording(entries)
            }
        }))
    }

    fn next(&mut self, cursor: &mut Entries) -> Result<Option<Named>, Error> {
        match &mut cursor.0 {
            Cursor::Reading(directory) => Ok(self.volume().next(directory)?),
            Cursor::Recording(entries) => Ok(entries.next().map(|(position, entry)| Named {
                address: entry.icb.address(),
                is_directory: entry.directory,
                end: position as u64 + 1,
                name: entry.name,
            })),
        }
    }
}

impl From<Volume> for OpenVolume {
    fn from(volume: Volume) -> Self {
        Self::Reading(Box::new(volume))
    }
}

impl From<Recording> for OpenVolume {
    fn from(recording: Recording) -> Self {
        Self::Recording(Box::new(recording))
    }
}
