//! The volume of a mount, for reading or for changes.

use std::sync::Arc;

use ecma167::RecordedAddress;
use recording::{NodeId, OpenVolume, Recording};
use volume::{Body, Directories as _, Node, NodeKind, Volume};

use crate::error::Error;
use crate::listing::{Listing, Names};

/// A mounted volume. On a read-only mount it keeps the names of the directory looked up last.
pub(crate) struct Tree {
    open: OpenVolume,
    names: Option<Names<RecordedAddress>>,
}

impl Tree {
    pub(crate) fn new(open: OpenVolume) -> Self {
        Self { open, names: None }
    }

    pub(crate) fn into_open(self) -> OpenVolume {
        self.open
    }

    /// The volume as of the last commit.
    pub(crate) fn volume(&mut self) -> &mut Volume {
        self.open.volume()
    }

    /// The recording, for a change.
    pub(crate) fn changing(&mut self) -> Result<&mut Recording, Error> {
        self.open.recording().ok_or(Error::ReadOnly)
    }

    pub(crate) fn root(&mut self) -> Result<RecordedAddress, Error> {
        Ok(self.open.root()?)
    }

    /// The node at an address, with its current information length.
    pub(crate) fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        Ok(self.open.node(address)?)
    }

    /// Bytes of a node for its readers: of its body, or of a target.
    pub(crate) fn size(&mut self, node: &Node) -> Result<u64, Error> {
        size_of(node, |node| self.target(node))
    }

    /// The address of a name in a directory.
    pub(crate) fn lookup(
        &mut self,
        directory: RecordedAddress,
        name: &str,
    ) -> Result<RecordedAddress, Error> {
        match &mut self.open {
            OpenVolume::Reading(_) => self.lookup_in_names(directory, name),
            OpenVolume::Recording(recording) => {
                let directory = recording.node_of(directory)?;
                let found = recording.lookup(directory, name)?;
                let node = found.ok_or(recording::Error::NotFound)?;
                Ok(recording.address(node))
            }
        }
    }

    /// The current names of a directory. If some are lost, a read-only mount lists the others; before a
    /// change all must be known.
    pub(crate) fn listing(&mut self, directory: RecordedAddress) -> Result<Arc<Listing>, Error> {
        if let Some(names) = self.names.as_ref().filter(|names| names.directory == directory) {
            return Ok(Arc::clone(&names.listing));
        }
        let node = self.open.node(directory)?;
        let mut entries = self.open.begin(&node, 0)?;
        Listing::of(|| Ok(self.open.next(&mut entries)?))
    }

    /// The target of a symbolic link (`ECMA-167 4/14.16`).
    pub(crate) fn target(&mut self, node: &Node) -> Result<String, Error> {
        Ok(self.open.symlink_target(node)?)
    }

    /// The extents of a body that is read more than once; `None` if it may change and must be asked for at
    /// each read.
    pub(crate) fn body(&mut self, address: RecordedAddress) -> Result<Option<Body>, Error> {
        Ok(self.open.body(address)?)
    }

    /// Fills `out` from byte `offset` of a body; returns fewer bytes only at its end.
    pub(crate) fn read(
        &mut self,
        address: RecordedAddress,
        body: Option<&Body>,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        Ok(self.open.read(address, body, offset, out)?)
    }

    /// Keeps an open node, whatever becomes of its names.
    pub(crate) fn open_node(&mut self, address: RecordedAddress) -> Result<(), Error> {
        self.with_node(address, |recording, node| recording.open_node(node))
    }

    /// Ends what [`Tree::open_node`] began.
    pub(crate) fn close_node(&mut self, address: RecordedAddress) -> Result<(), Error> {
        self.with_node(address, |recording, node| {
            recording.close_node(node);
            Ok(())
        })
    }

    fn with_node(
        &mut self,
        address: RecordedAddress,
        work: impl FnOnce(&mut Recording, NodeId) -> Result<(), recording::Error>,
    ) -> Result<(), Error> {
        let Some(recording) = self.open.recording() else {
            return Ok(());
        };
        let node = recording.node_of(address)?;
        Ok(work(recording, node)?)
    }

    fn lookup_in_names(&mut self, directory: RecordedAddress, name: &str) -> Result<RecordedAddress, Error> {
        if let Some(names) = self.names.as_ref().filter(|names| names.directory == directory) {
            return names.find(name);
        }
        let listing = self.listing(directory)?;
        self.names.insert(Names::new(directory, listing)).find(name)
    }
}

/// Bytes of a node for its readers: of its body, or of its target.
pub(crate) fn size_of(
    node: &Node,
    target: impl FnOnce(&Node) -> Result<String, Error>,
) -> Result<u64, Error> {
    match node.kind {
        NodeKind::SymbolicLink => Ok(target(node)?.len() as u64),
        NodeKind::File | NodeKind::Directory => Ok(node.size()),
        _ => Ok(0),
    }
}
