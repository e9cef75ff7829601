//! The virtual allocation table while it is pending (`UDF 2.60 2.2.11`).
//!
//! Its body is a body like any other: unchanged entries stay in the blocks of older VATs.

use ecma167::file::extended_attribute::{self, Attribute, VatLvExtension};
use ecma167::file::{AllocationForm, ExtentType, FileEntry, FileType, ShortAd};
use ecma167::general::{DString, Timestamp, tag};
use ecma167::osta::vat::{NONE, VatHeader, VatTail};
use ecma167::{BLOCK_SIZE, LogicalBlock, VirtualAddress};
use volume::{ExtraRoom, Vat, VatForm, Volume};
use zerocopy::IntoBytes;

use super::body::{Blocks, Body};
use super::extent_map::ExtentMap;
use super::form::Form;
use super::node::new_entry;
use super::numbers::Counts;
use super::outside::FIRST_OUTSIDE;
use super::overlay::Overlay;
use super::scatter;
use crate::attributes::Attributes;
use crate::error::{Error, ReadOnly, Unsupported};

/// Bytes of one entry.
const ENTRY: u64 = 4;

/// Runs that are left free when the body is gathered. A VAT ICB has no continuation, because readers follow
/// none, and a drive that ends packets may add some runs.
const FREE_RUNS: usize = 16;

/// Bytes of a short_ad.
const SHORT_AD: usize = 8;

/// The most bytes of attributes of other programs that are kept. More would leave too little room for runs.
const MOST_OTHERS: usize = 1000;

/// Runs that gathering removes beyond those that must go. With fewer, each commit would gather; with more, a
/// commit would cost more than it changes.
const SPARE_RUNS: usize = 20;

/// Blocks in a packet that a drive may end by itself.
const PACKET_BLOCKS: usize = 16;

/// What the VAT states besides its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VatStatement {
    pub counts: Counts,
    /// The previous VAT ICB.
    pub previous: Option<LogicalBlock>,
    /// The next unique ID to assign; the VAT ICB itself takes it.
    pub unique_id: u64,
    /// The recording time.
    pub now: Timestamp,
}

/// How the VAT states what is not an entry.
#[derive(Clone, Debug)]
pub(crate) enum VatLayout {
    /// A header before the entries (UDF 2.00 and later).
    Header(Box<VatHeader>),
    /// A tail after them, and an extended attribute of the VAT ICB (UDF 1.50).
    Tail {
        /// Name of the logical volume.
        name: Box<DString<128>>,
        /// Whether the attribute was present, so that files and directories are counted.
        counted: bool,
    },
}

/// The table: the block of each virtual address.
#[derive(Clone, Debug)]
pub(crate) struct PendingVat {
    /// The body: header, entries and, in UDF 1.50, the tail.
    pub body: Blocks,
    /// Byte offset of the first entry.
    pub entries_offset: u64,
    /// Number of entries.
    pub entries: u32,
    /// Header or tail.
    pub layout: VatLayout,
    /// The VAT ICB without its allocation descriptors.
    pub entry: FileEntry,
    /// The extended attributes of other programs.
    pub others: Vec<Attribute>,
    /// Those to record, without the room for a plain volume.
    pub attributes: Vec<Attribute>,
}

impl PendingVat {
    /// The VAT of a volume, to be continued.
    pub fn of_volume(volume: &Volume, form: Form) -> Result<PendingVat, Error> {
        let vat = volume
            .vat()
            .ok_or(Error::ReadOnly(ReadOnly::NoVirtualPartition))?;
        Self::of(vat, volume, form)
    }

    /// The VAT of a generation of a volume, to be continued.
    pub fn of(vat: &Vat, volume: &Volume, form: Form) -> Result<PendingVat, Error> {
        let body = match &vat.body {
            volume::Body::Embedded(bytes) => std::mem::take(Body::Embedded(bytes.clone()).in_blocks()),
            volume::Body::Extents(extents) => Blocks {
                length: vat.body.len(),
                map: ExtentMap::of(form, extents)?,
                ..Blocks::default()
            },
        };
        // The name may have changed in the VAT alone.
        let name = vat.name.as_deref().and_then(|name| DString::new(name).ok());
        let name = name.unwrap_or(volume.descriptors().logical.logical_volume_identifier);
        let layout = match vat.form {
            VatForm::V150 => VatLayout::Tail {
                name: Box::new(name),
                counted: vat.files.is_some(),
            },
            VatForm::V200 => VatLayout::Header(Box::new(header_of(vat, form, name))),
        };
        let entry = vat.entry.clone();
        let attributes = attributes_of(&entry);
        let others = others_of(&attributes, form);
        Ok(PendingVat {
            body,
            entries_offset: vat.entries_offset,
            entries: vat.entries,
            layout,
            entry,
            others,
            attributes,
        })
    }

    fn offset(&self, address: VirtualAddress) -> u64 {
        self.entries_offset + ENTRY * u64::from(address.0)
    }

    /// The block of `address`; `None` if it is not used.
    pub fn get(
        &self,
        disc: &mut Overlay<'_>,
        address: VirtualAddress,
    ) -> Result<Option<LogicalBlock>, Error> {
        if address.0 >= self.entries {
            return Ok(None);
        }
        let mut entry = [0; 4];
        disc.read_blocks(None, &self.body, self.offset(address), &mut entry)?;
        let at = u32::from_le_bytes(entry);
        Ok((at != NONE).then_some(LogicalBlock(at)))
    }

    /// A new virtual address; its entry is 'not used' until it is placed.
    pub fn allocate(&mut self, disc: &mut Overlay<'_>) -> Result<VirtualAddress, Error> {
        let address = VirtualAddress(self.entries);
        self.entries = self
            .entries
            .checked_add(1)
            .filter(|count| *count < FIRST_OUTSIDE)
            .ok_or(Error::NoVirtualAddress)?;
        self.free(disc, address)?;
        Ok(address)
    }

    /// Gives the VAT at least `entries` entries; further ones are not used.
    pub fn extend(&mut self, disc: &mut Overlay<'_>, entries: u32) -> Result<(), Error> {
        while self.entries < entries {
            self.allocate(disc)?;
        }
        Ok(())
    }

    /// The most blocks that become dirty in extending it to `entries` entries.
    pub fn blocks_to_extend(&self, entries: u32) -> u64 {
        let further = u64::from(entries.saturating_sub(self.entries));
        (further * ENTRY).div_ceil(BLOCK_SIZE as u64) + self.owed()
    }

    /// Makes the block of `address` dirty, so that [`PendingVat::place`] can change it without reading.
    pub fn prepare(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        let block = self.offset(address) / BLOCK_SIZE as u64;
        disc.make_dirty(None, &mut self.body, block).map(drop)
    }

    /// Sets the block of `address`, which must be prepared.
    pub fn place(&mut self, address: VirtualAddress, at: LogicalBlock) {
        let offset = self.offset(address);
        let start = usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0);
        let block = self.body.dirty.get_mut(&(offset / BLOCK_SIZE as u64));
        // Entries begin at a multiple of their length, so none crosses a block border.
        if let Some(entry) = block.and_then(|block| block.get_mut(start..start + 4)) {
            entry.copy_from_slice(&at.0.to_le_bytes());
        }
    }

    /// Marks `address` as not used.
    pub fn free(&mut self, disc: &mut Overlay<'_>, address: VirtualAddress) -> Result<(), Error> {
        let offset = self.offset(address);
        disc.write(None, &mut self.body, offset, &NONE.to_le_bytes())
    }

    /// Blocks that recording the VAT takes now: dirty blocks, header and tail, or all of it if it is
    /// gathered.
    pub fn owed(&self) -> u64 {
        if self.is_scattered() {
            self.body.count() + 2
        } else {
            self.body.dirty.len() as u64 + 2
        }
    }

    /// The number of runs above which the body is gathered.
    fn most_runs(&self) -> usize {
        let (extended, extension) = match &self.layout {
            VatLayout::Header(_) => (true, 0),
            VatLayout::Tail { .. } => (false, extended_attribute::VAT_LV_EXTENSION_LEN),
        };
        let others: usize = self.others.iter().map(Attribute::recorded_len).sum();
        let attributes = extended_attribute::HEADER_LEN + extension + ExtraRoom::ATTRIBUTE_LEN + others;
        let room = FileEntry::capacity(extended).saturating_sub(attributes);
        (room / SHORT_AD).saturating_sub(FREE_RUNS)
    }

    /// Whether its ICB may be unable to hold the body as it would be recorded now.
    pub fn is_scattered(&self) -> bool {
        let runs = self.body.map.runs().len();
        runs + 2 * self.body.dirty.len() > self.most_runs() && runs > 1
    }

    /// Makes enough of a scattered body dirty that its ICB can hold it once all dirty blocks are recorded.
    pub fn gather(&mut self, disc: &mut Overlay<'_>) -> Result<(), Error> {
        if !self.is_scattered() {
            return Ok(());
        }
        let spare = SPARE_RUNS + self.body.dirty.len() / PACKET_BLOCKS;
        for number in scatter::worth_recording(&self.body, self.most_runs().saturating_sub(spare)) {
            disc.make_dirty(None, &mut self.body, number)?;
        }
        Ok(())
    }

    /// Fills in header or tail.
    pub fn finish(
        &mut self,
        disc: &mut Overlay<'_>,
        form: Form,
        statement: &VatStatement,
    ) -> Result<(), Error> {
        let (offset, bytes) = self.state(form, statement)?;
        let end = self.offset(VirtualAddress(self.entries));
        disc.write(None, &mut self.body, offset, &bytes)?;
        self.body.length = end.max(offset + bytes.len() as u64);
        Ok(())
    }

    /// Prepares the VAT ICB for a statement. Returns header or tail, and its byte offset in the body.
    pub fn state(&mut self, form: Form, statement: &VatStatement) -> Result<(u64, Vec<u8>), Error> {
        let previous = statement.previous.map_or(NONE, |block| block.0);
        let end = self.offset(VirtualAddress(self.entries));
        let attributes = Attributes::at(0, statement.now);
        self.entry = new_entry(FileType::VAT, form, statement.unique_id, &attributes);
        self.attributes.clone_from(&self.others);
        let stated = match &mut self.layout {
            VatLayout::Header(header) => {
                header.previous_vat_icb_location = previous.into();
                header.number_of_files = statement.counts.files.into();
                header.number_of_directories = statement.counts.directories.into();
                (0, header.as_bytes().to_vec())
            }
            VatLayout::Tail { name, counted } => {
                self.entry.icb_tag.file_type = FileType::UNSPECIFIED;
                if *counted {
                    let extension = VatLvExtension {
                        header_checksum: 0.into(),
                        verification_id: statement.unique_id.into(),
                        number_of_files: statement.counts.files.into(),
                        number_of_directories: statement.counts.directories.into(),
                        logical_volume_identifier: **name,
                    };
                    self.attributes.insert(0, Attribute::vat_lv_extension(&extension));
                }
                (end, VatTail::new(previous).as_bytes().to_vec())
            }
        };
        Ok(stated)
    }

    /// The VAT ICB, to be recorded at `at`: its descriptors are physical, because it is in the write-once
    /// partition. `extra_room` is known only after all nodes are placed.
    pub fn encode_icb(
        &mut self,
        form: Form,
        at: LogicalBlock,
        extra_room: Option<ExtraRoom>,
    ) -> Result<[u8; BLOCK_SIZE], Error> {
        let room = extra_room.map(|room| room.attribute(self.entry.unique_id));
        let attributes: Vec<_> = self.attributes.iter().cloned().chain(room).collect();
        let entry = &mut self.entry;
        entry.information_length = self.body.length;
        entry.object_size = self.body.length;
        entry.logical_blocks_recorded = self.body.map.recorded();
        let flags = entry.icb_tag.icb_flags().with_form(AllocationForm::Short);
        entry.icb_tag.set_icb_flags(flags);
        entry.allocation_descriptors.clear();
        for piece in self.body.map.pieces(self.body.length) {
            let block = piece.at.ok_or(Error::Unsupported(Unsupported::VatWithHoles))?;
            let descriptor = ShortAd::new(ExtentType::Recorded, piece.length, block.0);
            entry
                .allocation_descriptors
                .extend_from_slice(descriptor.as_bytes());
        }
        entry.extended_attributes = extended_attribute::encode(&attributes, form.version, at.0)?;
        tag::set_serial_number(&mut entry.extended_attributes, form.serial);
        Ok(entry.encode(form.version, at.0)?)
    }
}

/// The attributes of a VAT ICB without the room for a plain volume; none if some are damaged.
fn attributes_of(entry: &FileEntry) -> Vec<Attribute> {
    let mut attributes = extended_attribute::decode(&entry.extended_attributes, None).unwrap_or_default();
    attributes.retain(|attribute| !ExtraRoom::is_stated_by(attribute));
    attributes
}

/// Those of them that are of other programs; none if there are too many.
fn others_of(attributes: &[Attribute], form: Form) -> Vec<Attribute> {
    let is_other = |attribute: &&Attribute| matches!(attribute.as_vat_lv_extension(), Ok(None));
    let others: Vec<_> = attributes.iter().filter(is_other).cloned().collect();
    match extended_attribute::encode(&others, form.version, 0) {
        Ok(space) if space.len() <= MOST_OTHERS => others,
        _ => Vec::new(),
    }
}

/// Bytes of a header without implementation use.
const HEADER: u16 = 152;

const _: () = assert!(HEADER as usize == VatHeader::LEN);

/// The header to continue with: the range of revisions only grows.
fn header_of(vat: &Vat, form: Form, name: DString<128>) -> VatHeader {
    let mut header = VatHeader::new(form.revision, name);
    header.length_of_header = u16::try_from(vat.entries_offset).unwrap_or(u16::MAX).into();
    header.length_of_implementation_use = header.length_of_header.get().saturating_sub(HEADER).into();
    if let Some(revisions) = &vat.revisions {
        header.minimum_udf_read_revision = revisions.minimum_read.0.into();
        header.minimum_udf_write_revision = revisions.minimum_write.0.into();
        header.maximum_udf_write_revision = revisions.maximum_write.0.max(form.revision.0).into();
    }
    header
}
