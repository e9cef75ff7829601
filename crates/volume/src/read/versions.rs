//! ICBs of strategy 4096: on write-once media without a VAT, each version of an entry leads to the next (`UDF
//! 2.60 6.6`).

use std::collections::HashSet;

use drive::DriveError;
use ecma167::file::{FileEntry, IndirectEntry};
use ecma167::general::{Descriptor, TagIdentifier, tag};
use ecma167::{LogicalSector, RecordedAddress};

use crate::error::{CorruptKind, Error, Unsupported};
use crate::loss::{Damage, Instead, Loss, Structure, is_of_recorded, stated_tag};
use crate::map::Map;
use crate::space::Space;

/// The strategy for replaceable entries.
pub(crate) const STRATEGY_4096: u16 = 4096;

/// Maximum number of versions followed per entry.
const VERSIONS: usize = 1 << 16;

impl Space {
    /// The newest version of the entry at an address; with strategy 4 it is the only one. If damage hides the
    /// next version, it is the one before, and the damage a loss.
    ///
    /// # Errors
    /// [`CorruptKind::VersionLoop`]; [`Error::Unsupported`]; errors of the drive.
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
            // An entry that fills its ICB is followed by something else.
            let is_continued = entry.icb_tag.maximum_number_of_entries.get() > 1;
            let next = match self.next_version(at, is_continued) {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) if error.is_damage() => {
                    let indirect = at.block.checked_add(1);
                    self.note_older(
                        at,
                        indirect.map_or(at, |block| RecordedAddress { block, ..at }),
                        &error,
                    );
                    break;
                }
                Err(error) => return Err(error),
            };
            if next.partition != at.partition {
                // Short allocation descriptors would mean other blocks than those of the node's address.
                return Err(Unsupported::Strategy(STRATEGY_4096).into());
            }
            entry = match self.entry(next) {
                Ok(entry) => entry,
                Err(error) if error.is_damage() => {
                    self.note_older(at, next, &error);
                    break;
                }
                Err(error) => return Err(error),
            };
            at = next;
        }
        Ok(entry)
    }

    /// Records that the version at one address is shown because what follows it, at another, is damaged.
    fn note_older(&mut self, shown: RecordedAddress, lost: RecordedAddress, error: &Error) {
        let (Some(damage), Ok(shown)) = (Damage::of(error), self.resolve(shown)) else {
            return;
        };
        // A place that no sector has is named by the entry that leads to it.
        let sector = self.resolve(lost).unwrap_or(shown);
        self.note_loss(Loss {
            structure: Structure::NewerVersion,
            sector,
            sectors: 1,
            damage,
            instead: Instead::EarlierVersion(shown),
        });
    }

    /// The address of the entry that replaces the one at an address, if one was recorded: its ICB then
    /// continues with an indirect entry. `is_continued` if the next block is of the ICB.
    fn next_version(
        &mut self,
        at: RecordedAddress,
        is_continued: bool,
    ) -> Result<Option<RecordedAddress>, Error> {
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
                let is_indirect = stated == Some(TagIdentifier::INDIRECT_ENTRY);
                let is_other = stated.is_some_and(|stated| tag::verify(block, stated, None).is_ok());
                return match is_indirect || is_continued && !is_other {
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
