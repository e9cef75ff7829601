//! The virtual allocation table (`UDF 2.60 2.2.11`).

use ecma167::file::FileEntry;
use ecma167::osta::Revision;
use ecma167::{LogicalBlock, LogicalSector};

use super::Partition;
use crate::body::Body;
use crate::extra_room::ExtraRoom;

/// A virtual allocation table. Its entries stay on disc until they are needed.
#[derive(Clone, Debug)]
pub struct Vat {
    /// The block of its ICB.
    pub icb: LogicalBlock,
    /// Its ICB; the unique ID in it is the next one to assign (`UDF 2.60 3.2.1.1`).
    pub entry: FileEntry,
    /// Its layout.
    pub form: VatForm,
    /// The name of the logical volume; in UDF 1.50 it is in the extended attribute, if there is one.
    pub name: Option<String>,
    /// The number of files and further hard links.
    pub files: Option<u32>,
    /// The number of directories.
    pub directories: Option<u32>,
    /// The revisions in the header; `None` in UDF 1.50.
    pub revisions: Option<Revisions>,
    /// The previous VAT ICB as recorded: a logical block by the standard, but see
    /// [`crate::Volume::previous_vat`].
    pub previous: Option<u32>,
    /// The number of entries; virtual addresses start at 0.
    pub entries: u32,
    /// Offset of entry 0 in the body, in bytes.
    pub entries_offset: u64,
    /// The body, including the header or tail; its extents are blocks of the partition below.
    pub body: Body,
}

impl Vat {
    /// Room for the next plain volume beyond the share by number of files, if its writer stated it.
    #[must_use]
    pub fn extra_room(&self) -> Option<ExtraRoom> {
        ExtraRoom::of(&self.entry)
    }

    /// The sector of its ICB in the partition below the virtual one.
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

/// The revisions in the header of a VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revisions {
    /// The lowest revision that a reader must support.
    pub minimum_read: Revision,
    /// The lowest revision that a writer must support.
    pub minimum_write: Revision,
    /// The highest revision of any writer so far.
    pub maximum_write: Revision,
}

impl Vat {
    /// The next unique ID (`UDF 2.60 3.2.1.1`).
    #[must_use]
    pub fn next_unique_id(&self) -> u64 {
        self.entry.unique_id
    }
}
