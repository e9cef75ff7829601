//! Where a volume may begin: the starts of sessions, their recognition sequences and anchors.

use drive::SessionState;
use ecma167::general::{Descriptor, Tag, TagIdentifier};
use ecma167::recognition::{Nsr, RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, BlockSize, LogicalSector};

use crate::error::{CorruptKind, Error};
use crate::loss::{Damage, Instead, Loss, Structure, stated_tag};
use crate::space::Space;

/// Maximum number of descriptors read in a recognition sequence; bridges start with those of ISO 9660.
const SEQUENCE_SECTORS: u32 = 64;
/// The number of descriptors in a sequence without others: BEA01, NSR, TEA01.
const DESCRIPTORS: usize = 3;
/// The sector of the anchor if a track is reserved before it (`UDF 2.60 6.10.1.2`).
pub(crate) const RESERVED_TRACK_ANCHOR: u32 = 512;

/// A sector of a recognition sequence that contains none of its descriptors.
type Gap = (LogicalSector, Damage);

impl Space {
    /// The edition in the newest volume recognition sequence (`ECMA-167 2/8`); `None` if none is readable.
    ///
    /// Sectors of less than 2,048 bytes do not move it, so it can be read before the sector size is known.
    pub(crate) fn recognition(&mut self) -> Result<Option<Nsr>, Error> {
        if self.block_size().bytes() < BLOCK_BYTES {
            return Ok(None);
        }
        for start in self.sectors().session_starts() {
            if let Some(edition) = self.recognition_of(start)? {
                return Ok(Some(edition));
            }
        }
        Ok(None)
    }

    /// The edition in the recognition sequence of the session that starts at a block. If some of its three
    /// descriptors are lost, the others count, and the lost ones are recorded as losses.
    fn recognition_of(&mut self, start: u32) -> Result<Option<Nsr>, Error> {
        let first = start.saturating_add(self.first_of_recognition());
        let mut edition = None;
        let (mut begun, mut ended) = (false, false);
        let mut gaps: Vec<Gap> = Vec::new();
        for at in (first..first.saturating_add(SEQUENCE_SECTORS)).map(LogicalSector) {
            let found = match self.sector(at).map(first_2048).map(recognise) {
                Ok(found) => found.ok_or(Damage::Corrupt(CorruptKind::NoRecognition)),
                Err(error) => Err(Damage::of(&error).ok_or(error)?),
            };
            match found {
                Ok(Recognised::Nsr(nsr)) => edition = Some(nsr),
                Ok(Recognised::Bea01) => begun = true,
                Ok(Recognised::Tea01) => ended = true,
                Ok(_) => {}
                Err(damage) => gaps.push((at, damage)),
            }
            if ended || gaps.len() == DESCRIPTORS {
                break;
            }
        }
        let missing = [begun, edition.is_some(), ended];
        let missing = missing.iter().filter(|found| !**found).count();
        if missing < DESCRIPTORS {
            gaps.truncate(missing);
            self.note_gaps(gaps);
        }
        Ok(edition)
    }

    /// Whether the recognition sequence of the session that starts at a sector can be read without a gap, and
    /// the file set after its anchor: most readers of a plain volume need both.
    pub(crate) fn has_readable_start(&mut self, start: LogicalSector) -> Result<bool, Error> {
        let first = start.0.saturating_add(self.first_of_recognition());
        for at in (first..first.saturating_add(SEQUENCE_SECTORS)).map(LogicalSector) {
            match self.sector(at).map(first_2048).map(recognise) {
                Ok(Some(Recognised::Tea01)) => break,
                Ok(Some(_)) => {}
                Ok(None) => return Ok(false),
                Err(error) => return error.is_damage().then_some(false).ok_or(error),
            }
        }
        let file_set = LogicalSector(start.0.saturating_add(ANCHOR_SECTOR + 1));
        match self.sector(file_set).map(stated_tag) {
            Ok(tag) => Ok(tag.is_some_and(|(tag, _)| tag == TagIdentifier::FILE_SET_DESCRIPTOR)),
            Err(error) => error.is_damage().then_some(false).ok_or(error),
        }
    }

    /// The sector, of 2,048 bytes or more, in which the recognition sequence of a session begins: that of
    /// byte 32,768. Each of its descriptors has a sector of its own (`ECMA-167 2/8.3`).
    pub(crate) fn first_of_recognition(&self) -> u32 {
        RECOGNITION_SECTOR * BLOCK_BYTES / self.block_size().bytes()
    }

    fn note_gaps(&mut self, gaps: Vec<Gap>) {
        for (sector, damage) in gaps {
            if self.sectors().was_recorded(sector) && damage.is_of_recorded() {
                self.note_loss(Loss {
                    structure: Structure::RecognitionSequence,
                    sector,
                    sectors: 1,
                    damage,
                    instead: Instead::Nothing,
                });
            }
        }
    }

    /// Places where anchors may be, the likeliest first (`ECMA-167 3/8.4.2.1`, `UDF 2.60 6.10.1`).
    pub(crate) fn anchor_places(&self) -> Vec<LogicalSector> {
        let starts = self.sectors().session_starts();
        let ends = self.ends();
        let at_starts = |starts: &[u32]| -> Vec<_> {
            let places = starts.iter().map(|start| start.checked_add(ANCHOR_SECTOR));
            places.collect()
        };
        let at_ends = ends
            .iter()
            .flat_map(|last| [last.0.checked_sub(ANCHOR_SECTOR), Some(last.0)]);
        let reserved = starts
            .iter()
            .map(|start| start.checked_add(RESERVED_TRACK_ANCHOR));
        // Without a VAT, each session has its own volume: the anchors at the end are those of the newest.
        let (newest, earlier) = starts.split_at(usize::from(self.newest_session_is_closed()));
        let mut places = Vec::new();
        for place in at_starts(newest)
            .into_iter()
            .chain(at_ends.clone().filter(|_| !newest.is_empty()))
            .chain(at_starts(earlier))
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

    /// Whether the last session with data is closed, and so has anchors at its end.
    fn newest_session_is_closed(&self) -> bool {
        let newest = self.sectors().medium().last_session_with_data();
        newest.is_some_and(|session| session.state == SessionState::Closed)
    }

    /// Whether a place is before the newest session, if that is closed.
    pub(super) fn is_before_newest_session(&self, place: LogicalSector) -> bool {
        let starts = self.sectors().session_starts();
        self.newest_session_is_closed() && starts.first().is_some_and(|newest| place.0 < *newest)
    }

    /// The loss of the newest session's anchor if only the recognition sequence is there, because the image
    /// was cut short or has zeros from some block on.
    pub(super) fn session_without_anchor(&mut self) -> Result<Option<Loss>, Error> {
        let Some(start) = self.sectors().session_starts().first().copied() else {
            return Ok(None);
        };
        let found = self.recognition_of(start)?;
        Ok(found.map(|_| Loss {
            structure: Structure::Anchor,
            sector: LogicalSector(start.saturating_add(ANCHOR_SECTOR)),
            sectors: 1,
            damage: Damage::Corrupt(CorruptKind::NoAnchor),
            instead: Instead::Nothing,
        }))
    }

    /// The sectors that may be N, the last of the volume.
    fn ends(&self) -> Vec<LogicalSector> {
        let sectors = self.sectors();
        if sectors.size().is_optical() {
            let ends = sectors.medium().last_recorded_candidates();
            return ends.into_iter().map(|last| LogicalSector(last.0)).collect();
        }
        // An image may end inside a block of 2,048 bytes.
        let whole = sectors.drive().recorded_bytes() / u64::from(sectors.size().bytes());
        let last = u32::try_from(whole).ok().and_then(|count| count.checked_sub(1));
        let mut ends: Vec<_> = last.map(LogicalSector).into_iter().collect();
        for end in sectors.medium().last_recorded_candidates() {
            ends.extend(sectors.last_in(end).filter(|end| !ends.contains(end)));
        }
        ends
    }

    /// The anchor in a sector, if there is one. Adds a damaged anchor at a place that requires one to `lost`.
    pub(crate) fn anchor(
        &mut self,
        at: LogicalSector,
        lost: &mut Vec<Loss>,
    ) -> Result<Option<AnchorVolumeDescriptorPointer>, Error> {
        let damage = match self.sector(at) {
            Ok(block) => match AnchorVolumeDescriptorPointer::read(block, Some(at.0)) {
                Ok(anchor) => return Ok(Some(anchor)),
                Err(fault) if says_it_is_anchor(block, at) => Damage::Corrupt(fault.into()),
                Err(_) => return Ok(None),
            },
            Err(error) => Damage::of(&error).ok_or(error)?,
        };
        if self.is_place_of_anchor(at) && self.sectors().was_recorded(at) && damage.is_of_recorded() {
            lost.push(Loss {
                structure: Structure::Anchor,
                sector: at,
                sectors: 1,
                damage,
                instead: Instead::Nothing,
            });
        }
        Ok(None)
    }

    /// Whether the standard requires an anchor there: at S+256 of a session, and also at N-256 of a closed
    /// one.
    fn is_place_of_anchor(&self, at: LogicalSector) -> bool {
        let size = self.block_size();
        self.sectors().medium().sessions.iter().any(|session| {
            let start = u32::try_from(size.blocks_in(session.start.0)).ok();
            let start = start.and_then(|start| start.checked_add(ANCHOR_SECTOR));
            let last = session
                .last_recorded
                .filter(|_| session.state == SessionState::Closed)
                .and_then(|last| self.sectors().last_in(last));
            let end = last.and_then(|last| last.0.checked_sub(ANCHOR_SECTOR));
            [start, end].contains(&Some(at.0))
        })
    }

    /// Whether an anchor is at any of its places in sectors of another size, without reading more than those.
    pub(super) fn has_anchor_of(&mut self, size: BlockSize) -> Result<bool, Error> {
        let drive = self.sectors_mut().drive_mut();
        let sectors = drive.recorded_bytes() / u64::from(size.bytes());
        let last = sectors.checked_sub(1);
        let anchor = u64::from(ANCHOR_SECTOR);
        let places = [Some(anchor), last.and_then(|last| last.checked_sub(anchor)), last];
        for place in places.into_iter().flatten() {
            let mut head = [0; 512];
            let offset = place.saturating_mul(size.bytes().into());
            match drive.read_bytes(offset, &mut head).map_err(Error::from) {
                Ok(()) => {}
                Err(error) if error.is_damage() => continue,
                Err(error) => return Err(error),
            }
            let location = u32::try_from(place).ok();
            if location.is_some() && AnchorVolumeDescriptorPointer::read(&head, location).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The part of a sector that holds a descriptor of the recognition sequence.
fn first_2048(sector: &[u8]) -> &[u8] {
    sector.get(..BLOCK_SIZE).unwrap_or(sector)
}

/// Whether a block that is not a valid anchor was meant to be one, at any place: its tag has the anchor's
/// identifier and this location.
pub(super) fn claims_to_be_anchor(block: &[u8], at: LogicalSector) -> bool {
    stated_tag(block) == Some((TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER, at.0))
}

/// Whether a block that is not a valid anchor was meant to be one, at a place that requires an anchor: its
/// tag has the anchor's identifier, or this location and is not that of another descriptor.
fn says_it_is_anchor(block: &[u8], at: LogicalSector) -> bool {
    let is_other = Tag::peek(block)
        .is_some_and(|tag| tag.identifier() != TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER);
    stated_tag(block).is_some_and(|(identifier, location)| {
        identifier == TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER || location == at.0 && !is_other
    })
}
