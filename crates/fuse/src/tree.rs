//! The volume behind the mount, for reading or for changes.

use std::sync::Arc;

use ecma167::RecordedAddress;
use recording::{NodeId, Recording};
use volume::{Body, Node, NodeKind, Volume};

use crate::error::Error;
use crate::listing::Listing;

/// The most names of a directory that are held: a hostile disc may have the same descriptors as often as it has blocks.
const MOST_NAMES: usize = 1 << 23;

/// A volume that is mounted.
pub enum Tree {
    /// For reading.
    Reading(Reading),
    /// For changes.
    Recording(Box<Recording>),
}

/// A volume for reading, and the directory that was looked into last: its directories tell names in no order.
pub struct Reading {
    volume: Box<Volume>,
    names: Option<Names>,
}

/// The names of a directory that does not change.
struct Names {
    directory: RecordedAddress,
    listing: Arc<Listing>,
    order: Vec<u32>,
}

impl Tree {
    /// A volume that is only read.
    #[must_use]
    pub fn reading(volume: Volume) -> Self {
        Self::of_volume(Box::new(volume))
    }

    /// A volume that is open for changes.
    #[must_use]
    pub fn recording(recording: Recording) -> Self {
        Self::Recording(Box::new(recording))
    }

    pub(crate) fn of_volume(volume: Box<Volume>) -> Self {
        Self::Reading(Reading { volume, names: None })
    }

    /// What the volume was as of the last commit.
    pub(crate) fn volume(&mut self) -> &mut Volume {
        match self {
            Self::Reading(reading) => &mut reading.volume,
            Self::Recording(recording) => recording.volume(),
        }
    }

    /// The recording, to change something.
    pub(crate) fn changing(&mut self) -> Result<&mut Recording, Error> {
        match self {
            Self::Reading(_) => Err(Error::ReadOnly),
            Self::Recording(recording) => Ok(recording),
        }
    }

    pub(crate) fn root(&mut self) -> Result<RecordedAddress, Error> {
        match self {
            Self::Reading(reading) => Ok(reading.volume.root()?),
            Self::Recording(recording) => Ok(recording.address(recording.root())),
        }
    }

    /// The node at an address, its information length up to date.
    pub(crate) fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        match self {
            Self::Reading(reading) => Ok(reading.volume.node(address)?),
            Self::Recording(recording) => {
                let status = recording.status(recording.node_of(address)?)?;
                let mut entry = status.entry;
                entry.information_length = status.length;
                Ok(Node::of(address, entry)?)
            }
        }
    }

    /// Bytes that a node has for who reads it: of its body, or of a target.
    pub(crate) fn size(&mut self, node: &Node) -> Result<u64, Error> {
        match node.kind {
            NodeKind::SymbolicLink => Ok(self.target(node)?.len() as u64),
            NodeKind::File | NodeKind::Directory => Ok(node.size()),
            _ => Ok(0),
        }
    }

    /// The address that a directory has for a name.
    pub(crate) fn lookup(
        &mut self,
        directory: RecordedAddress,
        name: &str,
    ) -> Result<RecordedAddress, Error> {
        match self {
            Self::Reading(reading) => reading.lookup(directory, name),
            Self::Recording(recording) => {
                let directory = recording.node_of(directory)?;
                let found = recording.lookup(directory, name)?;
                let node = found.ok_or(recording::Error::NotFound)?;
                Ok(recording.address(node))
            }
        }
    }

    /// The names of a directory as they are now. Where some of them are lost the others are there on a mount for reading; what may
    /// change has to be known whole.
    pub(crate) fn listing(&mut self, directory: RecordedAddress) -> Result<Arc<Listing>, Error> {
        match self {
            Self::Reading(reading) => reading.listing(directory),
            Self::Recording(recording) => {
                let node = recording.node_of(directory)?;
                let mut listing = Listing::default();
                for entry in recording.entries(node)? {
                    listing.push(&entry.name, entry.icb.address());
                }
                Ok(Arc::new(listing))
            }
        }
    }

    /// What a symbolic link says (`ECMA-167 4/14.16`).
    pub(crate) fn target(&mut self, node: &Node) -> Result<String, Error> {
        match self {
            Self::Reading(reading) => Ok(reading.volume.symlink_target(node)?),
            Self::Recording(recording) => Ok(recording.symlink_target(recording.node_of(node.address)?)?),
        }
    }

    /// Where the body of a node is that is read more than once; of one that may change it is asked for at each read.
    pub(crate) fn body(&mut self, address: RecordedAddress) -> Result<Option<Body>, Error> {
        match self {
            Self::Reading(reading) => {
                let node = reading.volume.node(address)?;
                Ok(Some(reading.volume.body(&node)?))
            }
            Self::Recording(_) => Ok(None),
        }
    }

    /// Fills `out` from byte `offset` of a body; fewer bytes only at its end.
    pub(crate) fn read(
        &mut self,
        address: RecordedAddress,
        body: Option<&Body>,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        match (self, body) {
            (Self::Recording(recording), _) => {
                let node = recording.node_of(address)?;
                Ok(recording.read(node, offset, out)?)
            }
            (Self::Reading(reading), Some(body)) => Ok(reading.volume.read(body, offset, out)?),
            (Self::Reading(_), None) => Err(Error::NotOpen),
        }
    }

    /// Keeps a node that is opened, whatever becomes of its names.
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
        match self {
            Self::Reading(_) => Ok(()),
            Self::Recording(recording) => {
                let node = recording.node_of(address)?;
                Ok(work(recording, node)?)
            }
        }
    }
}

impl Reading {
    pub(crate) fn into_volume(self) -> Volume {
        *self.volume
    }

    fn lookup(&mut self, directory: RecordedAddress, name: &str) -> Result<RecordedAddress, Error> {
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
        // A name that is not there may be one of those that are lost.
        listing.find(order, name).ok_or_else(|| match &listing.lost {
            Some(why) => Error::NamesLost(why.clone()),
            None => volume::Error::NotFound.into(),
        })
    }

    fn listing(&mut self, directory: RecordedAddress) -> Result<Arc<Listing>, Error> {
        if let Some(names) = self.names.as_ref().filter(|names| names.directory == directory) {
            return Ok(Arc::clone(&names.listing));
        }
        let node = self.volume.node(directory)?;
        let mut entries = self.volume.directory(&node)?;
        let mut listing = Listing::default();
        loop {
            match entries.next_live(&mut self.volume) {
                Ok(Some(_)) if listing.len() == MOST_NAMES => return Err(Error::TooManyNames(MOST_NAMES)),
                Ok(Some(entry)) => listing.push(&entry.name, entry.address()),
                Ok(None) => return Ok(Arc::new(listing)),
                Err(error) if error.is_damage() => {
                    listing.lost.get_or_insert(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
