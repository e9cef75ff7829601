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
    /// Whether it names a file of the volume itself: below UDF 2.00 the blocks that no file may use are in a
    /// hidden file of the root directory (`UDF 1.50 3.3.7.2`).
    pub is_system: bool,
}

/// The name of the file of blocks that no file may use.
const NON_ALLOCATABLE_SPACE: &str = "Non-Allocatable Space";

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
            is_system: false,
        }
    }

    /// Sets whether it is of the system; `at_root` if it is in the root directory of a volume below UDF 2.00.
    pub(crate) fn mark_system(&mut self, at_root: bool) {
        self.is_system = at_root
            && self.characteristics.contains(FileCharacteristics::EXISTENCE)
            && self.name == NON_ALLOCATABLE_SPACE;
    }

    /// Whether it names something of a user in this directory: it is neither deleted nor the parent, nor of
    /// the system.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let hidden = FileCharacteristics::DELETED | FileCharacteristics::PARENT;
        !self.characteristics.intersects(hidden) && !self.is_system
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
