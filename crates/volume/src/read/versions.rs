//! ICBs of strategy 4096: on write-once media without a VAT, each version of an entry leads to the next (`UDF
//! 2.60 6.6`).

use std::collections::HashSet;

use drive::DriveError;
use ecma167::file::{FileEntry, IndirectEntry};
use ecma167::general::{Descriptor, TagIdentifier};
use ecma167::{LogicalSector, RecordedAddress};

use crate::error::{CorruptKind, Error, Unsupported};
use crate::loss::{is_of_recorded, stated_tag};
use crate::map::Map;
use crate::space::Space;

/// The strategy for replaceable entries.
pub(crate) const STRATEGY_4096: u16 = 4096;

/// Maximum number of versions followed per entry.
const VERSIONS: usize = 1 << 16;

impl Space {
    /// The newest version of the entry at an address; with strategy 4 it is the only one.
    ///
    /// # Errors
    /// [`CorruptKind::VersionLoop`]; a damaged entry on the way, because a newer version may follow it;
    /// [`Error::Unsupported`].
    pub(crate) fn newest_version(
        &mut self,
        first: FileEntry,
        address: RecordedAddress,
    ) -> Result<FileEntry, Error> {
        let (mut entry, mut at) = (first, address);
        let mut visited = HashSet::new();
        while entry.icb_tag.strategy_type.get() == STRATEGY_4096 {
            if !visited.insert(at) {
                return Err(Error::corrupt(CorruptKind::VersionLoop, at));
            }
            if visited.len() > VERSIONS {
                return Err(Unsupported::Versions(VERSIONS).into());
            }
            if matches!(self.maps().of(at)?, Map::Virtual { .. }) {
                return Err(Unsupported::Strategy(STRATEGY_4096).into());
            }
            let Some(next) = self.next_version(at)? else { break };
            if next.partition != at.partition {
                // Short allocation descriptors would mean other blocks than those of the node's address.
                return Err(Unsupported::Strategy(STRATEGY_4096).into());
            }
            entry = self.entry(next)?;
            at = next;
        }
        Ok(entry)
    }

    /// The address of the entry that replaces the one at an address, if one was recorded: its ICB then
    /// continues with an indirect entry.
    fn next_version(&mut self, at: RecordedAddress) -> Result<Option<RecordedAddress>, Error> {
        let Some(behind) = at.block.checked_add(1) else {
            return Ok(None);
        };
        let indirect = RecordedAddress { block: behind, ..at };
        let Ok(sector) = self.resolve(indirect) else {
            return Ok(None);
        };
        if !self.has_content(sector)? {
            return Ok(None);
        }
        let block = self.sector(sector)?;
        let entry = match IndirectEntry::read(block, Some(behind)) {
            Ok(entry) => entry,
            Err(fault) => {
                let stated = stated_tag(block).map(|(identifier, _)| identifier);
                // An ICB of one block is followed by something else.
                return match stated == Some(TagIdentifier::INDIRECT_ENTRY) {
                    true => Err(Error::corrupt(fault, indirect)),
                    false => Ok(None),
                };
            }
        };
        let next = entry.indirect_icb;
        if next.length().bytes() == 0 {
            return Ok(None);
        }
        let sector = self.resolve(next.address())?;
        Ok(self.has_content(sector)?.then(|| next.address()))
    }

    /// Whether anything is recorded in a sector; recorded but unreadable contents are an error.
    fn has_content(&mut self, sector: LogicalSector) -> Result<bool, Error> {
        match self.sector(sector) {
            Ok(block) => Ok(block.iter().any(|byte| *byte != 0)),
            Err(Error::Drive(DriveError::Unreadable { sense, .. })) if !is_of_recorded(sense) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
