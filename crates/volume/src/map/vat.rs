//! The virtual allocation table (`UDF 2.60 2.2.11`).

use ecma167::file::FileEntry;
use ecma167::osta::Revision;
use ecma167::{LogicalBlock, LogicalSector};

use super::Partition;
use crate::body::Body;

/// A virtual allocation table. Its entries stay on the disc until they are asked for.
#[derive(Clone, Debug)]
pub struct Vat {
    /// Where its ICB is.
    pub icb: LogicalBlock,
    /// Its ICB; the unique ID in it is the next one to be given out (`UDF 2.60 3.2.1.1`).
    pub entry: FileEntry,
    /// Its layout.
    pub form: VatForm,
    /// The name of the logical volume; in UDF 1.50 from the extended attribute, where there is one.
    pub name: Option<String>,
    /// Files and further hard links.
    pub files: Option<u32>,
    /// Directories.
    pub directories: Option<u32>,
    /// The revisions that the header gives; none in UDF 1.50.
    pub revisions: Option<Revisions>,
    /// The previous VAT ICB as it is recorded: by the standard a logical block, see [`crate::Volume::previous_vat`].
    pub previous: Option<u32>,
    /// Its entries: virtual addresses from 0.
    pub entries: u32,
    /// The byte of the body where entry 0 begins.
    pub entries_offset: u64,
    /// The body with header or tail; its extents are blocks of the partition below.
    pub body: Body,
}

impl Vat {
    /// The sector of its ICB, in the partition below the virtual one.
    pub(crate) fn icb_sector(&self, partition: &Partition) -> LogicalSector {
        LogicalSector(partition.start.0.saturating_add(self.icb.0))
    }
}

/// The layout of a VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VatForm {
    /// Entries, then a tail (`UDF 1.50 2.2.10`).
    V150,
    /// A header, then entries (`UDF 2.60 2.2.11`).
    V200,
}

/// Revisions in the header of a VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revisions {
    /// The least that can read the volume.
    pub minimum_read: Revision,
    /// The least that can write it.
    pub minimum_write: Revision,
    /// The highest that has written it.
    pub maximum_write: Revision,
}

impl Vat {
    /// The next unique ID (`UDF 2.60 3.2.1.1`).
    #[must_use]
    pub fn next_unique_id(&self) -> u64 {
        self.entry.unique_id
    }
}
