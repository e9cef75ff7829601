//! Entries of directories (`ECMA-167 4/14.4`).

use ecma167::RecordedAddress;
use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};

use crate::name::host_name;

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name, as a host can have it; empty for the entry of the parent.
    pub name: String,
    /// The ICB of the node, with the unique ID from UDF 2.00 on; zeros where the entry is deleted.
    pub icb: LongAd,
    /// Whether it is a directory, hidden, deleted, the parent.
    pub characteristics: FileCharacteristics,
    /// The byte of the directory's body that its descriptor begins with.
    pub offset: u64,
    /// The bytes of its descriptor.
    pub length: usize,
}

impl DirectoryEntry {
    /// What a descriptor says that begins with byte `offset` of its directory's body, and has `length` bytes.
    pub(crate) fn new(fid: FileIdentifier, offset: u64, length: usize) -> Self {
        let name = if fid.characteristics.contains(FileCharacteristics::PARENT) {
            String::new()
        } else {
            host_name(&fid.identifier)
        };
        Self {
            name,
            icb: fid.icb,
            characteristics: fid.characteristics,
            offset,
            length,
        }
    }

    /// Whether it names something in this directory: not deleted, and not the parent.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self
            .characteristics
            .intersects(FileCharacteristics::DELETED | FileCharacteristics::PARENT)
    }

    /// The address of the node's ICB.
    #[must_use]
    pub fn address(&self) -> RecordedAddress {
        self.icb.address()
    }
}
