//! Directories of a plain volume: file identifier descriptors in blocks of their own (`ECMA-167 4/14.4`).

use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};
use ecma167::osta::Revision;
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalBlock, PartitionReference, RecordedAddress};

use crate::error::Error;
use crate::options::Options;
use crate::tags::Tags;

/// The only partition map.
const PARTITION: PartitionReference = PartitionReference(0);

/// Encodes the body of a directory whose first block is known, one block after another.
#[derive(Debug)]
pub(crate) struct DirectoryBody {
    tags: Tags,
    revision: Revision,
    /// The block that is taken next.
    next: LogicalBlock,
    /// Bytes of all entries so far.
    length: u64,
    /// What was not taken.
    bytes: Vec<u8>,
}

/// An ICB, with the lower half of a unique ID from UDF 2.00 on (`UDF 2.01 2.3.10.1`).
pub(crate) fn icb(at: LogicalBlock, unique_id: u32, revision: Revision) -> LongAd {
    let icb = LongAd::icb(RecordedAddress {
        partition: PARTITION,
        block: at.0,
    });
    if revision < Revision::V2_00 {
        return icb;
    }
    icb.with_unique_id(unique_id)
}

impl DirectoryBody {
    /// A body with the entry of the parent, the first of every directory (`ECMA-167 4/8.6`).
    pub fn new(first: LogicalBlock, parent: (LogicalBlock, u32), options: &Options) -> Result<Self, Error> {
        let mut body = Self {
            tags: options.tags(),
            revision: options.revision,
            next: first,
            length: 0,
            bytes: Vec::new(),
        };
        let parent = FileIdentifier::parent(body.icb(parent));
        body.append(&parent)?;
        Ok(body)
    }

    /// Adds the next child, whose file entry is at the block in `entry`, with the unique ID of the name.
    pub fn push(&mut self, name: &str, is_directory: bool, entry: (LogicalBlock, u32)) -> Result<(), Error> {
        let characteristics = if is_directory {
            FileCharacteristics::DIRECTORY
        } else {
            FileCharacteristics::empty()
        };
        let identifier =
            FileIdentifier::new(name, characteristics, self.icb(entry)).map_err(|source| Error::Name {
                name: name.to_owned(),
                source,
            })?;
        self.append(&identifier)
    }

    /// The length of the body in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Takes the next block, once it is full.
    pub fn take(&mut self) -> Option<[u8; BLOCK_SIZE]> {
        let block = *self.bytes.first_chunk()?;
        self.bytes.drain(..BLOCK_SIZE);
        self.next.0 = self.next.0.saturating_add(1);
        Some(block)
    }

    /// Pads the last block with zeros, so that it can be taken.
    pub fn finish(&mut self) {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(BLOCK_SIZE), 0);
    }

    fn icb(&self, (at, unique_id): (LogicalBlock, u32)) -> LongAd {
        icb(at, unique_id, self.revision)
    }

    fn append(&mut self, identifier: &FileIdentifier) -> Result<(), Error> {
        let block = u32::try_from(self.bytes.len() / BLOCK_SIZE).unwrap_or(u32::MAX);
        let at = self.next.0.saturating_add(block);
        let encoded = self.tags.numbered(identifier.encode(self.tags.version, at)?);
        self.length += encoded.len() as u64;
        self.bytes.extend_from_slice(&encoded);
        Ok(())
    }
}

/// Bytes of a name in a directory; for `None`, of the entry of the parent.
pub(crate) fn identifier_bytes(name: Option<&str>) -> u64 {
    let identifier = name.map_or(0, ecma167::osta::cs0::encoded_len);
    (FileIdentifier::HEADER_LEN + identifier).next_multiple_of(4) as u64
}

/// Whole blocks that `bytes` bytes take.
pub(crate) fn blocks_of(bytes: u64) -> u64 {
    bytes.div_ceil(u64::from(BLOCK_BYTES))
}
