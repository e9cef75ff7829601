//! What a check found, with the blocks and files that it is about.

use check::{Finding, FindingPlace, Severity};
use ecma167::RecordedAddress;
use volume::{Error, Volume};

use crate::owners::OwnerId;
use crate::surface::Surface;

/// A finding of a check, placed on the surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedFinding {
    /// Its severity.
    pub severity: Severity,
    /// A stable word for the rule.
    pub kind: &'static str,
    /// The rule in words.
    pub rule: &'static str,
    /// The clause that states the rule.
    pub clause: &'static str,
    /// The place as the check names it.
    pub place: String,
    /// What is recorded there.
    pub detail: String,
    /// The block of the medium; `None` if it is about the whole volume, or about an address that leads
    /// nowhere.
    pub block: Option<u32>,
    /// The file or directory that the block belongs to.
    pub owner: Option<OwnerId>,
}

impl PlacedFinding {
    /// # Errors
    /// Errors of the drive.
    pub(crate) fn of(finding: &Finding, volume: &mut Volume, surface: &Surface) -> Result<Self, Error> {
        let block = block_of(finding.place, volume)?;
        Ok(Self {
            severity: finding.severity,
            kind: finding.kind.name(),
            rule: finding.kind.rule(),
            clause: finding.clause,
            place: finding.place.to_string(),
            detail: finding.detail.clone(),
            block,
            owner: block.and_then(|block| surface.at(block)?.owner),
        })
    }
}

/// The block of the medium at a place.
fn block_of(place: FindingPlace, volume: &mut Volume) -> Result<Option<u32>, Error> {
    let physical = volume.physical_partition().unwrap_or_default();
    let at = |partition, block| RecordedAddress { partition, block };
    let virtual_at =
        |volume: &Volume, block| volume.virtual_partition().map(|partition| at(partition, block));
    let (address, offset) = match place {
        FindingPlace::Volume => return Ok(None),
        FindingPlace::Sector(sector) => {
            let byte = u64::from(sector.0) * u64::from(volume.block_size().bytes());
            return Ok(u32::try_from(byte / ecma167::BLOCK_SIZE as u64).ok());
        }
        FindingPlace::Block(block) => (Some(at(physical, block.0)), None),
        FindingPlace::Virtual(address) => (virtual_at(volume, address.0), None),
        FindingPlace::Metadata(address) => (Some(address), None),
        FindingPlace::BodyOfMetadata(address, offset) => (Some(address), Some(offset)),
        FindingPlace::BodyOfBlock(block, offset) => (Some(at(physical, block.0)), Some(offset)),
        FindingPlace::BodyOfVirtual(address, offset) => (virtual_at(volume, address.0), Some(offset)),
        _ => return Ok(None),
    };
    let Some(address) = address else {
        return Ok(None);
    };
    match medium_byte(volume, address, offset) {
        Ok(byte) => Ok(byte.and_then(|byte| u32::try_from(byte / ecma167::BLOCK_SIZE as u64).ok())),
        Err(error @ Error::Drive(_)) if !error.is_damage() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The byte of the medium with a block, or with an offset in the body of the node there.
fn medium_byte(
    volume: &mut Volume,
    address: RecordedAddress,
    offset: Option<u64>,
) -> Result<Option<u64>, Error> {
    let sector = volume.resolve(address)?;
    let entry = u64::from(sector.0) * u64::from(volume.block_size().bytes());
    let Some(offset) = offset else {
        return Ok(Some(entry));
    };
    let node = volume.node(address)?;
    let body = volume.body(&node)?;
    let places = volume.places(&body)?;
    let place = places.iter().find(|place| place.bytes.contains(&offset));
    // An offset in no extent is in the entry itself.
    Ok(Some(place.map_or(entry, |place| {
        place.medium + (offset - place.bytes.start)
    })))
}
