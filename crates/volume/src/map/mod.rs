//! Partition maps: what the block numbers of each partition reference mean.

mod metadata;
mod partition;
mod sparing;
mod vat;

use ecma167::{LogicalBlock, PartitionReference, RecordedAddress};

use crate::error::{CorruptKind, Error, Unsupported};

pub use metadata::MetadataFiles;
pub(crate) use metadata::Mirror;
pub use partition::Partition;
pub use sparing::Sparing;
pub use vat::{Revisions, Vat, VatForm};

/// A partition map of the logical volume, joined with the partition descriptor that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// Type 1: blocks of a partition (`ECMA-167 3/10.7.2`).
    Physical(Partition),
    /// A virtual partition (`UDF 2.60 2.2.8`): virtual addresses, which the VAT turns into blocks of `on`.
    Virtual {
        /// The partition that contains the VAT and everything it names.
        on: Partition,
        /// A type 1 map of the same partition, if there is one.
        physical: Option<PartitionReference>,
    },
    /// A sparable partition (`UDF 2.60 2.2.9`): blocks of a partition with some packets recorded elsewhere.
    Sparable {
        /// The partition.
        on: Partition,
        /// Its spared packets.
        sparing: Sparing,
    },
    /// A metadata partition (`UDF 2.60 2.2.10`): blocks of the metadata file.
    Metadata {
        /// The partition that contains the file.
        on: Partition,
        /// The file, and its mirror.
        files: MetadataFiles,
    },
    /// A map of an unknown kind or of another volume. Whatever is in its partition cannot be read.
    Unusable(Unsupported),
}

impl Map {
    /// The partition below, if it can be read.
    #[must_use]
    pub fn partition(&self) -> Option<&Partition> {
        match self {
            Self::Physical(partition) => Some(partition),
            Self::Virtual { on, .. } | Self::Sparable { on, .. } | Self::Metadata { on, .. } => Some(on),
            Self::Unusable(_) => None,
        }
    }

    /// Whether its blocks are found without reading anything; the other kinds depend on such a partition.
    pub(crate) fn is_ground(&self) -> bool {
        matches!(self, Self::Physical(_) | Self::Sparable { .. })
    }
}

/// The partition maps of a volume by partition reference.
#[derive(Default)]
pub(crate) struct Maps(Vec<Map>);

impl Maps {
    pub(crate) fn new(maps: Vec<Map>) -> Self {
        Self(maps)
    }

    pub(crate) fn as_slice(&self) -> &[Map] {
        &self.0
    }

    /// The map of the partition that contains an address.
    ///
    /// # Errors
    /// [`CorruptKind::PartitionReference`]; [`Error::Unsupported`] if the map cannot be used.
    pub(crate) fn of(&self, at: RecordedAddress) -> Result<&Map, Error> {
        match self.get(at.partition) {
            Some(Map::Unusable(why)) => Err((*why).into()),
            Some(map) => Ok(map),
            None => Err(Error::corrupt(
                CorruptKind::PartitionReference(at.partition.0),
                at,
            )),
        }
    }

    /// The map of a partition reference.
    pub(crate) fn get(&self, reference: PartitionReference) -> Option<&Map> {
        self.0.get(usize::from(reference.0))
    }

    /// The reference of the virtual partition.
    pub(crate) fn virtual_reference(&self) -> Option<PartitionReference> {
        let is_virtual = |map: &Map| matches!(map, Map::Virtual { .. });
        let at = self.0.iter().position(is_virtual)?;
        u16::try_from(at).ok().map(PartitionReference)
    }

    /// The reference of the type 1 map of the partition below the virtual one.
    pub(crate) fn physical_reference(&self) -> Option<PartitionReference> {
        self.0.iter().find_map(|map| match map {
            Map::Virtual { physical, .. } => *physical,
            _ => None,
        })
    }

    /// Where VATs are recorded, if there is a virtual partition.
    pub(crate) fn ground(&self) -> Option<Ground> {
        let reference = self.physical_reference()?;
        let partition = *self.get(reference)?.partition()?;
        Some(Ground { partition, reference })
    }

    /// The files of a partition if it is a metadata partition.
    pub(crate) fn metadata(&self, reference: PartitionReference) -> Option<&MetadataFiles> {
        match self.get(reference) {
            Some(Map::Metadata { files, .. }) => Some(files),
            _ => None,
        }
    }

    /// Like [`Maps::metadata`], to set what was read.
    pub(crate) fn metadata_mut(&mut self, reference: PartitionReference) -> Option<&mut MetadataFiles> {
        match self.0.get_mut(usize::from(reference.0)) {
            Some(Map::Metadata { files, .. }) => Some(files),
            _ => None,
        }
    }

    /// The sparing state of a partition if it is sparable, to set what was read.
    pub(crate) fn sparing_mut(&mut self, reference: PartitionReference) -> Option<&mut Sparing> {
        match self.0.get_mut(usize::from(reference.0)) {
            Some(Map::Sparable { sparing, .. }) => Some(sparing),
            _ => None,
        }
    }
}

/// Where VATs are recorded: the partition below the virtual one, and a reference to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground {
    pub(crate) partition: Partition,
    pub(crate) reference: PartitionReference,
}

impl Ground {
    pub(crate) fn address(&self, block: LogicalBlock) -> RecordedAddress {
        RecordedAddress {
            partition: self.reference,
            block: block.0,
        }
    }
}
