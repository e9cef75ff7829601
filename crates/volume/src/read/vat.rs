//! Reads VATs from their ICBs, and follows the chain to earlier ones.

use ecma167::file::extended_attribute;
use ecma167::file::{FileEntry, FileType};
use ecma167::osta::Revision;
use ecma167::osta::vat::{ENTRY_LEN, NONE, VatHeader, VatTail};
use ecma167::{BLOCK_SIZE, LogicalBlock};

use crate::body::{Body, ExtentKind};
use crate::error::{CorruptKind, Error};
use crate::map::{Ground, Map, Revisions, Vat, VatForm};
use crate::space::Space;

impl Space {
    /// The VAT with its ICB in this block; the ICB's own tag must name this block.
    pub(crate) fn vat_at(&mut self, ground: Ground, icb: LogicalBlock) -> Result<Vat, Error> {
        let sector = ground.partition.sector(icb)?;
        let entry = FileEntry::decode(self.sector(sector)?, Some(icb.0))
            .map_err(|fault| Error::corrupt(fault, icb))?;
        let form = match entry.icb_tag.file_type {
            FileType::VAT => VatForm::V200,
            FileType::UNSPECIFIED => VatForm::V150,
            _ => return Err(Error::corrupt(CorruptKind::NotAVat, icb)),
        };
        let body = self.whole_body(&entry, ground.address(icb))?;
        self.check_vat_body(&body, icb)?;
        match form {
            VatForm::V150 => self.vat_150(icb, entry, body),
            VatForm::V200 => self.vat_200(icb, entry, body),
        }
    }

    /// The extents must be in a type 1 partition: reading a VAT in virtual space would require that same VAT.
    fn check_vat_body(&self, body: &Body, icb: LogicalBlock) -> Result<(), Error> {
        let Body::Extents(extents) = body else {
            return Ok(());
        };
        for extent in extents {
            let ExtentKind::Recorded(address) = extent.kind else {
                return Err(Error::corrupt(CorruptKind::NotAVat, icb));
            };
            if !matches!(self.maps().of(address)?, Map::Physical(_)) {
                return Err(Error::corrupt(CorruptKind::NotAVat, icb));
            }
        }
        Ok(())
    }

    fn vat_200(&mut self, icb: LogicalBlock, entry: FileEntry, body: Body) -> Result<Vat, Error> {
        let mut bytes = [0; VatHeader::LEN];
        let length = self.read(&body, 0, &mut bytes)?;
        let header =
            VatHeader::decode(&bytes[..length], body.len()).map_err(|fault| Error::corrupt(fault, icb))?;
        let entries_offset = header.entries_offset() as u64;
        let revision = |field: u16| Revision(field);
        Ok(Vat {
            icb,
            form: VatForm::V200,
            name: Some(header.logical_volume_identifier.decode_lossy()),
            files: Some(header.number_of_files.get()),
            directories: Some(header.number_of_directories.get()),
            revisions: Some(Revisions {
                minimum_read: revision(header.minimum_udf_read_revision.get()),
                minimum_write: revision(header.minimum_udf_write_revision.get()),
                maximum_write: revision(header.maximum_udf_write_revision.get()),
            }),
            previous: previous(header.previous_vat_icb_location.get()),
            entries: entries(body.len().saturating_sub(entries_offset), entries_offset, icb)?,
            entries_offset,
            body,
            entry,
        })
    }

    fn vat_150(&mut self, icb: LogicalBlock, entry: FileEntry, body: Body) -> Result<Vat, Error> {
        let Some(table) = body.len().checked_sub(VatTail::LEN as u64) else {
            return Err(Error::corrupt(CorruptKind::NotAVat, icb));
        };
        let mut bytes = [0; VatTail::LEN];
        let length = self.read(&body, table, &mut bytes)?;
        let tail = VatTail::decode(&bytes[..length]).map_err(|fault| Error::corrupt(fault, icb))?;
        // The attribute is a convenience; one that is damaged or not of this VAT is ignored.
        let attributes = extended_attribute::decode(&entry.extended_attributes, None).unwrap_or_default();
        let extension = attributes
            .iter()
            .find_map(|attribute| attribute.as_vat_lv_extension().ok().flatten())
            .filter(|extension| extension.verification_id.get() == entry.unique_id);
        Ok(Vat {
            icb,
            form: VatForm::V150,
            name: extension.map(|extension| extension.logical_volume_identifier.decode_lossy()),
            files: extension.map(|extension| extension.number_of_files.get()),
            directories: extension.map(|extension| extension.number_of_directories.get()),
            revisions: None,
            previous: previous(tail.previous_vat_icb_location.get()),
            entries: entries(table, 0, icb)?,
            entries_offset: 0,
            body,
            entry,
        })
    }

    /// The VAT before this one, if the chain of previous VAT ICBs leads to one.
    ///
    /// The field is a logical block, but some writers record a logical sector, so both are tried. A chain
    /// only leads back, which bounds it.
    pub(crate) fn previous_vat(&mut self, vat: &Vat) -> Result<Option<Vat>, Error> {
        let (Some(ground), Some(previous)) = (self.maps().ground(), vat.previous) else {
            return Ok(None);
        };
        let absolute = previous.checked_sub(ground.partition.start.0);
        for block in [Some(previous), absolute].into_iter().flatten() {
            if block >= vat.icb.0 {
                continue;
            }
            match self.vat_at(ground, LogicalBlock(block)) {
                Ok(found) => return Ok(Some(found)),
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

fn previous(field: u32) -> Option<u32> {
    (field != NONE).then_some(field)
}

/// The number of entries in this many bytes. Entries that cross a block border, or more than can be
/// addressed, are no VAT.
fn entries(bytes: u64, offset: u64, icb: LogicalBlock) -> Result<u32, Error> {
    const _: () = assert!(BLOCK_SIZE.is_multiple_of(ENTRY_LEN));
    let length = ENTRY_LEN as u64;
    let count = offset.is_multiple_of(length).then_some(bytes / length);
    count
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| Error::corrupt(CorruptKind::NotAVat, icb))
}
