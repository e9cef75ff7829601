//! Rereads what was judged: entries, bodies, and the volume as of an earlier VAT. Reports no findings.

use ecma167::file::{AllocationForm, ExtentType, FileEntry, FileSetDescriptor, LongAd, ShortAd};
use ecma167::general::TagIdentifier;
use ecma167::osta::vat::{ENTRY_LEN, VatHeader, VatTail};
use ecma167::{LogicalBlock, LogicalSector, PartitionReference, RecordedAddress};
use zerocopy::FromBytes;

use crate::body::{Body, Run};
use crate::judge::Judge;
use crate::judged_vat::JudgedVat;
use crate::layout::Layout;
use crate::tag::identifier_of;

/// Bytes before the descriptors in an allocation extent.
const HEADER: usize = 24;

impl Judge<'_> {
    /// The entry at an address.
    pub fn entry_again(&mut self, layout: &Layout, address: RecordedAddress) -> Option<FileEntry> {
        if !self.spend() {
            return None;
        }
        let sector = layout.resolve(address).ok()?;
        Some(self.reload(layout, address, sector)?.entry)
    }

    /// The root directory of a volume.
    pub fn root_again(&mut self, layout: &Layout) -> Option<RecordedAddress> {
        let address = layout.logical.logical_volume_contents_use.address();
        let block = self.peek(layout.resolve(address).ok()?)?;
        if identifier_of(&block) != TagIdentifier::FILE_SET_DESCRIPTOR {
            return None;
        }
        let (file_set, _) = FileSetDescriptor::read_from_prefix(&block).ok()?;
        Some(file_set.root_directory_icb.address())
    }

    /// The body of an entry, up to its information length.
    pub fn body_again(
        &mut self,
        layout: &Layout,
        entry: &FileEntry,
        address: RecordedAddress,
    ) -> Option<Body> {
        let size = match entry.icb_tag.form()? {
            AllocationForm::Embedded => return Some(Body::Embedded(entry.allocation_descriptors.clone())),
            AllocationForm::Short => size_of::<ShortAd>(),
            AllocationForm::Long => size_of::<LongAd>(),
            AllocationForm::Extended => return None,
        };
        let mut runs = Vec::new();
        let mut left = entry.information_length;
        let mut descriptors = entry.allocation_descriptors.clone();
        'chain: loop {
            for bytes in descriptors.chunks_exact(size) {
                let (length, at) = if let Ok(long) = LongAd::read_from_bytes(bytes) {
                    (long.length(), long.address())
                } else {
                    let short = ShortAd::read_from_bytes(bytes).ok()?;
                    let block = short.extent_position.get();
                    (short.length(), RecordedAddress { block, ..address })
                };
                if length.bytes() == 0 || left == 0 {
                    return Some(Body::Runs(runs));
                }
                if length.extent_type() == ExtentType::Continuation {
                    descriptors = self.descriptors_again(layout, at)?;
                    continue 'chain;
                }
                let length_here = u32::try_from(left).unwrap_or(u32::MAX).min(length.bytes());
                left -= u64::from(length_here);
                if runs.len() >= self.options.runs {
                    return None;
                }
                runs.push(Run {
                    address: at,
                    length: length_here,
                    recorded: length.extent_type() == ExtentType::Recorded,
                });
            }
            return Some(Body::Runs(runs));
        }
    }

    fn descriptors_again(&mut self, layout: &Layout, at: RecordedAddress) -> Option<Vec<u8>> {
        if !self.spend() {
            return None;
        }
        let block = self.peek(layout.resolve(at).ok()?)?;
        let length = u32::from_le_bytes([block[20], block[21], block[22], block[23]]);
        let end = HEADER.checked_add(usize::try_from(length).ok()?)?;
        Some(block.get(HEADER..end)?.to_vec())
    }

    /// The bytes of a body of at most `most` bytes.
    pub fn bytes_again(&mut self, layout: &Layout, body: &Body, most: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut reader = body.reader();
        while let Some(chunk) = reader.next(self, layout) {
            bytes.extend_from_slice(chunk?.bytes());
            if bytes.len() > most {
                return None;
            }
        }
        Some(bytes)
    }

    /// The volume as of the VAT with its ICB in this sector, and its name in that VAT.
    pub fn generation(&mut self, layout: &Layout, sector: LogicalSector) -> Option<(Layout, Vec<u8>)> {
        let partition = layout.virtual_partition()?;
        let icb = LogicalBlock(sector.0.checked_sub(partition.start)?);
        let address = RecordedAddress {
            partition: PartitionReference(layout.physical_reference()?),
            block: icb.0,
        };
        let entry = self.entry_again(layout, address)?;
        let body = self.body_again(layout, &entry, address)?;
        let most = self.options.nodes * ENTRY_LEN + VatHeader::LEN + self.disc.size().as_usize();
        let bytes = self.bytes_again(layout, &body, most)?;
        let own = layout.logical.logical_volume_identifier.0.to_vec();
        let (entries, name) = if layout.vat_has_header() {
            let header = usize::from(u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?]));
            (header..bytes.len(), bytes.get(4..132)?.to_vec())
        } else {
            (0..bytes.len().checked_sub(VatTail::LEN)?, own)
        };
        let (words, _) = bytes.get(entries)?.as_chunks::<ENTRY_LEN>();
        let vat = JudgedVat {
            icb,
            unique_id: entry.unique_id,
            entries: words.iter().map(|word| u32::from_le_bytes(*word)).collect(),
            complete: true,
            counts: None,
            previous: 0,
            chain: Vec::new(),
        };
        let generation = Layout {
            revision: layout.revision,
            logical: layout.logical.clone(),
            logical_sector: layout.logical_sector,
            maps: layout.maps.clone(),
            vat_revision: layout.vat_revision,
            vat: Some(vat),
        };
        Some((generation, name))
    }
}
