//! The prevailing VAT, as judged, and those before it (`UDF 2.60 2.2.11`).

use ecma167::general::Timestamp;
use ecma167::osta::vat::NONE;
use ecma167::{LogicalBlock, VirtualAddress};

/// The prevailing VAT of the volume.
pub(crate) struct JudgedVat {
    pub icb: LogicalBlock,
    pub unique_id: u64,
    pub entries: Vec<u32>,
    /// Whether all entries could be read.
    pub complete: bool,
    /// Numbers of files and directories.
    pub counts: Option<(u32, u32)>,
    pub previous: u32,
    /// This VAT and those before it, as far back as the previous locations lead.
    pub chain: Vec<VatLink>,
}

impl JudgedVat {
    /// The block of a virtual address, if it is in use.
    pub fn entry(&self, address: VirtualAddress) -> Option<LogicalBlock> {
        let entry = self.entries.get(usize::try_from(address.0).ok()?)?;
        (*entry != NONE).then_some(LogicalBlock(*entry))
    }
}

/// A VAT of the chain, with the fields that identify it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VatLink {
    pub icb: LogicalBlock,
    pub previous: u32,
    pub unique_id: u64,
    pub modified: Timestamp,
}

impl VatLink {
    /// Whether both are the same VAT: one that is recorded again keeps its previous location, unique ID and
    /// time.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        (self.previous, self.unique_id, self.modified) == (other.previous, other.unique_id, other.modified)
    }
}
