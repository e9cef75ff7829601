//! The virtual allocation table (`UDF 2.60 2.2.11`, `UDF 1.50 2.2.10`).

use ecma167::file::{FileType, LongAd};
use ecma167::general::{EntityIdentifier, TagIdentifier};
use ecma167::osta::Revision;
use ecma167::osta::vat::{ENTRY_LEN, NONE, VatHeader, VatTail};
use ecma167::{LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress};
use zerocopy::{FromBytes, IntoBytes};

use crate::basic::Entity;
use crate::body::Body;
use crate::claims::{Owner, Use};
use crate::entry::{Loaded, Role};
use crate::finding::FindingPlace;
use crate::integrity::revisions_fault;
use crate::judge::Judge;
use crate::judged_vat::JudgedVat;
use crate::layout::Layout;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;
use crate::vat_icb::{is_vat_icb, is_vat_type, location_of};
use crate::volume_on_disc::Which;

/// Number of blocks before the last one that are searched for a VAT ICB that is not at its place.
pub(crate) const SEARCHED_BLOCKS: u32 = 1 << 18;
/// The longest header with its implementation use.
const LONGEST_HEADER: usize = 65_535;

/// The fields of a header or tail.
struct Statement {
    entries: std::ops::Range<usize>,
    previous: u32,
    counts: Option<(u32, u32)>,
}

impl Judge<'_> {
    /// The VAT of the volume, if it has a virtual partition.
    pub fn vat(&mut self, layout: &Layout) -> Option<JudgedVat> {
        let partition = layout.virtual_partition()?;
        let (icb, loaded) = self.find_vat(layout, &partition)?;
        let physical = PartitionReference(layout.physical_reference()?);
        self.vat_fields(layout, &loaded);
        let address = RecordedAddress {
            partition: physical,
            block: icb.0,
        };
        self.claim(loaded.sector.0, 1, Owner::Vat, Use::Structure);
        let body = self.body(layout, &loaded, address, Owner::Vat, true);
        let (bytes, complete) = self.vat_bytes(layout, &loaded, &body);
        let place = loaded.place;
        let statement = if layout.vat_has_header() {
            self.vat_header(layout, place, &bytes, complete)
        } else {
            let extension = self.vat_extension(place, &loaded);
            self.vat_tail(place, &bytes, complete, extension)
        };
        let statement = statement?;
        let recorded = bytes.get(statement.entries.clone()).unwrap_or_default();
        let (words, half) = recorded.as_chunks::<ENTRY_LEN>();
        if !half.is_empty() && complete {
            self.find(
                K::VatLength,
                place,
                format_args!("{} bytes of entries", recorded.len()),
            );
        }
        let entries: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        self.report.summary.virtual_addresses = entries.len() as u64;
        let mut vat = JudgedVat {
            icb,
            unique_id: loaded.entry.unique_id,
            entries,
            complete,
            counts: statement.counts,
            previous: statement.previous,
            chain: Vec::new(),
        };
        self.vat_entries(&partition, &vat);
        self.vat_chain(layout, &partition, &mut vat);
        self.vat_copies(&partition, &vat);
        Some(vat)
    }

    /// The VAT ICB in the last recorded block, or the last one before it.
    fn find_vat(&mut self, layout: &Layout, partition: &Partition) -> Option<(LogicalBlock, Loaded)> {
        let last = self.last_of_vat_volume(partition)?;
        if let Some(found) = self.load_vat(layout, partition, last) {
            return Some(found);
        }
        if let Some(before) = self.vat_before_interrupted_closing(partition, last)
            && let Some(found) = self.load_vat(layout, partition, before)
        {
            return Some(found);
        }
        // If the drive does not report N, only something recorded after the VAT ICB shows that it is not the
        // last block.
        let end_is_known = self.disc.spans.last()?.end_is_known;
        let mut not_vat_icb = Some(last).filter(|_| end_is_known);
        let candidates = self.disc.last_candidates.clone();
        let first = last.0.saturating_sub(SEARCHED_BLOCKS).max(partition.start);
        let before = (first..last.0).rev().map(LogicalSector);
        for sector in candidates.into_iter().chain(before) {
            if self.report.interrupted().is_some() {
                return None;
            }
            let Some(block) = self.peek(sector) else {
                continue;
            };
            if is_vat_icb(&block, sector, partition)
                && let Some(found) = self.load_vat(layout, partition, sector)
            {
                self.vat_icb_not_last(not_vat_icb);
                return Some(found);
            }
            if not_vat_icb.is_none() && block.iter().any(|byte| *byte != 0) {
                not_vat_icb = Some(sector);
            }
        }
        self.vat_icb_not_last(not_vat_icb);
        self.find(
            K::VatMissing,
            FindingPlace::Sector(last),
            format_args!("nor before it"),
        );
        None
    }

    /// Reports that there is no VAT ICB in this sector, which must contain one.
    fn vat_icb_not_last(&mut self, sector: Option<LogicalSector>) {
        if let Some(sector) = sector {
            let place = FindingPlace::Sector(sector);
            self.find(K::VatIcbNotLast, place, format_args!("no VAT ICB there"));
        }
    }

    /// The entry in a sector if it may be meant as a VAT ICB.
    fn load_vat(
        &mut self,
        layout: &Layout,
        partition: &Partition,
        sector: LogicalSector,
    ) -> Option<(LogicalBlock, Loaded)> {
        let block = LogicalBlock(sector.0.checked_sub(partition.start)?);
        let bytes = self.peek(sector)?;
        let identifier = identifier_of(&bytes);
        let is_entry = matches!(
            identifier,
            TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY
        );
        // A node has its virtual address in the tag, and another file type. Nodes of a plain volume have
        // their blocks in their tags.
        let is_node = self.which != Which::Only;
        let is_of_vat = is_vat_type(bytes[27]) || location_of(&bytes) == block.0 && !is_node;
        if !is_entry || !is_of_vat {
            return None;
        }
        let loaded = self.load(layout, sector, FindingPlace::Block(block), &[block.0], Role::Vat)?;
        Some((block, loaded))
    }

    fn vat_fields(&mut self, layout: &Layout, loaded: &Loaded) {
        let (place, entry) = (loaded.place, &loaded.entry);
        let expected = if layout.vat_has_header() {
            FileType::VAT
        } else {
            FileType::UNSPECIFIED
        };
        let found = entry.icb_tag.file_type;
        if found != expected {
            self.find(
                K::VatFileType,
                place,
                format_args!("{} instead of {}", found.0, expected.0),
            );
        }
        if entry.file_link_count != 0 {
            self.find(K::VatLinkCount, place, format_args!("{}", entry.file_link_count));
        }
        for (field, icb) in [
            ("extended attribute ICB", &entry.extended_attribute_icb),
            ("stream directory ICB", &entry.stream_directory_icb),
        ] {
            if *icb != LongAd::default() {
                self.find(K::VatSideIcb, place, format_args!("{field}: {}", icb.address()));
            }
        }
    }

    /// The body of the VAT, as far as it is readable and within the limits.
    fn vat_bytes(&mut self, layout: &Layout, loaded: &Loaded, body: &Body) -> (Vec<u8>, bool) {
        let most = self.options.nodes * ENTRY_LEN + LONGEST_HEADER;
        let mut bytes = Vec::new();
        let mut reader = body.reader();
        while bytes.len() < most {
            match reader.next(self, layout) {
                Some(Some(chunk)) => bytes.extend_from_slice(chunk.bytes()),
                Some(None) => {
                    let at = bytes.len() as u64;
                    self.find(K::VatNotReadable, loaded.place.byte(at), format_args!(""));
                    return (bytes, false);
                }
                None => {
                    let length = loaded.entry.information_length;
                    return (bytes, reader.is_whole(length));
                }
            }
        }
        self.find(
            K::LimitReached,
            loaded.place,
            format_args!("more than {most} bytes"),
        );
        (bytes, false)
    }

    fn vat_header(
        &mut self,
        layout: &Layout,
        place: FindingPlace,
        bytes: &[u8],
        complete: bool,
    ) -> Option<Statement> {
        const CLAUSE: &str = "UDF 2.60 2.2.11";
        let place_of = |offset| place.byte(offset);
        let Ok((header, _)) = VatHeader::read_from_prefix(bytes) else {
            if complete {
                let length = bytes.len();
                self.find(K::VatHeader, place, format_args!("{length} bytes in all"));
            }
            return None;
        };
        let length = usize::from(header.length_of_header.get());
        let used = usize::from(header.length_of_implementation_use.get());
        if length != VatHeader::LEN + used || used % 4 != 0 || (complete && length > bytes.len()) {
            self.find(
                K::VatHeader,
                place_of(0),
                format_args!("{length} bytes with implementation use of {used}"),
            );
        }
        let name = header.logical_volume_identifier.as_bytes();
        self.dstring(place_of(4), CLAUSE, "logical volume identifier", name);
        let revisions = [
            header.minimum_udf_read_revision.get(),
            header.minimum_udf_write_revision.get(),
            header.maximum_udf_write_revision.get(),
        ];
        if let Some(fault) = revisions_fault(revisions.map(Revision), layout) {
            self.find(K::VatRevisions, place_of(144), format_args!("{fault}"));
        }
        self.zeros(place_of(150), CLAUSE, "reserved", header.reserved.as_bytes());
        Some(Statement {
            entries: length.clamp(VatHeader::LEN, bytes.len())..bytes.len(),
            previous: header.previous_vat_icb_location.get(),
            counts: Some((header.number_of_files.get(), header.number_of_directories.get())),
        })
    }

    fn vat_tail(
        &mut self,
        place: FindingPlace,
        bytes: &[u8],
        complete: bool,
        counts: Option<(u32, u32)>,
    ) -> Option<Statement> {
        let end = bytes.len().checked_sub(VatTail::LEN).filter(|_| complete);
        let tail = end.and_then(|end| VatTail::read_from_bytes(bytes.get(end..)?).ok());
        let (Some(end), Some(tail)) = (end, tail) else {
            self.find(
                K::VatTail,
                place,
                format_args!("{} bytes could be read", bytes.len()),
            );
            return None;
        };
        let at = place.byte(end as u64);
        let identifier: &EntityIdentifier = &tail.entity_identifier;
        if !identifier.is("*UDF Virtual Alloc Tbl") {
            let shown = String::from_utf8_lossy(identifier.identifier_bytes()).into_owned();
            self.find(K::VatTail, at, format_args!("{shown:?}"));
        }
        let expected = Entity::Udf("*UDF Virtual Alloc Tbl");
        self.entity(at, "UDF 1.50 2.2.10", "entity identifier", identifier, expected);
        Some(Statement {
            entries: 0..end,
            previous: tail.previous_vat_icb_location.get(),
            counts,
        })
    }

    /// Each entry must name a recorded block of the partition.
    fn vat_entries(&mut self, partition: &Partition, vat: &JudgedVat) {
        let icb = place_of_icb(vat);
        for (address, entry) in (0_u32..).zip(&vat.entries) {
            if *entry == NONE {
                continue;
            }
            let place = FindingPlace::Virtual(VirtualAddress(address));
            if *entry >= partition.length {
                self.find(
                    K::VatEntry,
                    place,
                    format_args!("block {entry}, by the VAT at {icb}"),
                );
            } else if !self.disc.is_recorded(partition.start.saturating_add(*entry), 1) {
                self.find(K::VatEntryNotRecorded, place, format_args!("block {entry}"));
            }
        }
    }
}

fn place_of_icb(vat: &JudgedVat) -> FindingPlace {
    FindingPlace::Block(vat.icb)
}
