//! The volume of a mount, for reading or for changes.

use std::sync::Arc;

use ecma167::RecordedAddress;
use recording::{NodeId, OpenVolume, Recording};
use volume::{Body, Directories as _, Node, NodeKind, Volume};

use crate::error::Error;
use crate::listing::Listing;

/// Most names of a directory in memory: a hostile disc may repeat descriptors as often as it has blocks.
const MOST_NAMES: usize = 1 << 23;

/// A mounted volume. On a read-only mount it keeps the names of the directory looked up last, because
/// directories list names in no order.
pub(crate) struct Tree {
    open: OpenVolume,
    names: Option<Names>,
}

/// The names of a directory that cannot change.
struct Names {
    directory: RecordedAddress,
    listing: Arc<Listing>,
    order: Vec<u32>,
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
        match node.kind {
            NodeKind::SymbolicLink => Ok(self.target(node)?.len() as u64),
            NodeKind::File | NodeKind::Directory => Ok(node.size()),
            _ => Ok(0),
        }
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
        let mut listing = Listing::default();
        loop {
            match self.open.next(&mut entries) {
                Ok(Some(_)) if listing.len() == MOST_NAMES => return Err(Error::TooManyNames(MOST_NAMES)),
                Ok(Some(entry)) => listing.push(&entry.name, entry.address),
                Ok(None) => return Ok(Arc::new(listing)),
                Err(recording::Error::Volume(error)) if error.is_damage() => {
                    listing.lost.get_or_insert(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
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
        if self
            .names
            .as_ref()
            .is_none_or(|names| names.directory != directory)
        {
            let listing = self.listing(directory)?;
            let order = listing.sorted();
            self.names = Some(Names {
                directory,
                listing,
                order,
            });
        }
        let Some(Names { listing, order, .. }) = &self.names else {
            return Err(volume::Error::NotFound.into());
        };
        // A name that is not found may be one of the lost ones.
        listing.find(order, name).ok_or_else(|| match &listing.lost {
            Some(why) => Error::NamesLost(why.clone()),
            None => volume::Error::NotFound.into(),
        })
    }
}
