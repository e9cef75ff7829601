//! The VAT that is the volume, as it was judged, and those before it (`UDF 2.60 2.2.11`).

use ecma167::general::Timestamp;
use ecma167::osta::vat::NONE;
use ecma167::{LogicalBlock, VirtualAddress};

/// The VAT that is the volume.
pub(crate) struct JudgedVat {
    pub icb: LogicalBlock,
    pub unique_id: u64,
    pub entries: Vec<u32>,
    /// All entries could be read.
    pub complete: bool,
    /// Number of files, of directories.
    pub counts: Option<(u32, u32)>,
    pub previous: u32,
    /// Itself and the VATs before it, as far as the previous locations lead.
    pub chain: Vec<VatLink>,
}

impl JudgedVat {
    /// The block of a virtual address that is in use.
    pub fn entry(&self, address: VirtualAddress) -> Option<LogicalBlock> {
        let entry = self.entries.get(usize::try_from(address.0).ok()?)?;
        (*entry != NONE).then_some(LogicalBlock(*entry))
    }
}

/// A VAT of the chain, and what tells it from others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VatLink {
    pub icb: LogicalBlock,
    pub previous: u32,
    pub unique_id: u64,
    pub modified: Timestamp,
}

impl VatLink {
    /// A VAT that is recorded again keeps its previous location, its unique ID and its time.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        (self.previous, self.unique_id, self.modified) == (other.previous, other.unique_id, other.modified)
    }
}
