//! Whether a block is the ICB of a VAT (`UDF 2.60 2.2.11`).

use ecma167::LogicalSector;
use ecma167::file::FileType;
use ecma167::general::TagIdentifier;

use crate::partition::Partition;
use crate::tag::identifier_of;

pub(crate) fn is_vat_type(file_type: u8) -> bool {
    [FileType::VAT.0, FileType::UNSPECIFIED.0].contains(&file_type)
}

pub(crate) fn location_of(block: &[u8]) -> u32 {
    u32::from_le_bytes([block[12], block[13], block[14], block[15]])
}

/// Whether a sector contains a VAT ICB that looks valid.
pub(crate) fn is_vat_icb(block: &[u8], sector: LogicalSector, partition: &Partition) -> bool {
    let identifier = identifier_of(block);
    let number = sector.0.checked_sub(partition.start);
    may_be_vat_icb(block)
        && number == Some(location_of(block))
        && ecma167::general::tag::verify(block, identifier, number).is_ok()
}

/// Whether a block claims to be the ICB of a VAT.
pub(crate) fn may_be_vat_icb(block: &[u8]) -> bool {
    let is_entry = matches!(
        identifier_of(block),
        TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY
    );
    is_entry && is_vat_type(block[27])
}
