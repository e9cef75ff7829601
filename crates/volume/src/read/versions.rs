//! ICBs of strategy 4096: on write-once media without a VAT, each version of an entry leads to the next (`UDF
//! 2.60 6.6`).

use drive::DriveError;
use ecma167::file::{FileEntry, IndirectEntry};
use ecma167::general::Descriptor;
use ecma167::{LogicalSector, RecordedAddress};

use crate::error::{Error, Unsupported};
use crate::loss::is_of_recorded;
use crate::map::Map;
use crate::space::Space;

/// The strategy for replaceable entries.
pub(crate) const STRATEGY_4096: u16 = 4096;

/// Maximum number of versions followed per entry; this also ends a circle.
const VERSIONS: usize = 4096;

impl Space {
    /// The newest version of the entry at an address; with strategy 4 it is the only one.
    pub(crate) fn newest_version(
        &mut self,
        first: FileEntry,
        address: RecordedAddress,
    ) -> Result<FileEntry, Error> {
        let (mut entry, mut at) = (first, address);
        for _ in 0..VERSIONS {
            if entry.icb_tag.strategy_type.get() != STRATEGY_4096 {
                break;
            }
            if matches!(self.maps().of(at)?, Map::Virtual { .. }) {
                return Err(Unsupported::Strategy(STRATEGY_4096).into());
            }
            let Some(next) = self.next_version(at)? else { break };
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
        let Ok(entry) = IndirectEntry::read(self.sector(sector)?, Some(behind)) else {
            return Ok(None);
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
