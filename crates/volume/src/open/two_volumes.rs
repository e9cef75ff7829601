//! A disc with two volumes. The first anchor found leads to the plain one, and the anchor after the reserved
//! track to the one with the VAT.

use drive::{ReadOnly, SessionState};
use ecma167::general::{ExtentAd, Tag, TagIdentifier};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, MINIMUM_SEQUENCE_SECTORS};
use ecma167::{BLOCK_BYTES, LogicalSector};

use super::View;
use super::recognition::RESERVED_TRACK_ANCHOR;
use crate::companion::Companion;
use crate::error::{CorruptKind, Error};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::placement::Placement;
use crate::prevailing::Prevailing;
use crate::space::Space;

/// Where the reserve sequence of a plain volume is searched for, in blocks after the VAT before it, while no
/// anchor leads to it. On CD there is the gap between two tracks if each synchronize ends one; elsewhere,
/// links or the end of a unit.
pub const MOST_BEFORE_RESERVE: u32 = 200;

/// The most copies of a VAT ICB in a row: they fill the end of a unit of writing.
const MOST_COPIES: u32 = 64;

/// Whether the volume with these descriptors is the plain one of two; `None` if it is the only one.
fn is_plain(of: &Prevailing) -> Option<bool> {
    Companion::of(&of.logical).map(|companion| companion.is_plain)
}

impl Space {
    /// Chooses the volume to open when the descriptors found may be those of a plain volume. Returns its
    /// placement too, if it is that of the last session with data.
    pub(super) fn choose_volume(
        &mut self,
        found: Prevailing,
        view: View,
    ) -> Result<(Prevailing, Option<Placement>), Error> {
        if view == View::Plain {
            return Ok((self.plain_before(found)?, None));
        }
        if is_plain(&found) != Some(true) {
            return Ok((found, None));
        }
        let mut lost = Vec::new();
        let starts = self.sectors().session_starts();
        let newest = starts.first().copied().unwrap_or(0);
        let placement = found.implementation_use.as_ref().and_then(Placement::of);
        let plain = placement.filter(|placement| placement.base.0 >= newest);
        for place in starts
            .iter()
            .filter_map(|start| start.checked_add(RESERVED_TRACK_ANCHOR))
            .map(LogicalSector)
        {
            let Some(anchor) = self.anchor(place, &mut lost)? else {
                continue;
            };
            match self.prevailing(place, &anchor) {
                Ok(prevailing) if is_plain(&prevailing) == Some(false) => return Ok((prevailing, plain)),
                Ok(_) => {}
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(prevailing) = self.volume_without_anchor(&lost)? {
            return Ok((prevailing, plain));
        }
        // Only the volume with the VAT has the newest state, and links.
        let sector = starts
            .last()
            .map_or(0, |start| start.saturating_add(RESERVED_TRACK_ANCHOR));
        let damage = lost.into_iter().next().map(|loss| (loss.sector, loss.damage));
        let (sector, damage) =
            damage.unwrap_or((LogicalSector(sector), Damage::Corrupt(CorruptKind::NoAnchor)));
        self.note_loss(Loss {
            structure: Structure::Anchor,
            sector,
            sectors: 1,
            damage,
            instead: Instead::EarlierSession(found.anchor),
        });
        Ok((found, None))
    }

    /// The volume with the VAT if its only anchor, after a reserved track, is lost: its sequences follow the
    /// place of the anchor.
    pub(super) fn volume_without_anchor(&mut self, lost: &[Loss]) -> Result<Option<Prevailing>, Error> {
        for start in self.sectors().session_starts() {
            let sector = |by: u32| LogicalSector(start.saturating_add(by));
            let place = sector(RESERVED_TRACK_ANCHOR);
            let main = sector(RESERVED_TRACK_ANCHOR + 1);
            let reserve = sector(RESERVED_TRACK_ANCHOR + 1 + MINIMUM_SEQUENCE_SECTORS);
            if !self.begins_sequence(main)? && !self.begins_sequence(reserve)? {
                continue;
            }
            let bytes = MINIMUM_SEQUENCE_SECTORS * BLOCK_BYTES;
            let anchor =
                AnchorVolumeDescriptorPointer::new(ExtentAd::new(bytes, main), ExtentAd::new(bytes, reserve));
            match self.prevailing(place, &anchor) {
                Ok(prevailing)
                    if Companion::of(&prevailing.logical).is_some_and(|companion| !companion.is_plain) =>
                {
                    let known = lost.iter().find(|loss| loss.sector == place);
                    self.note_loss(Loss {
                        structure: Structure::Anchor,
                        sector: place,
                        sectors: 1,
                        damage: known
                            .map_or(Damage::Corrupt(CorruptKind::NoAnchor), |loss| loss.damage.clone()),
                        instead: Instead::MainSequence(main),
                    });
                    return Ok(Some(prevailing));
                }
                Ok(_) => {}
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether a sector has the primary volume descriptor of a sequence that begins there.
    fn begins_sequence(&mut self, at: LogicalSector) -> Result<bool, Error> {
        match self.sector(at) {
            Ok(block) => Ok(Tag::peek(block).is_some_and(|tag| {
                tag.identifier() == TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR && tag.tag_location.get() == at.0
            })),
            Err(error) if error.is_damage() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a VAT ICB is at or after the one that a plain volume names, or is a copy right before it, used
    /// because that one is damaged: between an earlier VAT and the next there is more than copies.
    pub(super) fn is_copy_of(&mut self, icb: LogicalSector, named: LogicalSector) -> Result<bool, Error> {
        if icb >= named {
            return Ok(true);
        }
        if named.0 - icb.0 > MOST_COPIES {
            return Ok(false);
        }
        let crc = |block: &[u8]| Tag::peek(block).map(|tag| (tag.identifier(), tag.descriptor_crc.get()));
        let first = crc(self.sector(icb)?);
        for at in icb.0 + 1..named.0 {
            match self.sector(LogicalSector(at)) {
                Ok(block) if crc(block) == first => {}
                Ok(_) => return Ok(false),
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The reserve sequence of the plain volume that follows a VAT in the newest known session of an image
    /// without a side file.
    pub(super) fn reserve_in_image(
        &mut self,
        vat_icb: LogicalSector,
    ) -> Result<Option<LogicalSector>, Error> {
        let newest = self.sectors().session_starts().first().copied();
        let is_in_newest = newest.is_some_and(|start| vat_icb.0 >= start);
        if self.sectors().medium().read_only != Some(ReadOnly::BareImage) || !is_in_newest {
            return Ok(None);
        }
        let end = self.sectors().drive().recorded_end().0;
        let first = vat_icb.0.saturating_add(1);
        for at in (first..end).take(MOST_BEFORE_RESERVE as usize) {
            let tag = match self.sector(LogicalSector(at)) {
                Ok(block) => Tag::peek(block),
                Err(error) if error.is_damage() => continue,
                Err(error) => return Err(error),
            };
            if tag.is_some_and(|tag| {
                tag.identifier() == TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR && tag.tag_location.get() == at
            }) {
                // Blocks before may be of a sequence that the drive did not take in full.
                let at = LogicalSector(at);
                if self.is_plain_sequence(at)? {
                    return Ok(Some(at));
                }
            }
        }
        Ok(None)
    }

    /// The plain volumes of closed sessions, in ascending order: the number of the session, and the placement
    /// that its volume states.
    pub(crate) fn plain_volumes(&mut self) -> Result<Vec<(u16, Option<Placement>)>, Error> {
        let sessions = self.sectors().medium().sessions.clone();
        let mut lost = Vec::new();
        let mut found = Vec::new();
        for session in sessions {
            let place = session.start.0.checked_add(ANCHOR_SECTOR).map(LogicalSector);
            let Some(place) = place.filter(|_| session.state == SessionState::Closed) else {
                continue;
            };
            let Some(anchor) = self.anchor(place, &mut lost)? else {
                continue;
            };
            match self.prevailing(place, &anchor) {
                Ok(prevailing) if is_plain(&prevailing) == Some(true) => {
                    let placement = prevailing.implementation_use.as_ref().and_then(Placement::of);
                    found.push((session.number, placement));
                }
                Ok(_) => {}
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// If the descriptors found are those of the volume with the VAT, the plain volume of the newest session
    /// that was closed with one; otherwise what was found.
    fn plain_before(&mut self, found: Prevailing) -> Result<Prevailing, Error> {
        if is_plain(&found) != Some(false) {
            return Ok(found);
        }
        let mut lost = Vec::new();
        let starts = self.sectors().session_starts();
        let places = starts.iter().filter_map(|start| start.checked_add(ANCHOR_SECTOR));
        for place in places.map(LogicalSector) {
            let Some(anchor) = self.anchor(place, &mut lost)? else {
                continue;
            };
            match self.prevailing(place, &anchor) {
                Ok(prevailing) if is_plain(&prevailing) == Some(true) => return Ok(prevailing),
                Ok(_) => {}
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}
