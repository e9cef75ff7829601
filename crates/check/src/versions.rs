//! ICBs of strategy 4096: each version of an entry leads to the next (`UDF 2.60 6.6`).

use std::collections::HashSet;

use ecma167::file::LongAd;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::{LogicalSector, RecordedAddress};
use zerocopy::FromBytes;

use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;

/// The offset of the strategy in an entry.
const STRATEGY: usize = Tag::LEN + 4;
/// The offset of the address in an indirect entry.
const INDIRECT_ICB: usize = Tag::LEN + 20;

impl Judge<'_> {
    /// The newest version of the entry in a sector, and its sector; `None` if the versions do not lead to
    /// one.
    pub fn newest_version(
        &mut self,
        layout: &Layout,
        place: FindingPlace,
        (mut address, mut sector): (RecordedAddress, LogicalSector),
    ) -> Option<(RecordedAddress, LogicalSector)> {
        if matches!(
            layout.maps.get(usize::from(address.partition.0)),
            Some(Map::Virtual(_))
        ) {
            return Some((address, sector));
        }
        let mut visited = HashSet::new();
        while self.has_versions(sector) {
            if !visited.insert(sector) {
                self.find(
                    K::IcbExtent,
                    place,
                    format_args!("the versions of the entry at {address} replace each other in a circle"),
                );
                return None;
            }
            if !self.spend() {
                return None;
            }
            let Some(next) = self.next_version(layout, address)? else {
                break;
            };
            (address, sector) = (next, layout.resolve(next).ok()?);
        }
        Some((address, sector))
    }

    /// Whether the entry in a sector has strategy 4096.
    pub fn has_versions(&mut self, sector: LogicalSector) -> bool {
        let entries = [TagIdentifier::FILE_ENTRY, TagIdentifier::EXTENDED_FILE_ENTRY];
        self.peek(sector).is_some_and(|block| {
            entries.contains(&identifier_of(&block))
                && block[STRATEGY..STRATEGY + 2] == 4096_u16.to_le_bytes()
        })
    }

    /// The address of the version that replaces the one at an address, if there is one; `None` if that is
    /// damaged.
    fn next_version(&mut self, layout: &Layout, at: RecordedAddress) -> Option<Option<RecordedAddress>> {
        let Some(block) = at.block.checked_add(1) else {
            return Some(None);
        };
        let after = RecordedAddress { block, ..at };
        let sector = layout.resolve(after).ok();
        let Some(found) = sector.and_then(|sector| self.peek(sector)) else {
            return Some(None);
        };
        let expected = TagIdentifier::INDIRECT_ENTRY;
        if identifier_of(&found) != expected {
            // Blank, or a terminal entry.
            return Some(None);
        }
        self.tag(layout.place(after), &found, expected, &[block])?;
        let (next, _) = LongAd::read_from_prefix(&found[INDIRECT_ICB..]).ok()?;
        if next.length().bytes() == 0 {
            return Some(None);
        }
        // It may have been announced and never recorded.
        let sector = layout.resolve(next.address()).ok()?;
        let is_recorded = self
            .peek(sector)
            .is_some_and(|block| block.iter().any(|byte| *byte != 0));
        Some(is_recorded.then(|| next.address()))
    }
}
