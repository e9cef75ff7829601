//! The chain of previous VATs (`UDF 2.60 2.2.11`), and what UDF 1.50 records in an extended attribute of the
//! VAT ICB.

use ecma167::file::extended_attribute::{Attribute, VatLvExtension};
use ecma167::file::{ExtentType, FileEntry, extended_attribute};
use ecma167::osta::vat::{NONE, VatHeader, VatTail};
use ecma167::{LogicalBlock, LogicalSector, PartitionReference};
use zerocopy::{FromBytes, IntoBytes};

use crate::entry::Loaded;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::judged_vat::{JudgedVat, VatLink};
use crate::layout::Layout;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::vat_icb::is_vat_icb;

/// Maximum number of previous VATs followed.
const MOST: u32 = 1 << 16;

impl Judge<'_> {
    /// Follows the previous locations back to the first VAT.
    pub fn vat_chain(&mut self, layout: &Layout, partition: &Partition, vat: &mut JudgedVat) {
        let mut passed = vec![false; self.disc.spans.len()];
        let (mut block, mut previous) = (vat.icb.0, vat.previous);
        let last = LogicalSector(partition.start.saturating_add(block));
        vat.chain.extend(self.vat_link(layout, partition, last));
        let mut generations = 1;
        self.pass(&mut passed, last.0);
        while previous != NONE {
            let place = FindingPlace::Block(LogicalBlock(block));
            if previous >= block {
                self.find(K::VatChain, place, format_args!("previous is block {previous}"));
                return;
            }
            let sector = LogicalSector(partition.start.saturating_add(previous));
            let Some(found) = self.vat_link(layout, partition, sector) else {
                if self.report.interrupted().is_none() {
                    self.find(
                        K::VatChainIcb,
                        place,
                        format_args!("previous is block {previous}"),
                    );
                }
                return;
            };
            generations += 1;
            vat.chain.push(found);
            (block, previous) = (previous, found.previous);
            self.pass(&mut passed, sector.0);
            if generations >= MOST.into() {
                self.find(K::LimitReached, place, format_args!("{MOST} VATs"));
                break;
            }
        }
        self.report.summary.generations = generations;
        let spans = self.disc.spans.clone();
        for (span, passed) in spans.iter().zip(passed) {
            if !passed && span.closed == Some(true) {
                let place = FindingPlace::Sector(LogicalSector(span.last));
                self.find(
                    K::VatChainMissing,
                    place,
                    format_args!("no VAT of the session that begins at {}", span.first),
                );
            }
        }
    }

    fn pass(&self, passed: &mut [bool], sector: u32) {
        let spans = self.disc.spans.iter();
        for (span, passed) in spans.zip(passed) {
            *passed |= (span.first..=span.last).contains(&sector);
        }
    }

    /// The identifying fields of a VAT; `None` if there is none that is readable.
    pub fn vat_link(
        &mut self,
        layout: &Layout,
        partition: &Partition,
        sector: LogicalSector,
    ) -> Option<VatLink> {
        let block = self.peek(sector)?;
        if !is_vat_icb(&block, sector, partition) {
            return None;
        }
        let entry = FileEntry::decode(&block, None).ok()?;
        let bytes = |at: u64, length: usize, judge: &mut Self| -> Option<Vec<u8>> {
            let mut bytes = vec![0; length];
            judge.read_vat(partition, &entry, at, &mut bytes)?;
            Some(bytes)
        };
        let previous = if layout.vat_has_header() {
            let header = bytes(0, VatHeader::LEN, self)?;
            let header = VatHeader::read_from_bytes(&header[..]).ok()?;
            header.previous_vat_icb_location.get()
        } else {
            let at = entry.information_length.checked_sub(VatTail::LEN as u64)?;
            let tail = VatTail::decode(&bytes(at, VatTail::LEN, self)?).ok()?;
            tail.previous_vat_icb_location.get()
        };
        Some(VatLink {
            icb: LogicalBlock(sector.0.checked_sub(partition.start)?),
            previous,
            unique_id: entry.unique_id,
            modified: entry.modification_time,
        })
    }

    /// Fills `out` from the body of a VAT that is not judged any further.
    fn read_vat(&mut self, partition: &Partition, entry: &FileEntry, at: u64, out: &mut [u8]) -> Option<()> {
        if let Some(body) = entry.embedded() {
            let at = usize::try_from(at).ok()?;
            out.copy_from_slice(body.get(at..at.checked_add(out.len())?)?);
            return Some(());
        }
        let extents = entry.extents(PartitionReference(0)).ok()?;
        let extents: Vec<_> = extents.collect::<Result<_, _>>().ok()?;
        let mut filled = 0;
        let mut start = 0_u64;
        for extent in extents {
            let end = start.checked_add(extent.length.into())?;
            while filled < out.len() {
                let wanted = at.checked_add(filled as u64)?;
                if !(start..end).contains(&wanted) || extent.extent_type != ExtentType::Recorded {
                    break;
                }
                let inside = wanted - start;
                let number = u32::try_from(inside / u64::from(self.disc.size().bytes())).ok()?;
                let sector = partition
                    .start
                    .checked_add(extent.address.block)?
                    .checked_add(number)?;
                let block = self.peek(LogicalSector(sector))?;
                let from = usize::try_from(inside % u64::from(self.disc.size().bytes())).ok()?;
                let left = usize::try_from(end - wanted).unwrap_or(usize::MAX);
                let count = (out.len() - filled).min(block.len() - from).min(left);
                out[filled..filled + count].copy_from_slice(&block[from..from + count]);
                filled += count;
            }
            start = end;
        }
        (filled == out.len()).then_some(())
    }

    /// The numbers of files and directories in `*UDF VAT LVExtension` of a UDF 1.50 VAT ICB.
    pub fn vat_extension(&mut self, place: FindingPlace, loaded: &Loaded) -> Option<(u32, u32)> {
        let found = extended_attribute::decode(&loaded.entry.extended_attributes, None)
            .unwrap_or_default()
            .iter()
            .find_map(|attribute: &Attribute| attribute.as_vat_lv_extension().ok()?);
        let Some(extension): Option<VatLvExtension> = found else {
            self.find(K::VatExtensionMissing, place, format_args!(""));
            return None;
        };
        let (stated, expected) = (extension.verification_id.get(), loaded.entry.unique_id);
        if stated != expected {
            self.find(
                K::VatExtension,
                place,
                format_args!("verification ID {stated} instead of {expected}"),
            );
        }
        let name = extension.logical_volume_identifier.as_bytes();
        self.dstring(
            place,
            "UDF 1.50 3.3.4.5.1.3",
            "logical volume identifier of the extension",
            name,
        );
        Some((
            extension.number_of_files.get(),
            extension.number_of_directories.get(),
        ))
    }
}
