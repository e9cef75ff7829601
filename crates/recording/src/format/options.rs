//! What the caller that formats a medium chooses for the volume.

use drive::Medium;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;

use crate::attributes::Attributes;

/// Blocks of the unit of writing of BD-R.
const BD_UNIT: u32 = 32;

/// What kind of plain volume a disc gets when it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rom {
    /// Its revision of UDF: 1.02 or 2.01. With [`Rom::revision_beside`] both volumes share the entries of
    /// files.
    pub revision: Revision,
    /// Whether ISO 9660 leads to its files too.
    pub bridge: bool,
    /// Whether it has symbolic links and special files, which some readers refuse.
    pub links: bool,
    /// Whether to format without one if the drive can reserve no track for it, instead of refusing.
    pub is_optional: bool,
}

impl Rom {
    /// The revision of a plain volume beside a volume of `revision` with the same generation of descriptors,
    /// so that both volumes share the file entries.
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

/// The properties of a new volume.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// Revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60.
    pub revision: Revision,
    /// Name of the logical volume.
    pub label: String,
    /// Makes the volume set identifier unique (`UDF 2.60 2.2.2.5`): 8 characters of time and 8 of this
    /// precede the name.
    pub unique: u32,
    /// The recording time.
    pub now: Timestamp,
    /// Seconds since 1970 for the volume set identifier.
    pub seconds: u32,
    /// Mode and owners of the root directory.
    pub root: Attributes,
    /// The plain volume that each closing records beside this one, for readers that know no VAT; `None` for
    /// none.
    pub rom: Option<Rom>,
}

impl FormatOptions {
    /// The serial number in the tags of the volume (`UDF 2.60 2.2.1.1`), different for most volumes and never
    /// 0, which would say that there is none: after a power cut it tells the entries of this volume from
    /// those in a file that is the image of another disc.
    pub(crate) fn tag_serial_number(&self) -> u16 {
        let halves = [self.unique, self.seconds].map(|number| {
            let [a, b, c, d] = number.to_le_bytes();
            u16::from_le_bytes([a, b]) ^ u16::from_le_bytes([c, d])
        });
        (halves[0] ^ halves[1]).max(1)
    }
}
