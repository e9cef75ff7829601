//! VAT ICBs outside the chain: copies of the last one, and generations that the chain leaves out (`UDF 2.60
//! 2.2.11`).

use ecma167::general::TagIdentifier;
use ecma167::osta::vat::NONE;
use ecma167::{LogicalBlock, LogicalSector};

use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::judged_vat::{JudgedVat, VatLink};
use crate::layout::Layout;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;
use crate::vat_icb::is_vat_icb;

/// Maximum number of blocks without owner that are read, unless all data is read: 128 MiB.
const MOST_BLOCKS: u64 = 1 << 16;
/// Maximum number of them that may be unreadable: a drive takes long to report each.
const MOST_UNREADABLE: u32 = 16;
/// Blocks that link two packets of a CD.
const LINK_BLOCKS: u32 = 7;
/// Maximum number of generations kept for comparison.
const MOST_LEFT_OUT: usize = 1 << 10;

impl Judge<'_> {
    /// Readers that are off by a few blocks start with a copy before N, so it must be the same VAT.
    pub fn vat_copies(&mut self, partition: &Partition, vat: &JudgedVat) {
        let at = |block: u32| LogicalSector(partition.start.saturating_add(block));
        let Some(last) = self.peek(at(vat.icb.0)) else {
            return;
        };
        for block in (0..vat.icb.0).rev() {
            let Some(copy) = self.peek(at(block)) else { return };
            if !is_vat_icb(&copy, at(block), partition) || vat.previous == block {
                return;
            }
            if content(&copy) != content(&last) {
                let place = FindingPlace::Block(LogicalBlock(block));
                self.find(
                    K::VatCopiesDiffer,
                    place,
                    format_args!("it differs from the VAT ICB at {}", vat.icb),
                );
            }
        }
    }

    /// Searches the blocks that the volume does not use for VATs, the latest first.
    pub fn vats_left_out(&mut self, layout: &Layout, partition: &Partition, vat: &JudgedVat) {
        let mut left_out: Vec<VatLink> = Vec::new();
        let (mut blocks, mut unreadable) = (0, 0);
        let end = partition.start.saturating_add(vat.icb.0);
        for range in self.unclaimed(partition.start, end).into_iter().rev() {
            let mut next = range.end;
            while next > range.start {
                next -= 1;
                let exhausted = blocks >= MOST_BLOCKS && !self.options.read_data;
                if exhausted || unreadable >= MOST_UNREADABLE || left_out.len() >= MOST_LEFT_OUT {
                    return self.tell_left_out(vat, left_out);
                }
                blocks += 1;
                let sector = LogicalSector(next);
                let Some(block) = self.peek(sector) else {
                    unreadable += 1;
                    next = next.saturating_sub(LINK_BLOCKS - 1);
                    continue;
                };
                if !is_vat_icb(&block, sector, partition) {
                    continue;
                }
                let Some(link) = self.vat_link(layout, partition, sector) else {
                    continue;
                };
                let mut known = vat.chain.iter().chain(&left_out);
                if !known.any(|other| other.is_copy_of(&link)) {
                    left_out.push(link);
                }
            }
        }
        self.tell_left_out(vat, left_out);
    }

    fn tell_left_out(&mut self, vat: &JudgedVat, left_out: Vec<VatLink>) {
        // Many writers keep no chain at all.
        let is_chained = |link: &VatLink| link.previous != NONE;
        if vat.chain.len() < 2 && !left_out.iter().any(is_chained) {
            return;
        }
        for link in left_out {
            let after = vat.chain.iter().rev().find(|of_chain| of_chain.icb > link.icb);
            let after = after.map_or(vat.icb, |after| after.icb);
            self.find(
                K::VatLeftOut,
                FindingPlace::Block(link.icb),
                format_args!("the VAT at {after} leads past it"),
            );
        }
    }
}

/// A VAT ICB without what differs between copies: its tag, and that of its extended attributes.
fn content(block: &[u8]) -> Vec<u8> {
    let mut content = block.to_vec();
    content[..16].fill(0);
    let attributes = match identifier_of(block) {
        TagIdentifier::FILE_ENTRY => 176,
        _ => 216,
    };
    if identifier_of(&block[attributes..]) == TagIdentifier::EXTENDED_ATTRIBUTE_HEADER_DESCRIPTOR {
        content[attributes..attributes + 16].fill(0);
    }
    content
}
