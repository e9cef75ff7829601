//! Directory entries (`ECMA-167 4/14.4`).

use ecma167::RecordedAddress;
use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};

use crate::name::host_name;

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name in a form that a host accepts; empty for the entry of the parent. An entry whose name an
    /// earlier one in its directory has is shown as `name~2`, `name~3` and so on.
    pub name: String,
    /// The ICB of the node, with the unique ID since UDF 2.00; zeros if the entry is deleted.
    pub icb: LongAd,
    /// Whether the entry is a directory, hidden, deleted, or the parent.
    pub characteristics: FileCharacteristics,
    /// Offset of its descriptor in the directory's body, in bytes.
    pub offset: u64,
    /// Length of its descriptor in bytes.
    pub length: usize,
}

impl DirectoryEntry {
    /// The entry of a descriptor that starts at byte `offset` of its directory's body and has `length` bytes.
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

    /// Whether it names something in this directory: neither deleted nor the parent.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self
            .characteristics
            .intersects(FileCharacteristics::DELETED | FileCharacteristics::PARENT)
    }

    /// Whether it names a stream for implementations rather than users (`UDF 2.60 3.3.5.2`).
    #[must_use]
    pub fn is_metadata(&self) -> bool {
        self.characteristics.contains(FileCharacteristics::METADATA)
    }

    /// The address of the node's ICB.
    #[must_use]
    pub fn address(&self) -> RecordedAddress {
        self.icb.address()
    }
}
