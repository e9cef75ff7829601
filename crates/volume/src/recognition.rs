//! Where a volume may begin: the starts of sessions, their recognition sequences and anchors.

use ecma167::LogicalSector;
use ecma167::general::Descriptor;
use ecma167::recognition::{Nsr, RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};

use crate::error::{Error, Unsupported};
use crate::space::Space;

/// The most descriptors of a recognition sequence that are looked at; bridges have some of ISO 9660 first.
const SEQUENCE_SECTORS: u32 = 64;
/// Where an anchor stands where a track is reserved before it (`UDF 2.60 6.10.1.2`).
const RESERVED_TRACK_ANCHOR: u32 = 512;
/// Block sizes other than 2048 that a volume may have.
const OTHER_BLOCK_SIZES: [u32; 7] = [512, 1024, 4096, 8192, 16384, 32768, 65536];

impl Space {
    /// The first blocks of the sessions with data, newest first, and block 0.
    pub(crate) fn session_starts(&self) -> Vec<u32> {
        let sessions = self.drive.medium().sessions.iter().rev();
        let mut starts: Vec<u32> = sessions
            .filter(|session| session.last_recorded.is_some())
            .map(|session| session.start.0)
            .collect();
        if !starts.contains(&0) {
            starts.push(0);
        }
        starts
    }

    /// What the newest volume recognition sequence says (`ECMA-167 2/8`); `None` where there is none that can be read.
    pub(crate) fn recognition(&mut self) -> Result<Option<Nsr>, Error> {
        for start in self.session_starts() {
            let first = start.saturating_add(RECOGNITION_SECTOR);
            for at in first..first.saturating_add(SEQUENCE_SECTORS) {
                let found = match self.sector(LogicalSector(at)) {
                    Ok(block) => recognise(block),
                    Err(error) if error.is_damage() => None,
                    Err(error) => return Err(error),
                };
                match found {
                    Some(Recognised::Nsr(edition)) => return Ok(Some(edition)),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        Ok(None)
    }

    /// Where anchors may be, the likeliest first (`ECMA-167 3/8.4.2.1`, `UDF 2.60 6.10.1`).
    pub(crate) fn anchor_places(&self) -> Vec<LogicalSector> {
        let starts = self.session_starts();
        let ends = self.drive.medium().last_recorded_candidates();
        let at_starts = starts.iter().map(|start| start.checked_add(ANCHOR_SECTOR));
        let at_ends = ends
            .iter()
            .flat_map(|last| [last.0.checked_sub(ANCHOR_SECTOR), Some(last.0)]);
        let reserved = starts
            .iter()
            .map(|start| start.checked_add(RESERVED_TRACK_ANCHOR));
        let mut places = Vec::new();
        for place in at_starts
            .chain(at_ends)
            .chain(reserved)
            .flatten()
            .map(LogicalSector)
        {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// The anchor in a sector, where there is one.
    pub(crate) fn anchor(
        &mut self,
        at: LogicalSector,
    ) -> Result<Option<AnchorVolumeDescriptorPointer>, Error> {
        match self.sector(at) {
            Ok(block) => Ok(AnchorVolumeDescriptorPointer::read(block, Some(at.0)).ok()),
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks for the anchor of a volume with blocks of another size: it stands in sector 256 of that size.
    pub(crate) fn other_block_size(&mut self) -> Result<Option<Unsupported>, Error> {
        for size in OTHER_BLOCK_SIZES {
            let sector = LogicalSector(ANCHOR_SECTOR * size / 2048);
            let anchor = match self.sector(sector) {
                Ok(block) => AnchorVolumeDescriptorPointer::read(block, Some(ANCHOR_SECTOR)),
                Err(error) if error.is_damage() => continue,
                Err(error) => return Err(error),
            };
            if anchor.is_ok() {
                return Ok(Some(Unsupported::BlockSize(size)));
            }
        }
        Ok(None)
    }
}
