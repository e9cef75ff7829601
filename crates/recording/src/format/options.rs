//! What whoever formats a medium says of the volume.

use drive::Medium;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;

use crate::attributes::Attributes;

/// Blocks of the unit of writing of BD-R.
const BD_UNIT: u32 = 32;

/// What kind of plain volume a disc gets when it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rom {
    /// Its revision of UDF: 1.02 or 2.01. [`Rom::revision_beside`] is the one with which a file is recorded once for both volumes.
    pub revision: Revision,
    /// Whether ISO 9660 leads to its files too.
    pub bridge: bool,
    /// Whether it has symbolic links and special files, which make some readers refuse it.
    pub links: bool,
    /// Whether the medium is formatted without one where the drive reserves no track for it; else that is refused.
    pub is_optional: bool,
}

impl Rom {
    /// The revision of a plain volume beside a volume of that revision whose descriptors are of the same generation, so that both
    /// volumes have the same file entries.
    #[must_use]
    pub fn revision_beside(revision: Revision) -> Revision {
        if revision < Revision::V2_00 {
            Revision::V1_02
        } else {
            Revision::V2_01
        }
    }
}

/// The newest revision of UDF that the readers of the medium's time know.
#[must_use]
pub fn default_revision(medium: &Medium) -> Revision {
    if medium.write_unit == BD_UNIT {
        Revision::V2_50
    } else {
        Revision::V2_01
    }
}

/// What a new volume is to be.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// Revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60.
    pub revision: Revision,
    /// Name of the logical volume.
    pub label: String,
    /// Makes the volume set identifier unique (`UDF 2.60 2.2.2.5`): 8 characters of time and 8 of this go before the name.
    pub unique: u32,
    /// When it is recorded.
    pub now: Timestamp,
    /// Seconds since 1970 that go into the volume set identifier.
    pub seconds: u32,
    /// Mode and owners of the root directory.
    pub root: Attributes,
    /// The plain volume that each closing of the disc records beside this one, for readers that know no VAT.
    pub rom: Option<Rom>,
}
